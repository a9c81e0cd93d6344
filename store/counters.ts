import type { Store } from './connection';

/**
 * The next display number of a series, e.g. `ISS-42`. Numbers are unique and ascending, not gapless:
 * an opening that is refused later keeps the number it drew.
 */
export async function nextNumber(store: Store, series: 'ISS' | 'CTL' | 'DRL' | 'CAPA'): Promise<string> {
  const counter = await store.models.counters
    .findOneAndUpdate({ _id: series }, { $inc: { value: 1 } }, { upsert: true, returnDocument: 'after' })
    .lean<{ value: number }>();
  return `${series}-${String(counter.value)}`;
}

/** The next `count` display numbers of a series, in one step. */
export async function nextNumbers(store: Store, series: 'CAPA', count: number): Promise<readonly string[]> {
  const counter = await store.models.counters.findOneAndUpdate({ _id: series }, { $inc: { value: count } }, { upsert: true, returnDocument: 'after' }).lean<{ value: number }>();
  return Array.from({ length: count }, (_, index) => `${series}-${String(counter.value - count + 1 + index)}`);
}
