import type { Instant } from '../contracts/instant';
import type { Store } from './connection';
import { isDuplicateKey } from './duplicateKey';
import type { NoticeDoc } from './schemas/records';

export type NewNotice = Omit<NoticeDoc, 'status' | 'attempts' | 'possiblyRepeated' | 'toldAt' | 'failedAt' | 'failure' | 'reachedAt'>;

/**
 * Claims an intent before anything is sent. Already told or failed: nothing is left to do. Still
 * pending: an earlier attempt died between send and receipt, so this one may repeat it, and says so.
 */
export async function claimNotice(store: Store, notice: NewNotice): Promise<{ readonly todo: false; readonly status: 'told' | 'failed' } | { readonly todo: true; readonly possiblyRepeated: boolean }> {
  try {
    await store.models.notices.insertOne({ ...notice, status: 'pending', attempts: 1, possiblyRepeated: false, toldAt: null, failedAt: null, failure: null, reachedAt: null });
    return { todo: true, possiblyRepeated: false };
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
  const before = await store.models.notices.findById(notice._id).lean<NoticeDoc>();
  if (before?.status === 'told' || before?.status === 'failed') return { todo: false, status: before.status };
  // A refused connection is no send: only an attempt whose outcome is unknown may have been one.
  const possiblyRepeated = before?.failure === null;
  await store.models.notices.updateOne({ _id: notice._id, status: 'pending' }, { $inc: { attempts: 1 }, $set: { failure: null, ...(possiblyRepeated ? { possiblyRepeated } : {}) } });
  return { todo: true, possiblyRepeated: possiblyRepeated || (before?.possiblyRepeated ?? false) };
}

export async function markTold(store: Store, told: { id: string; at: Instant; contentHash: string }): Promise<void> {
  await store.models.notices.updateOne({ _id: told.id, status: 'pending' }, { $set: { status: 'told', toldAt: told.at, contentHash: told.contentHash } });
}

export async function markFailed(store: Store, failed: { id: string; at: Instant; reason: string }): Promise<void> {
  await store.models.notices.updateOne({ _id: failed.id, status: 'pending' }, { $set: { status: 'failed', failedAt: failed.at, failure: failed.reason } });
}

/** The channel did not take it, for now; the attempt is known not to have been sent. */
export async function markUnsent(store: Store, unsent: { id: string; reason: string }): Promise<void> {
  await store.models.notices.updateOne({ _id: unsent.id, status: 'pending' }, { $set: { failure: unsent.reason } });
}

/** A person opened the record: what they were told has reached them. */
export async function markReached(store: Store, reached: { recordId: string; personId: string; at: Instant }): Promise<void> {
  const { recordId, personId, at } = reached;
  await store.models.notices.updateMany({ recordId, personId, status: 'told', reachedAt: null }, { $set: { reachedAt: at } });
}
