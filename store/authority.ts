import type { Instant } from '../contracts/instant';
import type { Membership } from '../contracts/people';
import type { Store } from './connection';
import { inForceAt, membershipOf } from './memberships';
import type { MembershipDoc, PersonDoc } from './schemas/people';

/** An active person with the memberships in force at an instant. */
export interface PersonInForce {
  readonly personId: string;
  readonly name: string;
  readonly email: string;
  readonly organisationId: string;
  readonly memberships: readonly Membership[];
}

type Joined = Pick<PersonDoc, '_id' | 'name' | 'email' | 'organisationId'> & { readonly memberships: readonly MembershipDoc[] };

/** The people of these ids who are active, each with the memberships in force, in one round trip. */
export async function peopleInForce(store: Store, of: { personIds: readonly string[]; at: Instant }): Promise<readonly PersonInForce[]> {
  const { personIds, at } = of;
  if (personIds.length === 0) return [];
  const found = await store.models.people.aggregate<Joined>([
    { $match: { _id: { $in: [...personIds] }, active: true } },
    { $lookup: { from: 'memberships', localField: '_id', foreignField: 'personId', pipeline: [{ $match: inForceAt(at) }], as: 'memberships' } },
    { $project: { name: 1, email: 1, organisationId: 1, memberships: 1 } },
  ]);
  return found.map((person) => ({
    personId: person._id, name: person.name, email: person.email, organisationId: person.organisationId,
    memberships: person.memberships.map(membershipOf),
  }));
}

/** One person in force; undefined when unknown or deactivated. */
export async function personInForce(store: Store, of: { personId: string; at: Instant }): Promise<PersonInForce | undefined> {
  return (await peopleInForce(store, { personIds: [of.personId], at: of.at }))[0];
}
