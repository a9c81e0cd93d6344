import type { mongo } from 'mongoose';

/*
 * A migration stands alone: it must do the same for ever, whatever the schemas become. The names
 * of these files are kept in the change log; never rename or edit one that has been released.
 */

/** Topics of pairs of organisations: each once. What is in use needs no lifting: it is known by what bears it. Repeating it changes nothing. */
export async function up(db: mongo.Db): Promise<void> {
  const existing = await db.listCollections({ name: 'topics' }, { nameOnly: true }).toArray();
  if (existing.length === 0) await db.createCollection('topics');
  await db.collection('topics').createIndexes([{ key: { pairKey: 1, topic: 1 }, unique: true }, { key: { organisationIds: 1, _id: 1 } }]);
}
