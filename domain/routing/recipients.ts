import type { Instant } from '../../contracts/instant';
import type { NoticeEffect } from '../../contracts/notice';
import type { Membership, Role } from '../../contracts/people';
import type { Ladder } from '../../contracts/policy';
import { inForce } from '../access/ability';
import { askedBy, fillSeats, roleSeats, serves, type Seat, type SeatingPlan, type Told } from './seats';

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
  readonly contacts: NonNullable<SeatingPlan['contacts']>;
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

/** Who is to be told, by the rules of `seats`, with everything at hand. */
export function recipientsIn(directory: Directory, asked: Asked): readonly Told[] {
  const { at, absences, audience, studyId } = asked;
  const seated = directory.memberships.filter((membership) => inForce(membership, at) && !isAway(absences, membership.personId, at));
  const isHere = (personId: string): boolean => {
    const person = directory.people.get(personId);
    return person !== undefined && (person.leftAt === null || at < person.leftAt);
  };
  const told = fillSeats(seatsIn(directory, asked, seated), {
    delegateOf: (personId) => delegateIn(directory, personId, at),
    isThere: (personId) => isHere(personId) && seated.some((membership) => membership.personId === personId && serves(membership, audience.organisationId, studyId)),
  });
  return told.map(({ personId, as }) => ({ personId, as }));
}

function seatsIn(directory: Directory, { audience, studyId, topic, ladder, at }: Asked, seated: readonly Membership[]): readonly Seat[] {
  const asked = askedBy(audience, { contacts: rowInForce(directory.rows, topic, at)?.contacts, ladder });
  if ('seats' in asked) return asked.seats;
  const holders = asked.holdersOf.map((roles) => roleSeats(seated
    .filter((membership) => membership.organisationId === audience.organisationId && roles.includes(membership.role) && (membership.studyId === null || membership.studyId === studyId))
    .map(({ personId }) => personId)));
  return holders.find((seats) => seats.length > 0) ?? [];
}

/** The topic's own row before the one for every other, each in its latest version. */
function rowInForce(rows: readonly DirectoryRow[], topic: string, at: Instant): DirectoryRow | undefined {
  const inOrder = rows.filter((row) => row.effectiveFrom <= at)
    .toSorted((a, b) => b.version - a.version);
  return inOrder.find((row) => row.topic === topic) ?? inOrder[0];
}

/** Of overlapping delegations the latest begun counts; chains are not followed. */
function delegateIn({ delegations }: Directory, personId: string, at: Instant): string | undefined {
  return delegations
    .filter((delegation) => delegation.personId === personId && delegation.from <= at && at < delegation.until)
    .toSorted((a, b) => b.from.localeCompare(a.from) || a.id.localeCompare(b.id))[0]?.delegateId;
}

function isAway(absences: readonly Absence[], personId: string, at: Instant): boolean {
  return absences.some((absence) => absence.personId === personId && (absence.from === undefined || absence.from <= at) && (absence.until === undefined || at < absence.until));
}

/** In which role somebody serves an organisation at `at`, for the reader. */
export function roleIn(directory: Directory, seat: { personId: string; organisationId: string; at: Instant }): Role | null {
  const { personId, organisationId, at } = seat;
  return directory.memberships.find((membership) => membership.personId === personId && membership.organisationId === organisationId && inForce(membership, at))?.role ?? null;
}
