import type { Store } from '../../store/connection';
import { numbersFrom, seededIssue } from './shape';

const BATCH = 10_000;

/** Fills the records with `total` issues, the same ones each time; answers how long it took, ms. */
export async function seedIssues(store: Store, { total, readerShare, say }: { readonly total: number; readonly readerShare?: number; readonly say?: (line: string) => void }): Promise<number> {
  const records = store.connection.collection('records');
  const random = numbersFrom(1);
  const startedAt = Date.now();
  for (let from = 0; from < total; from += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, total - from) }, (_, offset) => seededIssue({ index: from + offset, total, readerShare }, random));
    // Unordered and unconfirmed by a journal: only the speed of loading is at stake, and a crash means starting over.
    await records.insertMany(batch as never, { ordered: false, writeConcern: { w: 1, journal: false } });
    if (say && (from + BATCH) % (BATCH * 10) === 0) say(`  ${String(from + BATCH)} issues, ${String(Math.round((Date.now() - startedAt) / 1000))} s`);
  }
  return Date.now() - startedAt;
}
