import type { CapaState } from '../../contracts/capaState';
import type { FailureType, Refusal } from '../../contracts/failures';
import type { Instant } from '../../contracts/instant';
import { actionOf, isActionOwner } from './seats';
import { touch } from './moving';
import type { CapaDraft } from './stages';
import { tellPerson, tellQuality } from './telling';

/** A seat on the work of a CAPA. */
export interface Duty {
  readonly duty: 'owner' | 'assessor' | 'action';
  readonly actionId?: string | undefined;
}

const no = (type: FailureType, reason: string): Refusal => ({ type, reason });

/** Whether a duty exists that may be given to somebody now. */
export function refuseDuty(state: CapaState, { duty, actionId }: Duty, personId: string): Refusal | undefined {
  if (duty === 'assessor') {
    if (!state.assessor) return no('wrong_state', 'no approved plan names an assessor yet');
    if (state.verifiedAt !== null && state.result !== null && state.status !== 'effectiveness_check' && state.status !== 'monitoring') return no('wrong_state', 'the effect was assessed');
    if (state.assessor.personId === personId) return no('wrong_state', 'this person is the assessor already');
  }
  if (duty === 'owner') {
    if (state.status === 'draft' || state.status === 'triage') return no('wrong_state', 'the owner is named when the CAPA is accepted');
    if (state.ownerId === personId) return no('wrong_state', 'this person is the owner already');
  }
  if (duty === 'action') {
    const action = actionOf(state, actionId ?? '');
    if (!action) return no('wrong_state', `no action ${actionId ?? ''} is under way`);
    if (action.status !== 'open') return no('wrong_state', `action ${action.id} was reported as done`);
    if (action.ownerId === personId) return no('wrong_state', 'this person owns the action already');
  }
  return clash(state, duty, personId);
}

/** Owner ≠ approver, assessor ≠ action owner, assessor ≠ owner (Q9). */
function clash(state: CapaState, duty: Duty['duty'], personId: string): Refusal | undefined {
  // Whom a plan in review names is the assessor as soon as it is signed.
  const planned = state.submitted === 'plan' ? state.plan?.effectiveness?.assessorId : undefined;
  const isAssessor = [state.assessor?.personId, planned].includes(personId);
  if (duty !== 'assessor' && isAssessor) return no('separation_of_duties', 'the assessor of the effect can neither own the CAPA nor an action');
  if (duty === 'owner' && state.approvals.some((approval) => approval.personId === personId)) return no('separation_of_duties', 'who has signed for this CAPA cannot become its owner');
  if (duty === 'action' && state.approvals.some((approval) => approval.gate === 'implementation' && approval.personId === personId)) return no('separation_of_duties', 'who has verified the implementation cannot own an action');
  if (duty !== 'assessor') return undefined;
  if (state.ownerId === personId) return no('separation_of_duties', 'the owner of a CAPA cannot assess its effect');
  return isActionOwner(state, personId) ? no('separation_of_duties', 'who carries out an action cannot assess its effect') : undefined;
}

/** Whose people have a duty; undefined: there is no such duty. */
export function dutyOrganisation(state: CapaState, { duty, actionId }: Duty): string | undefined {
  if (duty === 'owner') return state.accountableOrganisationId;
  return duty === 'assessor' ? state.assessor?.organisationId : actionOf(state, actionId ?? '')?.organisationId;
}

/** Gives a duty to somebody, or to nobody. */
export function give(draft: CapaDraft, { duty, actionId }: Duty, to: { personId: string | null; reason: string; now: Instant }): void {
  const { personId, reason, now } = to;
  const { state } = draft;
  const action = actionOf(state, actionId ?? '');
  const organisationId = dutyOrganisation(state, { duty, actionId });
  const old = duty === 'owner' ? state.ownerId : duty === 'assessor' ? state.assessor?.personId : action?.ownerId;
  if (personId !== null) draft.set({ gone: state.gone.filter((one) => one !== personId) });
  if (duty === 'owner') draft.set({ ownerId: personId });
  else if (duty === 'assessor') draft.set({ assessor: state.assessor && { ...state.assessor, personId } });
  else {
    draft.set({ actions: state.actions.map((one) => (one.id === actionId ? { ...one, ownerId: personId } : one)) });
    touch(draft, 'implementation');
  }
  const seat = duty === 'action' ? `action/${actionId ?? ''}` : duty;
  draft.fact({ action: 'duty.given', field: seat, old: old ?? null, new: personId, reason });
  const telling = { intent: `duty/${seat}/${now}`, reason: 'assigned' } as const;
  if (organisationId === undefined) return;
  if (personId === null) tellQuality(draft, [organisationId], telling);
  else tellPerson(draft, { personId, organisationId }, telling);
}

/** Frees every duty of a person who left; the deputy takes those that separation of duties allows (P11). */
export function relieve(draft: CapaDraft, { personId, deputyId, reason, now }: { personId: string; deputyId: string | null; reason: string; now: Instant }): void {
  draft.set({ gone: [...draft.state.gone.filter((one) => one !== personId), personId] });
  const held: Duty[] = [];
  if (draft.state.ownerId === personId) held.push({ duty: 'owner' });
  if (draft.state.assessor?.personId === personId) held.push({ duty: 'assessor' });
  for (const action of draft.state.actions) if (action.ownerId === personId && action.status !== 'verified') held.push({ duty: 'action', actionId: action.id });
  for (const duty of held) {
    const fits = deputyId !== null && clash(draft.state, duty.duty, deputyId) === undefined;
    give(draft, duty, { personId: fits ? deputyId : null, reason, now });
  }
}
