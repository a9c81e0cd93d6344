import type { PersonActor } from '../../contracts/actor';
import type { CapaAct } from '../../contracts/capa';
import type { CapaState } from '../../contracts/capaState';
import type { Refusal } from '../../contracts/failures';
import type { Fact } from '../../contracts/step';
import { actionOf, partiesOf, QUALITY, signatoriesOf } from './seats';

/**
 * What an act does to the other side, told from the request or from the step that it came to. Asked by the API and by `commit`, not
 * by the machine: what is asked there needs no patch, because a history keeps its answers (decision 020).
 */
interface Deed {
  /** Hands a draft to triage. */
  readonly submitsDraft?: boolean;
  readonly acceptsTriage?: boolean;
  /** Puts another assessor, or the first after one left. */
  readonly names?: 'another' | 'the next' | undefined;
  /** Undoes the verification of an action. */
  readonly undoes?: boolean;
  readonly signed: boolean;
}

const no = (reason: string): Refusal => ({ type: 'not_permitted', reason });

/** Whether an act as it is asked for is the other side's, or is to be signed. */
export function refuseAsked(state: CapaState, { act, body }: { readonly act: CapaAct; readonly body: object }, actor: PersonActor): Refusal | undefined {
  const said = body as { readonly duty?: string; readonly actionId?: string; readonly accepted?: boolean; readonly signature?: string };
  return refuseDeed(state, {
    submitsDraft: act === 'submit' && state.status === 'draft', acceptsTriage: act === 'accept',
    names: act !== 'assign' || said.duty !== 'assessor' ? undefined : namedAfter(state.assessor?.personId),
    undoes: act === 'verify-action' && said.accepted === false && actionOf(state, said.actionId ?? '')?.status === 'verified', signed: said.signature !== undefined,
  }, actor);
}

/** Whether a step that came of an act is the other side's, or lacks its signature; `state`: after it. */
export function refuseStep(state: CapaState, { act, facts, signed }: { readonly act: string; readonly facts: readonly Fact[]; readonly signed: boolean }, actor: PersonActor): Refusal | undefined {
  const given = facts.find(({ action, field }) => act === 'assign' && action === 'duty.given' && field === 'assessor');
  return refuseDeed(state, {
    submitsDraft: facts.some(({ action, old }) => action === 'status.changed' && old === 'draft'), acceptsTriage: act === 'accept',
    names: given && namedAfter(given.old), undoes: facts.some(({ action, old }) => action === 'action.reopened' && old === 'verified'), signed,
  }, actor);
}

const namedAfter = (before: unknown): Deed['names'] => (before === null || before === undefined ? 'the next' : 'another');

function refuseDeed(state: CapaState, deed: Deed, { organisationId, role }: PersonActor): Refusal | undefined {
  const { raisingOrganisationId, statedBy, openedBy } = state;
  const isOther = partiesOf(state).length > 1 && organisationId !== raisingOrganisationId;
  // What the raising side left half-finished is its own to finish (E6(R3) 3.6).
  if (deed.submitsDraft && isOther && openedBy !== organisationId) return no('the raising side submits its draft');
  if (deed.acceptsTriage && isOther && statedBy?.problem !== undefined && statedBy.problem !== raisingOrganisationId) {
    return no('the raising side has not stated the problem itself: its quality assurance accepts what another one stated, or states it anew');
  }
  if (deed.names !== undefined) {
    if (!QUALITY.includes(role)) return no('whoever assesses the effect is named by quality assurance, as in the plan that it signed');
    if (deed.names === 'another' && isOther && signatoriesOf(state).includes(raisingOrganisationId)) return no("the plan that both sides signed names the assessor: the raising side's quality assurance names another one, or the plan is revised");
  }
  const isWeighty = deed.names !== undefined || deed.undoes === true;
  return isWeighty && !deed.signed ? { type: 'signature_required', reason: deed.undoes ? 'undoing a verification is signed, as it was' : 'naming an assessor is signed, as the plan was' } : undefined;
}
