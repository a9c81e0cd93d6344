import { Failure, FAILURES } from '../contracts/failures';
import { epochMsOf, type Instant } from '../contracts/instant';
import type { Store } from './connection';
import type { TallyDoc } from './schemas/tallies';

/** Addresses and ids that turned out to be somebody else's, for one administrator in one hour. */
const TAKEN_AN_HOUR = 5;
const HOUR_MS = 3_600_000;

interface Probe { readonly personId: string; readonly at: Instant }
const idOf = ({ personId, at }: Probe): string => `taken/${personId}/${at.slice(0, 13)}`;

/** An address is given once in the installation, so that trying one says whether it is in use. Throws Failure `too_many_requests` for who tried too many of these. */
export async function requireFewProbes(store: Store, probe: Probe): Promise<void> {
  const tally = await store.models.tallies.findById(idOf(probe)).lean<TallyDoc>();
  if (tally && tally.count >= TAKEN_AN_HOUR) throw new Failure('too_many_requests', FAILURES.too_many_requests.meaning, { retryAfterSeconds: Math.ceil((HOUR_MS - (epochMsOf(probe.at) % HOUR_MS)) / 1000) });
}

/** Counts one that was taken. */
export async function countProbe(store: Store, probe: Probe): Promise<void> {
  await store.models.tallies.updateOne({ _id: idOf(probe) }, { $inc: { count: 1 }, $setOnInsert: { pausedUntil: null, expiresAt: new Date(epochMsOf(probe.at) + 2 * HOUR_MS) } }, { upsert: true });
}
