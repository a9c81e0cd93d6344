import type { Instant } from '../contracts/instant';
import type { Contact } from '../contracts/matrix';
import type { Channel, NoticeEffect } from '../contracts/notice';
import type { Ladder } from '../contracts/policy';
import { askedBy, fillSeats, roleSeats, serves, type Seat, type Told } from '../domain/routing/seats';
import { peopleInForce } from '../store/authority';
import type { Store } from '../store/connection';
import { delegatesOf } from '../store/delegations';
import { matrixRowInForce } from '../store/matrix';
import { peopleInRoles } from '../store/memberships';
import type { MatrixDoc } from '../store/schemas/matrix';

/** A person to be told, where, and in which quality. */
export interface Recipient extends Told {
  readonly address: string;
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

/** Who is to be told now, by the rules of `seats`, with only what they need read from the store. */
async function recipientsOf(store: Store, asked: Asked & { row: MatrixDoc | undefined }): Promise<readonly Recipient[]> {
  const seats = await seatsOf(store, asked);
  const { at, row, routed: { studyId }, audience: { organisationId } } = asked;
  const delegates = await delegatesOf(store, seats.map(({ personId }) => personId), at);
  const ids = [...seats.flatMap((seat) => [seat.personId, ...(seat.deputyId ? [seat.deputyId] : [])]), ...delegates.values()];
  const people = await peopleInForce(store, { personIds: [...new Set(ids)], at });
  const present = new Map(people.filter((person) => person.memberships.some((membership) => serves(membership, organisationId, studyId))).map((person) => [person.personId, person]));
  const told = fillSeats(seats, { delegateOf: (personId) => delegates.get(personId), isThere: (personId) => present.has(personId) });
  return told.flatMap(({ personId, as, seat }) => {
    const person = present.get(personId);
    return person ? [{ personId, as, address: person.email, contact: waysOf(seat, asked.audience, row?.contacts ?? []) }] : [];
  });
}

async function seatsOf(store: Store, { audience, routed, row, at }: Asked & { row: MatrixDoc | undefined }): Promise<readonly Seat[]> {
  const asked = askedBy(audience, { contacts: row?.contacts, ladder: routed.ladder });
  if ('seats' in asked) return asked.seats;
  for (const roles of asked.holdersOf) {
    const holders = await peopleInRoles(store, { organisationId: audience.organisationId, studyId: routed.studyId, roles, at });
    if (holders.length > 0) return roleSeats(holders);
  }
  return [];
}

/** Whoever the row names is reached as it says, also when told by role or by name; at a level the seat of that level counts. */
function waysOf({ personId }: Seat, audience: NoticeEffect['audience'], contacts: readonly Contact[]): Ways | undefined {
  const own = contacts.filter(({ organisationId }) => organisationId === audience.organisationId);
  const named = audience.to === 'level' ? own.filter(({ level }) => level === audience.level) : own;
  return named.find((contact) => contact.personId === personId) ?? named.find((contact) => contact.deputyId === personId);
}
