import type { CapaState } from '../../contracts/capaState';
import { SIGNED_ACTS, type ProposalKind, type SignedSubject } from '../../contracts/capaWords';
import type { Meaning, Signable } from '../../contracts/signature';
import type { Json } from '../../contracts/step';
import { evidenceOf } from './evidence';
import { wordedSignable } from './worded';

const MEANINGS: Readonly<Record<SignedSubject, readonly Meaning[]>> = {
  plan: ['approval', 'agreement'], implementation: ['verification'], closure: ['approval', 'agreement'], effectiveness: ['assessment'],
  rejection: ['rejection'], cancellation: ['cancellation'], waiver: ['waiver'], not_affected: ['agreement'], recurrence: ['approval'],
};

/** Whether an act signs a part as it stands, whatever its own words. */
const signsPart = (act: string): act is keyof typeof SIGNED_ACTS => Object.hasOwn(SIGNED_ACTS, act);

/**
 * What an act signs, as it is now (21 CFR 11.70); undefined: nothing, or the part does not exist yet. `said`: the act's body, of
 * acts whose own words are signed.
 */
export function signable(state: CapaState, act: string, said?: Json): Signable | undefined {
  const worded = wordedSignable(state, act, said);
  if (worded || !signsPart(act)) return worded;
  const subject = SIGNED_ACTS[act];
  const part = PARTS[subject](state);
  if (!part) return undefined;
  const { number, iteration } = state;
  return { subject, version: state.versions[subject], content: { capa: number, iteration, ...part, evidence: evidenceOf(part, state) } as unknown as Json, meanings: MEANINGS[subject] };
}

type Part = Readonly<Record<string, unknown>> | undefined;

/** Nothing that the signing itself changes is in here: it would not stand a moment. */
const PARTS: Readonly<Record<SignedSubject, (state: CapaState) => Part>> = {
  plan: ({ problem, severity, classification, riskBefore, accountableView, rootCause, extentCheck, plan }) => plan && {
    problem, severity, classification, riskBefore, ...(accountableView ? { accountableView } : {}), rootCause, extentCheck, plan,
  } || undefined,
  implementation: ({ actions, adverseCheck }) => (actions.length === 0 ? undefined : {
    adverseCheck,
    actions: actions.map(({ id, kind, description, ownerId, originalDue, due, evidenceIds, reported, verified }) => ({ id, kind, description, ownerId, originalDue, due, evidenceIds, reported, verified })),
  }),
  effectiveness: ({ plan, result, measurement, deviations = [] }) => result && {
    plan: plan?.effectiveness ?? null, result, ...(measurement ? { measurement } : {}), ...(deviations.length > 0 ? { deviations } : {}),
  } || undefined,
  closure: ({ closure, result, proposals, past, approvedElsewhere, imported }) => closure && {
    closure, result, waived: proposals.waiver?.status === 'signed' ? proposals.waiver.reason : null, earlier: past.map(({ no, outcome }) => ({ no, outcome })),
    // Whoever closes what did not begin here signs for what was approved elsewhere, too.
    ...(approvedElsewhere ? { approvedElsewhere } : {}), ...(imported?.closedElsewhereAt ? { closedElsewhereAt: imported.closedElsewhereAt } : {}),
  } || undefined,
  rejection: proposed('rejection'),
  cancellation: proposed('cancellation'),
  waiver: proposed('waiver'),
  not_affected: proposed('not_affected'),
  recurrence: ({ recurrence, systemId }) => recurrence && { capaId: recurrence.capaId, number: recurrence.number, categories: recurrence.categories, systemId } || undefined,
};

function proposed(kind: ProposalKind): (state: CapaState) => Part {
  return ({ proposals }) => {
    const proposal = proposals[kind];
    return proposal ? { what: kind, reason: proposal.reason, duplicateOf: proposal.duplicateOf, proposed: proposal.proposed } : undefined;
  };
}
