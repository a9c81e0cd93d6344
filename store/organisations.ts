import type { AdministeredKind } from './administration';
import type { Store } from './connection';
import type { OrganisationDoc, StudyDoc } from './schemas/people';

export const organisationKind: AdministeredKind<OrganisationDoc> = { kind: 'organisation', model: (store) => store.models.organisations };

/** Organisations by id, in no order; unknown ids are left out. */
export function organisationsByIds(store: Store, ids: readonly string[]): Promise<OrganisationDoc[]> {
  return store.models.organisations.find({ _id: { $in: [...ids] } }).lean<OrganisationDoc[]>();
}

/**
 * Ids of the organisations that an organisation knows of: itself and those it shares a study with,
 * when one of the two is a sponsor. Two CROs of one study do not learn of each other here. `studyId`: from that study only.
 */
export async function knownOrganisationIds(store: Store, organisationId: string, studyId: string | null = null): Promise<ReadonlySet<string>> {
  const studies = await store.models.studies.find({ organisationIds: organisationId, ...(studyId !== null && { _id: studyId }) }).lean<StudyDoc[]>();
  const ids = [...new Set([organisationId, ...studies.flatMap((study) => study.organisationIds)])];
  const organisations = await organisationsByIds(store, ids);
  const isSponsor = organisations.some(({ _id, kind }) => _id === organisationId && kind === 'sponsor');
  return new Set([organisationId, ...organisations.filter(({ kind }) => isSponsor || kind === 'sponsor').map(({ _id }) => _id)]);
}

/** Ids of the organisations that an organisation could be taken for one of: those that it knows, and those that these know. */
export async function neighbourIds(store: Store, organisationId: string): Promise<ReadonlySet<string>> {
  const known = [...(await knownOrganisationIds(store, organisationId))];
  return new Set((await Promise.all(known.map((id) => knownOrganisationIds(store, id)))).flatMap((ids) => [...ids]));
}

/** Where each active organisation wants its audit receipts, by organisation id. */
export async function receiptAddresses(store: Store): Promise<ReadonlyMap<string, string>> {
  const found = await store.models.organisations.find({ active: true, receiptAddress: { $ne: null } }).lean<OrganisationDoc[]>();
  return new Map(found.flatMap(({ _id, receiptAddress }) => (receiptAddress === null ? [] : [[_id, receiptAddress] as const])));
}
