import type { mongo } from 'mongoose';

/*
 * A migration stands alone: it must do the same for ever, whatever the schemas become. The names
 * of these files are kept in the change log; never rename or edit one that has been released.
 */

/** No two series of numbers look alike. Repeating it changes nothing. */
export async function up(db: mongo.Db): Promise<void> {
  await db.collection('counters').createIndexes([{ key: { tag: 1 }, unique: true, partialFilterExpression: { tag: { $type: 'string' } } }]);
}
