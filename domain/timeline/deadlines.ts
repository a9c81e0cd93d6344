import { epochMsOf, type Instant } from '../../contracts/instant';
import type { ArmedDeadline, EndedDeadline } from '../../contracts/step';

/** A committed step, as far as deadlines go. */
export interface TimelineStep {
  readonly rev: number;
  readonly armed: readonly ArmedDeadline[];
  readonly ended: readonly EndedDeadline[];
}

/** One attempt to tell one person. */
export interface TimelineNotice {
  readonly intent: string;
  /** Revision of the step that caused it. */
  readonly rev: number;
  readonly reason: string;
  readonly side: string | null;
  readonly level: number | null;
  readonly organisationId: string;
  readonly personId: string;
  /** Why this person: `contact`, `deputy`, `delegate`, `role`, `named`. */
  readonly as: string;
  readonly channel: string;
  readonly deadline: string | null;
  readonly due: Instant | null;
  /** `held`: told later, at `holdUntil` (quiet hours, digest). */
  readonly status: 'pending' | 'held' | 'told' | 'failed';
  readonly holdUntil?: Instant | null;
  readonly digestId?: string | null;
  /** Intent of the first attempt for this person, where this is a later one. */
  readonly fallbackOf?: string | null;
  readonly drill?: boolean;
  readonly attempts: number;
  readonly possiblyRepeated: boolean;
  readonly createdAt: Instant;
  readonly toldAt: Instant | null;
  readonly failedAt: Instant | null;
  readonly failure: string | null;
  readonly reachedAt: Instant | null;
}

/** Whom the passing of a deadline told. */
interface Telling {
  readonly told: readonly { readonly personId: string; readonly at: Instant }[];
  /** When the first of them was told; null: nobody yet. */
  readonly toldAt: Instant | null;
  /** From due to the first telling, ms. */
  readonly toldLateByMs: number | null;
}

/** A warning before a deadline, with the share of the span that had passed. */
export interface LedgerWarning extends Telling {
  readonly share: number;
  readonly due: Instant;
  readonly firedAt: Instant | null;
  readonly lateByMs: number | null;
}

/** A deadline from arming to end: due, fired and told, and how late each was. */
export interface LedgerDeadline extends Telling {
  readonly name: string;
  readonly due: Instant;
  readonly armedAt: Instant;
  readonly armedRev: number;
  /** `waiting` until it ends. `missed`: an act was processed after the due instant and won. */
  readonly outcome: 'waiting' | EndedDeadline['outcome'];
  readonly endedAt: Instant | null;
  /** When its passing was acted upon; null when it was met, replaced or still waits. */
  readonly firedAt: Instant | null;
  /** From due to acting upon it, ms; null where it never passed. */
  readonly lateByMs: number | null;
  readonly calendar: ArmedDeadline['calendar'] | null;
  readonly warnings: readonly LedgerWarning[];
}

interface Open {
  readonly armed: ArmedDeadline;
  readonly armedRev: number;
  end?: { readonly by: EndedDeadline; readonly rev: number };
}

/** Every deadline that a record ever had, in the order of arming. */
export function deadlineLedger(steps: readonly TimelineStep[], notices: readonly TimelineNotice[]): readonly LedgerDeadline[] {
  const all: Open[] = [];
  for (const step of steps.toSorted((a, b) => a.rev - b.rev)) {
    // What a step ends was armed before it: a name may end and be armed anew in one step.
    for (const by of step.ended) {
      const open = all.findLast((one) => !one.end && one.armed.name === by.name && one.armed.due === by.due);
      if (open) open.end = { by, rev: step.rev };
    }
    for (const armed of step.armed) all.push({ armed, armedRev: step.rev });
  }
  return all.filter(({ armed }) => armed.warning === undefined).map((open) => ledgerDeadline(open, all, notices));
}

function ledgerDeadline(open: Open, all: readonly Open[], notices: readonly TimelineNotice[]): LedgerDeadline {
  const { armed, armedRev, end } = open;
  const passed = hasPassed(end);
  return {
    name: armed.name, due: armed.due, armedAt: armed.armedAt, armedRev,
    outcome: end?.by.outcome ?? 'waiting', endedAt: end?.by.at ?? null,
    firedAt: passed?.by.at ?? null, lateByMs: passed?.by.lateByMs ?? null,
    ...tellingOf(open, notices),
    calendar: armed.calendar ?? null,
    warnings: all
      .filter((one) => one.armedRev === armedRev && one.armed.warning !== undefined && one.armed.name.startsWith(`${armed.name}#`))
      .map((one) => warningOf(one, notices)),
  };
}

function warningOf(open: Open, notices: readonly TimelineNotice[]): LedgerWarning {
  const passed = hasPassed(open.end);
  return {
    share: open.armed.warning ?? 0, due: open.armed.due, firedAt: passed?.by.at ?? null, lateByMs: passed?.by.lateByMs ?? null,
    ...tellingOf(open, notices),
  };
}

function hasPassed(end: Open['end']): Open['end'] {
  return end?.by.outcome === 'fired' || end?.by.outcome === 'missed' ? end : undefined;
}

/** Only a fired deadline tells, and people only: one that an act overtook was answered before anybody had to be told. */
function tellingOf({ armed, end }: Open, notices: readonly TimelineNotice[]): Telling {
  const causedBy = end?.by.outcome === 'fired' ? notices.filter((notice) => notice.rev === end.rev && notice.as !== 'team') : [];
  const told = causedBy
    .flatMap(({ personId, toldAt }) => (toldAt === null ? [] : [{ personId, at: toldAt }]))
    .toSorted((a, b) => epochMsOf(a.at) - epochMsOf(b.at));
  const toldAt = told[0]?.at ?? null;
  return { told, toldAt, toldLateByMs: toldAt === null ? null : Math.max(0, epochMsOf(toldAt) - epochMsOf(armed.due)) };
}
