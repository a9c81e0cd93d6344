import type { Calendar } from '../../contracts/calendar';
import { IMPORTABLE_STATUSES, type ImportableStatus, type ImportedStage } from '../../contracts/capaImport';
import type { CapaTimings } from '../../contracts/capaState';
import type { ActionKind, Stage } from '../../contracts/capaWords';
import type { Instant } from '../../contracts/instant';
import { resolveDeadline } from '../time/deadlines';

const before = (status: ImportableStatus, bound: ImportableStatus): boolean => IMPORTABLE_STATUSES.indexOf(status) < IMPORTABLE_STATUSES.indexOf(bound);

/** Until which state a clock of the first iteration runs. */
const RUNS_BEFORE = { response: 'investigation', 'root-cause': 'plan_review', plan: 'plan_approved', corrective: 'implementation_verified', preventive: 'implementation_verified' } as const;

/** The stage that a CAPA waits in, whose date a table keeps as the CAPA's due date; undefined: none runs. */
export function presentStage(status: ImportableStatus, classification: ActionKind): Stage | undefined {
  switch (status) {
    case 'draft':
    case 'triage':
    case 'containment': return 'response';
    case 'investigation': return 'root-cause';
    case 'plan_review': return 'plan';
    case 'plan_approved':
    case 'implementation': return classification;
    case 'effectiveness_check': return 'assessment';
    case 'closure_review': return 'closure';
    case 'implementation_verified':
    case 'monitoring':
    case 'closed': return undefined;
  }
}

export interface Clocks {
  readonly status: ImportableStatus;
  readonly openedAt: Instant;
  readonly timings: CapaTimings;
  readonly calendar: Calendar;
  readonly tzdb: string;
  /** Kinds of action that are all verified, or of which the approved plan has none. */
  readonly over: readonly ActionKind[];
  /** When the monitoring window ended, and when the effect was assessed. */
  readonly monitoredAt: Instant | null;
  readonly assessedAt: Instant | null;
  /** What the table says of the stage that the CAPA waits in. */
  readonly stated: { readonly stage: Stage; readonly originalDue: Instant; readonly due: Instant } | undefined;
}

/** The clocks that run in a state, from their true beginnings, on the accountable organisation's calendar (Q11). Throws as resolveDeadline does. */
export function runningStages(clocks: Clocks): readonly ImportedStage[] {
  const { status, openedAt, over, monitoredAt, assessedAt } = clocks;
  const first = (Object.keys(RUNS_BEFORE) as (keyof typeof RUNS_BEFORE)[])
    .filter((name) => before(status, RUNS_BEFORE[name]) && !(name === 'corrective' || name === 'preventive' ? over.includes(name) : false))
    .map((name) => stageFrom(clocks, name, openedAt));
  if (status === 'effectiveness_check' && monitoredAt !== null) return [stageFrom(clocks, 'assessment', monitoredAt)];
  if (status === 'closure_review' && assessedAt !== null) return [stageFrom(clocks, 'closure', assessedAt)];
  return first;
}

function stageFrom({ timings, calendar, tzdb, stated }: Clocks, name: Stage, from: Instant): ImportedStage {
  if (stated?.stage === name) return { name, from, originalDue: stated.originalDue, due: stated.due, stated: true };
  const [resolved] = resolveDeadline({ rule: { name, from, after: timings[name], organisationId: calendar.organisationId }, calendar, tzdb });
  const due = resolved?.due ?? from;
  return { name, from, originalDue: due, due, stated: false };
}
