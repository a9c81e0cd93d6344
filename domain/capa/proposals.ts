import type { PersonActor } from '../../contracts/actor';
import type { CapaPersonCommand } from '../../contracts/capa';
import type { CapaState, Proposal } from '../../contracts/capaState';
import type { ProposalKind } from '../../contracts/capaWords';
import type { FailureType, Refusal } from '../../contracts/failures';
import type { Instant } from '../../contracts/instant';
import { isReportOwed } from './breach';
import { PROPOSED_IN, touch } from './moving';
import { by, partiesOf, QUALITY, waiverOrganisation } from './seats';
import { armDecision, deadlines, type CapaDraft } from './stages';
import { tellQuality } from './telling';

const no = (type: FailureType, reason: string): Refusal => ({ type, reason });

type ProposalAct = 'propose' | 'decline' | 'reject' | 'cancel' | 'waive' | 'confirm-not-affected';
interface Asked<A extends ProposalAct> {
  readonly state: CapaState;
  readonly command: Extract<CapaPersonCommand, { act: A }>;
  readonly actor: PersonActor;
  readonly earlier?: true | undefined;
}

/** Whose quality may sign, or decline, each kind; undefined: of either organisation. */
const SIGNER: Readonly<Record<ProposalKind, (state: CapaState) => string | null | undefined>> = {
  // The side it was raised against must not do away with it.
  rejection: (state) => state.raisingOrganisationId,
  cancellation: () => undefined,
  waiver: waiverOrganisation,
  not_affected: (state) => state.sponsorOrganisationId,
};

/** Organisations whose quality is asked to sign. */
function signersOf(state: CapaState, kind: ProposalKind): readonly string[] {
  const one = SIGNER[kind](state);
  return one == null ? partiesOf(state) : [one];
}

/** A second person signs, or declines, what a first one proposed (Q14; nothing is dropped by one alone). */
function seconding(kind: ProposalKind): (asked: { state: CapaState; actor: PersonActor }) => Refusal | undefined {
  return ({ state, actor }) => {
    const proposal = state.proposals[kind];
    if (proposal?.status !== 'pending') return no('wrong_state', `no ${kind.replaceAll('_', ' ')} was proposed`);
    if (!QUALITY.includes(actor.role)) return no('not_permitted', 'only quality assurance does that');
    if (!signersOf(state, kind).includes(actor.organisationId)) return no('not_permitted', 'the quality assurance of the other organisation decides on this');
    if (proposal.proposed.personId === actor.personId) return no('separation_of_duties', 'who proposes it cannot sign it');
    return state.ownerId === actor.personId ? no('separation_of_duties', 'the owner of a CAPA cannot sign it away') : undefined;
  };
}

/** Only a minor CAPA may do without its effectiveness check (Q14). */
const refuseWaiving = ({ severity }: CapaState): Refusal | undefined =>
  (severity === 'minor' ? undefined : no('not_permitted', `the effectiveness check of a ${severity} CAPA cannot be waived`));

/** A serious breach that nobody reported keeps the record open: its clock ends with nothing but the report, or another answer. */
const refuseEnding = ({ state, earlier }: { readonly state: CapaState; readonly earlier?: true | undefined }): Refusal | undefined =>
  (!earlier && isReportOwed(state) ? no('wrong_state', 'a serious breach is not reported yet: report it, or have the answer set otherwise') : undefined);

/** One of the two who cancel is of the raising side. */
function cancelling({ state, actor, earlier }: Asked<'cancel'>): Refusal | undefined {
  const refusal = seconding('cancellation')({ state, actor }) ?? refuseEnding({ state, earlier });
  if (refusal) return refusal;
  const first = state.proposals.cancellation?.proposed.organisationId;
  return [first, actor.organisationId].includes(state.raisingOrganisationId) ? undefined : no('separation_of_duties', 'one of the two must be of the raising side');
}

export const proposing: { readonly [A in ProposalAct]: (asked: Asked<A>) => Refusal | undefined } = {
  propose: ({ state, command }) => {
    const { what, duplicateOf } = command.body;
    // Answered first: it is not a matter of waiting for the right moment (Q14).
    const grave = what === 'waiver' ? refuseWaiving(state) : undefined;
    if (grave) return grave;
    if (!PROPOSED_IN[what].includes(state.status)) return no('wrong_state', `a ${what.replaceAll('_', ' ')} is not proposed while the CAPA is ${state.status}`);
    if (state.proposals[what]?.status === 'pending') return no('wrong_state', 'it is proposed already and waits for its second person');
    if (what === 'not_affected' && state.sponsorImpact !== 'affected') return no('wrong_state', 'no sponsor counts as affected');
    if (what === 'not_affected' && state.sponsorOrganisationId === state.accountableOrganisationId) return no('wrong_state', 'a sponsor is affected by what it owes itself');
    return duplicateOf === state.id ? no('rule_broken', 'a CAPA is no duplicate of itself') : undefined;
  },
  decline: ({ state, command, actor }) => seconding(command.body.what)({ state, actor }),
  reject: (asked) => seconding('rejection')(asked) ?? refuseEnding(asked),
  cancel: cancelling,
  waive: (asked) => refuseWaiving(asked.state) ?? seconding('waiver')(asked),
  'confirm-not-affected': seconding('not_affected'),
};

/** Puts something before a second person, with a deadline; no clock stops meanwhile. */
export function propose(draft: CapaDraft, body: { what: ProposalKind; reason: string; duplicateOf?: string | undefined }, { actor, now }: { actor: PersonActor; now: Instant }): void {
  const { what, reason, duplicateOf } = body;
  const proposal: Proposal = { reason, duplicateOf: duplicateOf ?? null, proposed: by(actor, now), status: 'pending', decided: null };
  const known = draft.state.proposals[what] !== null;
  draft.set({ proposals: { ...draft.state.proposals, [what]: proposal } });
  if (known) touch(draft, what);
  draft.fact({ action: 'proposal.made', field: `proposals.${what}`, old: null, new: 'pending', reason, detail: { duplicateOf: proposal.duplicateOf } });
  armDecision(draft, deadlines.proposal(what), now);
  tellQuality(draft, signersOf(draft.state, what), { intent: `proposal/${what}/${now}`, reason: 'signature_awaited', deadline: deadlines.proposal(what) });
}

/** The second person has signed. */
export function signProposal(draft: CapaDraft, kind: ProposalKind, { actor, now }: { actor: PersonActor; now: Instant }): void {
  const proposal = draft.state.proposals[kind];
  if (!proposal) return;
  draft.set({ proposals: { ...draft.state.proposals, [kind]: { ...proposal, status: 'signed', decided: by(actor, now) } } });
  draft.disarm(deadlines.proposal(kind));
  draft.fact({ action: 'proposal.signed', field: `proposals.${kind}`, old: 'pending', new: 'signed', reason: proposal.reason, detail: { proposedBy: proposal.proposed.personId } });
}

/** Organisations whose quality can decide on a pending proposal: for `waiting`. */
export const deciders = signersOf;
