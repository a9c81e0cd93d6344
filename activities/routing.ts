import type { Instant } from '../contracts/instant';
import type { Contact } from '../contracts/matrix';
import type { Channel, NoticeEffect } from '../contracts/notice';
import type { Membership } from '../contracts/people';
import type { Ladder } from '../contracts/policy';
import { peopleInForce, type PersonInForce } from '../store/authority';
import type { Store } from '../store/connection';
import { delegateOf } from '../store/delegations';
import { matrixRowInForce } from '../store/matrix';
import { peopleInRoles } from '../store/memberships';
import type { MatrixDoc } from '../store/schemas/matrix';

/** A person to be told, and in which quality. */
export interface Recipient {
  readonly personId: string;
  readonly address: string;
  readonly as: 'contact' | 'deputy' | 'delegate' | 'role' | 'named';
  /** The contact of the matrix row whose channels count; undefined: told by role or by name. */
  readonly contact: Ways | undefined;
}

/** How the matrix says to reach somebody. */
export type Ways = Pick<Contact, 'channel' | 'fallback'>;

/** To whom a notice goes, and what the matrix row in force says about it. */
export interface Routing {
  readonly recipients: readonly Recipient[];
  /** Channels allowed for a row marked PHI; undefined: it is not, or there is none. */
  readonly phiChannels: readonly Channel[] | undefined;
  /** The functions that the notice is for, by which team channels are chosen. */
  readonly roles: readonly string[];
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
  readonly contact: Ways | undefined;
}

interface Asked {
  readonly audience: NoticeEffect['audience'];
  readonly routed: Routed;
  readonly at: Instant;
}

/** Who is told, by the matrix version in force now. */
export async function routeNotice(store: Store, asked: Asked): Promise<Routing> {
  const { studyId, topic, organisationIds } = asked.routed;
  const row = await matrixRowInForce(store, { studyId, topic, organisationIds: [...organisationIds], at: asked.at });
  return {
    recipients: await recipientsOf(store, { ...asked, row }),
    phiChannels: row?.phi === true ? row.phiChannels : undefined,
    roles: rolesOf(asked),
  };
}

function rolesOf({ audience, routed }: Asked): readonly string[] {
  if (audience.to === 'roles') return audience.roles;
  const level = audience.to === 'level' ? routed.ladder?.levels[audience.level - 1] : undefined;
  return level ? [level.role] : [];
}

/**
 * Who is to be told now: the matrix version in force names contacts; a delegate in range takes a
 * contact's place (E9); a deputy takes it when neither is there. Without a matrix row the ladder's
 * roles are asked. Empty: nobody is there (E7).
 */
async function recipientsOf(store: Store, asked: Asked & { row: MatrixDoc | undefined }): Promise<readonly Recipient[]> {
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
    const filled = fill(present, [[delegates.get(seat.personId), 'delegate'], [seat.personId, seat.as], [seat.deputyId ?? undefined, 'deputy']]);
    return filled.map((person) => ({ ...person, contact: seat.contact }));
  });
  return chosen.filter((recipient, index) => chosen.findIndex((other) => other.personId === recipient.personId) === index);
}

function fill(present: ReadonlyMap<string, PersonInForce>, candidates: readonly (readonly [string | undefined, Recipient['as']])[]): readonly Omit<Recipient, 'contact'>[] {
  for (const [personId, as] of candidates) {
    const person = personId === undefined ? undefined : present.get(personId);
    if (person) return [{ personId: person.personId, address: person.email, as }];
  }
  return [];
}

function serves(membership: Membership, organisationId: string, studyId: string | null): boolean {
  return membership.organisationId === organisationId && (membership.studyId === null || studyId === null || membership.studyId === studyId);
}

async function seatsOf(store: Store, asked: Asked & { row: MatrixDoc | undefined }): Promise<readonly Seat[]> {
  const { audience, routed, row, at } = asked;
  const { organisationId } = audience;
  const own = row?.contacts.filter((contact) => contact.organisationId === organisationId) ?? [];
  const byRole = async (roles: readonly string[]): Promise<readonly Seat[]> => {
    const members = await peopleInRoles(store, { organisationId, studyId: routed.studyId, roles, at });
    return members.map((personId) => ({ personId, deputyId: null, as: 'role', contact: waysOf(personId, own) }));
  };
  switch (audience.to) {
    case 'person':
      return [{ personId: audience.personId, deputyId: null, as: 'named', contact: waysOf(audience.personId, own) }];
    case 'roles':
      return byRole(audience.roles);
    case 'level': {
      if (row) return own.filter(({ level }) => level === audience.level).map((contact) => ({ personId: contact.personId, deputyId: contact.deputyId, as: 'contact', contact }));
      const level = routed.ladder?.levels[audience.level - 1];
      if (!level) return [];
      const first = await byRole([level.role]);
      return first.length > 0 || !level.deputyRole ? first : byRole([level.deputyRole]);
    }
  }
}

/** Whoever the row names is reached as it says, also when told by role or by name. */
function waysOf(personId: string, contacts: readonly Contact[]): Ways | undefined {
  return contacts.find((contact) => contact.personId === personId) ?? contacts.find((contact) => contact.deputyId === personId);
}
