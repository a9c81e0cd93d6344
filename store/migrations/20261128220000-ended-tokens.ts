import type { mongo } from 'mongoose';

/*
 * A migration stands alone: it must do the same for ever, whatever the schemas become. The names
 * of these files are kept in the change log; never rename or edit one that has been released.
 */

/** Finds the tokens that ended by their date among all sessions that ever were. Repeating it changes nothing. */
export async function up(db: mongo.Db): Promise<void> {
  await db.collection('credentials').createIndexes([{ key: { expiresAt: 1 }, name: 'tokens_by_end', partialFilterExpression: { kind: 'token', revokedAt: null } }]);
}
