import type { AuditActor } from '../../contracts/audit';
import type { Instant } from '../../contracts/instant';
import type { Json } from '../../contracts/step';
import { deadlineLedger, type LedgerDeadline, type TimelineNotice, type TimelineStep } from './deadlines';
import { mayRead, type Reader } from './reader';

/** One entry of the audit trail, as far as a timeline shows it. */
export interface TimelineFact {
  readonly seq: number;
  readonly at: Instant;
  readonly actor: AuditActor;
  readonly action: string;
  readonly field?: string;
  readonly old?: Json;
  readonly new?: Json;
  readonly reason?: string;
  readonly detail?: Json;
  readonly rev?: number;
  readonly visibleTo?: readonly string[];
}

/** Something that happened, for reading from top to bottom; the parts hold the detail. */
export interface TimelineEvent {
  readonly at: string;
  readonly kind: 'fact' | 'notice' | 'deadline';
  readonly what: string;
  /** Sequence of the fact, intent of the notice, name of the deadline. */
  readonly ref: string;
}

export interface Timeline {
  readonly facts: readonly TimelineFact[];
  readonly notices: readonly TimelineNotice[];
  readonly deadlines: readonly LedgerDeadline[];
  readonly events: readonly TimelineEvent[];
}

/** The story of a record, folded from what was stored about it; entries that the reader may not read are left out. */
export function timelineOf(input: {
  readonly facts: readonly TimelineFact[];
  readonly steps: readonly TimelineStep[];
  readonly notices: readonly TimelineNotice[];
  readonly reader: Reader;
}): Timeline {
  const facts = input.facts.filter((fact) => mayRead(fact, input.reader)).toSorted((a, b) => a.seq - b.seq);
  const notices = input.notices.map((notice) => withReach(notice, facts)).toSorted((a, b) => a.rev - b.rev || compare(a.createdAt, b.createdAt) || compare(a.intent, b.intent));
  const deadlines = deadlineLedger(input.steps, notices);
  return { facts, notices, deadlines, events: eventsOf({ facts, notices, deadlines }) };
}

/** Whoever acknowledged after being told was reached, also without having opened the record here. */
function withReach(notice: TimelineNotice, facts: readonly TimelineFact[]): TimelineNotice {
  const { toldAt, reachedAt, personId } = notice;
  if (toldAt === null || reachedAt !== null) return notice;
  const answer = facts.find(({ action, actor, at }) => action === 'issue.acknowledged' && actor.kind === 'person' && actor.personId === personId && at >= toldAt);
  return answer ? { ...notice, reachedAt: answer.at } : notice;
}

function eventsOf({ facts, notices, deadlines }: Omit<Timeline, 'events'>): readonly TimelineEvent[] {
  const events: TimelineEvent[] = [
    ...deadlines.flatMap((deadline) => deadlineEvents(deadline)),
    ...facts.map((fact): TimelineEvent => ({ at: fact.at, kind: 'fact', what: fact.action, ref: String(fact.seq) })),
    ...notices.flatMap((notice) => noticeEvents(notice)),
  ];
  // Stable: at one instant a deadline comes before the facts it caused, and these before the notices.
  return events.toSorted((a, b) => compare(a.at, b.at));
}

function deadlineEvents({ name, due, outcome, firedAt }: LedgerDeadline): readonly TimelineEvent[] {
  const passed = outcome === 'fired' || outcome === 'missed';
  const event = (at: string, what: string): TimelineEvent => ({ at, kind: 'deadline', what, ref: name });
  return passed && firedAt !== null ? [event(due, 'due'), event(firedAt, outcome)] : [];
}

function noticeEvents({ intent, createdAt, holdUntil, toldAt, failedAt, reachedAt }: TimelineNotice): readonly TimelineEvent[] {
  const held = holdUntil === undefined || holdUntil === null ? null : createdAt;
  const times = { held, told: toldAt, failed: failedAt, reached: reachedAt };
  return Object.entries(times).flatMap(([what, at]) => (at === null ? [] : [{ at, kind: 'notice' as const, what, ref: intent }]));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
