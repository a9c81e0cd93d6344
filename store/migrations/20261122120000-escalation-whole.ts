import type { mongo } from 'mongoose';

/*
 * A migration stands alone: it must do the same for ever, whatever the schemas become. The names
 * of these files are kept in the change log; never rename or edit one that has been released.
 */

interface Index {
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly unique?: boolean;
  readonly partialFilterExpression?: mongo.Document;
  readonly expireAfterSeconds?: number;
}

/** Collections and indexes that this step adds. */
const ADDED: Readonly<Record<string, readonly Index[]>> = {
  slots: [{ key: { controlId: 1, no: -1 }, unique: true }],
  records: [
    // The one index of every list of issues; level and topic are read from its keys.
    { key: { capability: 1, listedUnder: 1, status: 1, severity: 1, openedAt: -1, _id: -1, level: 1, topic: 1 } },
    // Few among a million issues: lists of their own, newest first.
    { key: { capability: 1, openedAt: -1, _id: -1 }, partialFilterExpression: { capability: { $in: ['control', 'drill'] } } },
  ],
  notices: [
    // A person's inbox, newest first, and how much of it is unread.
    { key: { personId: 1, fallbackOf: 1, createdAt: -1, _id: -1 } },
    { key: { personId: 1, fallbackOf: 1, readAt: 1 } },
    { key: { holdUntil: 1, _id: 1 }, partialFilterExpression: { status: 'held' } },
    { key: { digestId: 1 }, partialFilterExpression: { status: 'held' } },
  ],
  policy_drafts: [{ key: { key: 1, active: 1, _id: 1 } }],
  agenda_items: [
    { key: { recordId: 1 }, unique: true, partialFilterExpression: { status: 'pending' } },
    { key: { visibleTo: 1, status: 1, since: 1, _id: 1 } },
  ],
  deadline_ledger: [
    { key: { visibleTo: 1, due: -1, _id: -1 } },
    { key: { due: 1 } },
  ],
  heartbeats: [],
  outages: [{ key: { from: -1 } }],
  channels: [{ key: { organisationId: 1, active: 1 } }],
  preferences: [],
  digests: [{ key: { status: 1, createdAt: 1 }, partialFilterExpression: { status: 'pending' } }],
  sources: [{ key: { organisationId: 1, _id: 1 } }],
  // What signed messages were seen: each carries its own end.
  nonces: [{ key: { expiresAt: 1 }, expireAfterSeconds: 0 }],
  triggers: [],
  matrix: [{ key: { organisationIds: 1, rowKey: 1, effectiveFrom: -1, version: -1 } }],
  matrix_proposals: [
    { key: { 'row.organisationIds': 1, status: 1, _id: 1 } },
    { key: { rowKey: 1, status: 1 } },
  ],
};

/** Indexes of the foundation that the ones above replace; each costs every commit. */
const REPLACED = ['visibleTo_1_openedAt_-1__id_-1', 'visibleTo_1_status_1_openedAt_-1__id_-1', 'assigneeIds_1_openedAt_-1__id_-1', 'studyId_1_openedAt_-1__id_-1'] as const;

/** Completes escalation: records of any capability lie in `records`, drills are told apart. */
export async function up(db: mongo.Db): Promise<void> {
  await renameIssues(db);
  await db.collection('records').updateMany({ drill: { $exists: false } }, { $set: { drill: false } });
  await db.collection('matrix').updateMany({ phi: { $exists: false } }, { $set: { phi: false, phiChannels: ['inbox'], approvals: [], proposalId: null } });
  await db.collection('notices').updateMany({ drill: { $exists: false } }, [{ $set: {
    drill: false, endpointId: null, severity: null, holdUntil: null, digestId: null, rest: [], fallbackOf: null, readAt: { $ifNull: ['$reachedAt', null] },
  } }]);
  await db.collection('records').updateMany({ listedUnder: { $exists: false } }, [{ $set: { listedUnder: PLACES } }]);
  const names = await namesIn(db);
  for (const [name, indexes] of Object.entries(ADDED)) {
    if (!names.has(name)) await db.createCollection(name);
    if (indexes.length > 0) await db.collection(name).createIndexes(indexes.map((index) => ({ ...index, key: { ...index.key } })));
  }
  await dropReplaced(db);
}

const party = (field: string): mongo.Document => ({ $cond: [{ $eq: [field, '$$viewer'] }, [], [{ $concat: ['o/', '$$viewer', '/p/', field] }]] });
const optional = (kind: string, field: string): mongo.Document => ({ $cond: [{ $eq: [{ $type: field }, 'string'] }, [{ $concat: ['o/', '$$viewer', kind, field] }], []] });
const ofViewer: mongo.Document = { $concatArrays: [
  [{ $concat: ['o/', '$$viewer'] }], party('$raisingOrganisationId'), party('$accountableOrganisationId'), optional('/s/', '$studyId'), optional('/y/', '$systemId'),
  optional('/t/', '$topic'),
] };
/** Where lists look for a record, as the release writes it from now on. */
const PLACES: mongo.Document = { $setUnion: [
  { $reduce: { input: { $map: { input: '$visibleTo', as: 'viewer', in: ofViewer } }, initialValue: [], in: { $concatArrays: ['$$value', '$$this'] } } },
  { $map: { input: '$assigneeIds', as: 'person', in: { $concat: ['a/', '$$person'] } } },
  { $cond: [{ $eq: [{ $type: '$dedupeKey' }, 'string'] }, [{ $concat: ['d/', '$dedupeKey'] }], []] },
] };

async function dropReplaced(db: mongo.Db): Promise<void> {
  const records = db.collection('records');
  const present = new Set((await records.indexes()).map((index) => index.name));
  for (const name of REPLACED.filter((one) => present.has(one))) await records.dropIndex(name);
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
