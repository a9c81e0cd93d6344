import type { ImportableStatus, ImportedCapa } from '../../contracts/capaImport';
import type { ActionKind, Stage } from '../../contracts/capaWords';
import type { Instant } from '../../contracts/instant';
import type { StatedAction } from './actions';
import { dayCell, wholeCell } from './cells';
import type { DayReader } from './days';
import type { RowCells } from './rowCells';
import { presentStage } from './timers';

/** What a line says of the date that the CAPA waits for, and of how often it was moved. */
export interface StatedDue {
  readonly stage: Stage;
  readonly originalDue: Instant;
  readonly due: Instant;
  readonly extensions: number;
}

interface Reading {
  readonly status: ImportableStatus | undefined;
  readonly classification: ActionKind | undefined;
  readonly openedOn: string | undefined;
  readonly days: DayReader;
}

/** Reads the due date; undefined: the line says none, or something of it is wrong, and said. */
export function statedDue(cells: RowCells, { status, classification, openedOn, days }: Reading): StatedDue | undefined {
  const [original, current] = [cells.read('original_due', dayCell), cells.read('current_due', dayCell)];
  const count = cells.read('extensions', (text) => wholeCell(text, { min: 0, max: 99 }));
  const stage = status && classification && presentStage(status, classification);
  if (status && classification && !stage) {
    for (const column of ['original_due', 'current_due', 'extensions'] as const) if (cells.has(column)) cells.wrong(column, `nothing is due in ${status}${status === 'closed' ? '' : ', the window ends on effectiveness_due'}: leave it empty`);
    return undefined;
  }
  if (cells.has('current_due') && !cells.has('original_due')) cells.wrong('original_due', 'is empty: the first date stays beside the present one');
  if (original !== undefined && openedOn !== undefined && original < openedOn) cells.wrong('original_due', `lies before the opening, ${openedOn}`);
  if (original !== undefined && current !== undefined && current < original) cells.wrong('current_due', `lies before the original date, ${original}: a date moves to a later one`);
  const due = cells.has('current_due') ? current : original;
  if (original !== undefined && due !== undefined && due > original && (count ?? 0) === 0 && !cells.isWrong('extensions')) cells.wrong('extensions', 'the date has moved: say how many extensions were granted');
  const isStill = !cells.has('current_due') || (original !== undefined && current === original);
  if (count !== undefined && count > 0 && isStill && !cells.isWrong('original_due')) cells.wrong('extensions', 'no date has moved: say the original and the current date');
  return original === undefined || due === undefined || !stage ? undefined : { stage, originalDue: days.endOf(original), due: days.endOf(due), extensions: count ?? 0 };
}

/** Extensions that count towards the bound; an action that has moved was moved once, as far as anybody says. */
export function extensionsOf(stated: StatedDue | undefined, actions: readonly StatedAction[]): ImportedCapa['extensions'] {
  const moved = actions.filter(({ state }) => state.due > state.originalDue).map(({ state }) => ({ deadline: `action/${state.id}`, count: 1 }));
  return [...(stated && stated.extensions > 0 ? [{ deadline: `stage/${stated.stage}`, count: stated.extensions }] : []), ...moved];
}
