import type { mongo } from 'mongoose';

/*
 * A migration stands alone: it must do the same for ever, whatever the schemas become. The names
 * of these files are kept in the change log; never rename or edit one that has been released.
 */

interface Index {
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly unique?: boolean;
  readonly partialFilterExpression?: mongo.Document;
}

/** Collections and indexes that this step adds. */
const ADDED: Readonly<Record<string, readonly Index[]>> = {
};

/** Completes escalation: records of any capability lie in `records`, drills are told apart. */
export async function up(db: mongo.Db): Promise<void> {
  await renameIssues(db);
  await db.collection('records').updateMany({ drill: { $exists: false } }, { $set: { drill: false } });
  await db.collection('matrix').updateMany({ phi: { $exists: false } }, { $set: { phi: false, phiChannels: ['inbox'] } });
  await db.collection('notices').updateMany({ drill: { $exists: false } }, { $set: { drill: false } });
  const names = await namesIn(db);
  for (const [name, indexes] of Object.entries(ADDED)) {
    if (!names.has(name)) await db.createCollection(name);
    if (indexes.length > 0) await db.collection(name).createIndexes(indexes.map((index) => ({ ...index, key: { ...index.key } })));
  }
}

/** Indexes move along. */
async function renameIssues(db: mongo.Db): Promise<void> {
  const names = await namesIn(db);
  if (names.has('issues') && !names.has('records')) await db.collection('issues').rename('records');
}

async function namesIn(db: mongo.Db): Promise<ReadonlySet<string>> {
  const existing = await db.listCollections({}, { nameOnly: true }).toArray();
  return new Set(existing.map((collection) => collection.name));
}
