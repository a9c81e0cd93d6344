import type { PolicyNaming, PolicyScope } from '../../contracts/policyScope';
import { scopeOf, type Scoped } from './scope';

/** The order in which the version that counts is looked for, in words. */
export const ORDER_OF_SCOPES = 'The narrowest in force counts: what the parties signed for the study comes before what the two organisations signed for every study, then an organisation\'s own for what concerns nobody else, then the installation\'s default. In one scope the version signed last counts, once it has begun.';

/** Whom a policy of this scope binds, in words. */
export function bindsWhom({ kind, organisationIds, studyId }: PolicyScope): string {
  const parties = organisationIds.join(' and ');
  switch (kind) {
    case 'study': return `issues and CAPAs of study ${String(studyId)} ${between(parties, organisationIds)}`;
    case 'pair': return `issues and CAPAs ${between(parties, organisationIds)}, where they agreed on nothing for the study`;
    case 'organisation': return `issues and CAPAs within ${parties}, which concern nobody else`;
    case 'installation': return 'issues and CAPAs whose parties agreed on nothing of their own';
  }
}

const between = (parties: string, { length }: readonly string[]): string => (length === 1 ? `within ${parties}` : `between ${parties}`);

const NAMED: Readonly<Record<PolicyNaming, string>> = {
  row: 'the communication matrix names this policy', topic: 'the policy is named like the topic', default: 'no policy is named for the topic',
  moved: 'the raising side moved the record to it',
};

/** Why a record runs under its policy. */
export function becauseOf({ named, ...scoped }: Scoped & { readonly named?: PolicyNaming | undefined }): string {
  const scope = scopeOf(scoped);
  const naming = named === undefined ? 'chosen when the record was opened' : NAMED[named];
  return `${naming}; it binds ${bindsWhom(scope)}`;
}

/** What somebody who is no party reads of a record's policy. */
export const AGREED_BETWEEN_OTHERS = 'agreed between the parties';

/** A record's policy as those see it who may read it; others learn that there is one. */
export function shownPolicy(policy: Scoped & { readonly key: string; readonly version: number; readonly named?: PolicyNaming | undefined }, organisationIds: readonly string[]) {
  if (!isPartyOf(policy, organisationIds)) return { key: null, version: null, scope: null, because: AGREED_BETWEEN_OTHERS };
  return { key: policy.key, version: policy.version, scope: scopeOf(policy), because: becauseOf(policy) };
}

/** Whether one of these organisations may read the version: the record shows what it runs under, whatever the seat. */
export function isPartyOf(policy: Scoped, organisationIds: readonly string[]): boolean {
  const scope = scopeOf(policy);
  return scope.kind === 'installation' || scope.organisationIds.some((id) => organisationIds.includes(id));
}
