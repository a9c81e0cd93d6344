import { administrativeStreamOf, type AdministrativeStream } from '../domain/audit/streams';
import type { AdministeredDoc } from './schemas/administered';
import type { AdministeredKind } from './administration';
import type { Store } from './connection';
import type { Models } from './models';
import { UNPROVEN } from './vouching';

/** The end of its own chain as a record remembers it, written in the transaction that appended it. */
export interface RecordEnd {
  readonly streamId: string;
  readonly length: number;
  readonly head: string;
  /** As it is remembered now: somebody may have acted since. */
  readonly now: () => Promise<number>;
}

type Administered = AdministeredKind<AdministeredDoc>['kind'];
interface Remembering { readonly collection: { readonly collectionName: string } }

/** Whatever is administered remembers; a new kind is asked for here by the compiler. */
const ADMINISTERED: Readonly<Record<Administered & AdministrativeStream, (models: Models) => Remembering>> = {
  organisation: ({ organisations }) => organisations,
  study: ({ studies }) => studies,
  person: ({ people }) => people,
  membership: ({ memberships }) => memberships,
  delegation: ({ delegations }) => delegations,
  'matrix-proposal': ({ matrixProposals }) => matrixProposals,
  'policy-draft': ({ policyDrafts }) => policyDrafts,
  'capa-policy-draft': ({ capaPolicyDrafts }) => capaPolicyDrafts,
  channel: ({ channels }) => channels,
  preferences: ({ preferences }) => preferences,
  source: ({ sources }) => sources,
  signer: ({ signers }) => signers,
  'legal-hold': ({ legalHolds }) => legalHolds,
  consent: ({ consents }) => consents,
  topic: ({ topics }) => topics,
  finding: ({ findings }) => findings,
  'capa-import': ({ capaImports }) => capaImports,
  admission: ({ admissions }) => admissions,
};

/** A kind of administered document: the prefix of its streams, its collection, and what its chain does not vouch for. */
export interface RememberingKind {
  readonly prefix: string;
  readonly collection: string;
  readonly unproven: readonly string[];
}

export function administeredKinds({ models }: Store): readonly RememberingKind[] {
  return (Object.entries(ADMINISTERED) as [Administered, (models: Models) => Remembering][])
    .map(([kind, of]) => ({ prefix: `${kind}/`, collection: of(models).collection.collectionName, unproven: kind === 'signer' ? UNPROVEN.signers : [] }));
}

/** The ends that records remember, of one record or of everything. */
export async function* recordEnds(store: Store, recordId?: string): AsyncGenerator<RecordEnd> {
  yield* endsIn(store, { collection: store.models.records, streamOf: (id) => id, only: recordId });
  if (recordId !== undefined) return;
  for (const [kind, collectionOf] of Object.entries(ADMINISTERED) as [Administered, (models: Models) => Remembering][]) {
    yield* endsIn(store, { collection: collectionOf(store.models), streamOf: (id) => administrativeStreamOf(kind, id), only: undefined });
  }
}

async function* endsIn(store: Store, of: { collection: Remembering; streamOf: (id: string) => string; only: string | undefined }): AsyncGenerator<RecordEnd> {
  const documents = store.connection.collection<{ _id: string; chain?: { length: number; head: string } }>(of.collection.collection.collectionName);
  const projection = { projection: { chain: 1 } };
  for await (const { _id, chain } of documents.find(of.only === undefined ? {} : { _id: of.only }, projection)) {
    if (chain === undefined || chain.length === 0) continue;
    yield { streamId: of.streamOf(_id), length: chain.length, head: chain.head, now: async () => (await documents.findOne({ _id }, projection))?.chain?.length ?? 0 };
  }
}
