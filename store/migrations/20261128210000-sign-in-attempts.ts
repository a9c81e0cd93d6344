import type { mongo } from 'mongoose';

/*
 * A migration stands alone: it must do the same for ever, whatever the schemas become. The names
 * of these files are kept in the change log; never rename or edit one that has been released.
 */

/** The indexes of the counters of bad attempts, which the application made itself while it still could. Repeating it changes nothing. */
export async function up(db: mongo.Db): Promise<void> {
  const existing = await db.listCollections({ name: 'sign_in_attempts' }, { nameOnly: true }).toArray();
  if (existing.length === 0) await db.createCollection('sign_in_attempts');
  await db.collection('sign_in_attempts').createIndexes([{ key: { expire: -1 }, expireAfterSeconds: 0 }, { key: { key: 1 }, unique: true }]);
}
