import type { OpenControl } from '../../contracts/control';
import { broken } from '../escalation/opening';

/** What is known of the organisations and the study that a control names. */
export interface ControlParties {
  readonly activeIds: readonly string[];
  /** The study named; undefined when there is none of this id. */
  readonly study: { readonly active: boolean; readonly organisationIds: readonly string[] } | undefined;
  /** Without a study: who works with the first organisation on some study. */
  readonly partnerIds: readonly string[];
  /** Organisations that have a business calendar. */
  readonly calendarIds: readonly string[];
}

/** The organisations work together on this, one of them is responsible, and its calendar can count the rule. Throws Failure `rule_broken`. */
export function checkControl({ studyId, organisationIds, rule }: Pick<OpenControl, 'studyId' | 'organisationIds' | 'rule'>, parties: ControlParties): void {
  const [first = ''] = organisationIds;
  const isTogether = (id: string): boolean => parties.study?.organisationIds.includes(id) ?? (id === first || parties.partnerIds.includes(id));
  if (studyId !== undefined && !parties.study?.active) throw broken('studyId', 'not a study of these organisations');
  if (!organisationIds.every((id) => parties.activeIds.includes(id) && isTogether(id))) throw broken('organisationIds', 'not active organisations that work together on this');
  if (!organisationIds.includes(rule.organisationId)) throw broken('rule.organisationId', 'not one of organisationIds');
  checkRule(rule, parties);
}

/** Business time needs the responsible organisation's calendar. Throws Failure `rule_broken`. */
export function checkRule(rule: OpenControl['rule'], { calendarIds }: Pick<ControlParties, 'calendarIds'>): void {
  const counts = [rule.every, rule.grace].some((span) => span.kind === 'business');
  if (counts && !calendarIds.includes(rule.organisationId)) throw broken('rule', 'the responsible organisation has no business calendar to count it on');
}
