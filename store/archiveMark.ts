import { epochMsOf, instantOf, type Instant } from '../contracts/instant';
import type { Store } from './connection';

const MARK = 'archived-up-to';

/** Runs closed before this instant, less `overlapMs`, are archived. The epoch when none is. */
export async function archivedUpTo(store: Store, overlapMs: number): Promise<Instant> {
  const mark = await store.models.counters.findById(MARK).lean<{ value: number }>();
  return instantOf(Math.max(0, (mark?.value ?? 0) - overlapMs));
}

export async function markArchivedUpTo(store: Store, at: Instant): Promise<void> {
  await store.models.counters.updateOne({ _id: MARK }, { $max: { value: epochMsOf(at) } }, { upsert: true });
}
