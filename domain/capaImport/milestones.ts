import type { ElsewhereApproval, ElsewhereSubject, ImportableStatus } from '../../contracts/capaImport';
import type { EffectivenessPlan } from '../../contracts/capaSections';
import type { CapaTimings } from '../../contracts/capaState';
import { plusMs, type Instant } from '../../contracts/instant';
import type { Severity } from '../../contracts/policy';
import { dayCell } from './cells';
import type { Column } from './columns';
import type { DayReader } from './days';
import { isPast, isWatching } from './order';
import type { RowCells } from './rowCells';

/** What happened when, as far as the line says it. */
export interface Milestones {
  readonly openedAt: Instant;
  readonly planApprovedAt: Instant | null;
  readonly verifiedAt: Instant | null;
  /** End of the monitoring window, past or to come. */
  readonly monitoredAt: Instant | null;
  readonly assessedAt: Instant | null;
  readonly closedAt: Instant | null;
}

interface Reading {
  readonly days: DayReader;
  readonly status: ImportableStatus | undefined;
  readonly openedOn: string | undefined;
  readonly approvals: readonly ElsewhereApproval[];
  readonly effect: EffectivenessPlan | undefined;
  readonly timings: CapaTimings | undefined;
  readonly severity: Severity | undefined;
  readonly now: Instant;
}

/** Reads the days of the lifecycle and says which of them are out of order. undefined: the opening is not known. */
export function milestonesOf(cells: RowCells, reading: Reading): Milestones | undefined {
  const { days, status, openedOn, approvals, severity } = reading;
  if (cells.has('waiver_approvals') && severity !== undefined && severity !== 'minor') cells.wrong('waiver_approvals', `the effectiveness check of a ${severity} CAPA is not waived: bring it in as effectiveness_check`);
  const verifiedOn = pastDay(cells, 'implementation_verified_on', reading);
  const closedOn = pastDay(cells, 'closed_on', reading);
  const last = (subject: ElsewhereSubject): string | undefined => approvals.filter((approval) => approval.subject === subject).map(({ on }) => on).toSorted().at(-1);
  const [planOn, implementedOn, assessedOn, closureOn] = [last('plan'), last('implementation'), last('effectiveness') ?? last('waiver'), last('closure')];
  follows(cells, 'implementation_verified_on', [planOn, verifiedOn, 'the approval of the plan']);
  if (verifiedOn !== undefined && implementedOn !== undefined && implementedOn > verifiedOn && !cells.isWrong('implementation_verified_on')) cells.wrong('implementation_verified_on', `lies before the last approval of the implementation, ${implementedOn}: the window runs from that`);
  follows(cells, cells.has('waiver_approvals') ? 'waiver_approvals' : 'effectiveness_approvals', [verifiedOn, assessedOn, 'the verified implementation']);
  follows(cells, 'closed_on', [assessedOn, closedOn, 'the assessment']);
  if (closedOn !== undefined && closureOn !== undefined && closureOn > closedOn && !cells.isWrong('closed_on')) cells.wrong('closed_on', `lies before the last approval of the closure, ${closureOn}`);
  const verifiedAt = verifiedOn === undefined ? null : days.happened(verifiedOn);
  const monitoredAt = windowEnd(cells, reading, verifiedOn);
  if (status) checkWindow(cells, { ...reading, status, monitoredAt });
  const closedAt = closedOn === undefined ? null : days.happened(closedOn);
  checkWatch(cells, reading, closedAt);
  if (openedOn === undefined || openedOn > days.today) return undefined;
  const instantOf = (day: string | undefined): Instant | null => (day === undefined ? null : days.happened(day));
  return { openedAt: days.happened(openedOn), planApprovedAt: instantOf(planOn), verifiedAt, monitoredAt, assessedAt: instantOf(assessedOn), closedAt };
}

/** A day between the opening and today. */
function pastDay(cells: RowCells, column: Column, { days, openedOn }: Reading): string | undefined {
  const day = cells.read(column, dayCell);
  if (day === undefined) return undefined;
  if (day > days.today) { cells.wrong(column, 'lies in the future'); return; }
  if (openedOn === undefined || day >= openedOn) return day;
  cells.wrong(column, `lies before the opening, ${openedOn}`);
  return undefined;
}

function follows(cells: RowCells, column: Column, [first, second, name]: readonly [string | undefined, string | undefined, string]): void {
  if (first !== undefined && second !== undefined && second < first && !cells.isWrong(column)) cells.wrong(column, `lies before ${name}, ${first}`);
}

function windowEnd(cells: RowCells, { days, effect, timings }: Reading, verifiedOn: string | undefined): Instant | null {
  const stated = cells.read('effectiveness_due', dayCell);
  if (verifiedOn === undefined) return null;
  if (stated !== undefined && stated <= verifiedOn) { cells.wrong('effectiveness_due', `does not lie after the verified implementation, ${verifiedOn}`); return null; }
  if (stated !== undefined) return days.endOf(stated);
  const window = effect?.window ?? timings?.monitoring;
  return window?.kind === 'calendar' ? plusMs(days.happened(verifiedOn), window.ms) : null;
}

/** The window says whether the CAPA is still watched, or waits for its assessor (Q6). */
function checkWindow(cells: RowCells, { status, monitoredAt, now }: Reading & { status: ImportableStatus; monitoredAt: Instant | null }): void {
  if (monitoredAt === null) return;
  const day = monitoredAt.slice(0, 10);
  if (isWatching(status) && monitoredAt <= now) cells.wrong('state', `the monitoring window ended on ${day}: bring it in as effectiveness_check`);
  if (status === 'effectiveness_check' && monitoredAt > now) cells.wrong('state', `the monitoring window runs until ${day}: bring it in as monitoring`);
}

function checkWatch(cells: RowCells, { timings, status, now }: Reading, closedAt: Instant | null): void {
  const watch = timings?.recurrenceWatch;
  if (closedAt === null || !status || !isPast(status, 'closed') || watch?.kind !== 'calendar') return;
  if (plusMs(closedAt, watch.ms) <= now) cells.wrong('closed_on', 'its watch for recurrence is over: leave it in its archive');
}
