import { noticeStreamOf } from '../contracts/ids';
import type { Instant } from '../contracts/instant';
import { documentsHash } from '../domain/audit/documents';
import { appendToStream } from './auditLog';
import { inTransaction, type Session, type Store } from './connection';
import { isDuplicateKey } from './duplicateKey';
import type { DigestDoc } from './schemas/channels';
import type { NoticeDoc } from './schemas/records';
import { partOf, UNPROVEN } from './vouching';

/** A digest that is due: somebody's held notices of one local date. */
export interface DueDigest {
  readonly digestId: string;
  readonly personId: string;
}

/** Digests with held notices whose time has come, the longest waiting first. */
export async function dueDigests(store: Store, of: { at: Instant; limit: number }): Promise<readonly DueDigest[]> {
  const found = await store.models.notices.aggregate<{ _id: string; personId: string }>([
    { $match: { status: 'held', digestId: { $type: 'string' }, holdUntil: { $lte: of.at } } },
    { $group: { _id: '$digestId', personId: { $first: '$personId' }, until: { $min: '$holdUntil' } } },
    { $sort: { until: 1, _id: 1 } },
    { $limit: of.limit },
  ]);
  return found.map(({ _id, personId }) => ({ digestId: _id, personId }));
}

/** A digest's held notices, oldest first, at most `limit`. */
export function heldOf(store: Store, of: { digestId: string; limit: number }): Promise<NoticeDoc[]> {
  return store.models.notices.find({ digestId: of.digestId, status: 'held' }).sort({ createdAt: 1, _id: 1 }).limit(of.limit).lean<NoticeDoc[]>();
}

export interface NewLetter {
  readonly digestId: string;
  readonly personId: string;
  readonly address: string;
  readonly noticeIds: readonly string[];
  readonly messageIdOf: (letterId: string) => string;
  readonly at: Instant;
}

/** A letter claimed, with what it lists: fixed at the first claim, so that a repetition lists the same. */
export interface ClaimedLetter {
  readonly letter: DigestDoc;
  readonly possiblyRepeated: boolean;
}

/**
 * Claims the letter of a digest before it is sent. One that is over is followed by `<digest>/2` and so
 * on: what was held meanwhile, or did not fit, gets a letter of its own.
 */
export async function claimLetter(store: Store, fresh: NewLetter): Promise<ClaimedLetter> {
  for (let part = 1; ; part += 1) {
    const claimed = await claimPart(store, fresh, part === 1 ? fresh.digestId : `${fresh.digestId}/${String(part)}`);
    if (claimed) return claimed;
  }
}

async function claimPart(store: Store, { personId, address, noticeIds, messageIdOf, at }: NewLetter, id: string): Promise<ClaimedLetter | undefined> {
  const letter: DigestDoc = {
    _id: id, personId, address, noticeIds, messageId: messageIdOf(id), contentHash: null, status: 'pending', attempts: 1, possiblyRepeated: false, createdAt: at, toldAt: null, failure: null,
  };
  try {
    await inTransaction(store, async (session) => {
      await store.models.digests.insertOne(letter, { session });
      await append(store, { letter, action: 'digest.made', at }, session);
    });
    return { letter, possiblyRepeated: false };
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
  const before = await store.models.digests.findOneAndUpdate({ _id: id, status: 'pending' }, { $inc: { attempts: 1 }, $set: { failure: null } }).lean<DigestDoc>();
  if (!before) return undefined;
  // A refused connection is no send: only an attempt whose outcome is unknown may have been one.
  const unknown = before.failure === null;
  if (unknown && !before.possiblyRepeated) await store.models.digests.updateOne({ _id: id }, { $set: { possiblyRepeated: true } });
  return { letter: before, possiblyRepeated: before.possiblyRepeated || unknown };
}

/** Ends a letter, or (`pending`) keeps why it did not go out. */
export async function endLetter(store: Store, end: { id: string; status: DigestDoc['status']; at: Instant; contentHash: string; failure: string | null }): Promise<void> {
  const { id, status, at, contentHash, failure } = end;
  if (status === 'pending') {
    await store.models.digests.updateOne({ _id: id, status }, { $set: { failure } });
    return;
  }
  await inTransaction(store, async (session) => {
    const change = { status, contentHash, failure, ...(status === 'told' && { toldAt: at }) };
    const letter = await store.models.digests.findOneAndUpdate({ _id: id, status: 'pending' }, { $set: change }, { session, returnDocument: 'after' }).lean<DigestDoc>();
    if (letter) await append(store, { letter, action: status === 'told' ? 'digest.told' : 'digest.failed', at }, session);
  });
}

/** Says in the chain of what its reader is told that the letter is as it is now. */
async function append(store: Store, { letter, action, at }: { readonly letter: DigestDoc; readonly action: string; readonly at: Instant }, session: Session): Promise<void> {
  const streamId = noticeStreamOf(`person/${letter.personId}`);
  await appendToStream(store, { streamId, drafts: [{
    streamId, at, zone: 'UTC', actor: { kind: 'system', name: 'effect' }, action, correlationId: letter._id, detail: { digestId: letter._id, notices: letter.noticeIds.length },
    documents: { [partOf('digest', letter._id)]: documentsHash([letter], UNPROVEN.digests) },
  }] }, session);
}

/** Notices by their intents. */
export function noticesById(store: Store, ids: readonly string[]): Promise<NoticeDoc[]> {
  return store.models.notices.find({ _id: { $in: [...ids] } }).sort({ createdAt: 1, _id: 1 }).lean<NoticeDoc[]>();
}
