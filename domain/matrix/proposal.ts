import { plusMs, type Instant } from '../../contracts/instant';
import type { MatrixApproval, MatrixProposal, MatrixRow } from '../../contracts/matrix';
import { approverSeat, decideSigning, drafterSeat, missingParties, refused, withApproval, type Agreement, type AgreementActor, type AgreementSeat, type Approving, type Refused } from '../signature/agreement';
import { contentVersionAfter } from '../signature/contentVersion';
import { refuseUnsigned } from '../signature/demand';
import { proposalSignable } from './signable';

export type ProposalCommand =
  | { readonly act: 'edit'; readonly row: MatrixRow; readonly effectiveFrom: Instant | null; readonly baseVersion: number }
  | { readonly act: 'propose' }
  | { readonly act: 'approve'; readonly signatureId?: string | undefined }
  | { readonly act: 'decline'; readonly reason: string }
  | { readonly act: 'withdraw' };

export type ProposalActor = AgreementActor;

/** Who acts, when, and how far the row has got meanwhile. */
export interface ProposalSituation {
  readonly actor: ProposalActor;
  readonly now: Instant;
  /** Number of the row's latest version, one that is to come included; 0: none. */
  readonly latestVersion: number;
}

export type ProposalSeat = AgreementSeat;

export type ProposalDecision = { readonly allowed: true; readonly seat: ProposalSeat; readonly changes: Partial<MatrixProposal> } | Refused;

/** A version may be said to count from a little earlier than now: clocks differ and forms take time. */
const LATEST_START_MS = 60_000;

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
  return missingParties({ organisationIds: proposal.row.organisationIds, approvals: countingApprovals(proposal) });
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
  return drafterSeat(row, organisationIds, { actor, now });
}

/** The seat under which somebody may approve for an organisation that has not, or undefined: separation of duties included. */
export function approvingSeat(proposal: MatrixProposal, situation: Pick<ProposalSituation, 'actor' | 'now'>): ProposalSeat | undefined {
  const signing = decideSigning(agreementOf(proposal), situation);
  return signing.allowed ? signing.seat : undefined;
}

function agreementOf(proposal: MatrixProposal): Agreement {
  const { row: { organisationIds, studyId, topic }, authorIds } = proposal;
  return { organisationIds, studyId, topic, authorIds, approvals: countingApprovals(proposal) };
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
export function decideApproving(proposal: MatrixProposal, situation: ProposalSituation): Approving {
  const { latestVersion } = situation;
  const signing = decideSigning(agreementOf(proposal), situation);
  if (!signing.allowed && signing.type === 'not_permitted') return signing;
  if (proposal.status !== 'proposed') return refused('wrong_state', `the proposal is ${proposal.status}`);
  if (!signing.allowed) return signing;
  return proposal.baseVersion === latestVersion ? signing : outdated(proposal.baseVersion, situation);
}

function approve(proposal: MatrixProposal, { signatureId }: { signatureId?: string | undefined }, situation: ProposalSituation): ProposalDecision {
  const approving = decideApproving(proposal, situation);
  if (!approving.allowed) return approving;
  const unsigned = refuseUnsigned(proposalSignable(proposal, 'approve'), { signature: signatureId });
  if (unsigned || signatureId === undefined) return refused('signature_required', unsigned?.reason ?? 'no signature');
  const { seat } = approving;
  const { actor, now, latestVersion } = situation;
  const approvals = withApproval(proposal.approvals, { organisationId: seat.organisationId, personId: actor.personId, role: seat.role, at: now, signatureId });
  const complete = missingApprovals({ ...proposal, approvals }).length === 0;
  return { allowed: true, seat, changes: { approvals, ...(complete && { status: 'effective', version: latestVersion + 1 }) } };
}

function decline(proposal: MatrixProposal, { reason }: { reason: string }, situation: ProposalSituation): ProposalDecision {
  const seat = approverSeat(proposal.row, proposal.row.organisationIds, situation);
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
