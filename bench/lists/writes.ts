import type { Store } from '../../store/connection';
import { timingOf, type Timing } from './measure';
import { seedIssues } from './seed';
import { numbersFrom, seededIssue } from './shape';

const SEEDED = 50_000;
const WRITES = 1500;

type Keys = Readonly<Record<string, 1 | -1>>;
/** The one index over places, as provisioned. */
const PLACES: readonly Keys[] = [{ capability: 1, listedUnder: 1, status: 1, severity: 1, openedAt: -1, _id: -1, level: 1, topic: 1 }];
/** What four plain indexes of the same reach would be. */
const PLAIN: readonly Keys[] = [
  { capability: 1, visibleTo: 1, status: 1, severity: 1, openedAt: -1, _id: -1, level: 1 },
  { capability: 1, visibleTo: 1, studyId: 1, status: 1, severity: 1, openedAt: -1, _id: -1, topic: 1 },
  { capability: 1, visibleTo: 1, topic: 1, status: 1, severity: 1, openedAt: -1, _id: -1 },
  { capability: 1, assigneeIds: 1, status: 1, severity: 1, openedAt: -1, _id: -1 },
];

export interface WriteCost {
  readonly indexes: string;
  readonly insert: Timing;
  /** One that changes the status, and so moves every key. */
  readonly update: Timing;
  readonly indexMb: number;
}

/** What the list index costs each opening and each change of status, against four plain ones and against none. */
export async function measureWrites(store: Store): Promise<readonly WriteCost[]> {
  const records = store.connection.collection<{ _id: string }>('records');
  await seedIssues(store, { total: SEEDED });
  const costs: WriteCost[] = [];
  const sets: readonly (readonly [string, readonly Keys[]])[] = [['none', []], ['places', PLACES], ['four plain', PLAIN]];
  for (const [round, [name, indexes]] of sets.entries()) {
    for (const index of await records.indexes()) if (isOfLists(index.key as Keys)) await records.dropIndex(String(index.name));
    for (const key of indexes) await records.createIndexes([{ key: { ...key } }]);
    const random = numbersFrom(100 + round);
    const inserts: number[] = [];
    const updates: number[] = [];
    for (let n = 0; n < WRITES; n += 1) {
      const { _id: _given, ...issue } = seededIssue({ index: SEEDED + round * WRITES + n, total: SEEDED * 2 }, random);
      const _id = `w${String(round)}-${String(n)}`;
      inserts.push(await timed(() => records.insertOne({ ...issue, _id, number: _id } as never)));
      const target = `i${String(Math.floor(random() * SEEDED)).padStart(9, '0')}`;
      updates.push(await timed(() => records.updateOne({ _id: target }, { $set: { status: n % 2 === 0 ? 'acknowledged' : 'resolved', updatedAt: String(n) } })));
    }
    costs.push({ indexes: name, insert: timingOf(inserts), update: timingOf(updates), indexMb: await indexMb(store) });
  }
  return costs;
}

/** Megabytes of the list indexes on disk. */
export async function indexMb(store: Store): Promise<number> {
  const [stats] = await store.connection.collection('records').aggregate<{ storageStats: { indexSizes: Record<string, number> } }>([{ $collStats: { storageStats: {} } }]).toArray();
  const sizes = Object.entries(stats?.storageStats.indexSizes ?? {}).filter(([name]) => /^capability_1_(?:listedUnder|visibleTo|assigneeIds)/.test(name));
  return Math.round(sizes.reduce((sum, [, bytes]) => sum + bytes, 0) / 1e5) / 10;
}

const isOfLists = (key: Keys): boolean => 'severity' in key;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
