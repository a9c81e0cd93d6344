import type { FailureType } from '../../contracts/failures';
import type { Instant } from '../../contracts/instant';
import type { Membership, Role } from '../../contracts/people';
import type { PartyApproval } from '../../contracts/policyScope';
import { maySteer } from '../access/ability';

/** What organisations agree on, each by the signature of one of its people who had no part in writing it: a matrix row, a policy, a calendar. */
export interface Agreement {
  /** Everybody whom it binds. */
  readonly organisationIds: readonly string[];
  readonly studyId: string | null;
  readonly topic: string;
  readonly authorIds: readonly string[];
  /** Those that count. */
  readonly approvals: readonly PartyApproval[];
}

export interface AgreementActor {
  readonly personId: string;
  readonly memberships: readonly Membership[];
}

/** The seat under which somebody acts for an organisation. */
export interface AgreementSeat {
  readonly role: Role;
  readonly organisationId: string;
}

export interface AgreementSituation {
  readonly actor: AgreementActor;
  readonly now: Instant;
}

export type Refused = { readonly allowed: false; readonly type: FailureType; readonly reason: string };
export type Approving = { readonly allowed: true; readonly seat: AgreementSeat } | Refused;

export const refused = (type: FailureType, reason: string): Refused => ({ allowed: false, type, reason });

/** Organisations whose approval is still missing, in the agreement's order. */
export function missingParties({ organisationIds, approvals }: Pick<Agreement, 'organisationIds' | 'approvals'>): readonly string[] {
  return [...new Set(organisationIds)].filter((id) => !approvals.some((approval) => approval.organisationId === id));
}

/** The seat under which somebody may draft for one of these organisations, or undefined. */
export function drafterSeat({ studyId, topic }: Pick<Agreement, 'studyId' | 'topic'>, organisationIds: readonly string[], { actor, now }: AgreementSituation): AgreementSeat | undefined {
  const asked = { memberships: actor.memberships, organisationIds, studyId, topic, now };
  return maySteer({ ...asked, act: 'draft-configuration' }) ?? maySteer({ ...asked, act: 'approve-configuration' });
}

/** The seat under which somebody may approve for one of these organisations, or undefined; whether they had a part in it is not asked. */
export function approverSeat({ studyId, topic }: Pick<Agreement, 'studyId' | 'topic'>, organisationIds: readonly string[], { actor, now }: AgreementSituation): AgreementSeat | undefined {
  return maySteer({ memberships: actor.memberships, act: 'approve-configuration', organisationIds, studyId, topic, now });
}

/** Whether somebody may sign for one of the organisations that have not, and under which seat: everything but the signature itself. */
export function decideSigning(agreement: Agreement, situation: AgreementSituation): Approving {
  const { personId } = situation.actor;
  if (!approverSeat(agreement, agreement.organisationIds, situation)) return refused('not_permitted', 'no role of yours approves this for an organisation that it binds');
  if (agreement.authorIds.includes(personId)) return refused('separation_of_duties', 'who wrote or proposed it does not approve it');
  if (agreement.approvals.some((approval) => approval.personId === personId)) return refused('separation_of_duties', 'you have approved it');
  const seat = approverSeat(agreement, missingParties(agreement), situation);
  return seat ? { allowed: true, seat } : refused('wrong_state', 'your organisation has approved it');
}

/** The approvals once one more was given; an organisation has one. */
export function withApproval(approvals: readonly PartyApproval[], approval: PartyApproval): readonly PartyApproval[] {
  return [...approvals.filter(({ organisationId }) => organisationId !== approval.organisationId), approval];
}
