import type { mongo } from 'mongoose';

/*
 * A migration stands alone: it must do the same for ever, whatever the schemas become. The names
 * of these files are kept in the change log; never rename or edit one that has been released.
 */

interface Index {
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly name?: string;
  readonly unique?: boolean;
  readonly partialFilterExpression?: mongo.Document;
}
type Added = Readonly<Record<string, readonly Index[]>>;

/** Collections and indexes that this step adds. */
const ADDED: Added = {
  // Its own list, newest first, beside the one of controls and drills.
  records: [
    { key: { capability: 1, openedAt: -1, _id: -1 }, name: 'capas_latest_first', partialFilterExpression: { capability: 'capa' } },
    // For figures: those of one party, and of nobody else.
    { key: { visibleTo: 1, openedAt: 1 }, name: 'capas_of_a_party', partialFilterExpression: { capability: 'capa' } },
    // Where a cause may have come back.
    { key: { systemId: 1, accountableOrganisationId: 1, status: 1 }, name: 'capas_of_system', partialFilterExpression: { capability: 'capa' } },
    // What was opened from a record.
    { key: { 'state.source.recordId': 1 }, name: 'capas_of_source', partialFilterExpression: { capability: 'capa' } },
  ],
  findings: [
    { key: { raisingOrganisationId: 1, auditReference: 1, findingNo: 1 }, unique: true }, { key: { visibleTo: 1, createdAt: -1, _id: -1 } }, { key: { capaId: 1 } },
  ],
  capa_imports: [{ key: { organisationId: 1, _id: 1 } }],
  // Their ids hold the external number: it is brought in once.
  capa_import_rows: [{ key: { importId: 1, row: 1 }, unique: true }],
  // The last one of a session says whether its signing goes on.
  signing_grants: [{ key: { sessionId: 1, signedAt: -1 } }],
  signers: [],
  statements: [{ key: { version: -1 }, unique: true }],
  capa_policies: [{ key: { key: 1, version: -1 }, unique: true }],
  capa_policy_drafts: [{ key: { key: 1, active: 1, _id: 1 } }],
  // No expiry by MongoDB: housekeeping removes what expired, and says how much.
  evidence_uploads: [{ key: { expiresAt: 1 } }, { key: { 'openedBy.personId': 1, expiresAt: 1 } }],
  evidence_upload_chunks: [{ key: { uploadId: 1, n: 1 }, unique: true }, { key: { expiresAt: 1 } }],
  legal_holds: [{ key: { active: 1, recordId: 1 } }, { key: { active: 1, studyId: 1 } }, { key: { organisationId: 1, _id: 1 } }],
};

/** In the audit database: the application's role there may insert and read only. */
const ADDED_TO_AUDIT: Added = {
  signatures: [
    // A step is signed once.
    { key: { recordId: 1, rev: 1 }, unique: true },
  ],
  // Nobody stores two next versions of the same.
  evidence: [{ key: { lineId: 1, version: 1 }, unique: true }],
  evidence_links: [{ key: { recordId: 1, linkedAt: -1, _id: -1 } }, { key: { evidenceId: 1, linkedAt: 1, _id: 1 } }],
  // The indexes that GridFS asks for.
  'evidence.files': [{ key: { filename: 1, uploadDate: 1 } }],
  'evidence.chunks': [{ key: { files_id: 1, n: 1 }, unique: true }],
};

/** Signatures and what they need; CAPA and its evidence. Repeating it changes nothing. */
export async function up(db: mongo.Db, client: mongo.MongoClient): Promise<void> {
  await addAll(db, ADDED);
  await addAll(client.db(`${db.databaseName}_audit`), ADDED_TO_AUDIT);
}

async function addAll(db: mongo.Db, added: Added): Promise<void> {
  const existing = await db.listCollections({}, { nameOnly: true }).toArray();
  const names = new Set(existing.map((collection) => collection.name));
  for (const [name, indexes] of Object.entries(added)) {
    if (!names.has(name)) await db.createCollection(name);
    if (indexes.length > 0) await db.collection(name).createIndexes(indexes.map((index) => ({ ...index, key: { ...index.key } })));
  }
}
