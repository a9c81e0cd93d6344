import type { Calendar } from '../contracts/calendar';
import type { Instant } from '../contracts/instant';
import type { Role } from '../contracts/people';
import type { StaffedScope } from '../domain/policy/check';
import type { Directory } from '../domain/routing/recipients';
import type { Store } from './connection';
import { defaultCalendars } from './calendars';
import { groupedBy } from './grouped';
import { rowKeysFor } from './matrix';
import { inForceAt, membershipOf } from './memberships';
import { organisationsByIds } from './organisations';
import type { MatrixDoc } from './schemas/matrix';
import type { CalendarDoc, DelegationDoc, MembershipDoc, PersonDoc, StudyDoc } from './schemas/people';

/** Whom a directory is for: the parties of an issue, its study, its topic. */
export interface DirectoryQuestion {
  readonly organisationIds: readonly string[];
  readonly studyId: string | null;
  readonly topic: string;
}

/** Everything that decides who is told on an issue of these parties, at whichever instant: seats past and to come, who stands in, all versions of the matrix rows. */
export async function directoryFor(store: Store, { organisationIds, studyId, topic }: DirectoryQuestion): Promise<Directory> {
  const parties = [...new Set(organisationIds)];
  const [organisations, memberships, rows] = await Promise.all([
    organisationsByIds(store, parties),
    store.models.memberships.find({ organisationId: { $in: parties } }).lean<MembershipDoc[]>(),
    store.models.matrix.find({ rowKey: { $in: rowKeysFor({ studyId, topic, organisationIds: parties }) } }).lean<MatrixDoc[]>(),
  ]);
  const ids = [...new Set([...memberships.map(({ personId }) => personId), ...rows.flatMap((row) => row.contacts.flatMap(({ personId, deputyId }) => [personId, deputyId]))])];
  const [people, delegations] = await Promise.all([
    store.models.people.find({ _id: { $in: ids } }, { name: 1, active: 1, updatedAt: 1 }).lean<Pick<PersonDoc, '_id' | 'name' | 'active' | 'updatedAt'>[]>(),
    store.models.delegations.find({ personId: { $in: ids } }).lean<DelegationDoc[]>(),
  ]);
  return {
    organisations: new Map(organisations.map(({ _id, name }) => [_id, name])),
    people: new Map(people.map(({ _id, name, active, updatedAt }) => [_id, { name, leftAt: active ? null : updatedAt }])),
    // What was ended keeps the time in which it counted: issues of that time are tried again, too.
    memberships: memberships.map((membership) => membershipOf({ ...membership, until: endOf(membership) })),
    delegations: delegations.map((delegation) => ({ id: delegation._id, personId: delegation.personId, delegateId: delegation.delegateId, from: delegation.from, until: endOf(delegation) ?? delegation.until })),
    rows: rows.map(({ topic: rowTopic, version, effectiveFrom, contacts }) => ({ topic: rowTopic, version, effectiveFrom, contacts })),
  };
}

/** When it ceased to count: by its own end, or by being taken back before. */
function endOf({ active, until, updatedAt }: { readonly active: boolean; readonly until: Instant | null; readonly updatedAt: Instant }): Instant | null {
  if (active) return until;
  return until !== null && until < updatedAt ? until : updatedAt;
}

/** Which calendar of an organisation counted at an instant. */
export type CalendarsAt = (organisationId: string, at: Instant) => Calendar | undefined;

/** Calendars of some organisations as they are known now: of each the latest version that has begun at the instant, those to come included. */
export async function latestCalendars(store: Store, organisationIds: readonly string[]): Promise<CalendarsAt> {
  const versions = await calendarVersions(store, organisationIds);
  return (organisationId, at) => versions.get(organisationId)?.find(({ effectiveFrom }) => (effectiveFrom ?? BEFORE_ANY) <= at) ?? versions.get(organisationId)?.at(-1);
}

/** Calendars as they were: of each organisation the latest version that existed at the instant, else its first. */
export async function calendarsThen(store: Store, organisationIds: readonly string[]): Promise<CalendarsAt> {
  const versions = await calendarVersions(store, organisationIds);
  return (organisationId, at) => {
    const known = versions.get(organisationId) ?? [];
    return known.find((calendar) => (calendar.effectiveFrom ?? calendar.createdAt) <= at) ?? known.at(-1);
  };
}

type DatedCalendar = Calendar & Pick<CalendarDoc, 'createdAt'>;
const BEFORE_ANY = '' as Instant;

/** Newest first. */
async function calendarVersions(store: Store, organisationIds: readonly string[]): Promise<ReadonlyMap<string, readonly DatedCalendar[]>> {
  const found = await store.models.calendars.find({ organisationId: { $in: [...new Set(organisationIds)] } }).sort({ version: -1 }).lean<CalendarDoc[]>();
  const without = organisationIds.filter((id) => !found.some(({ organisationId }) => organisationId === id));
  const defaults = (await defaultCalendars(store, without)).map((calendar) => ({ ...calendar, createdAt: BEFORE_ANY }));
  return groupedBy([...found, ...defaults], ({ organisationId }) => organisationId);
}

/** Which roles somebody holds at `at` in each organisation, or in it on one study, under names that a reader knows. */
export async function staffedScopes(store: Store, asked: { scopes: readonly { organisationId: string; studyId?: string | undefined }[]; at: Instant }): Promise<readonly StaffedScope[]> {
  const { scopes, at } = asked;
  const organisationIds = scopes.map(({ organisationId }) => organisationId);
  const studyIds = scopes.flatMap(({ studyId }) => (studyId === undefined ? [] : [studyId]));
  const [organisations, studies, memberships] = await Promise.all([
    organisationsByIds(store, organisationIds),
    store.models.studies.find({ _id: { $in: studyIds } }, { code: 1 }).lean<Pick<StudyDoc, '_id' | 'code'>[]>(),
    store.models.memberships.find({ organisationId: { $in: [...organisationIds] }, ...inForceAt(at) }).lean<MembershipDoc[]>(),
  ]);
  return scopes.map(({ organisationId, studyId }) => {
    const name = organisations.find(({ _id }) => _id === organisationId)?.name ?? organisationId;
    const code = studies.find(({ _id }) => _id === studyId)?.code;
    const held = memberships.filter((membership) => membership.organisationId === organisationId && (membership.studyId === null || membership.studyId === (studyId ?? null)));
    return { name: code === undefined ? name : `${name} on study ${code}`, held: [...new Set<Role>(held.map(({ role }) => role))] };
  });
}
