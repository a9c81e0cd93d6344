import type { Instant } from '../../contracts/instant';
import type { MatrixProposal } from '../../contracts/matrix';
import type { Mover, Waiting } from '../../contracts/step';
import { approvingSeat, missingApprovals, type ProposalActor } from './proposal';

/** What an open proposal waits for and who can move it, as records say it of themselves. */
export interface ProposalWaiting extends Waiting {
  /** Organisations whose approval is missing. */
  readonly missing: readonly string[];
}

/**
 * What a proposal waits for; null when it is over. `people`: those who might approve, with their memberships. An
 * organisation with nobody who may is named without a person: its administrator has to give somebody the role.
 */
export function proposalWaiting(
  proposal: MatrixProposal, { latestVersion, people, now }: { latestVersion: number; people: readonly ProposalActor[]; now: Instant },
): ProposalWaiting | null {
  const ours = proposal.proposingOrganisationId;
  const missing = missingApprovals(proposal);
  const isOutdated = proposal.baseVersion !== latestVersion;
  const withdraw: Mover = { organisationId: ours, acts: ['withdraw'] };
  if (proposal.status === 'draft') {
    const acts = isOutdated ? ['edit', 'withdraw'] : ['propose', 'edit', 'withdraw'];
    return { for: isOutdated ? 'edit on the latest version' : 'propose', movers: [{ organisationId: ours, acts }], missing };
  }
  if (proposal.status !== 'proposed') return null;
  if (isOutdated) return { for: 'withdraw: the row has a newer version', movers: [withdraw], missing };
  const approvers = people.flatMap((actor): Mover[] => {
    const seat = approvingSeat(proposal, { actor, now });
    return seat ? [{ organisationId: seat.organisationId, personId: actor.personId, acts: ['approve', 'decline'] }] : [];
  });
  const nobody = missing.filter((id) => !approvers.some(({ organisationId }) => organisationId === id)).map((organisationId): Mover => ({ organisationId, acts: ['approve', 'decline'] }));
  return { for: 'approve', movers: [...approvers, ...nobody, withdraw], missing };
}
