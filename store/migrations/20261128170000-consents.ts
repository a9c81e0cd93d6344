import type { mongo } from 'mongoose';

/*
 * A migration stands alone: it must do the same for ever, whatever the schemas become. The names
 * of these files are kept in the change log; never rename or edit one that has been released.
 */

type Added = Readonly<Record<string, readonly Readonly<Record<string, 1 | -1>>[]>>;

const ADDED: Added = {
  consents: [{ ofOrganisationId: 1, _id: 1 }, { askingOrganisationId: 1, _id: 1 }, { recordId: 1, subject: 1 }],
};

/** In the audit database: the application's role there may insert and read only. */
const ADDED_TO_AUDIT: Added = {
  evidence_link_withdrawals: [{ evidenceId: 1, _id: 1 }, { recordId: 1, _id: 1 }],
};

/** Consents, and links of evidence that were taken back. Repeating it changes nothing. */
export async function up(db: mongo.Db, client: mongo.MongoClient): Promise<void> {
  await addAll(db, ADDED);
  await addAll(client.db(`${db.databaseName}_audit`), ADDED_TO_AUDIT);
}

async function addAll(db: mongo.Db, added: Added): Promise<void> {
  const existing = await db.listCollections({}, { nameOnly: true }).toArray();
  const names = new Set(existing.map((collection) => collection.name));
  for (const [name, keys] of Object.entries(added)) {
    if (!names.has(name)) await db.createCollection(name);
    await db.collection(name).createIndexes(keys.map((key) => ({ key: { ...key } })));
  }
}
