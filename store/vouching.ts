import { administrativeStreamOf, versionedOf } from '../domain/audit/streams';
import type { Models } from './models';

/** Fields that change without an entry, by collection; docs/validation.md says why nobody relies on them. */
export const UNPROVEN = {
  steps: ['effectsDone', 'outcomes'],
  deadlineLedger: ['toldAt', 'toldLateByMs'],
  signers: ['totpStep'],
  commands: ['authenticator', 'status', 'answer', 'answeredAt', 'attempts'],
  notices: ['attempts', 'possiblyRepeated', 'failure', 'holdUntil', 'digestId', 'rest', 'reachedAt', 'readAt'],
  announcements: ['attempts', 'nextAt', 'sentAt', 'failure', 'readAt'],
  digests: ['attempts', 'possiblyRepeated', 'failure'],
} as const satisfies Partial<Record<keyof Models, readonly string[]>>;

/** The part of an entry's `documents` that vouches for one document beside its stream. */
export const partOf = (part: OnePart, id: string): string => `${part}/${id}`;
export type OnePart = 'agenda' | 'outage' | 'notice' | 'announcement' | 'digest' | 'evidence' | 'link' | 'withdrawal' | 'command';

type Fields = Readonly<Record<string, unknown>>;

/** Documents that lie beside a chain and are written with its entries. */
export interface Attached {
  readonly model: keyof Models;
  /** The part of an entry's `documents` that vouches for them. */
  readonly part: string;
  /** Field that names the stream. */
  readonly field: string;
  readonly prefix: string;
  /** What, after `prefix`, the field's value makes the stream's name. */
  readonly nameOf: (value: string) => string;
  /** Finds, by an index, at least the documents whose streams have these names. */
  readonly among: (names: readonly string[]) => object;
  /** By which revision the entry is found that wrote a document; null: the part's name ends with the document's id. */
  readonly revOf: ((document: Fields) => number) | null;
  readonly without: readonly string[];
  /** Whether it is right that no entry vouches for a document: where its stream began to vouch for anything, and for how many like it it does. */
  readonly unvouched: (document: Fields, stream: { readonly began: Beginning | undefined; readonly claims: number }) => boolean;
  /** Among documents of streams that do not exist at all, those that nothing excuses; null: nobody can tell. */
  readonly strangers: object | null;
}

/** The first entry of a stream that vouches for documents. */
export interface Beginning { readonly seq: number; readonly at: string; readonly rev: number }

const rev = (document: Fields): number => Number(document['rev']);
const version = (document: Fields): number => Number(document['version']);
const beside = (field: string) => ({ prefix: '', field, nameOf: (value: string) => value, among: (names: readonly string[]) => ({ [field]: { $in: [...names] } }) });
/** What is older than the first hash of its stream nobody can vouch for. */
const before = (of: (document: Fields) => number): Attached['unvouched'] => (document, { began }) => !began || of(document) < began.rev;
/** The same by time: only where the stream had entries before it vouched for any. */
const beforeInTime = (field: string): Attached['unvouched'] => (document, { began }) => !began || (began.seq > 1 && String(document[field]) < began.at);
const ofRecord = { ...beside('recordId'), revOf: rev, without: [], unvouched: before(rev), strangers: {} } as const;
/** One document, one part. */
const single = { revOf: null, without: [], strangers: {} } as const;
/** Named by their ids, as addVersion names their streams: what else they hold is what may be altered. */
const versions = (model: keyof Models, kind: Parameters<typeof administrativeStreamOf>[0]): Attached => ({
  model, part: 'version', prefix: administrativeStreamOf(kind, ''), field: '_id', nameOf: versionedOf, revOf: version, without: [], unvouched: before(version), strangers: {},
  // '0' follows '/'.
  among: (names) => ({ $or: names.flatMap((name) => [{ _id: name }, { _id: { $gte: `${name}/`, $lt: `${name}0` } }]) }),
});

export const ATTACHED: readonly Attached[] = [
  { ...ofRecord, model: 'steps', part: 'step', without: UNPROVEN.steps },
  { ...ofRecord, model: 'slots', ...beside('controlId'), part: 'slots' },
  { ...ofRecord, model: 'deadlineLedger', part: 'ledger', without: UNPROVEN.deadlineLedger },
  { ...ofRecord, model: 'agendaItems', part: 'agenda', revOf: null, unvouched: before(({ _id }) => Number(String(_id).split('/').at(-1))) },
  versions('calendars', 'calendar'),
  versions('policies', 'policy'),
  versions('capaPolicies', 'capa-policy'),
  versions('matrix', 'matrix'),
  versions('statements', 'statement'),
  // The chain `outages` is of all of them.
  { ...single, model: 'outages', part: 'outage', prefix: 'outages', field: '_id', nameOf: () => '', among: () => ({}), unvouched: beforeInTime('until') },
  // One that is under way is vouched for by the effect of its step, and by the entry that ends it.
  {
    ...single, ...beside('recordId'), model: 'notices', part: 'notice', prefix: 'notices/', without: UNPROVEN.notices, strangers: { status: { $in: ['told', 'failed'] } },
    unvouched: (document, stream) => ['pending', 'held'].includes(String(document['status'])) || beforeInTime('createdAt')(document, stream),
  },
  { ...single, ...beside('about'), model: 'announcements', part: 'announcement', prefix: 'notices/', without: UNPROVEN.announcements, unvouched: beforeInTime('at') },
  {
    ...single, model: 'digests', part: 'digest', prefix: 'notices/person/', field: 'personId', nameOf: (value) => value, without: UNPROVEN.digests, unvouched: beforeInTime('createdAt'), strangers: null,
    // `digest/<person>/<date>`; '0' follows '/'.
    among: (names) => ({ $or: names.map((name) => ({ _id: { $gte: `digest/${name}/`, $lt: `digest/${name}0` } })) }),
  },
  { ...single, ...beside('importId'), model: 'capaImportRows', part: 'rows', prefix: 'capa-import/', revOf: () => 1, unvouched: (_document, { claims }) => claims === 0 },
  { ...single, ...beside('_id'), model: 'evidence', part: 'evidence', prefix: 'evidence/', unvouched: beforeInTime('storedAt') },
  { ...single, ...beside('evidenceId'), model: 'evidenceLinks', part: 'link', prefix: 'evidence/', unvouched: beforeInTime('linkedAt') },
  { ...single, ...beside('evidenceId'), model: 'evidenceWithdrawals', part: 'withdrawal', prefix: 'evidence/', unvouched: beforeInTime('withdrawnAt') },
];

/** Documents that entries of any stream vouch for by id, where they were carried out or refused. */
export const VOUCHED_BY_ID = { model: 'commands', part: 'command', without: UNPROVEN.commands } as const;

/** What vouches for the documents of a collection. */
export type Vouching = 'record' | 'administered' | 'attached' | 'chain itself' | 'trail' | 'authenticator' | { readonly nobody: string };

const PASSING = 'passes away by itself; what it led to is in the trail';
/** Every collection: a new one is asked for here by the compiler, and by test/store/everyCollection.test.ts. */
export const VOUCHED: Readonly<Record<keyof Models, Vouching>> = {
  records: 'record', steps: 'attached', slots: 'attached', deadlineLedger: 'attached', agendaItems: 'attached',
  calendars: 'attached', policies: 'attached', capaPolicies: 'attached', matrix: 'attached', statements: 'attached',
  organisations: 'administered', studies: 'administered', people: 'administered', memberships: 'administered', delegations: 'administered',
  policyDrafts: 'administered', capaPolicyDrafts: 'administered', matrixProposals: 'administered', channels: 'administered', preferences: 'administered',
  sources: 'administered', signers: 'administered', legalHolds: 'administered', consents: 'administered', admissions: 'administered', topics: 'administered', findings: 'administered', capaImports: 'administered',
  capaImportRows: 'attached', outages: 'attached', notices: 'attached', announcements: 'attached', digests: 'attached',
  evidence: 'attached', evidenceLinks: 'attached', evidenceWithdrawals: 'attached',
  commands: 'authenticator',
  signatures: 'trail', audit: 'chain itself', anchors: 'chain itself', anchorLeaves: 'chain itself',
  credentials: { nobody: 'only hashes of secrets, no evidence of anything; their making and ending are in the trail' },
  counters: { nobody: 'numbers are unique by an index; each stands in its record' },
  triggers: { nobody: 'only spares a repetition; the issue holds what happened' },
  heartbeats: { nobody: 'the last sign of life only; what its absence means is an outage' },
  nonces: { nobody: PASSING }, signingGrants: { nobody: PASSING }, evidenceUploads: { nobody: PASSING }, evidenceUploadChunks: { nobody: PASSING }, tallies: { nobody: PASSING }, signInFailures: { nobody: PASSING },
};
