import type { DrilledPerson, DrillState } from '../../contracts/drill';
import { epochMsOf, type Instant } from '../../contracts/instant';
import type { TimelineNotice } from '../timeline/deadlines';

/** One attempt to tell one person. */
interface Attempt {
  readonly channel: string;
  readonly as: string;
  readonly status: TimelineNotice['status'];
  readonly toldAt: Instant | null;
  readonly failure: string | null;
}

interface PersonReached extends DrilledPerson {
  readonly attempts: readonly Attempt[];
  readonly toldAt: Instant | null;
  /** How they showed it: by confirming, or by opening what they were told. */
  readonly by: 'confirmed' | 'opened' | null;
  readonly reachedAt: Instant | null;
  /** From the first telling to being reached, ms. */
  readonly afterMs: number | null;
  /** Why nobody could be told. */
  readonly unreachable: string | null;
}

interface OrganisationReached {
  readonly organisationId: string;
  readonly people: number;
  readonly told: number;
  readonly reached: number;
  /** One decimal. */
  readonly reachedPercent: number;
}

export interface ReachabilityReport {
  readonly kind: 'reachability';
  readonly matrixVersion: number | null;
  readonly organisations: readonly OrganisationReached[];
  /** Those who were not reached come first. */
  readonly people: readonly PersonReached[];
}

/** Who was told by which channel, who was reached and after how long: E15. Pure, so that it can be read at any time. */
export function reachabilityReport(state: DrillState, notices: readonly TimelineNotice[]): ReachabilityReport {
  const people = state.people.map((person) => reachedOf(state, person, notices.filter((notice) => notice.reason === 'reachability' && isFor(notice, person, state))));
  const organisationIds = [...new Set(people.map((person) => person.organisationId))].toSorted();
  return {
    kind: 'reachability', matrixVersion: state.matrixVersion,
    organisations: organisationIds.map((organisationId) => organisationOf(organisationId, people.filter((person) => person.organisationId === organisationId))),
    people: people.toSorted((a, b) => Number(a.reachedAt !== null) - Number(b.reachedAt !== null) || compare(a.organisationId, b.organisationId) || compare(a.personId, b.personId)),
  };
}

/** A delegate who was told instead has not shown that the person is reached: notices count for whom they were meant, and by whom they were got. */
function isFor(notice: TimelineNotice, { personId }: DrilledPerson, { id }: DrillState): boolean {
  return notice.intent === `drill/${id}/reach/${personId}` || notice.intent.startsWith(`drill/${id}/reach/${personId}/`);
}

function reachedOf(state: DrillState, person: DrilledPerson, notices: readonly TimelineNotice[]): PersonReached {
  const answer = state.answers.find(({ personId }) => personId === person.personId);
  const opened = first(notices.filter((notice) => notice.personId === person.personId).map(({ reachedAt }) => reachedAt));
  const toldAt = first(notices.map((notice) => notice.toldAt));
  const confirmedAt = answer?.confirmedAt ?? null;
  const isOpenedInTime = opened !== null && (state.endedAt === null || opened <= state.endedAt);
  const by = confirmedAt !== null ? 'confirmed' : isOpenedInTime ? 'opened' : null;
  const reachedAt = by === 'confirmed' ? first([confirmedAt, opened]) : by === 'opened' ? opened : null;
  return {
    ...person, toldAt, by, reachedAt, unreachable: answer?.unreachable ?? null,
    attempts: notices.map(({ channel, as, status, toldAt: at, failure }) => ({ channel, as, status, toldAt: at, failure })),
    afterMs: reachedAt === null ? null : Math.max(0, epochMsOf(reachedAt) - epochMsOf(toldAt ?? state.openedAt)),
  };
}

function organisationOf(organisationId: string, people: readonly PersonReached[]): OrganisationReached {
  const reached = people.filter((person) => person.reachedAt !== null).length;
  return {
    organisationId, people: people.length, told: people.filter((person) => person.toldAt !== null).length, reached,
    reachedPercent: people.length === 0 ? 0 : Math.round((1000 * reached) / people.length) / 10,
  };
}

function first(instants: readonly (Instant | null)[]): Instant | null {
  return instants.filter((instant) => instant !== null).toSorted()[0] ?? null;
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
