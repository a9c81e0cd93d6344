import type { mongo } from 'mongoose';

/*
 * A migration stands alone: it must do the same for ever, whatever the schemas become. Never rename or edit one that has
 * been released.
 */

interface Index { readonly key: Readonly<Record<string, 1 | -1>>; readonly partialFilterExpression?: mongo.Document }

const ADDED: Readonly<Record<string, readonly Index[]>> = {
  announcements: [
    { key: { personId: 1, at: -1, _id: -1 } },
    // What is still to be sent.
    { key: { nextAt: 1, _id: 1 }, partialFilterExpression: { sentAt: null, failure: null } },
  ],
  sign_in_failures: [],
  admissions: [{ key: { organisationId: 1, personId: 1, until: 1 } }],
};

/** Whom organisations are told of, and to whom they consent. Repeating it changes nothing. */
export async function up(db: mongo.Db): Promise<void> {
  const existing = await db.listCollections({}, { nameOnly: true }).toArray();
  const names = new Set(existing.map((collection) => collection.name));
  for (const [name, indexes] of Object.entries(ADDED)) {
    if (!names.has(name)) await db.createCollection(name);
    if (indexes.length > 0) await db.collection(name).createIndexes(indexes.map((index) => ({ ...index, key: { ...index.key } })));
  }
}
