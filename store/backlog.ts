import { epochMsOf, type Instant } from '../contracts/instant';
import type { Store } from './connection';

/** Work that waits: how much, and how long the oldest has, ms. */
export interface Waiting {
  readonly count: number;
  readonly oldestMs: number;
}

/** What the records say is still to be done; figures for operators, without a word about whose. */
export interface Backlog {
  /** Open records with a deadline that has passed and has not been acted upon. */
  readonly overdue: Waiting;
  /** Stored commands without an answer. */
  readonly commands: Waiting;
  /** Steps whose effects are not all performed. */
  readonly effects: Waiting;
  /** Notices on their way. */
  readonly pendingNotices: number;
  /** Notices kept back on purpose: quiet hours, digests, endpoints that are down. */
  readonly heldNotices: number;
}

/** Eight small reads, each on an index; drills are counted, since they too want a worker. */
export async function backlogOf(store: Store, now: Instant): Promise<Backlog> {
  const { records, commands, steps, notices } = store.models;
  const since = (instant: Instant | null | undefined): number => (instant ? Math.max(0, epochMsOf(now) - epochMsOf(instant)) : 0);
  const overdue = { done: false, nextDueAt: { $lt: now, $ne: null } };
  const [late, latest, unanswered, oldestCommand, owed, oldestStep, pendingNotices, heldNotices] = await Promise.all([
    records.countDocuments(overdue),
    records.findOne(overdue, { nextDueAt: 1, _id: 0 }).sort({ nextDueAt: 1 }).lean<{ nextDueAt: Instant }>(),
    commands.countDocuments({ status: 'received' }),
    commands.findOne({ status: 'received' }, { receivedAt: 1, _id: 0 }).sort({ receivedAt: 1 }).lean<{ receivedAt: Instant }>(),
    steps.countDocuments({ effectsDone: false }),
    steps.findOne({ effectsDone: false }, { at: 1, _id: 0 }).sort({ at: 1 }).lean<{ at: Instant }>(),
    notices.countDocuments({ status: 'pending' }),
    notices.countDocuments({ status: 'held' }),
  ]);
  return {
    overdue: { count: late, oldestMs: since(latest?.nextDueAt) },
    commands: { count: unanswered, oldestMs: since(oldestCommand?.receivedAt) },
    effects: { count: owed, oldestMs: since(oldestStep?.at) },
    pendingNotices, heldNotices,
  };
}
