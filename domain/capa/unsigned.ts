import type { CapaAct } from '../../contracts/capa';
import { CAPA_STATUSES } from '../../contracts/capaWords';
import type { CapaState } from '../../contracts/capaState';

/**
 * Acts of this record that are signed today and were done without a signature, before they were; `verify-action/c1` for one of several. What
 * came in from elsewhere was done elsewhere.
 */
export function unsignedActs(state: CapaState): readonly string[] {
  const { status, accepted, contained, actions, extensions, imported } = state;
  const reached = CAPA_STATUSES.indexOf(status);
  const isPast = (left: (typeof CAPA_STATUSES)[number]): boolean => imported === undefined && reached > CAPA_STATUSES.indexOf(left) && status !== 'rejected' && (status !== 'cancelled' || accepted !== undefined);
  return [
    ...(isPast('triage') && accepted?.signed !== true ? ['accept' satisfies CapaAct] : []),
    ...(isPast('containment') && state.containment !== null && contained?.signed !== true ? ['submit/containment'] : []),
    ...actions.filter(({ verified }) => verified !== null && verified.signed !== true).map(({ id }) => `verify-action/${id}`),
    ...extensions.filter(({ decided }) => decided !== null && decided.signed !== true).map(({ no }) => `decide-extension/${String(no)}`),
  ];
}
