import type { FiledNotice } from '../domain/notices/filing';
import type { TimelineNotice } from '../domain/timeline/deadlines';
import type { Store } from './connection';
import type { NoticeDoc } from './schemas/records';

/** Every attempt to tell somebody about a record, oldest first; addresses stay in the store. */
export async function noticesOf(store: Store, recordId: string): Promise<readonly TimelineNotice[]> {
  const found = await store.models.notices
    .find({ recordId }, { recordId: 0, address: 0, messageId: 0, contentHash: 0, rest: 0 })
    .sort({ createdAt: 1, _id: 1 })
    .lean<Omit<NoticeDoc, 'recordId' | 'address' | 'messageId' | 'contentHash' | 'rest'>[]>();
  return found.map(({ _id, ...notice }) => ({ intent: _id, ...notice }));
}

/** Every attempt with address, Message-ID and hash, for the filing record. */
export async function filedNotices(store: Store, recordId: string): Promise<readonly FiledNotice[]> {
  const found = await store.models.notices.find({ recordId }, { rest: 0 }).sort({ createdAt: 1, _id: 1 }).lean<NoticeDoc[]>();
  return found.map((notice) => {
    const { _id, rev, reason, side, level, organisationId, personId, as, channel, address, messageId, contentHash, status, createdAt, holdUntil, toldAt, failedAt, failure, reachedAt, possiblyRepeated, fallbackOf, digestId, drill } = notice;
    return { intent: _id, rev, reason, side, level, organisationId, personId, as, channel, address, messageId, contentHash, status, createdAt, holdUntil, toldAt, failedAt, failure, reachedAt, possiblyRepeated, fallbackOf, digestId, drill };
  });
}
