import type { Instant } from '../contracts/instant';
import type { Store } from './connection';
import type { NoticeDoc, RecordDoc } from './schemas/records';

/** What an inbox entry shows of its record. */
export type ShownRecord = Pick<RecordDoc, '_id' | 'capability' | 'number' | 'topic' | 'severity' | 'status' | 'done'>;

export interface InboxEntry {
  readonly notice: NoticeDoc;
  readonly record: ShownRecord | undefined;
}

export interface InboxPlace {
  readonly createdAt: string;
  readonly id: string;
}

/** Every first attempt for a person is an entry of their inbox, whichever way it went and whether or not it got through. */
const entriesOf = (personId: string) => ({ personId, fallbackOf: null });

/** A person's notices, newest first. */
export async function inboxPage(store: Store, asked: { personId: string; unread: boolean; after: InboxPlace | undefined; limit: number }): Promise<{ readonly items: readonly InboxEntry[]; readonly next?: InboxPlace }> {
  const { personId, unread, after, limit } = asked;
  const from = after ? { $or: [{ createdAt: { $lt: after.createdAt as Instant } }, { createdAt: after.createdAt as Instant, _id: { $lt: after.id } }] } : {};
  const found = await store.models.notices
    .find({ ...entriesOf(personId), ...(unread && { readAt: null }), ...from })
    .sort({ createdAt: -1, _id: -1 }).limit(limit + 1).lean<NoticeDoc[]>();
  const notices = found.slice(0, limit);
  const records = await recordsOf(store, notices);
  const last = notices.at(-1);
  const items = notices.map((notice) => ({ notice, record: records.get(notice.recordId) }));
  return found.length > limit && last ? { items, next: { createdAt: last.createdAt, id: last._id } } : { items };
}

/** How many entries a person has not read; counting stops at `atMost`. */
export function unreadCount(store: Store, { personId, atMost }: { personId: string; atMost: number }): Promise<number> {
  return store.models.notices.countDocuments({ ...entriesOf(personId), readAt: null }, { limit: atMost });
}

/** One's own entry by the Message-ID of its first attempt; undefined when there is none. */
export async function inboxEntry(store: Store, { personId, messageId }: { personId: string; messageId: string }): Promise<InboxEntry | undefined> {
  const notice = await store.models.notices.findOne({ messageId, ...entriesOf(personId) }).lean<NoticeDoc>();
  return notice ? { notice, record: (await recordsOf(store, [notice])).get(notice.recordId) } : undefined;
}

/** Reading an entry: the notice has reached its person, by whichever way it was told. */
export async function markRead(store: Store, { notice, at }: { notice: NoticeDoc; at: Instant }): Promise<NoticeDoc> {
  const attempts = { $or: [{ _id: notice._id }, { recordId: notice.recordId, fallbackOf: notice._id }] };
  await store.models.notices.updateMany({ ...attempts, reachedAt: null }, { $set: { reachedAt: at } });
  await store.models.notices.updateOne({ _id: notice._id, readAt: null }, { $set: { readAt: at } });
  return { ...notice, readAt: notice.readAt ?? at, reachedAt: notice.reachedAt ?? at };
}

/** Marks everything read that a person was told up to an instant; answers how many entries that were. */
export async function markAllRead(store: Store, { personId, upTo, at }: { personId: string; upTo: Instant; at: Instant }): Promise<number> {
  const seen = { personId, createdAt: { $lte: upTo } };
  await store.models.notices.updateMany({ ...seen, readAt: null, reachedAt: null }, { $set: { reachedAt: at } });
  const { modifiedCount } = await store.models.notices.updateMany({ ...seen, fallbackOf: null, readAt: null }, { $set: { readAt: at } });
  return modifiedCount;
}

async function recordsOf(store: Store, notices: readonly NoticeDoc[]): Promise<ReadonlyMap<string, ShownRecord>> {
  const ids = [...new Set(notices.map(({ recordId }) => recordId))];
  const shown = { capability: 1, number: 1, topic: 1, severity: 1, status: 1, done: 1 } as const;
  const found = await store.models.records.find({ _id: { $in: ids } }, shown).lean<ShownRecord[]>();
  return new Map(found.map((record) => [record._id, record]));
}
