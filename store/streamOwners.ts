import type { PolicyScope } from '../contracts/policyScope';
import { subjectOf, type StreamSubject } from '../domain/audit/streams';
import type { Store } from './connection';

type Owners = ReadonlyMap<string, readonly string[]>;
type Kind = StreamSubject['kind'];

/**
 * Organisations to which each stream belongs, and to which its head is therefore mailed: those that
 * may see the record, or those that an administered record is about. Streams of nobody
 * (an instance's policies, a record that is gone) map to none.
 */
export async function organisationsOfStreams(store: Store, streamIds: readonly string[]): Promise<Owners> {
  const subjects = streamIds.map((streamId) => ({ streamId, ...subjectOf(streamId) }));
  const kinds = [...new Set(subjects.map((subject) => subject.kind))];
  const found = new Map<Kind, Owners>();
  for (const kind of kinds) {
    const ids = new Set(subjects.filter((subject) => subject.kind === kind).map((subject) => subject.id));
    found.set(kind, await ownersOf[kind](store, [...ids]));
  }
  return new Map(subjects.map(({ streamId, kind, id }) => [streamId, found.get(kind)?.get(id) ?? []]));
}

const ownersOf: Readonly<Record<Kind, (store: Store, ids: readonly string[]) => Promise<Owners>>> = {
  record: async ({ models }, ids) => {
    const records = await models.records.find({ _id: { $in: [...ids] } }, { visibleTo: 1 }).lean();
    return new Map(records.map((record) => [record._id, record.visibleTo]));
  },
  person: async ({ models }, ids) => {
    const people = await models.people.find({ _id: { $in: [...ids] } }, { organisationId: 1 }).lean();
    return new Map(people.map((person) => [person._id, [person.organisationId]]));
  },
  organisation: (_store, ids) => Promise.resolve(ownId(ids)),
  study: async ({ models }, ids) => {
    const studies = await models.studies.find({ _id: { $in: [...ids] } }, { organisationIds: 1 }).lean();
    return new Map(studies.map((study) => [study._id, study.organisationIds]));
  },
  membership: async ({ models }, ids) => {
    const memberships = await models.memberships.find({ _id: { $in: [...ids] } }, { organisationId: 1 }).lean();
    return new Map(memberships.map((membership) => [membership._id, [membership.organisationId]]));
  },
  delegation: async ({ models }, ids) => {
    const delegations = await models.delegations.find({ _id: { $in: [...ids] } }, { organisationId: 1 }).lean();
    return new Map(delegations.map((delegation) => [delegation._id, [delegation.organisationId]]));
  },
  channel: async ({ models }, ids) => {
    const entries = await models.channels.find({ _id: { $in: [...ids] } }, { organisationId: 1 }).lean();
    return new Map(entries.map((entry) => [entry._id, [entry.organisationId]]));
  },
  // Preferences have their person's id.
  preferences: (store, ids) => ownersOf.person(store, ids),
  // Likewise what a person signs by.
  signer: (store, ids) => ownersOf.person(store, ids),
  source: async ({ models }, ids) => {
    const sources = await models.sources.find({ _id: { $in: [...ids] } }, { organisationId: 1 }).lean();
    return new Map(sources.map((source) => [source._id, [source.organisationId]]));
  },
  // Whoever may see a record that it is linked to, and who stored it.
  evidence: async ({ models }, ids) => {
    const [stored, links] = await Promise.all([
      models.evidence.find({ _id: { $in: [...ids] } }, { storedBy: 1 }).lean(), models.evidenceLinks.find({ evidenceId: { $in: [...ids] } }, { evidenceId: 1, recordId: 1 }).lean(),
    ]);
    const records = await models.records.find({ _id: { $in: links.map(({ recordId }) => recordId) } }, { visibleTo: 1 }).lean();
    return new Map(stored.map(({ _id, storedBy }) => {
      const linked = new Set(links.filter(({ evidenceId }) => evidenceId === _id).map(({ recordId }) => recordId));
      return [_id, [...new Set([storedBy.organisationId, ...records.filter((record) => linked.has(record._id)).flatMap(({ visibleTo }) => visibleTo)])]];
    }));
  },
  // Others are bound by a hold without being told of it.
  'legal-hold': async ({ models }, ids) => {
    const holds = await models.legalHolds.find({ _id: { $in: [...ids] } }, { organisationId: 1 }).lean();
    return new Map(holds.map((hold) => [hold._id, [hold.organisationId]]));
  },
  // Whoever asked, and who was asked.
  consent: async ({ models }, ids) => {
    const consents = await models.consents.find({ _id: { $in: [...ids] } }, { askingOrganisationId: 1, ofOrganisationId: 1 }).lean();
    return new Map(consents.map(({ _id, askingOrganisationId, ofOrganisationId }) => [_id, [askingOrganisationId, ofOrganisationId]]));
  },
  topic: async ({ models }, ids) => {
    const topics = await models.topics.find({ _id: { $in: [...ids] } }, { organisationIds: 1 }).lean();
    return new Map(topics.map(({ _id, organisationIds }) => [_id, organisationIds]));
  },
  'capa-import': async ({ models }, ids) => {
    const imports = await models.capaImports.find({ _id: { $in: [...ids] } }, { organisationId: 1 }).lean();
    return new Map(imports.map((one) => [one._id, [one.organisationId]]));
  },
  admission: async ({ models }, ids) => {
    const admissions = await models.admissions.find({ _id: { $in: [...ids] } }, { organisationId: 1 }).lean();
    return new Map(admissions.map((one) => [one._id, [one.organisationId]]));
  },
  finding: async ({ models }, ids) => {
    const findings = await models.findings.find({ _id: { $in: [...ids] } }, { visibleTo: 1 }).lean();
    return new Map(findings.map((finding) => [finding._id, finding.visibleTo]));
  },
  // A draft is its organisation's alone until it is proposed.
  'matrix-proposal': async ({ models }, ids) => {
    const proposals = await models.matrixProposals.find({ _id: { $in: [...ids] } }, { row: 1, proposedAt: 1, proposingOrganisationId: 1 }).lean();
    return new Map(proposals.map(({ _id, row, proposedAt, proposingOrganisationId }) => [_id, proposedAt === null ? [proposingOrganisationId] : row.organisationIds]));
  },
  // A calendar's stream is that of its organisation: `calendar/<organisation>`, whichever version.
  calendar: (_store, ids) => Promise.resolve(new Map(ids.map((id) => [id, [id.split('/')[0] ?? id]]))),
  policy: async ({ models }, ids) => partiesOf(await models.policies.find({ line: { $in: [...ids] }, scopeKey: { $ne: null } }, { line: 1, scope: 1 }).lean()),
  'capa-policy': async ({ models }, ids) => partiesOf(await models.capaPolicies.find({ line: { $in: [...ids] }, scopeKey: { $ne: null } }, { line: 1, scope: 1 }).lean()),
  statement: () => Promise.resolve(new Map()),
  'policy-draft': async ({ models }, ids) => draftOwners(await models.policyDrafts.find({ _id: { $in: [...ids] } }, { organisationId: 1, scope: 1, proposedAt: 1 }).lean()),
  'capa-policy-draft': async ({ models }, ids) => draftOwners(await models.capaPolicyDrafts.find({ _id: { $in: [...ids] } }, { organisationId: 1, scope: 1, proposedAt: 1 }).lean()),
  matrix: async ({ models }, ids) => {
    const rows = await models.matrix.find({ $or: [{ rowKey: { $in: [...ids] } }, { _id: { $in: [...ids] } }] }, { rowKey: 1, organisationIds: 1 }).lean();
    return new Map(rows.flatMap((row) => [[row.rowKey, row.organisationIds], [row._id, row.organisationIds]] as const));
  },
};

/** A draft is its organisation's until the other parties are asked to sign it. */
function draftOwners(drafts: readonly { readonly _id: string; readonly organisationId: string; readonly scope?: PolicyScope; readonly proposedAt?: string | null }[]): Owners {
  return new Map(drafts.map(({ _id, organisationId, scope, proposedAt }) => [_id, (proposedAt ?? null) === null ? [organisationId] : [...new Set([organisationId, ...(scope?.organisationIds ?? [])])]]));
}

/** Versions of a line have its parties. */
function partiesOf(versions: readonly { readonly line?: string; readonly scope?: PolicyScope | undefined }[]): Owners {
  return new Map(versions.flatMap(({ line, scope }) => (line === undefined ? [] : [[line, scope?.organisationIds ?? []] as const])));
}

function ownId(ids: readonly string[]): Owners {
  return new Map(ids.map((id) => [id, [id]]));
}
