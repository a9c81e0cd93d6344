import { confusedPairs, confusedWith } from '../../domain/access/printedName';
import type { Session } from '../../store/connection';
import { knownOrganisationIds, neighbourIds, organisationsByIds } from '../../store/organisations';
import { namesOfPeople, namesOfOrganisations, codesOfStudies, takeTurn } from '../../store/printedNames';
import { ruleBroken } from '../administer';
import type { ApiDeps } from '../deps';

type Deps = Pick<ApiDeps, 'store'>;

const taken = (field: string, whose: string) => ruleBroken(`The ${field} is taken for that of another ${whose}: add what tells them apart, e.g. a place in brackets.`, { errors: [{ field, message: 'taken for another' }] });

/** A person's name is not that of another active person of the parties (UTS 39); asked in the transaction that gives it. Throws Failure `rule_broken`, which does not say whose it is. */
export async function requireOwnName({ store }: Deps, { name, organisationId, personId }: { readonly name: string; readonly organisationId: string; readonly personId: string }, session: Session): Promise<void> {
  const parties = [...(await knownOrganisationIds(store, organisationId))];
  await takeTurn(store, parties, session);
  if (confusedWith(name, await namesOfPeople(store, { organisationIds: parties, except: personId }, session)) !== undefined) throw taken('name', 'active person of the parties');
}

/**
 * Organisations that come to know each other by a study have no people, and no names, that are taken for one another: who was named elsewhere could otherwise be
 * brought in beside their double. Asked in the transaction of the study. Throws Failure `rule_broken`, with the names.
 */
export async function requireNamesApart({ store }: Deps, organisationIds: readonly string[], session: Session): Promise<void> {
  const organisations = (await organisationsByIds(store, organisationIds)).toSorted((a, b) => a._id.localeCompare(b._id));
  await takeTurn(store, organisationIds, session);
  const known = new Map(await Promise.all(organisationIds.map(async (id) => [id, await knownOrganisationIds(store, id)] as const)));
  const names = new Map<string, readonly string[]>();
  for (const { _id, name } of organisations) names.set(_id, [name, ...(await namesOfPeople(store, { organisationIds: [_id] }, session))]);
  const pairs = organisations.flatMap((one, index) => organisations.slice(index + 1).map((other) => [one, other] as const))
    .filter(([one, other]) => [one, other].some(({ kind }) => kind === 'sponsor') && known.get(one._id)?.has(other._id) !== true);
  const confused = pairs.flatMap(([one, other]) => confusedPairs(names.get(one._id) ?? [], names.get(other._id) ?? []));
  if (confused.length > 0) throw ruleBroken('The organisations have people, or names, that are taken for one another: add what tells them apart first, e.g. a place in brackets.', { errors: [{ field: 'organisationIds', message: 'names taken for one another' }], names: confused });
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
