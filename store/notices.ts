import type { TimelineNotice } from '../domain/timeline/deadlines';
import type { Store } from './connection';
import type { NoticeDoc } from './schemas/records';

/** Every attempt to tell somebody about a record, oldest first; addresses stay in the store. */
export async function noticesOf(store: Store, recordId: string): Promise<readonly TimelineNotice[]> {
  const found = await store.models.notices
    .find({ recordId }, { recordId: 0, address: 0, messageId: 0, contentHash: 0 })
    .sort({ createdAt: 1, _id: 1 })
    .lean<Omit<NoticeDoc, 'recordId' | 'address' | 'messageId' | 'contentHash'>[]>();
  return found.map(({ _id, ...notice }) => ({ intent: _id, ...notice }));
}
