import type { Instant } from '../contracts/instant';
import type { Membership } from '../contracts/people';
import { inForce } from '../domain/access/ability';
import type { ReadingSeat } from '../domain/policy/readers';
import type { Store } from './connection';
import { knownOrganisationIds } from './organisations';

/** Somebody's seats, as reading what organisations agreed on depends on them: one a seat that counts at `at`. */
export async function readingSeats(store: Store, memberships: readonly Membership[], at: Instant): Promise<readonly ReadingSeat[]> {
  const places = new Map(memberships.filter((membership) => inForce(membership, at)).map(({ organisationId, studyId }) => [`${organisationId} ${studyId ?? ''}`, { organisationId, studyId }]));
  return Promise.all([...places.values()].map(async (place) => ({ ...place, knownIds: await knownOrganisationIds(store, place.organisationId, place.studyId) })));
}

/**
 * A filter of the drafts that the seats read, as `mayReadDraft` says it, for lists that are read page by page.
 * `administersInstance`: what is drafted for the installation, too.
 */
export function draftsRead(seats: readonly ReadingSeat[], administersInstance: boolean): object {
  const bySeat = seats.flatMap(({ organisationId, studyId, knownIds }) => {
    const own = { organisationId };
    const asked = { 'scope.organisationIds': organisationId, proposedAt: { $ne: null } };
    const inStudy = studyId === null ? {} : { $or: [{ 'scope.studyId': studyId }, { 'scope.studyId': null, 'scope.organisationIds': { $not: { $elemMatch: { $nin: [...knownIds] } } } }] };
    return [{ $and: [{ $or: [own, asked] }, inStudy] }];
  });
  return { $or: [...bySeat, ...(administersInstance ? [{ scopeKey: null }] : []), { _id: { $in: [] } }] };
}
