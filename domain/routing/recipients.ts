import type { Instant } from '../../contracts/instant';
import type { Contact } from '../../contracts/matrix';
import type { NoticeEffect } from '../../contracts/notice';
import type { Membership, Role } from '../../contracts/people';
import type { Ladder } from '../../contracts/policy';
import { inForce } from '../access/ability';

/** Everything that decides who is told, at any instant: people, their seats, who stands in, matrix versions. */
export interface Directory {
  readonly organisations: ReadonlyMap<string, string>;
  /** `leftAt`: since when somebody is here no more. */
  readonly people: ReadonlyMap<string, { readonly name: string; readonly leftAt: string | null }>;
  readonly memberships: readonly Membership[];
  readonly delegations: readonly DirectoryDelegation[];
  /** Versions of the rows that may route, the one for every other topic too. */
  readonly rows: readonly DirectoryRow[];
}

export interface DirectoryDelegation {
  readonly id: string;
  readonly personId: string;
  readonly delegateId: string;
  readonly from: string;
  readonly until: string;
}

export interface DirectoryRow {
  readonly topic: string;
  readonly version: number;
  readonly effectiveFrom: string;
  readonly contacts: readonly Pick<Contact, 'organisationId' | 'level' | 'personId' | 'deputyId'>[];
}

/** Somebody who is not there from–to, as though they held no seat; a missing end is open. */
export interface Absence {
  readonly personId: string;
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

export interface Asked {
  readonly audience: NoticeEffect['audience'];
  readonly studyId: string | null;
  readonly topic: string;
  readonly ladder: Ladder;
  readonly at: Instant;
  readonly absences: readonly Absence[];
}

/** A person to be told, and in which quality. */
export interface Told {
  readonly personId: string;
  readonly as: 'contact' | 'deputy' | 'delegate' | 'role' | 'named';
}

interface Place {
  readonly personId: string;
  readonly deputyId: string | null;
  readonly as: 'contact' | 'role' | 'named';
}

/**
 * Who is to be told, by the rules of the routing activity: the matrix version in force names contacts,
 * a delegate in range takes a contact's place (E9), a deputy takes it when neither is there; without
 * a row the ladder's roles are asked. Empty: nobody is there (E7). Sorted by seat, then by person.
 */
export function recipientsIn(directory: Directory, asked: Asked): readonly Told[] {
  const { at, absences, audience, studyId } = asked;
  const seated = directory.memberships.filter((membership) => inForce(membership, at) && !isAway(absences, membership.personId, at));
  const isHere = (personId: string): boolean => {
    const person = directory.people.get(personId);
    return person !== undefined && (person.leftAt === null || at < person.leftAt);
  };
  const isThere = (personId: string): boolean =>
    isHere(personId) && seated.some((membership) => membership.personId === personId && serves(membership, audience.organisationId, studyId));
  const chosen = placesOf(directory, asked, seated).flatMap((place): readonly Told[] => {
    const candidates: readonly (readonly [string | undefined, Told['as']])[] = [
      [delegateIn(directory, place.personId, at), 'delegate'], [place.personId, place.as], [place.deputyId ?? undefined, 'deputy'],
    ];
    const found = candidates.find(([personId]) => personId !== undefined && isThere(personId));
    return found?.[0] === undefined ? [] : [{ personId: found[0], as: found[1] }];
  });
  return chosen.filter((told, index) => chosen.findIndex((other) => other.personId === told.personId) === index);
}

function placesOf(directory: Directory, { audience, studyId, topic, ladder, at }: Asked, seated: readonly Membership[]): readonly Place[] {
  const holders = (roles: readonly string[]): readonly Place[] => {
    const ids = seated
      .filter((membership) => membership.organisationId === audience.organisationId && roles.includes(membership.role) && (membership.studyId === null || membership.studyId === studyId))
      .map((membership) => membership.personId);
    return [...new Set(ids)].sort().map((personId) => ({ personId, deputyId: null, as: 'role' }));
  };
  switch (audience.to) {
    case 'person':
      return [{ personId: audience.personId, deputyId: null, as: 'named' }];
    case 'roles':
      return holders(audience.roles);
    case 'level': {
      const row = rowInForce(directory.rows, topic, at);
      if (row) {
        return row.contacts.filter((contact) => contact.organisationId === audience.organisationId && contact.level === audience.level)
          .map(({ personId, deputyId }) => ({ personId, deputyId, as: 'contact' }));
      }
      const level = ladder.levels[audience.level - 1];
      if (!level) return [];
      const first = holders([level.role]);
      return first.length > 0 || !level.deputyRole ? first : holders([level.deputyRole]);
    }
  }
}

/** The topic's own row before the one for every other, each in its latest version. */
function rowInForce(rows: readonly DirectoryRow[], topic: string, at: Instant): DirectoryRow | undefined {
  const inOrder = rows.filter((row) => row.effectiveFrom <= at)
    .toSorted((a, b) => b.effectiveFrom.localeCompare(a.effectiveFrom) || b.version - a.version);
  return inOrder.find((row) => row.topic === topic) ?? inOrder[0];
}

/** Of overlapping delegations the latest begun counts; chains are not followed. */
function delegateIn({ delegations }: Directory, personId: string, at: Instant): string | undefined {
  return delegations
    .filter((delegation) => delegation.personId === personId && delegation.from <= at && at < delegation.until)
    .toSorted((a, b) => b.from.localeCompare(a.from) || a.id.localeCompare(b.id))[0]?.delegateId;
}

function serves(membership: Membership, organisationId: string, studyId: string | null): boolean {
  return membership.organisationId === organisationId && (membership.studyId === null || studyId === null || membership.studyId === studyId);
}

function isAway(absences: readonly Absence[], personId: string, at: Instant): boolean {
  return absences.some((absence) => absence.personId === personId && (absence.from === undefined || absence.from <= at) && (absence.until === undefined || at < absence.until));
}

/** In which role somebody serves an organisation at `at`, for the reader. */
export function roleIn(directory: Directory, seat: { personId: string; organisationId: string; at: Instant }): Role | null {
  const { personId, organisationId, at } = seat;
  return directory.memberships.find((membership) => membership.personId === personId && membership.organisationId === organisationId && inForce(membership, at))?.role ?? null;
}
