import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientSession, mongo } from 'mongoose';
import type { AuditDraft, AuditEntry, ChainHead } from '../contracts/audit';
import { appendTo, emptyChain } from '../domain/audit/chain';
import { inTransaction, type Store } from './connection';
import { isDuplicateKey } from './duplicateKey';
import type { AuditDoc } from './schemas/audit';

/** An entry as it was hashed: neither its place nor its seal is part of it. */
const BARE = { _id: 0, seal: 0 } as const;
/** Two writers of one stream meet at most a few times; beyond this something else is wrong. */
const APPEND_ATTEMPTS = 30;

/**
 * Writes chained entries as they are, each sealed, `_id` `<stream>/<seq>`. Straight to the driver: what was hashed
 * must not be cast on the way. Throws the driver's duplicate key error when another writer was first.
 */
export async function appendEntries(store: Store, session: ClientSession | undefined, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const { sealer } = store;
  if (!sealer) throw new Error('this store was opened without the key ring, to read only: no entry can be sealed');
  const documents = entries.map((entry) => ({ _id: `${entry.streamId}/${String(entry.seq)}`, ...entry, seal: sealer.codeOf(entry.hash) }));
  await auditCollection(store).insertMany(documents, session === undefined ? {} : { session });
}

/**
 * Appends to a stream whose head nobody keeps: refusals, notices, administrative streams. Without a
 * session it repeats until it is first, several drafts in one transaction; with one, a lost race
 * surfaces as an error of the caller's transaction, which the driver repeats.
 */
export async function appendToStream(
  store: Store,
  request: { readonly streamId: string; readonly drafts: readonly AuditDraft[] },
  session?: ClientSession,
): Promise<{ readonly entries: readonly AuditEntry[]; readonly head: ChainHead }> {
  if (session !== undefined || request.drafts.length === 0) return appendOnce(store, request, session);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await (request.drafts.length === 1 ? appendOnce(store, request) : inTransaction(store, (own) => appendOnce(store, request, own)));
    } catch (error) {
      if (!isDuplicateKey(error) || attempt === APPEND_ATTEMPTS) throw error;
      await sleep(Math.random() * Math.min(100, 5 * attempt));
    }
  }
}

/** End of a stream's chain as it is stored now. */
export async function readHead(store: Store, streamId: string, session?: ClientSession): Promise<ChainHead> {
  const last = await auditCollection(store).findOne(
    { streamId },
    // Local, not majority: the last entry of a writer just before us may not be acknowledged yet, and if it is rolled back so are we.
    { sort: { seq: -1 }, projection: { seq: 1, hash: 1 }, ...(session === undefined ? { readConcern: { level: 'local' } } : { session }) },
  );
  return last === null ? emptyChain(streamId) : { streamId, length: last.seq, head: last.hash };
}

/** Entries of a stream in order of seq, after `after` (0: from the beginning), at most `limit`. Unknown fields included, since they break the hash. */
export async function readChain(store: Store, streamId: string, page: { readonly after?: number; readonly limit: number }): Promise<readonly AuditEntry[]> {
  const found = await auditCollection(store).find({ streamId, seq: { $gt: page.after ?? 0 } }, { sort: { seq: 1 }, limit: page.limit, projection: BARE }).toArray();
  return found;
}

const CHAIN_PAGE = 500;

/** All entries of a stream, in order of seq. */
export async function readWholeChain(store: Store, streamId: string): Promise<readonly AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for (;;) {
    const page = await readChain(store, streamId, { after: entries.at(-1)?.seq ?? 0, limit: CHAIN_PAGE });
    entries.push(...page);
    if (page.length < CHAIN_PAGE) return entries;
  }
}

export interface EntryQuery {
  readonly streamId: string;
  /** Seq of the last entry that the caller has; absent: from the beginning. */
  readonly after?: number;
  readonly limit: number;
  /** Whose eyes: leaves out entries that are for others. Absent: everything. */
  readonly organisationId?: string;
}

/** A page of a stream as an organisation may see it. `next` is the `after` of the following page; null: this was the last. */
export async function listEntries(store: Store, query: EntryQuery): Promise<{ readonly entries: readonly AuditEntry[]; readonly next: number | null }> {
  const { streamId, after = 0, limit, organisationId } = query;
  const visible = organisationId === undefined ? {} : { $or: [{ visibleTo: { $exists: false } }, { visibleTo: organisationId }] };
  const found = await auditCollection(store)
    .find({ streamId, seq: { $gt: after }, ...visible }, { sort: { seq: 1 }, limit: limit + 1, projection: BARE })
    .toArray();
  const entries = found.slice(0, limit);
  return { entries, next: found.length > limit ? (entries.at(-1)?.seq ?? null) : null };
}

/** Every entry of every chain, or of some streams: stream after stream, each in order of seq. Holds one batch in memory. */
export async function* streamEntries(store: Store, streamIds?: readonly string[]): AsyncGenerator<AuditDoc> {
  const filter = streamIds === undefined ? {} : { streamId: { $in: [...streamIds] } };
  // The order of the unique index read backwards; any other would sort the whole trail.
  yield* auditCollection(store).find(filter, { sort: { streamId: -1, seq: 1 }, batchSize: 1000 });
}

/** The audit trail below mongoose's casting. */
export function auditCollection(store: Store): mongo.Collection<AuditDoc> {
  return store.connection.getClient().db(store.auditConnection.name).collection<AuditDoc>(store.models.audit.collection.collectionName);
}

async function appendOnce(store: Store, request: { readonly streamId: string; readonly drafts: readonly AuditDraft[] }, session?: ClientSession) {
  const appended = appendTo(await readHead(store, request.streamId, session), request.drafts);
  await appendEntries(store, session, appended.entries);
  return appended;
}
