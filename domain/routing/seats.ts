import type { Contact } from '../../contracts/matrix';
import type { NoticeEffect } from '../../contracts/notice';
import type { Membership } from '../../contracts/people';
import type { Ladder } from '../../contracts/policy';

/** A person to be told, and in which quality. */
export interface Told {
  readonly personId: string;
  readonly as: 'contact' | 'deputy' | 'delegate' | 'role' | 'named';
}

/** A seat to be filled: the person, and who stands in. */
export interface Seat {
  readonly personId: string;
  readonly deputyId: string | null;
  readonly as: 'contact' | 'role' | 'named';
}

/** Who stands in for whom, and who is there. */
export interface Presence {
  readonly delegateOf: (personId: string) => string | undefined;
  readonly isThere: (personId: string) => boolean;
}

/** Seats by name; or the holders of roles, of the first set that anybody holds. */
export type Asked = { readonly seats: readonly Seat[] } | { readonly holdersOf: readonly (readonly string[])[] };

/** What may say who sits where: the matrix row in force (its contacts), the ladder (undefined: the capability has no levels). */
export interface SeatingPlan {
  readonly contacts: readonly Pick<Contact, 'organisationId' | 'level' | 'personId' | 'deputyId'>[] | undefined;
  readonly ladder: Ladder | undefined;
}

/** Whom an audience asks: at a level the row's contacts, without a row the ladder's role, then its deputies' (E1, E9). */
export function askedBy(audience: NoticeEffect['audience'], { contacts, ladder }: SeatingPlan): Asked {
  switch (audience.to) {
    case 'person':
      return { seats: [{ personId: audience.personId, deputyId: null, as: 'named' }] };
    case 'roles':
      return { holdersOf: [audience.roles] };
    case 'level': {
      if (contacts) {
        const own = contacts.filter(({ organisationId, level }) => organisationId === audience.organisationId && level === audience.level);
        return { seats: own.map(({ personId, deputyId }) => ({ personId, deputyId, as: 'contact' })) };
      }
      const level = ladder?.levels[audience.level - 1];
      return { holdersOf: level ? [[level.role], ...(level.deputyRole ? [[level.deputyRole]] : [])] : [] };
    }
  }
}

/** The seats of people who hold a role, sorted, so that the same notice goes out in the same order. */
export function roleSeats(personIds: readonly string[]): readonly Seat[] {
  return [...new Set(personIds)].sort().map((personId) => ({ personId, deputyId: null, as: 'role' }));
}

/**
 * Who is told: a delegate in range takes a seat's place (E9), a deputy takes it when neither is
 * there. Nobody twice. Empty: nobody is there (E7).
 */
export function fillSeats(seats: readonly Seat[], { delegateOf, isThere }: Presence): readonly (Told & { readonly seat: Seat })[] {
  const chosen = seats.flatMap((seat): readonly (Told & { readonly seat: Seat })[] => {
    const candidates: readonly (readonly [string | undefined, Told['as']])[] = [[delegateOf(seat.personId), 'delegate'], [seat.personId, seat.as], [seat.deputyId ?? undefined, 'deputy']];
    const found = candidates.find(([personId]) => personId !== undefined && isThere(personId));
    return found?.[0] === undefined ? [] : [{ personId: found[0], as: found[1], seat }];
  });
  return chosen.filter((told, index) => chosen.findIndex((other) => other.personId === told.personId) === index);
}

/** Whether a seat counts for an organisation's notices of a study; either may be bound to none. */
export function serves(membership: Membership, organisationId: string, studyId: string | null): boolean {
  return membership.organisationId === organisationId && (membership.studyId === null || studyId === null || membership.studyId === studyId);
}
