import type { Models } from './models';

/**
 * What the application may do to the documents of a collection (21 CFR 11.10(d), (e); E6(R3) 4.2.2(b); EMA 6.2.1):
 * read them only; add to them; change them as well; and remove them, where the product itself does.
 */
export type Reach = 'read' | 'append' | 'change' | 'remove';

export interface Kept {
  /** The audit database, beside the records' own. */
  readonly audit?: true;
  readonly collection: string;
  readonly reach: Reach;
  /** Why it may remove. */
  readonly why?: string;
}

/** Actions that change, hide or unprotect what is stored; an index may do so, too: one with an end in time removes documents. */
export const WRITING = [
  'insert', 'update', 'remove', 'createIndex', 'dropIndex', 'dropCollection', 'dropDatabase', 'renameCollection', 'renameCollectionSameDB', 'collMod',
  'convertToCapped', 'bypassDocumentValidation', 'anyAction',
] as const;

const READING = ['find', 'listIndexes', 'changeStream'] as const;
const ACTIONS: Readonly<Record<Reach, readonly string[]>> = {
  read: READING, append: [...READING, 'insert'], change: [...READING, 'insert', 'update'], remove: [...READING, 'insert', 'update', 'remove'],
};

/** Every action that the role has on a collection, and no other. */
export const actionsOn = ({ reach }: Kept): readonly string[] => ACTIONS[reach];

const appended = (collection: string): Kept => ({ collection, reach: 'append' });
const changed = (collection: string): Kept => ({ collection, reach: 'change' });
const removed = (collection: string, why: string): Kept => ({ collection, reach: 'remove', why });
const inAudit = (collection: string): Kept => ({ audit: true, collection, reach: 'append' });

/** A row for each collection that has a model: the compiler asks for it. */
const OF_MODELS: Readonly<Record<keyof Models, Kept>> = {
  records: changed('records'), steps: changed('steps'), commands: changed('commands'), slots: appended('slots'), deadlineLedger: changed('deadline_ledger'), agendaItems: changed('agenda_items'),
  organisations: changed('organisations'), studies: changed('studies'), people: changed('people'), memberships: changed('memberships'), delegations: changed('delegations'),
  calendars: appended('calendars'), policies: appended('policies'), capaPolicies: appended('capa_policies'), matrix: appended('matrix'), statements: appended('statements'),
  policyDrafts: changed('policy_drafts'), capaPolicyDrafts: changed('capa_policy_drafts'), matrixProposals: changed('matrix_proposals'),
  channels: changed('channels'), preferences: changed('preferences'), sources: changed('sources'), signers: changed('signers'), legalHolds: changed('legal_holds'),
  consents: changed('consents'), admissions: changed('admissions'), topics: changed('topics'), findings: changed('findings'),
  capaImports: changed('capa_imports'), capaImportRows: appended('capa_import_rows'),
  notices: changed('notices'), digests: changed('digests'), announcements: changed('announcements'), outages: appended('outages'), heartbeats: changed('heartbeats'),
  // A session or token is ended, never removed: who used it must stay known.
  credentials: changed('credentials'), signingGrants: changed('signing_grants'), signInFailures: changed('sign_in_failures'),
  counters: changed('counters'), triggers: changed('triggers'), tallies: changed('tallies'),
  nonces: removed('nonces', 'a message that was refused may be sent again'),
  evidenceUploads: removed('evidence_uploads', 'one that nobody completed, or that is evidence now'),
  evidenceUploadChunks: removed('evidence_upload_chunks', 'of an upload that nobody completed, or that is evidence now'),
  signatures: inAudit('signatures'), evidence: inAudit('evidence'), evidenceLinks: inAudit('evidence_links'), evidenceWithdrawals: inAudit('evidence_link_withdrawals'),
  audit: inAudit('audit'), anchors: inAudit('anchors'), anchorLeaves: inAudit('anchor_leaves'),
};

const WITHOUT_MODEL: readonly Kept[] = [
  inAudit('evidence.files'), inAudit('evidence.chunks'),
  appended('histories.files'), removed('histories.chunks', 'what an archiving that was cut off has left; a history is execution state, not the record'),
  removed('sign_in_attempts', 'bad attempts are forgotten after a good one'),
  { collection: 'migrations', reach: 'read' },
];

/** Every collection that the application reaches; it may do nothing to any other. */
export const KEPT: readonly Kept[] = [...Object.values(OF_MODELS), ...WITHOUT_MODEL];

/** What the application may do to the documents of a model. */
export const keptOf = (model: keyof Models): Kept => OF_MODELS[model];
