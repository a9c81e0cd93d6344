import type { NoticeEffect } from '../contracts/notice';
import type { Instant } from '../contracts/instant';
import type { Membership } from '../contracts/people';
import type { Ladder } from '../contracts/policy';
import { peopleInForce, type PersonInForce } from '../store/authority';
import type { Store } from '../store/connection';
import { delegateOf } from '../store/delegations';
import { matrixRowInForce } from '../store/matrix';
import { peopleInRoles } from '../store/memberships';

/** A person to be told, and in which quality. */
export interface Recipient {
  readonly personId: string;
  readonly address: string;
  readonly as: 'contact' | 'deputy' | 'delegate' | 'role' | 'named';
}

/** The record's part that routing looks at. */
export interface Routed {
  readonly studyId: string | null;
  readonly topic: string;
  readonly organisationIds: readonly string[];
  /** undefined: the capability has no levels. */
  readonly ladder: Ladder | undefined;
}

/** A seat to be filled: the person, and who stands in. */
interface Seat {
  readonly personId: string;
  readonly deputyId: string | null;
  readonly as: 'contact' | 'role' | 'named';
}

/**
 * Who is to be told now: the matrix version in force names contacts; a delegate in range takes a
 * contact's place (E9); a deputy takes it when neither is there. Without a matrix row the ladder's
 * roles are asked. Empty: nobody is there (E7).
 */
export async function recipientsOf(store: Store, asked: { audience: NoticeEffect['audience']; routed: Routed; at: Instant }): Promise<readonly Recipient[]> {
  const seats = await seatsOf(store, asked);
  const { organisationId } = asked.audience;
  const { at } = asked;
  const delegates = new Map<string, string>();
  for (const { personId } of seats) {
    const delegate = await delegateOf(store, personId, at);
    if (delegate !== undefined) delegates.set(personId, delegate);
  }
  const ids = [...seats.flatMap((seat) => [seat.personId, ...(seat.deputyId ? [seat.deputyId] : [])]), ...delegates.values()];
  const people = await peopleInForce(store, { personIds: [...new Set(ids)], at });
  const present = new Map(people.filter((person) => person.memberships.some((membership) => serves(membership, organisationId, asked.routed.studyId))).map((person) => [person.personId, person]));
  const chosen = seats.flatMap((seat): readonly Recipient[] => {
    return fill(present, [[delegates.get(seat.personId), 'delegate'], [seat.personId, seat.as], [seat.deputyId ?? undefined, 'deputy']]);
  });
  return chosen.filter((recipient, index) => chosen.findIndex((other) => other.personId === recipient.personId) === index);
}

function fill(present: ReadonlyMap<string, PersonInForce>, candidates: readonly (readonly [string | undefined, Recipient['as']])[]): readonly Recipient[] {
  for (const [personId, as] of candidates) {
    const person = personId === undefined ? undefined : present.get(personId);
    if (person) return [{ personId: person.personId, address: person.email, as }];
  }
  return [];
}

function serves(membership: Membership, organisationId: string, studyId: string | null): boolean {
  return membership.organisationId === organisationId && (membership.studyId === null || studyId === null || membership.studyId === studyId);
}

async function seatsOf(store: Store, asked: { audience: NoticeEffect['audience']; routed: Routed; at: Instant }): Promise<readonly Seat[]> {
  const { audience, routed, at } = asked;
  switch (audience.to) {
    case 'person':
      return [{ personId: audience.personId, deputyId: null, as: 'named' }];
    case 'roles':
      return roleSeats(store, { organisationId: audience.organisationId, studyId: routed.studyId, roles: audience.roles, at });
    case 'level': {
      const row = await matrixRowInForce(store, { studyId: routed.studyId, topic: routed.topic, organisationIds: [...routed.organisationIds], at });
      if (row) {
        const contacts = row.contacts.filter((contact) => contact.organisationId === audience.organisationId && contact.level === audience.level);
        return contacts.map((contact) => ({ personId: contact.personId, deputyId: contact.deputyId, as: 'contact' }));
      }
      const level = routed.ladder?.levels[audience.level - 1];
      if (!level) return [];
      const of = { organisationId: audience.organisationId, studyId: routed.studyId, at };
      const first = await roleSeats(store, { ...of, roles: [level.role] });
      return first.length > 0 || !level.deputyRole ? first : roleSeats(store, { ...of, roles: [level.deputyRole] });
    }
  }
}

async function roleSeats(store: Store, of: { organisationId: string; studyId: string | null; roles: readonly string[]; at: Instant }): Promise<readonly Seat[]> {
  const members = await peopleInRoles(store, of);
  return members.map((personId) => ({ personId, deputyId: null, as: 'role' }));
}
