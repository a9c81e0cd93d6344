import type { NoticeRoute } from '../contracts/channels';
import type { Instant } from '../contracts/instant';
import type { Store } from './connection';
import { isDuplicateKey } from './duplicateKey';
import { stampTold } from './lateness';
import type { NoticeDoc } from './schemas/records';

/** What is known of an attempt before it is made. */
export type NewNotice = Omit<NoticeDoc, 'status' | 'attempts' | 'possiblyRepeated' | 'toldAt' | 'failedAt' | 'failure' | 'reachedAt' | 'readAt' | 'holdUntil' | 'digestId' | 'rest'>;

/** Told later instead of now, and by which ways if the first fails. */
export interface Hold {
  readonly until: Instant;
  readonly digestId: string | null;
  readonly rest: readonly NoticeRoute[];
}

export type Claim =
  | { readonly todo: false; readonly status: 'told' | 'failed' | 'held'; readonly fresh: boolean }
  | { readonly todo: true; readonly possiblyRepeated: boolean; readonly attempts: number };

const UNSENT = { attempts: 0, possiblyRepeated: false, toldAt: null, failedAt: null, failure: null, reachedAt: null, readAt: null, holdUntil: null, digestId: null, rest: [] };
/** Not over yet. */
const OPEN = { $in: ['pending', 'held'] as ('pending' | 'held')[] };

/**
 * Claims an intent before anything is sent, or holds it. Already told, failed or held: nothing is left
 * to do here. Still pending: an earlier attempt died between send and receipt, so this one may repeat
 * it, and says so.
 */
export async function claimNotice(store: Store, notice: NewNotice, hold?: Hold): Promise<Claim> {
  const held = hold && { status: 'held' as const, holdUntil: hold.until, digestId: hold.digestId, rest: hold.rest };
  try {
    await store.models.notices.insertOne({ ...UNSENT, ...notice, ...(held ?? { status: 'pending', attempts: 1 }) });
    return held ? { todo: false, status: 'held', fresh: true } : { todo: true, possiblyRepeated: false, attempts: 1 };
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
  const before = await store.models.notices.findById(notice._id).lean<NoticeDoc>();
  if (before && before.status !== 'pending') return { todo: false, status: before.status, fresh: false };
  // A refused connection is no send: only an attempt whose outcome is unknown may have been one.
  const possiblyRepeated = before?.failure === null;
  const { channel, address, endpointId } = notice;
  await store.models.notices.updateOne({ _id: notice._id, status: 'pending' }, { $inc: { attempts: 1 }, $set: { channel, address, endpointId, failure: null, ...(possiblyRepeated ? { possiblyRepeated } : {}) } });
  return { todo: true, possiblyRepeated: possiblyRepeated || (before?.possiblyRepeated ?? false), attempts: (before?.attempts ?? 0) + 1 };
}

/** Records a way that must not be used (E10); answers false when it is recorded already. */
export async function recordBlocked(store: Store, notice: NewNotice, blocked: { readonly at: Instant; readonly reason: string }): Promise<boolean> {
  try {
    await store.models.notices.insertOne({ ...UNSENT, ...notice, status: 'failed', failedAt: blocked.at, failure: blocked.reason });
    return true;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return false;
  }
}

/** Claims a held notice that is due. Undefined: it is over, or another attempt ended it. */
export async function claimHeld(store: Store, id: string): Promise<{ readonly possiblyRepeated: boolean; readonly attempts: number } | undefined> {
  const before = await store.models.notices.findOneAndUpdate({ _id: id, status: 'held' }, { $inc: { attempts: 1 }, $set: { failure: null } }).lean<NoticeDoc>();
  if (!before) return undefined;
  const unknown = before.attempts > 0 && before.failure === null;
  if (unknown && !before.possiblyRepeated) await store.models.notices.updateOne({ _id: id }, { $set: { possiblyRepeated: true } });
  return { possiblyRepeated: before.possiblyRepeated || unknown, attempts: before.attempts + 1 };
}

export async function markTold(store: Store, told: { id: string; at: Instant; contentHash: string }): Promise<void> {
  const { id, at, contentHash } = told;
  const notice = await store.models.notices
    .findOneAndUpdate({ _id: id, status: OPEN }, { $set: { status: 'told', toldAt: at, contentHash } }, { projection: { recordId: 1, rev: 1 } })
    .lean<Pick<NoticeDoc, 'recordId' | 'rev'>>();
  // No deadline has passed before the first step.
  if (notice && notice.rev > 1) await stampTold(store, { recordId: notice.recordId, rev: notice.rev, at });
}

export async function markFailed(store: Store, failed: { id: string; at: Instant; reason: string }): Promise<void> {
  await store.models.notices.updateOne({ _id: failed.id, status: OPEN }, { $set: { status: 'failed', failedAt: failed.at, failure: failed.reason } });
}

/** The channel did not take it, for now; the attempt is known not to have been sent. */
export async function markUnsent(store: Store, unsent: { id: string; reason: string }): Promise<void> {
  await store.models.notices.updateOne({ _id: unsent.id, status: 'pending' }, { $set: { failure: unsent.reason } });
}

/** Puts an attempt off; `reason` null: nobody knows whether it was taken, the next one may repeat it. */
export async function putOff(store: Store, of: { id: string; until: Instant; reason: string | null }): Promise<void> {
  await store.models.notices.updateOne({ _id: of.id, status: OPEN }, { $set: { status: 'held', holdUntil: of.until, failure: of.reason } });
}

/** A person opened the record: what they were told has reached them, and is read. */
export async function markReached(store: Store, reached: { recordId: string; personId: string; at: Instant }): Promise<void> {
  const { recordId, personId, at } = reached;
  await Promise.all([
    store.models.notices.updateMany({ recordId, personId, status: { $in: ['told', 'held'] }, reachedAt: null }, { $set: { reachedAt: at } }),
    store.models.notices.updateMany({ recordId, personId, readAt: null }, { $set: { readAt: at } }),
  ]);
}

/** Held notices that are due and go out one by one, the longest waiting first. */
export function dueHeld(store: Store, of: { at: Instant; limit: number }): Promise<NoticeDoc[]> {
  return store.models.notices.find({ status: 'held', digestId: null, holdUntil: { $lte: of.at } }).sort({ holdUntil: 1, _id: 1 }).limit(of.limit).lean<NoticeDoc[]>();
}
