import type { ImportableStatus } from '../../contracts/capaImport';
import type { ActionKind } from '../../contracts/capaWords';
import type { StatedAction } from './actions';
import { isPast } from './order';
import type { RowCells } from './rowCells';
import type { KnownPerson } from './world';

interface Duties {
  readonly owner: KnownPerson | undefined;
  readonly actions: readonly StatedAction[];
  readonly assessor: KnownPerson | undefined;
  readonly classification: ActionKind | undefined;
  readonly status: ImportableStatus | undefined;
}

/** One person on two sides (Q9), and actions that do not go with what the CAPA is or how far it has come. */
export function checkDuties(cells: RowCells, { owner, actions, assessor, classification, status }: Duties): void {
  if (assessor && owner && assessor.id === owner.id) cells.wrong('effect_assessor', 'owns this CAPA and cannot assess its effect: name another person');
  else if (assessor && actions.some((action) => action.owner.id === assessor.id)) cells.wrong('effect_assessor', 'carries out an action and cannot assess its effect: name another person');
  if (cells.isWrong('actions') || actions.length === 0) return;
  if (classification && !actions.some(({ planned }) => planned.kind === classification)) cells.wrong('actions', `a ${classification} CAPA has a ${classification} action`);
  const undone = status && isPast(status, 'implementation_verified') ? actions.findIndex(({ state }) => state.status === 'open') : -1;
  if (undone >= 0) cells.wrong('actions', `action ${String(undone + 1)}: is not done, but the implementation is verified: say when it was done, or bring the CAPA in as implementation`);
}
