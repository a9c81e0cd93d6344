import type { AuditDraft } from '../contracts/audit';
import type { Instant } from '../contracts/instant';
import { documentsHash } from '../domain/audit/documents';
import { gapBetween, isSilent, type Beat } from '../domain/lateness/outage';
import { appendToStream } from './auditLog';
import { inTransaction, type Store } from './connection';
import { isDuplicateKey } from './duplicateKey';
import type { HeartbeatDoc, OutageDoc } from './schemas/outages';
import { partOf } from './vouching';

/** Above every instant. */
const END_OF_TIME = '9999';

/** Audit stream of the outage ledger. */
export const OUTAGE_STREAM = 'outages';

/**
 * Takes a sign of life. After too long a silence the outage and its audit entry are written with it, in
 * one transaction; of two beats at once the first one says it. Answers the outage that this beat ended.
 */
export async function recordBeat(store: Store, process: string, beat: Beat): Promise<OutageDoc | undefined> {
  const last = await store.models.heartbeats.findById(process).lean<HeartbeatDoc>();
  if (!last) {
    await firstBeat(store, process, beat);
    return undefined;
  }
  // Another worker's clock may be ahead; a beat is never taken back.
  if (beat.at <= last.at) return undefined;
  const gap = gapBetween(last, beat);
  const moved = { filter: { _id: process, at: last.at }, change: { $set: { ...beat } } };
  if (!gap) {
    await store.models.heartbeats.updateOne(moved.filter, moved.change);
    return undefined;
  }
  const outage: OutageDoc = { _id: outageId(process, gap.from), process, ...gap, everyMs: beat.everyMs, workerStartedAt: beat.workerStartedAt };
  return inTransaction(store, async (session) => {
    const { matchedCount } = await store.models.heartbeats.updateOne(moved.filter, moved.change, { session });
    if (matchedCount === 0) return undefined;
    await store.models.outages.insertOne(outage, { session });
    await appendToStream(store, { streamId: OUTAGE_STREAM, drafts: [draftOf(outage)] }, session);
    return outage;
  });
}

/** Outages of every process, latest first, before `after`. */
export async function listOutages(store: Store, page: { readonly after?: string | undefined; readonly limit: number }): Promise<{ readonly items: readonly OutageDoc[]; readonly next?: string }> {
  const found = await store.models.outages
    .find({ from: { $lt: page.after ?? END_OF_TIME } } as never)
    .sort({ from: -1 })
    .limit(page.limit + 1)
    .lean<OutageDoc[]>();
  const items = found.slice(0, page.limit);
  const last = items.at(-1);
  return found.length > page.limit && last ? { items, next: last.from } : { items };
}

export async function findOutage(store: Store, id: string): Promise<OutageDoc | undefined> {
  return (await store.models.outages.findById(id).lean<OutageDoc>()) ?? undefined;
}

/** Processes that have been silent for too long, since when: outages that are not over. */
export async function silentProcesses(store: Store, now: Instant): Promise<readonly { readonly process: string; readonly from: Instant }[]> {
  const beats = await store.models.heartbeats.find({}).lean<HeartbeatDoc[]>();
  return beats.filter((last) => isSilent(last, { at: now, everyMs: last.everyMs })).map(({ _id, at }) => ({ process: _id, from: at }));
}

async function firstBeat(store: Store, process: string, beat: Beat): Promise<void> {
  try {
    await store.models.heartbeats.insertOne({ _id: process, ...beat });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
}

const outageId = (process: string, from: Instant): string => `${process}-${from.replace(/[-:.]/gu, '')}`;

function draftOf(outage: OutageDoc): AuditDraft {
  const { _id, process, from, until, lastedMs, everyMs, cause, known, workerStartedAt } = outage;
  return {
    streamId: OUTAGE_STREAM, at: until, zone: 'UTC', actor: { kind: 'system', name: process }, action: 'outage.recorded', reason: known, correlationId: _id,
    detail: { id: _id, process, from, until, lastedMs, everyMs, cause, workerStartedAt }, documents: { [partOf('outage', _id)]: documentsHash([outage]) },
  };
}
