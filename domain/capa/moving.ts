import type { CapaState, PastIteration } from '../../contracts/capaState';
import { PROPOSAL_KINDS, type CapaStatus, type ProposalKind, type SignedSubject } from '../../contracts/capaWords';
import type { Instant } from '../../contracts/instant';
import { armStage, deadlines, endStage, ITERATION_STAGES, type CapaDraft } from './stages';
import { tellOwner } from './telling';

const OPEN: readonly CapaStatus[] = [
  'draft', 'triage', 'containment', 'investigation', 'plan_review', 'plan_approved', 'implementation', 'implementation_verified', 'monitoring', 'effectiveness_check', 'closure_review',
];

/** When each kind of proposal makes sense; the state moving on overtakes it. */
export const PROPOSED_IN: Readonly<Record<ProposalKind, readonly CapaStatus[]>> = {
  rejection: ['triage'],
  cancellation: OPEN,
  waiver: ['implementation_verified', 'monitoring'],
  not_affected: ['triage', 'containment', 'investigation'],
};

/** Counts up the version of parts that changed: what was signed before is of another version. */
export function touch(draft: CapaDraft, ...subjects: readonly SignedSubject[]): void {
  const versions = { ...draft.state.versions };
  for (const subject of subjects) versions[subject] += 1;
  draft.set({ versions });
}

/** Sets the status and says so once; proposals that fit no more are overtaken. */
export function moveTo(draft: CapaDraft, next: CapaStatus, reason?: string): void {
  const old = draft.state.status;
  draft.set({ status: next });
  draft.fact({ action: 'status.changed', field: 'status', old, new: next, ...(reason === undefined ? {} : { reason }) });
  for (const kind of PROPOSAL_KINDS) {
    if (draft.state.proposals[kind]?.status === 'pending' && !PROPOSED_IN[kind].includes(next)) endProposal(draft, kind, { status: 'overtaken' });
  }
}

/** Ends a proposal without its signature. */
export function endProposal(draft: CapaDraft, kind: ProposalKind, end: { status: 'declined' | 'lapsed' | 'overtaken'; reason?: string }): void {
  const proposal = draft.state.proposals[kind];
  if (!proposal) return;
  draft.set({ proposals: { ...draft.state.proposals, [kind]: { ...proposal, status: end.status } } });
  draft.lift(deadlines.proposal(kind));
  draft.fact({ action: `proposal.${end.status}`, field: `proposals.${kind}`, old: 'pending', new: end.status, ...(end.reason === undefined ? {} : { reason: end.reason }) });
}

/** What the sponsor's seat means when nobody has said otherwise (Q10): affected is the default. */
export const defaultImpact = ({ sponsorOrganisationId }: Pick<CapaState, 'sponsorOrganisationId'>): CapaState['sponsorImpact'] => (sponsorOrganisationId === null ? 'no_sponsor' : 'affected');

/**
 * What was done did not work, or the cause came back: the same CAPA, the next iteration of its investigation (Q7).
 * What was tried stays on the record; nothing of it counts for the new iteration.
 */
export function nextIteration(draft: CapaDraft, { outcome, now }: { outcome: PastIteration['outcome']; now: Instant }): void {
  const { iteration: no, rootCause, plan, actions, result, measurement, deviations = [], approvals, past, extensions } = draft.state;
  for (const { name } of draft.state.stages.filter((stage) => stage.endedAt === null)) endStage(draft, name, { now, lifted: true });
  draft.lift(deadlines.monitoring, 'action/*', 'extension/*', deadlines.watch, deadlines.proposal('waiver'), deadlines.proposal('not_affected'));
  draft.set({
    past: [...past, { no, endedAt: now, outcome, rootCause, plan, actions, result, ...(measurement ? { measurement } : {}), ...(deviations.length > 0 ? { deviations } : {}), approvals }],
    iteration: no + 1, iterationFrom: now, rootCause: null, extentCheck: null, plan: null, actions: [], adverseCheck: null, result: null, ...(measurement === undefined ? {} : { measurement: null }), ...(draft.state.deviations === undefined ? {} : { deviations: [] }), closure: null,
    submitted: null, approvals: [], assessor: null, sponsorImpact: defaultImpact(draft.state), verifiedAt: null, monitoringExtended: 0, closedAt: null, closedBy: null, watchOver: false,
    extensions: extensions.map((one) => (one.status === 'pending' ? { ...one, status: 'lapsed' } : one)),
    proposals: { ...draft.state.proposals, waiver: null, not_affected: null },
  });
  touch(draft, 'plan', 'implementation', 'effectiveness', 'closure', 'waiver', 'not_affected');
  draft.fact({ action: 'iteration.began', field: 'iteration', old: no, new: no + 1, reason: outcome });
  moveTo(draft, 'investigation', outcome);
  for (const stage of ITERATION_STAGES) armStage(draft, stage, now);
  tellOwner(draft, { intent: `iteration/${no + 1}`, reason: 'not_effective', deadline: deadlines.stage('root-cause') });
}
