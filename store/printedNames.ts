import type { Session, Store } from './connection';
import type { OrganisationDoc, PersonDoc, StudyDoc } from './schemas/people';

/**
 * Whoever gives names in one of these organisations at the same moment waits, and is asked again: of two in their transactions the second one sees the name of the
 * first. A unique key could not: whose names are told apart changes with the studies.
 */
export async function takeTurn(store: Store, organisationIds: readonly string[], session: Session): Promise<void> {
  for (const id of [...new Set(organisationIds)].toSorted()) await store.models.counters.updateOne({ _id: `names/${id}` }, { $inc: { value: 1 } }, { upsert: true, session });
}

/** Printed names of the active people of some organisations, but for one person's. */
export async function namesOfPeople(store: Store, { organisationIds, except }: { readonly organisationIds: readonly string[]; readonly except?: string | undefined }, session?: Session): Promise<readonly string[]> {
  const found = await store.models.people.find({ organisationId: { $in: [...organisationIds] }, active: true }, { name: 1 }).session(session ?? null).lean<Pick<PersonDoc, '_id' | 'name'>[]>();
  return found.flatMap(({ _id, name }) => (_id === except ? [] : [name]));
}

/** Names of the active organisations, or of some of them, but for one's. */
export async function namesOfOrganisations(store: Store, { ids, except }: { readonly ids: readonly string[] | undefined; readonly except?: string | undefined }): Promise<readonly string[]> {
  const found = await store.models.organisations.find({ active: true, ...(ids && { _id: { $in: [...ids] } }) }, { name: 1 }).lean<Pick<OrganisationDoc, '_id' | 'name'>[]>();
  return found.flatMap(({ _id, name }) => (_id === except ? [] : [name]));
}

/** Codes of the active studies of some organisations, but for one study's. */
export async function codesOfStudies(store: Store, { organisationIds, except }: { readonly organisationIds: readonly string[]; readonly except?: string | undefined }): Promise<readonly string[]> {
  const found = await store.models.studies.find({ organisationIds: { $in: [...organisationIds] }, active: true }, { code: 1 }).lean<Pick<StudyDoc, '_id' | 'code'>[]>();
  return found.flatMap(({ _id, code }) => (_id === except ? [] : [code]));
}
