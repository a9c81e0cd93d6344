import type { mongo } from 'mongoose';

/*
 * A migration stands alone: it must do the same for ever, whatever the schemas become. The names
 * of these files are kept in the change log; never rename or edit one that has been released.
 */

/** Counts that bound what all processes together do. They end by themselves. Repeating it changes nothing. */
export async function up(db: mongo.Db): Promise<void> {
  const existing = await db.listCollections({ name: 'tallies' }, { nameOnly: true }).toArray();
  if (existing.length === 0) await db.createCollection('tallies');
  await db.collection('tallies').createIndexes([{ key: { expiresAt: 1 }, expireAfterSeconds: 0 }]);
}
