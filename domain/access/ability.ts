import { createMongoAbility, subject, type MongoAbility, type MongoQuery, type RawRuleOf } from '@casl/ability';
import type { Instant } from '../../contracts/instant';
import { ROLES, type Membership, type Role } from '../../contracts/people';
import { ISSUE_ACTS, OPEN_TO_INFORMED, ROLE_ACTS, SIDE_OF_ACT, type Extent, type RecordAct, type SteeringAct } from './roles';

/**
 * What a right depends on: the fields of a stored issue, by the same names, so that the same
 * conditions decide on one record and filter a list.
 */
export interface AccessRecord {
  readonly raisingOrganisationId: string;
  readonly accountableOrganisationId: string;
  readonly studyId: string | null;
  readonly topic: string;
  readonly systemId: string | null;
  /** Parties and shares. */
  readonly visibleTo: readonly string[];
  readonly assigneeIds: readonly string[];
  /** Organisations that hold no more than a summary. */
  readonly summaryFor?: readonly string[];
}

export type Ability = MongoAbility<[RecordAct, 'Issue' | AccessRecord]>;
type Rule = RawRuleOf<Ability>;

/** A membership counts from its first instant up to, not including, its last. */
export function inForce(membership: Membership, now: Instant): boolean {
  return membership.from <= now && (membership.until === null || now < membership.until);
}

/** Everything that these memberships allow on issues at `now`. Deny is the default. */
export function abilityFor(memberships: readonly Membership[], now: Instant): Ability {
  return createMongoAbility<Ability>(rulesOf(memberships.filter((membership) => inForce(membership, now))));
}

/**
 * The membership under which the act is allowed, or undefined. With several, the role that comes
 * first in the table counts, then the older membership. A record that may not be seen may not be acted on.
 */
export function mayAct(input: { memberships: readonly Membership[]; act: RecordAct; record: AccessRecord; now: Instant }): { role: Role; organisationId: string } | undefined {
  const { memberships, act, record, now } = input;
  const inOrder = memberships
    .filter((membership) => inForce(membership, now))
    .toSorted((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role) || a.from.localeCompare(b.from) || a.id.localeCompare(b.id));
  const allowing = inOrder.find((membership) => createMongoAbility<Ability>(rulesOf([membership], [act])).can(act, subject('Issue', { ...record })));
  return allowing && { role: allowing.role, organisationId: allowing.organisationId };
}

/**
 * The membership under which an act on people or configuration is allowed, or undefined. `topic`
 * and `systemId` narrow the roles that steer only security or their own systems.
 */
export function maySteer(input: {
  memberships: readonly Membership[]; act: SteeringAct; organisationIds: readonly string[]; now: Instant;
  studyId?: string | null; topic?: string; systemId?: string;
}): { role: Role; organisationId: string } | undefined {
  const { memberships, act, organisationIds, now, studyId, topic, systemId } = input;
  const allowing = memberships.find((membership) => {
    const extent = ROLE_ACTS[act][membership.role];
    const reaches = extent === 'any' || (extent === 'security' && topic === 'security')
      || (extent === 'systems' && systemId !== undefined && membership.systemIds.includes(systemId));
    return reaches && inForce(membership, now) && (act === 'administer-instance' || organisationIds.includes(membership.organisationId))
      && (studyId === undefined || membership.studyId === null || membership.studyId === studyId);
  });
  return allowing && { role: allowing.role, organisationId: allowing.organisationId };
}

/** How much of a record these memberships show; undefined: there is no such record for them (404). */
export function extentSeen(input: { memberships: readonly Membership[]; record: AccessRecord; now: Instant }): 'whole' | 'summary' | undefined {
  const { memberships, record, now } = input;
  const seeing = memberships.filter((membership) => mayAct({ memberships: [membership], act: 'see', record, now }) !== undefined);
  if (seeing.length === 0) return undefined;
  return seeing.some((membership) => !record.summaryFor?.includes(membership.organisationId)) ? 'whole' : 'summary';
}

/** A query over the fields of AccessRecord in MongoDB's language, as plain data; undefined: nothing is visible. */
export type VisibilityFilter = MongoQuery;

/** Which issues these memberships list. */
export function visibilityFilter(memberships: readonly Membership[], now: Instant): VisibilityFilter | undefined {
  // All rules permit, none forbids: their union is the query.
  const alternatives = abilityFor(memberships, now).rulesFor('see', 'Issue').map((rule) => rule.conditions ?? {});
  return alternatives.length === 0 ? undefined : { $or: alternatives };
}

/**
 * The part of a stored issue that rights depend on. Shares are read from its state; a party's
 * whole view wins over a share.
 */
export function accessRecordOf(issue: Omit<AccessRecord, 'summaryFor'> & { readonly state: unknown }): AccessRecord {
  const { raisingOrganisationId, accountableOrganisationId, studyId, topic, systemId, visibleTo, assigneeIds, state } = issue;
  const { shares } = (state ?? {}) as { shares?: readonly { organisationId: string; extent: string }[] };
  const summaryFor = (shares ?? [])
    .filter((share) => share.extent === 'summary' && share.organisationId !== raisingOrganisationId && share.organisationId !== accountableOrganisationId)
    .map((share) => share.organisationId);
  return { raisingOrganisationId, accountableOrganisationId, studyId, topic, systemId, visibleTo, assigneeIds, summaryFor };
}

/**
 * Alternatives of plain field conditions, any of which suffices. CASL's matcher reads a nested
 * `$and` or `$or` as the name of a field and never matches, so rules are spelt out flat.
 */
type Alternatives = readonly MongoQuery[];

function rulesOf(memberships: readonly Membership[], acts: readonly RecordAct[] = ISSUE_ACTS): Rule[] {
  return memberships.flatMap((membership) => acts.flatMap((act): Rule[] => {
    const extent = ROLE_ACTS[act][membership.role];
    const sight = ROLE_ACTS.see[membership.role];
    if (!extent || !sight) return [];
    const parts = [seatFor(act, membership), studyOf(membership)];
    if (act !== 'see') parts.push(reachOf(extent, membership));
    // Who raises names the record; there is nothing to be seen yet.
    if (act !== 'raise') parts.push(sightOf(sight, membership));
    return bothOf(parts).map((conditions) => ({ action: act, subject: 'Issue', conditions }));
  }));
}

/** All parts at once. Two parts name the same field only with the same condition, the membership's. */
function bothOf(parts: readonly Alternatives[]): Alternatives {
  return parts.reduce<Alternatives>((left, right) => left.flatMap((one) => right.map((other) => ({ ...one, ...other }))), [{}]);
}

/** The seat that the act needs for the organisation on the record. */
function seatFor(act: RecordAct, { organisationId }: Membership): Alternatives {
  if (act === 'see') return [{ visibleTo: organisationId }];
  if (OPEN_TO_INFORMED.includes(act)) return [{ visibleTo: organisationId, summaryFor: { $nin: [organisationId] } }];
  const side = SIDE_OF_ACT[act];
  const raising = { raisingOrganisationId: organisationId };
  const accountable = { accountableOrganisationId: organisationId };
  if (side === 'raising') return [raising];
  if (side === 'accountable') return [accountable];
  return [raising, accountable];
}

function studyOf({ studyId }: Membership): Alternatives {
  return [studyId === null ? {} : { studyId }];
}

/** Whom a record was assigned to sees it, whatever the role's usual sight. */
function sightOf(extent: Extent, membership: Membership): Alternatives {
  const reach = reachOf(extent, membership);
  return extent === 'security' ? [...reach, { assigneeIds: membership.personId }] : reach;
}

function reachOf(extent: Extent, { organisationId, personId, systemIds, studyId }: Membership): Alternatives {
  const assigned = { assigneeIds: personId };
  switch (extent) {
    case 'any': return [{}];
    case 'own': return [{ raisingOrganisationId: organisationId }, { accountableOrganisationId: organisationId }, assigned];
    case 'security': return [{ topic: 'security' }];
    case 'systems': return [{ systemId: { $in: [...systemIds] } }, assigned];
    // An inspector without a study is bound to none and sees nothing; with one, studyOf binds.
    case 'study': return studyId === null ? [] : [{}];
  }
}
