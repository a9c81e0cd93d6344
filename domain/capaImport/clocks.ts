import type { Calendar } from '../../contracts/calendar';
import type { ImportableStatus, ImportedCapa, ImportedStage } from '../../contracts/capaImport';
import type { ActionState, CapaTimings } from '../../contracts/capaState';
import { ACTION_KINDS, type ActionKind, type Stage } from '../../contracts/capaWords';
import type { Instant } from '../../contracts/instant';
import type { StatedAction } from './actions';
import type { DayReader } from './days';
import type { StatedDue } from './due';
import type { Milestones } from './milestones';
import { isPast } from './order';
import { runningStages } from './timers';
import type { ImportWorld } from './world';

interface Reading {
  readonly status: ImportableStatus;
  readonly world: Pick<ImportWorld, 'now' | 'tzdb'>;
  readonly timings: CapaTimings;
  readonly calendar: Calendar;
  readonly days: DayReader;
  readonly milestones: Milestones;
  readonly actions: readonly StatedAction[];
  readonly stated: StatedDue | undefined;
}

interface Clocks {
  readonly running: readonly ImportedStage[];
  readonly ended: ImportedCapa['ended'];
  readonly underWay: readonly ActionState[];
  readonly overdue: readonly string[];
}

/** The clocks of a line without mistakes: those that run, those of which it is known when they ended, and what is overdue. */
export function clocksOf(reading: Reading): Clocks {
  const { status, world, calendar, milestones, actions, timings, stated } = reading;
  const isVerified = isPast(status, 'implementation_verified');
  const isPlanned = isPast(status, 'plan_approved');
  // Whoever verified the implementation verified each action of it.
  const underWay = isPlanned ? actions.map(({ state }): ActionState => (isVerified ? { ...state, status: 'verified' } : state)) : [];
  const over = isPlanned ? ACTION_KINDS.filter((kind) => underWay.every((action) => action.kind !== kind || action.status === 'verified')) : [];
  const { monitoredAt, assessedAt, openedAt } = milestones;
  const running = runningStages({ status, openedAt, timings, calendar, tzdb: world.tzdb, over, stated, monitoredAt, assessedAt });
  const late = underWay.filter((action) => action.status === 'open' && action.due <= world.now).map(({ id }) => `action/${id}`);
  return {
    running, underWay, ended: endedStages(reading, over.filter((kind) => underWay.some((action) => action.kind === kind))),
    overdue: [...running.filter(({ due }) => due <= world.now).map(({ name }) => `stage/${name}`), ...late],
  };
}

/** Stages whose end is known; of the others nothing is made up. */
function endedStages({ status, milestones, actions, days }: Reading, over: readonly ActionKind[]): ImportedCapa['ended'] {
  const { openedAt: from, planApprovedAt, verifiedAt, monitoredAt, assessedAt, closedAt } = milestones;
  const lastVerified = (kind: ActionKind): Instant | null => {
    const on = actions.filter(({ state }) => state.kind === kind).map(({ mark }) => mark.verifiedOn).filter((day) => day !== null).toSorted().at(-1);
    return on === undefined ? null : days.happened(on);
  };
  const all: readonly { readonly name: Stage; readonly from: Instant | null; readonly endedAt: Instant | null }[] = [
    { name: 'plan', from, endedAt: isPast(status, 'plan_approved') ? planApprovedAt : null },
    ...over.map((name) => ({ name, from, endedAt: verifiedAt ?? lastVerified(name) })),
    { name: 'assessment', from: monitoredAt, endedAt: isPast(status, 'closure_review') && monitoredAt !== null && assessedAt !== null && monitoredAt <= assessedAt ? assessedAt : null },
    { name: 'closure', from: assessedAt, endedAt: closedAt },
  ];
  return all.flatMap((stage) => (stage.from === null || stage.endedAt === null ? [] : [{ name: stage.name, from: stage.from, endedAt: stage.endedAt }]));
}
