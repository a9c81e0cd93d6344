import type { OpenIssue } from '../../contracts/escalation';
import { Failure } from '../../contracts/failures';
import { parseInstant, type Instant } from '../../contracts/instant';
import type { Policy } from '../../contracts/policy';
import type { PolicyNaming } from '../../contracts/policyScope';
import { narrowestInForce } from '../policy/inForce';
import type { BoundParties } from '../policy/scope';

/** The policy of issues that no matrix row gives another. */
const DEFAULT_POLICY = 'default';

/** What is known of the organisations and the study that an opening names. */
export interface Parties {
  readonly activeIds: readonly string[];
  /** The study named; undefined when there is none of this id. */
  readonly study: { readonly active: boolean; readonly organisationIds: readonly string[] } | undefined;
  /** Without a study: who works with the raising organisation on some study. */
  readonly partnerIds: readonly string[];
}

/** A rule about the content that one field breaks. */
export function broken(field: string, message: string): Failure {
  return new Failure('rule_broken', `${field}: ${message}`, { errors: [{ field, message }] });
}

/** Awareness cannot precede the happening, nor either the present: the two timestamps start clocks. Throws Failure `rule_broken`. */
export function checkTimes({ happenedAt, awareAt }: OpenIssue, now: Instant): void {
  const happened = happenedAt === undefined ? undefined : parseInstant(happenedAt);
  const aware = awareAt === undefined ? undefined : parseInstant(awareAt);
  if (happened && happened > now) throw broken('happenedAt', 'lies in the future');
  if (aware && aware > now) throw broken('awareAt', 'lies in the future');
  if (happened && aware && aware < happened) throw broken('awareAt', 'lies before happenedAt');
}

/** Both organisations work on the study; without a study they know each other from one. The same words whether unknown or unrelated. Throws Failure `rule_broken`. */
export function checkParties({ studyId, raisingOrganisationId, accountableOrganisationId }: Pick<OpenIssue, 'studyId' | 'raisingOrganisationId' | 'accountableOrganisationId'>, { activeIds, study, partnerIds }: Parties): void {
  if (studyId !== undefined && (!study?.active || !study.organisationIds.includes(raisingOrganisationId))) {
    throw broken('studyId', 'not a study that the raising organisation works on');
  }
  const works = (id: string): boolean => activeIds.includes(id) && (study?.organisationIds.includes(id) ?? (id === raisingOrganisationId || partnerIds.includes(id)));
  if (!works(raisingOrganisationId)) throw broken('raisingOrganisationId', 'not an active organisation');
  if (!works(accountableOrganisationId)) throw broken('accountableOrganisationId', 'not an active organisation that works with the raising one on this');
}

/** What an issue's policy is chosen from: what is in force and binds its parties. */
export interface PinnableFacts extends BoundParties {
  readonly at: Instant;
  readonly row: { readonly policyKey: string; readonly version: number; readonly topic?: string } | undefined;
  readonly policies: readonly Policy[];
}

/**
 * The versions of policy and matrix row that count for this issue for ever (P19): of the key that the row names, else of the
 * one named like the topic (`security`), else of the default; in each the narrowest scope. Throws Failure `rule_broken`.
 */
export function pinnedFor(topic: string, { row, policies, ...where }: PinnableFacts): { policy: Policy; matrixVersion: number | null; matrixTopic?: '*' } {
  const namings: readonly (readonly [PolicyNaming, string])[] = [...(row ? [['row', row.policyKey] as const] : []), ['topic', topic], ['default', DEFAULT_POLICY]];
  for (const [named, key] of namings) {
    const found = narrowestInForce(policies, key, where);
    if (found) return { policy: { ...found, named }, matrixVersion: row?.version ?? null, ...(row?.topic === '*' && { matrixTopic: '*' }) };
  }
  throw broken('topic', 'no escalation policy is in force for it');
}
