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

const MAIN: Readonly<Record<string, readonly Index[]>> = {
  issues: [
    { key: { capability: 1, raisingOrganisationId: 1, dedupeKey: 1 }, unique: true, partialFilterExpression: { dedupeKey: { $type: 'string' }, done: false } },
    { key: { number: 1 }, unique: true },
    { key: { visibleTo: 1, openedAt: -1, _id: -1 } },
    { key: { visibleTo: 1, status: 1, openedAt: -1, _id: -1 } },
    { key: { done: 1, nextDueAt: 1 } },
    { key: { assigneeIds: 1, openedAt: -1, _id: -1 } },
    { key: { studyId: 1, openedAt: -1, _id: -1 } },
  ],
  steps: [
    { key: { recordId: 1, rev: 1 }, unique: true },
    // Only the outbox: a few hundred keys, however many steps there are.
    { key: { effectsDone: 1, at: 1 }, partialFilterExpression: { effectsDone: false } },
  ],
  commands: [{ key: { status: 1, receivedAt: 1 } }, { key: { recordId: 1, receivedAt: 1 } }],
  notices: [
    { key: { recordId: 1, createdAt: 1 } },
    { key: { messageId: 1 } },
    { key: { status: 1, createdAt: 1 }, partialFilterExpression: { status: 'pending' } },
  ],
  counters: [],
  organisations: [],
  studies: [{ key: { code: 1 } }, { key: { organisationIds: 1 } }],
  people: [{ key: { email: 1 }, unique: true }, { key: { organisationId: 1, _id: 1 } }],
  memberships: [{ key: { personId: 1 } }, { key: { organisationId: 1, studyId: 1 } }],
  delegations: [{ key: { personId: 1, until: 1 } }, { key: { delegateId: 1, until: 1 } }],
  credentials: [{ key: { personId: 1 } }, { key: { publicId: 1 }, unique: true }],
  calendars: [{ key: { organisationId: 1, version: -1 }, unique: true }],
  policies: [{ key: { key: 1, version: -1 }, unique: true }],
  sign_in_attempts: [],
  'histories.files': [{ key: { filename: 1, uploadDate: 1 } }],
  'histories.chunks': [{ key: { files_id: 1, n: 1 }, unique: true }],
  matrix: [{ key: { studyId: 1, topic: 1, effectiveFrom: -1 } }, { key: { rowKey: 1, version: -1 }, unique: true }],
};

const AUDIT: Readonly<Record<string, readonly Index[]>> = {
  // Descending seq: the head of every chain is then the first key of its stream, which a distinct scan finds without reading the rest.
  audit: [{ key: { streamId: 1, seq: -1 }, unique: true }],
  anchors: [{ key: { seq: 1 }, unique: true }],
  anchor_leaves: [{ key: { anchorId: 1, page: 1 }, unique: true }],
};

/** Creates every collection and index of the foundation; repeating it changes nothing. */
export async function up(db: mongo.Db, client: mongo.MongoClient): Promise<void> {
  await createAll(db, MAIN);
  await createAll(client.db(`${db.databaseName}_audit`), AUDIT);
}

async function createAll(db: mongo.Db, collections: Readonly<Record<string, readonly Index[]>>): Promise<void> {
  const existing = await db.listCollections({}, { nameOnly: true }).toArray();
  const names = new Set(existing.map((collection) => collection.name));
  for (const [name, indexes] of Object.entries(collections)) {
    if (!names.has(name)) await db.createCollection(name);
    if (indexes.length > 0) await db.collection(name).createIndexes(indexes.map(toDescription));
  }
}

function toDescription(index: Index): mongo.IndexDescription {
  return { ...index, key: { ...index.key } };
}
