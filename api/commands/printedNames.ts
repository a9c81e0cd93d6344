import { confusedWith } from '../../domain/access/printedName';
import { knownOrganisationIds, neighbourIds } from '../../store/organisations';
import { namesOfPeople, namesOfOrganisations, codesOfStudies } from '../../store/printedNames';
import { ruleBroken } from '../administer';
import type { ApiDeps } from '../deps';

type Deps = Pick<ApiDeps, 'store'>;

const taken = (field: string, whose: string) => ruleBroken(`The ${field} is taken for that of another ${whose}: add what tells them apart, e.g. a place in brackets.`, { errors: [{ field, message: 'taken for another' }] });

/** A person's name is not that of another active person of the parties (UTS 39). Throws Failure `rule_broken`, which does not say whose it is. */
export async function requireOwnName({ store }: Deps, { name, organisationId, personId }: { readonly name: string; readonly organisationId: string; readonly personId?: string }): Promise<void> {
  const parties = await knownOrganisationIds(store, organisationId);
  if (confusedWith(name, await namesOfPeople(store, { organisationIds: [...parties], except: personId })) !== undefined) throw taken('name', 'active person of the parties');
}

/** Likewise of an organisation, among those that it knows and that these know; made or named by the instance, among all. */
export async function requireOwnOrganisationName({ store }: Deps, { name, organisationId, among }: { readonly name: string; readonly organisationId?: string; readonly among: 'all' | 'known' }): Promise<void> {
  const ids = among === 'known' && organisationId !== undefined ? [...(await neighbourIds(store, organisationId))] : undefined;
  if (confusedWith(name, await namesOfOrganisations(store, { ids, except: organisationId })) !== undefined) throw taken('name', 'organisation');
}

/** Likewise of a study's code, among the studies of its organisations. */
export async function requireOwnCode({ store }: Deps, { code, organisationIds, studyId }: { readonly code: string; readonly organisationIds: readonly string[]; readonly studyId?: string }): Promise<void> {
  if (confusedWith(code, await codesOfStudies(store, { organisationIds, except: studyId })) !== undefined) throw taken('code', 'study');
}
