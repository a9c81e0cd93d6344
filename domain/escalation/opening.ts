import type { OpenIssue } from '../../contracts/escalation';
import { Failure } from '../../contracts/failures';
import { parseInstant, type Instant } from '../../contracts/instant';
import type { Policy } from '../../contracts/policy';

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

/** The versions of policy and matrix row that count for this issue for ever (P19). Throws Failure `rule_broken`. */
export function pinnedFor(topic: string, { row, policies }: { row: { readonly policyKey: string; readonly version: number } | undefined; policies: ReadonlyMap<string, Policy> }): { policy: Policy; matrixVersion: number | null } {
  // Without a row, a policy named like the topic (`security`) comes before the default.
  const policy = (row && policies.get(row.policyKey)) ?? policies.get(topic) ?? policies.get(DEFAULT_POLICY);
  if (!policy) throw broken('topic', 'no escalation policy is in force for it');
  return { policy, matrixVersion: row?.version ?? null };
}
