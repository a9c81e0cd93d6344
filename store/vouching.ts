import { administrativeStreamOf, versionedOf } from '../domain/audit/streams';
import type { Models } from './models';

/** Fields that change without an entry, by collection; docs/validation.md says why nobody relies on them. */
export const UNPROVEN = {
  steps: ['effectsDone', 'outcomes'],
  deadlineLedger: ['toldAt', 'toldLateByMs'],
  signers: ['totpStep'],
} as const satisfies Partial<Record<keyof Models, readonly string[]>>;

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
}

const rev = (document: Fields): number => Number(document['rev']);
const version = (document: Fields): number => Number(document['version']);
const beside = (field: string) => ({ prefix: '', field, nameOf: (value: string) => value, among: (names: readonly string[]) => ({ [field]: { $in: [...names] } }) });
const ofRecord = { ...beside('recordId'), revOf: rev, without: [] } as const;
/** Named by their ids, as addVersion names their streams: what else they hold is what may be altered. */
const versions = (model: keyof Models, kind: Parameters<typeof administrativeStreamOf>[0]): Attached => ({
  model, part: 'version', prefix: administrativeStreamOf(kind, ''), field: '_id', nameOf: versionedOf, revOf: version, without: [],
  // '0' follows '/'.
  among: (names) => ({ $or: names.flatMap((name) => [{ _id: name }, { _id: { $gte: `${name}/`, $lt: `${name}0` } }]) }),
});

export const ATTACHED: readonly Attached[] = [
  { ...ofRecord, model: 'steps', part: 'step', without: UNPROVEN.steps },
  { ...ofRecord, model: 'slots', ...beside('controlId'), part: 'slots' },
  { ...ofRecord, model: 'deadlineLedger', part: 'ledger', without: UNPROVEN.deadlineLedger },
  { ...ofRecord, model: 'agendaItems', part: 'agenda', revOf: null },
  versions('calendars', 'calendar'),
  versions('policies', 'policy'),
  versions('capaPolicies', 'capa-policy'),
  versions('matrix', 'matrix'),
];

/** What vouches for the documents of a collection. */
export type Vouching = 'record' | 'administered' | 'attached' | 'chain itself' | 'trail' | { readonly nobody: string };

const PASSING = 'passes away by itself; what it led to is in the trail';
/** Every collection: a new one is asked for here by the compiler, and by test/store/everyCollection.test.ts. */
export const VOUCHED: Readonly<Record<keyof Models, Vouching>> = {
  records: 'record', steps: 'attached', slots: 'attached', deadlineLedger: 'attached', agendaItems: 'attached',
  calendars: 'attached', policies: 'attached', capaPolicies: 'attached', matrix: 'attached',
  organisations: 'administered', studies: 'administered', people: 'administered', memberships: 'administered', delegations: 'administered',
  policyDrafts: 'administered', capaPolicyDrafts: 'administered', matrixProposals: 'administered', channels: 'administered', preferences: 'administered',
  sources: 'administered', signers: 'administered', legalHolds: 'administered', consents: 'administered', admissions: 'administered', topics: 'administered', findings: 'administered', capaImports: 'administered',
  signatures: 'trail', audit: 'chain itself', anchors: 'chain itself', anchorLeaves: 'chain itself',
  evidence: 'trail', evidenceLinks: 'trail',
  evidenceWithdrawals: { nobody: 'not yet: its entry in the trail of the evidence tells of it, and the application can neither change nor remove it' },
  statements: { nobody: 'not yet: the entry of its version holds its text' },
  outages: { nobody: 'not yet: its entry in the chain `outages` holds every field' },
  notices: { nobody: 'not yet: entries of the chain `notices/<record>` say what was told to whom' },
  commands: { nobody: 'not yet: the step that a command led to is vouched for, and names it' },
  capaImportRows: { nobody: 'not yet: the CAPA that a line became is vouched for' },
  announcements: { nobody: 'not yet: the act that is announced has its entry' },
  digests: { nobody: 'not yet: the notices that it tells have entries' },
  credentials: { nobody: 'only hashes of secrets, no evidence of anything' },
  counters: { nobody: 'numbers are unique by an index; each stands in its record' },
  triggers: { nobody: 'only spares a repetition; the issue holds what happened' },
  heartbeats: { nobody: 'the last sign of life only; what its absence means is an outage' },
  nonces: { nobody: PASSING }, signingGrants: { nobody: PASSING }, evidenceUploads: { nobody: PASSING }, evidenceUploadChunks: { nobody: PASSING }, tallies: { nobody: PASSING }, signInFailures: { nobody: PASSING },
};
