import { Failure } from '../../contracts/failures';
import { parseInstant, type Instant } from '../../contracts/instant';
import type { Policy } from '../../contracts/policy';
import type { TriedPolicy } from '../../contracts/simulation';
import { maySteer } from '../../domain/access/ability';
import { broken, checkParties } from '../../domain/escalation/opening';
import type { Absence } from '../../domain/routing/recipients';
import { unpublished } from '../../domain/simulation/simulate';
import type { Setting } from '../../domain/simulation/tellings';
import { calendarsThen, directoryFor, latestCalendars, type CalendarsAt, type DirectoryQuestion } from '../../store/directory';
import { knownOrganisationIds, organisationsByIds } from '../../store/organisations';
import { inForceAt, narrowestInForce } from '../../domain/policy/inForce';
import { mayReadPolicy } from '../../domain/policy/readers';
import type { BoundParties } from '../../domain/policy/scope';
import { ladderPolicies } from '../../store/policies';
import { LADDER_POLICIES, policyOf } from '../../store/policyKinds';
import { ladderDrafts } from '../../store/policyDrafts';
import type { Store } from '../../store/connection';
import { studyById } from '../../store/studies';
import { notPermitted, organisationIdsOf } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { readingSeatsOf, readsDraft } from './policySeats';

type Deps = Pick<ApiDeps, 'store' | 'now'>;

/** Who tries, and for whom: absent, what is tried for no parties is the installation's. */
interface Trial {
  readonly caller: Caller;
  readonly parties?: BoundParties;
}

/** The ladders that are tried, of those that the caller may read. Throws Failure `rule_broken` naming the field when there are none such. */
export async function triedPolicy(deps: Deps, tried: TriedPolicy, { caller, parties }: Trial): Promise<Policy> {
  const { store, now } = deps;
  if ('ladders' in tried) return unpublished(tried.ladders, now());
  if ('draftId' in tried) {
    const draft = await ladderDrafts.find(store, tried.draftId);
    if (!draft || !await readsDraft(deps, caller, draft)) throw broken('policy.draftId', 'no such draft');
    return { ...unpublished(draft.ladders, now()), key: draft.key, version: (draft.baseVersion ?? 0) + 1, ...(draft.scope && { scope: draft.scope }) };
  }
  const { key, version, scope } = tried;
  const readable = await readableLadders(deps, caller, key);
  const line = readable.filter((doc) => (doc.scopeKey ?? 'installation') === (scope ?? 'installation'));
  const found = version !== undefined ? line.find((doc) => doc.version === version)
    : scope === undefined && parties ? narrowestInForce(readable, key, { ...parties, at: now() }) : inForceAt(line, now());
  return found ? policyOf(LADDER_POLICIES, found) : notThere();
}

/** Versions of a key that the caller reads, by scope, newest first. */
export async function readableLadders(deps: Deps, caller: Caller, key: string) {
  const seats = await readingSeatsOf(deps, caller);
  return (await ladderPolicies.ofOrganisations(deps.store, organisationIdsOf(caller), key)).filter((doc) => mayReadPolicy(doc, seats));
}

function notThere(): never {
  throw broken('policy', 'no such version');
}

/**
 * Whoever may draft or approve configuration for an organisation tries it out there, for the study of the seat where that is bound
 * to one: the answer names people. `studyId` null: for none; absent: on records that the caller sees anyway. Throws Failure `not_permitted`.
 */
export function requireTrier({ now }: Deps, caller: Caller, { organisationIds = organisationIdsOf(caller), studyId }: { readonly organisationIds?: readonly string[]; readonly studyId?: string | null } = {}): void {
  const own = organisationIds.filter((id) => organisationIdsOf(caller).includes(id));
  const seat = (['draft-configuration', 'approve-configuration'] as const).some((act) => maySteer({ memberships: caller.memberships, act, organisationIds: own, topic: 'security', now: now(), ...(studyId !== undefined && { studyId }) }));
  if (!seat) throw notPermitted('Who may draft or approve configuration for one of the organisations tries it out.');
}

/** The parties know one another, as for an issue. Throws Failure `rule_broken` naming the field. */
export async function requireParties(store: Store, parties: { studyId?: string | undefined; raisingOrganisationId: string; accountableOrganisationId: string }): Promise<void> {
  const { studyId, raisingOrganisationId, accountableOrganisationId } = parties;
  const [organisations, study, known] = await Promise.all([
    organisationsByIds(store, [raisingOrganisationId, accountableOrganisationId]),
    studyId === undefined ? undefined : studyById(store, studyId),
    knownOrganisationIds(store, raisingOrganisationId),
  ]);
  checkParties(parties, { activeIds: organisations.filter(({ active }) => active).map(({ _id }) => _id), study, partnerIds: [...known] });
}

/** The world as it is known now: today's calendars, and seats and matrix versions for any instant. */
export async function settingNow(store: Store, question: DirectoryQuestion, absences: readonly Absence[] = []): Promise<Setting> {
  return settingOf(store, { question, absences, calendarOf: await latestCalendars(store, question.organisationIds) });
}

/** The world as it was: calendars by when their versions came. */
export async function settingThen(store: Store, question: DirectoryQuestion): Promise<Setting> {
  return settingOf(store, { question, absences: [], calendarOf: await calendarsThen(store, question.organisationIds) });
}

async function settingOf(store: Store, of: { question: DirectoryQuestion; absences: readonly Absence[]; calendarOf: CalendarsAt }): Promise<Setting> {
  return { directory: await directoryFor(store, of.question), absences: of.absences, calendarOf: of.calendarOf, tzdb: process.versions['tz'] ?? 'unknown' };
}

/** Absences as a request gives them. */
export function absencesOf(away: readonly (string | { personId: string; from?: string | undefined; until?: string | undefined })[]): readonly Absence[] {
  return away.map((one) => (typeof one === 'string' ? { personId: one } : { personId: one.personId, from: utc(one.from), until: utc(one.until) }));
}

/** An instant as it is stored, so that it sorts as text. */
export function utc(text: string): Instant;
export function utc(text: string | undefined): Instant | undefined;
export function utc(text: string | undefined): Instant | undefined {
  if (text === undefined) return undefined;
  const parsed = parseInstant(text);
  if (!parsed) throw new Failure('invalid', 'not an instant', { text });
  return parsed;
}

/** Lets other requests in between two pieces of work that take the processor. */
export const breathe = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });
