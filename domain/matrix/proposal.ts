import type { FailureType } from '../../contracts/failures';
import { plusMs, type Instant } from '../../contracts/instant';
import type { MatrixApproval, MatrixProposal, MatrixRow } from '../../contracts/matrix';
import type { Membership, Role } from '../../contracts/people';
import { maySteer } from '../access/ability';
import { contentVersionAfter } from '../signature/contentVersion';
import { refuseUnsigned } from '../signature/demand';
import { proposalSignable } from './signable';

export type ProposalCommand =
  | { readonly act: 'edit'; readonly row: MatrixRow; readonly effectiveFrom: Instant | null; readonly baseVersion: number }
  | { readonly act: 'propose' }
  | { readonly act: 'approve'; readonly signatureId?: string | undefined }
  | { readonly act: 'decline'; readonly reason: string }
  | { readonly act: 'withdraw' };

export interface ProposalActor {
  readonly personId: string;
  readonly memberships: readonly Membership[];
}

/** Who acts, when, and how far the row has got meanwhile. */
export interface ProposalSituation {
  readonly actor: ProposalActor;
  readonly now: Instant;
  /** Number of the row's latest version, one that is to come included; 0: none. */
  readonly latestVersion: number;
}

/** The seat under which somebody acts for an organisation. */
export interface ProposalSeat {
  readonly role: Role;
  readonly organisationId: string;
}

type Refused = { readonly allowed: false; readonly type: FailureType; readonly reason: string };
export type ProposalDecision = { readonly allowed: true; readonly seat: ProposalSeat; readonly changes: Partial<MatrixProposal> } | Refused;

/** A version may be said to count from a little earlier than now: clocks differ and forms take time. */
const LATEST_START_MS = 60_000;

const refused = (type: FailureType, reason: string): Refused => ({ allowed: false, type, reason });

/**
 * What an act does to a proposal, or why not (E1): draft → proposed → effective | declined | withdrawn. It takes effect
 * with the approval of every organisation of its row, each by one of its own people, none of whom wrote it.
 */
export function decideProposal(proposal: MatrixProposal, command: ProposalCommand, situation: ProposalSituation): ProposalDecision {
  switch (command.act) {
    case 'edit': return edit(proposal, command, situation);
    case 'propose': return propose(proposal, situation);
    case 'approve': return approve(proposal, command, situation);
    case 'decline': return decline(proposal, command, situation);
    case 'withdraw': return withdraw(proposal, situation);
  }
}

/** Organisations whose approval is still missing, in the row's order. While it is proposed only signed ones count. */
export function missingApprovals(proposal: Pick<MatrixProposal, 'row' | 'approvals' | 'status'>): readonly string[] {
  return [...new Set(proposal.row.organisationIds)].filter((id) => !countingApprovals(proposal).some((approval) => approval.organisationId === id));
}

/** Proposals that were open when signatures came in need them: what was approved without one is approved again. */
function countingApprovals({ status, approvals }: Pick<MatrixProposal, 'approvals' | 'status'>): readonly MatrixApproval[] {
  return status === 'proposed' ? approvals.filter(({ signatureId }) => signatureId !== undefined) : approvals;
}

/** From when the version counts once it is approved: never from the past. */
export function effectiveAt({ effectiveFrom }: Pick<MatrixProposal, 'effectiveFrom'>, now: Instant): Instant {
  return effectiveFrom !== null && effectiveFrom > now ? effectiveFrom : now;
}

/** Whether a wished start lies behind. */
export function startsInThePast(effectiveFrom: Instant | null, now: Instant): boolean {
  return effectiveFrom !== null && effectiveFrom < plusMs(now, -LATEST_START_MS);
}

/** The seat under which somebody may draft for one of these organisations, or undefined. */
export function draftingSeat(row: Pick<MatrixRow, 'studyId' | 'topic'>, organisationIds: readonly string[], { actor, now }: Pick<ProposalSituation, 'actor' | 'now'>): ProposalSeat | undefined {
  const asked = { memberships: actor.memberships, organisationIds, studyId: row.studyId, topic: row.topic, now };
  return maySteer({ ...asked, act: 'draft-configuration' }) ?? maySteer({ ...asked, act: 'approve-configuration' });
}

/** The seat under which somebody may approve for an organisation that has not, or undefined: separation of duties included. */
export function approvingSeat(proposal: MatrixProposal, situation: Pick<ProposalSituation, 'actor' | 'now'>): ProposalSeat | undefined {
  const { personId } = situation.actor;
  const hasPart = proposal.authorIds.includes(personId) || countingApprovals(proposal).some((approval) => approval.personId === personId);
  return hasPart ? undefined : approverSeat(proposal, missingApprovals(proposal), situation);
}

function approverSeat({ row }: MatrixProposal, organisationIds: readonly string[], { actor, now }: Pick<ProposalSituation, 'actor' | 'now'>): ProposalSeat | undefined {
  return maySteer({ memberships: actor.memberships, act: 'approve-configuration', organisationIds, studyId: row.studyId, topic: row.topic, now });
}

function edit(proposal: MatrixProposal, command: ProposalCommand & { act: 'edit' }, situation: ProposalSituation): ProposalDecision {
  const seat = proposingSeat(proposal, situation);
  if (!seat) return notTheirs;
  if (proposal.status !== 'draft') return refused('wrong_state', `a ${proposal.status} proposal is not edited: withdraw it and make another`);
  if (command.baseVersion !== situation.latestVersion) return outdated(command.baseVersion, situation);
  const { row, effectiveFrom, baseVersion } = command;
  const contentVersion = contentVersionAfter(proposalSignable(proposal, 'approve'), proposalSignable({ ...proposal, row, effectiveFrom, baseVersion }, 'approve'));
  return { allowed: true, seat, changes: { row, effectiveFrom, baseVersion, authorIds: withAuthor(proposal, situation.actor), contentVersion } };
}

function propose(proposal: MatrixProposal, situation: ProposalSituation): ProposalDecision {
  const seat = proposingSeat(proposal, situation);
  if (!seat) return notTheirs;
  if (proposal.status !== 'draft') return refused('wrong_state', `the proposal is ${proposal.status}`);
  if (proposal.baseVersion !== situation.latestVersion) return outdated(proposal.baseVersion, situation);
  return { allowed: true, seat, changes: { status: 'proposed', proposedAt: situation.now, authorIds: withAuthor(proposal, situation.actor) } };
}

/** Whether somebody may sign an approval now, and under which seat: everything but the signature itself. */
export function decideApproving(proposal: MatrixProposal, situation: ProposalSituation): { readonly allowed: true; readonly seat: ProposalSeat } | Refused {
  const { actor, latestVersion } = situation;
  if (!approverSeat(proposal, proposal.row.organisationIds, situation)) return refused('not_permitted', 'no role of yours approves rows for an organisation of this one');
  if (proposal.status !== 'proposed') return refused('wrong_state', `the proposal is ${proposal.status}`);
  if (proposal.authorIds.includes(actor.personId)) return refused('separation_of_duties', 'who wrote or proposed a row does not approve it');
  if (countingApprovals(proposal).some(({ personId }) => personId === actor.personId)) return refused('separation_of_duties', 'you have approved it');
  const seat = approvingSeat(proposal, situation);
  if (!seat) return refused('wrong_state', 'your organisation has approved it');
  return proposal.baseVersion === latestVersion ? { allowed: true, seat } : outdated(proposal.baseVersion, situation);
}

function approve(proposal: MatrixProposal, { signatureId }: { signatureId?: string | undefined }, situation: ProposalSituation): ProposalDecision {
  const approving = decideApproving(proposal, situation);
  if (!approving.allowed) return approving;
  const unsigned = refuseUnsigned(proposalSignable(proposal, 'approve'), { signature: signatureId });
  if (unsigned || signatureId === undefined) return refused('signature_required', unsigned?.reason ?? 'no signature');
  const { seat } = approving;
  const { actor, now, latestVersion } = situation;
  const others = proposal.approvals.filter(({ organisationId }) => organisationId !== seat.organisationId);
  const approvals = [...others, { organisationId: seat.organisationId, personId: actor.personId, role: seat.role, at: now, signatureId }];
  const complete = missingApprovals({ ...proposal, approvals }).length === 0;
  return { allowed: true, seat, changes: { approvals, ...(complete && { status: 'effective', version: latestVersion + 1 }) } };
}

function decline(proposal: MatrixProposal, { reason }: { reason: string }, situation: ProposalSituation): ProposalDecision {
  const seat = approverSeat(proposal, proposal.row.organisationIds, situation);
  if (!seat) return refused('not_permitted', 'no role of yours approves rows for an organisation of this one');
  if (proposal.status !== 'proposed') return refused('wrong_state', `the proposal is ${proposal.status}`);
  return { allowed: true, seat, changes: { status: 'declined', declined: { organisationId: seat.organisationId, personId: situation.actor.personId, reason, at: situation.now } } };
}

function withdraw(proposal: MatrixProposal, situation: ProposalSituation): ProposalDecision {
  const seat = proposingSeat(proposal, situation);
  if (!seat) return notTheirs;
  if (proposal.status !== 'draft' && proposal.status !== 'proposed') return refused('wrong_state', `the proposal is ${proposal.status}`);
  return { allowed: true, seat, changes: { status: 'withdrawn' } };
}

const notTheirs = refused('not_permitted', 'only those who may draft rows for the proposing organisation do this');

function proposingSeat(proposal: MatrixProposal, situation: ProposalSituation): ProposalSeat | undefined {
  return draftingSeat(proposal.row, [proposal.proposingOrganisationId], situation);
}

function outdated(baseVersion: number, { latestVersion }: ProposalSituation): Refused {
  return refused('wrong_state', `made on version ${String(baseVersion)} of the row, whose latest is ${String(latestVersion)}`);
}

function withAuthor({ authorIds }: MatrixProposal, { personId }: ProposalActor): readonly string[] {
  return authorIds.includes(personId) ? authorIds : [...authorIds, personId];
}
