import { createHash } from 'node:crypto';
import { epochMsOf, plusMs, type Instant } from '../contracts/instant';
import { closedUntil, PROBE_MS, standingOf, UNANSWERED_A_MINUTE } from '../domain/notices/breaker';
import type { Store } from './connection';
import type { TallyDoc } from './schemas/tallies';

const HOUR_MS = 3_600_000;

/** One entry of a channel map with its address, and when it is tried. Of two entries with one address neither suffers from the other's faults. */
interface Trying {
  readonly entryId: string;
  readonly url: string;
  readonly at: Instant;
}

/**
 * Asks whether a target may be tried now: one that failed again and again is left alone for a while, then tried once; and in any
 * minute only so many attempts may lack an answer. The counts are shared by every worker and survive it. Undefined: try it, and say
 * with {@link settleTarget} how it went; else why not.
 */
export async function admitTarget(store: Store, trying: Trying): Promise<string | undefined> {
  const { at } = trying;
  const id = breakerOf(trying);
  const known = (await store.models.tallies.findById(id).lean<TallyDoc>()) ?? undefined;
  const standing = standingOf(known && { failures: known.count, pausedUntil: known.pausedUntil }, at);
  if (known && standing === 'paused') return `the receiver failed ${String(known.count)} times in a row and is left alone until ${String(known.pausedUntil)}`;
  if (known && standing === 'probe') {
    // Of all that come when the pause is over, one goes.
    const { modifiedCount } = await store.models.tallies.updateOne({ _id: id, pausedUntil: known.pausedUntil }, { $set: { pausedUntil: plusMs(at, PROBE_MS) } });
    if (modifiedCount === 0) return 'another message tries whether the receiver is back';
  }
  if ((await count(store, trying, 1)) <= UNANSWERED_A_MINUTE) return undefined;
  await count(store, trying, -1);
  return `the receiver left ${String(UNANSWERED_A_MINUTE)} messages of this minute without an answer`;
}

/** Keeps how an attempt that was admitted at `at` came out. */
export async function settleTarget(store: Store, trying: Trying, outcome: { readonly answered: boolean; readonly now: Instant }): Promise<void> {
  const id = breakerOf(trying);
  if (outcome.answered) {
    await Promise.all([count(store, trying, -1), store.models.tallies.updateOne({ _id: id }, { $set: { count: 0, pausedUntil: null } })]);
    return;
  }
  const { count: failures } = await store.models.tallies
    .findOneAndUpdate({ _id: id }, { $inc: { count: 1 }, $set: { expiresAt: new Date(epochMsOf(outcome.now) + 24 * HOUR_MS) }, $setOnInsert: { pausedUntil: null } }, { upsert: true, returnDocument: 'after' })
    .lean<TallyDoc>();
  const pausedUntil = closedUntil(failures, outcome.now);
  if (pausedUntil !== null) await store.models.tallies.updateOne({ _id: id, count: { $gte: failures } }, { $max: { pausedUntil } });
}

async function count(store: Store, trying: Trying, by: 1 | -1): Promise<number> {
  const id = `${breakerOf(trying)}/${trying.at.slice(0, 16)}`;
  const tally = await store.models.tallies
    .findOneAndUpdate({ _id: id }, { $inc: { count: by }, $setOnInsert: { pausedUntil: null, expiresAt: new Date(epochMsOf(trying.at) + HOUR_MS) } }, { upsert: true, returnDocument: 'after' })
    .lean<TallyDoc>();
  return tally.count;
}

/** Hashed: a URL may carry a secret. */
const breakerOf = ({ entryId, url }: Trying): string => `target/${createHash('sha256').update(JSON.stringify([entryId, url])).digest('hex')}`;
