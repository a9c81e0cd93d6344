import type { DrillState } from '../../contracts/drill';
import { epochMsOf, type Instant } from '../../contracts/instant';
import type { TimelineNotice } from '../timeline/deadlines';
import type { Timeline, TimelineFact } from '../timeline/timeline';

interface TellingReported {
  readonly personId: string;
  readonly channel: string;
  readonly status: TimelineNotice['status'];
  readonly toldAt: Instant | null;
  readonly reachedAt: Instant | null;
}

/** One level of one side: when it was due to be told, when it was. */
interface LevelReported {
  readonly side: string;
  readonly level: number;
  readonly round: number;
  /** The instant at which the level was to be told: the opening, or the end of the level below. */
  readonly due: Instant;
  readonly startedAt: Instant;
  readonly toldAt: Instant | null;
  /** From due to the first telling, ms; null: nobody was told. */
  readonly lateByMs: number | null;
  readonly told: readonly TellingReported[];
}

interface AcknowledgementReported {
  readonly side: string;
  readonly personId: string;
  readonly at: Instant;
  /** Since the issue was opened, ms. */
  readonly afterMs: number;
  /** Since the side's last level was first told, ms; null: it was not told. */
  readonly afterToldMs: number | null;
}

export interface FireDrillReport {
  readonly kind: 'escalation';
  readonly issueId: string | null;
  /** Why no issue was opened; null: one was, or will be. */
  readonly failure: string | null;
  readonly sides: readonly { readonly side: string; readonly highestLevel: number; readonly acknowledged: boolean }[];
  readonly levels: readonly LevelReported[];
  readonly acknowledgements: readonly AcknowledgementReported[];
}

/** What the fire drill's issue shows: levels told when, how late, acknowledged by whom after how long: E15. `story` is undefined while there is no issue. */
export function fireDrillReport(state: DrillState, story: Timeline | undefined): FireDrillReport {
  const head = { kind: 'escalation', issueId: state.issue?.recordId ?? null, failure: state.issue?.failure ?? null } as const;
  if (!story) return { ...head, sides: [], levels: [], acknowledgements: [] };
  const openedAt = story.facts.find((fact) => fact.action === 'issue.opened')?.at ?? state.openedAt;
  const levels = story.facts.filter((fact) => fact.action === 'level.started').map((fact) => levelOf(fact, story, openedAt));
  const acknowledgements = story.facts.flatMap((fact) => acknowledgementOf(fact, levels, openedAt));
  const sides = [...new Set(levels.map((level) => level.side))].map((side) => ({
    side, highestLevel: Math.max(...levels.filter((level) => level.side === side).map((level) => level.level)),
    acknowledged: acknowledgements.some((one) => one.side === side),
  }));
  return { ...head, sides, levels, acknowledgements };
}

function levelOf(fact: TimelineFact, story: Timeline, openedAt: Instant): LevelReported {
  const { side, round } = (fact.detail ?? {}) as { side?: string; round?: number };
  const level = typeof fact.new === 'number' ? fact.new : 0;
  const passed = story.deadlines.find((deadline) => deadline.firedAt === fact.at && deadline.name === `ack/${side ?? ''}`);
  const due = passed?.due ?? (level === 1 && round === 1 ? openedAt : fact.at);
  const told = story.notices.filter((notice) => notice.rev === fact.rev && notice.side === (side ?? null) && notice.level === level)
    .map(({ personId, channel, status, toldAt, reachedAt }): TellingReported => ({ personId, channel, status, toldAt, reachedAt }));
  const toldAt = told.flatMap((one) => (one.toldAt === null ? [] : [one.toldAt])).toSorted()[0] ?? null;
  return {
    side: side ?? '', level, round: round ?? 1, due, startedAt: fact.at, toldAt,
    lateByMs: toldAt === null ? null : Math.max(0, epochMsOf(toldAt) - epochMsOf(due)), told,
  };
}

function acknowledgementOf(fact: TimelineFact, levels: readonly LevelReported[], openedAt: Instant): readonly AcknowledgementReported[] {
  const { actor, at, field } = fact;
  if (fact.action !== 'issue.acknowledged' || actor.kind !== 'person') return [];
  const side = field?.split('.')[1] ?? '';
  const toldAt = levels.findLast((level) => level.side === side && level.startedAt <= at)?.toldAt ?? null;
  return [{
    side, personId: actor.personId, at, afterMs: epochMsOf(at) - epochMsOf(openedAt),
    afterToldMs: toldAt === null ? null : Math.max(0, epochMsOf(at) - epochMsOf(toldAt)),
  }];
}
