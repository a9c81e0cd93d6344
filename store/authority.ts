import type { Instant } from '../contracts/instant';
import type { Membership } from '../contracts/people';
import type { Store } from './connection';
import { inForceAt, membershipOf } from './memberships';
import type { MembershipDoc, PersonDoc } from './schemas/people';
import type { CommandDoc } from './schemas/records';

/** An active person with the memberships in force at an instant. */
export interface PersonInForce {
  readonly personId: string;
  readonly name: string;
  readonly email: string;
  readonly organisationId: string;
  readonly memberships: readonly Membership[];
}

/** A stored command, and who acts by it where a person does. */
export interface CommandInForce {
  readonly command: CommandDoc | undefined;
  readonly person: PersonInForce | undefined;
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
  return found.map(inForce);
}

function inForce({ _id, name, email, organisationId, memberships }: Joined): PersonInForce {
  return { personId: _id, name, email, organisationId, memberships: memberships.map(membershipOf) };
}

/** A stored command with its person as they are now, in one round trip. */
export async function commandInForce(store: Store, of: { commandId: string; at: Instant }): Promise<CommandInForce> {
  const [found] = await store.models.commands.aggregate<CommandDoc & { readonly person: readonly PersonDoc[]; readonly memberships: readonly MembershipDoc[] }>([
    { $match: { _id: of.commandId } },
    { $lookup: { from: 'people', localField: 'actor.personId', foreignField: '_id', pipeline: [{ $match: { active: true } }], as: 'person' } },
    { $lookup: { from: 'memberships', localField: 'actor.personId', foreignField: 'personId', pipeline: [{ $match: inForceAt(of.at) }], as: 'memberships' } },
  ]);
  if (!found) return { command: undefined, person: undefined };
  const { person: [person], memberships, ...command } = found;
  return { command, person: person && inForce({ ...person, memberships }) };
}

/** One person in force; undefined when unknown or deactivated. */
export async function personInForce(store: Store, of: { personId: string; at: Instant }): Promise<PersonInForce | undefined> {
  return (await peopleInForce(store, { personIds: [of.personId], at: of.at }))[0];
}
