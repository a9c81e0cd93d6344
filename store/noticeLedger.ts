import type { ClientSession } from 'mongoose';
import type { AuditDraft } from '../contracts/audit';
import type { NoticeRoute } from '../contracts/channels';
import type { Instant } from '../contracts/instant';
import { documentsHash } from '../domain/audit/documents';
import { appendToStream } from './auditLog';
import { inTransaction, type Store } from './connection';
import { stampTold } from './lateness';
import type { NoticeDoc } from './schemas/records';
import { partOf, UNPROVEN } from './vouching';

/** What is known of an attempt before it is made. */
export type NewNotice = Omit<NoticeDoc, 'status' | 'attempts' | 'possiblyRepeated' | 'toldAt' | 'failedAt' | 'failure' | 'reachedAt' | 'readAt' | 'holdUntil' | 'digestId' | 'rest'>;

/** Told later instead of now, and by which ways if the first fails. */
export interface Hold {
  readonly until: Instant;
  readonly digestId: string | null;
  readonly rest: readonly NoticeRoute[];
}

/** A way that is about to be used; or that is not used now, or must not be, which the chain says. */
export type Wanted = { readonly notice: NewNotice } & (
  | { readonly hold?: undefined; readonly blocked?: undefined }
  | { readonly hold: Hold; readonly blocked?: undefined; readonly entry: AuditDraft }
  | { readonly hold?: undefined; /** Why (E10). */ readonly blocked: string; readonly entry: AuditDraft }
);

export type Claim =
  | { readonly todo: false; readonly status: 'told' | 'failed' | 'held' }
  | { readonly todo: true; readonly possiblyRepeated: boolean; readonly attempts: number };

/** How an attempt came out. What ends it is said in the chain. */
export type Ending =
  | { readonly status: 'told'; readonly at: Instant; readonly contentHash: string; readonly entry: AuditDraft }
  | { readonly status: 'failed'; readonly at: Instant; readonly reason: string; readonly entry: AuditDraft }
  /** Put off; `reason` null: nobody knows whether it was taken, the next attempt may repeat it. */
  | { readonly status: 'held'; readonly until: Instant; readonly reason: string | null }
  /** The channel did not take it, for now: known not to have been sent. */
  | { readonly status: 'pending'; readonly reason: string };

export interface Ended {
  readonly id: string;
  readonly recordId: string;
  readonly rev: number;
  readonly ending: Ending;
}

const UNSENT = { attempts: 0, possiblyRepeated: false, toldAt: null, failedAt: null, failure: null, reachedAt: null, readAt: null, holdUntil: null, digestId: null, rest: [] };
/** Not over yet. */
const OPEN: readonly NoticeDoc['status'][] = ['pending', 'held'];

/**
 * Claims intents before anything is sent, or holds or blocks them with their entries, in one write.
 * Already told, failed or held: nothing is left to do here. Still pending: an earlier attempt died
 * between send and receipt, so this one may repeat it, and says so.
 */
export async function claimNotices(store: Store, wanted: readonly Wanted[]): Promise<readonly Claim[]> {
  const write = (session?: ClientSession) => insertFresh(store, wanted, session);
  const fresh = await (wanted.some((one) => 'entry' in one) ? inTransaction(store, write) : write());
  const known = wanted.filter(({ notice }) => !fresh.has(notice._id));
  const again = known.length === 0 ? undefined : await claimAgain(store, known);
  return wanted.map((one) => again?.get(one.notice._id) ?? firstClaim(one));
}

/** Notices that housekeeping tells at its next turn, with their entries, in the transaction of what they are about. */
export async function holdNotices(store: Store, wanted: readonly Wanted[], session: ClientSession): Promise<void> {
  await insertFresh(store, wanted, session);
}

/** Inserts what is not there yet; answers which that was. */
async function insertFresh(store: Store, wanted: readonly Wanted[], session?: ClientSession): Promise<ReadonlySet<string>> {
  const inserts = wanted.map((one) => {
    const { _id, ...row } = one.notice;
    return { updateOne: { filter: { _id }, update: { $setOnInsert: { ...UNSENT, ...row, ...firstFields(one) } }, upsert: true } };
  });
  const { upsertedIds } = await store.models.notices.bulkWrite(inserts, { ordered: false, ...(session && { session }) });
  const fresh = new Set(Object.values(upsertedIds).map(String));
  const said = wanted.flatMap((one) => ('entry' in one && fresh.has(one.notice._id) ? [{ id: one.notice._id, entry: one.entry }] : []));
  if (session) await append(store, said, session);
  return fresh;
}

function firstFields({ notice, hold, blocked }: Wanted): Partial<NoticeDoc> {
  if (hold) return { status: 'held', holdUntil: hold.until, digestId: hold.digestId, rest: hold.rest };
  if (blocked !== undefined) return { status: 'failed', failedAt: notice.createdAt, failure: blocked };
  return { status: 'pending', attempts: 1 };
}

function firstClaim({ hold, blocked }: Wanted): Claim {
  if (hold) return { todo: false, status: 'held' };
  return blocked === undefined ? { todo: true, possiblyRepeated: false, attempts: 1 } : { todo: false, status: 'failed' };
}

async function claimAgain(store: Store, known: readonly Wanted[]): Promise<ReadonlyMap<string, Claim>> {
  const found = await store.models.notices.find({ _id: { $in: known.map(({ notice }) => notice._id) } }).lean<NoticeDoc[]>();
  const claims = new Map(found.map((before) => [before._id, claimAfter(before)]));
  const pending = known.flatMap(({ notice: { _id, channel, address, endpointId } }) => {
    const claim = claims.get(_id);
    if (!claim?.todo) return [];
    const { possiblyRepeated } = claim;
    return [{ updateOne: { filter: { _id, status: 'pending' }, update: { $inc: { attempts: 1 }, $set: { channel, address, endpointId, failure: null, possiblyRepeated } } } }];
  });
  if (pending.length > 0) await store.models.notices.bulkWrite(pending as never);
  return claims;
}

function claimAfter({ status, failure, possiblyRepeated, attempts }: NoticeDoc): Claim {
  if (status !== 'pending') return { todo: false, status };
  // A refused connection is no send: only an attempt whose outcome is unknown may have been one.
  return { todo: true, possiblyRepeated: possiblyRepeated || failure === null, attempts: attempts + 1 };
}

/** Claims a held notice that is due. Undefined: it is over, or another attempt ended it. */
export async function claimHeld(store: Store, id: string): Promise<{ readonly possiblyRepeated: boolean; readonly attempts: number } | undefined> {
  const before = await store.models.notices.findOneAndUpdate({ _id: id, status: 'held' }, { $inc: { attempts: 1 }, $set: { failure: null } }).lean<NoticeDoc>();
  if (!before) return undefined;
  const unknown = before.attempts > 0 && before.failure === null;
  if (unknown && !before.possiblyRepeated) await store.models.notices.updateOne({ _id: id }, { $set: { possiblyRepeated: true } });
  return { possiblyRepeated: before.possiblyRepeated || unknown, attempts: before.attempts + 1 };
}

/** Another attempt ended one of them meanwhile. */
class EndedElsewhere extends Error {}

/**
 * Keeps how attempts came out: their rows, their entries and when a passed deadline was told, in one
 * transaction (21 CFR 11.10(e)). What another attempt has ended is left as it is, without an entry.
 */
export async function settleNotices(store: Store, ended: readonly Ended[]): Promise<void> {
  const open = ended.filter(({ ending }) => !('entry' in ending));
  if (open.length > 0) await store.models.notices.bulkWrite(open.map(markOf));
  for (let left: readonly Ended[] = ended.filter(({ ending }) => 'entry' in ending); left.length > 0; left = await stillOpen(store, left)) {
    try {
      await inTransaction(store, (session) => conclude(store, left, session));
      return;
    } catch (error) {
      if (!(error instanceof EndedElsewhere)) throw error;
    }
  }
}

async function conclude(store: Store, over: readonly Ended[], session: ClientSession): Promise<void> {
  const { matchedCount } = await store.models.notices.bulkWrite(over.map(markOf), { session });
  if (matchedCount < over.length) throw new EndedElsewhere();
  for (const told of firstTold(over)) await stampTold(store, told, session);
  await append(store, over.flatMap(({ id, ending }) => ('entry' in ending ? [{ id, entry: ending.entry }] : [])), session);
}

async function stillOpen(store: Store, ended: readonly Ended[]): Promise<readonly Ended[]> {
  const found = await store.models.notices.find({ _id: { $in: ended.map(({ id }) => id) }, status: { $in: [...OPEN] } }, { _id: 1 }).lean<{ _id: string }[]>();
  return ended.filter(({ id }) => found.some(({ _id }) => _id === id));
}

function markOf({ id, ending }: Ended) {
  const mark = (status: NoticeDoc['status'] | undefined, $set: Partial<NoticeDoc>) => ({ updateOne: { filter: { _id: id, status: status ?? { $in: OPEN } }, update: { $set } } });
  switch (ending.status) {
    case 'told':
      return mark(undefined, { status: 'told', toldAt: ending.at, contentHash: ending.contentHash });
    case 'failed':
      return mark(undefined, { status: 'failed', failedAt: ending.at, failure: ending.reason });
    case 'held':
      return mark(undefined, { status: 'held', holdUntil: ending.until, failure: ending.reason });
    case 'pending':
      return mark('pending', { failure: ending.reason });
  }
}

/** The first of each step that told somebody. No deadline has passed before the first step. */
function firstTold(over: readonly Ended[]): readonly { readonly recordId: string; readonly rev: number; readonly at: Instant }[] {
  const first = new Map<string, { recordId: string; rev: number; at: Instant }>();
  for (const { recordId, rev, ending } of over) {
    if (ending.status !== 'told' || rev === 1) continue;
    const before = first.get(`${recordId}|${String(rev)}`);
    if (!before || ending.at < before.at) first.set(`${recordId}|${String(rev)}`, { recordId, rev, at: ending.at });
  }
  return [...first.values()];
}

/** Each chain's entries together, in their order; each vouches for its notice as it stands now. */
async function append(store: Store, said: readonly { readonly id: string; readonly entry: AuditDraft }[], session: ClientSession): Promise<void> {
  if (said.length === 0) return;
  const stored = await store.models.notices.find({ _id: { $in: said.map(({ id }) => id) } }).session(session).lean<NoticeDoc[]>();
  const drafts = said.map(({ id, entry }): AuditDraft => ({ ...entry, documents: { [partOf('notice', id)]: documentsHash(stored.filter(({ _id }) => _id === id), UNPROVEN.notices) } }));
  for (const streamId of new Set(drafts.map((draft) => draft.streamId))) {
    await appendToStream(store, { streamId, drafts: drafts.filter((draft) => draft.streamId === streamId) }, session);
  }
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
