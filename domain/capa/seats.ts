import type { PersonActor } from '../../contracts/actor';
import type { ActionState, Approval, By, CapaState } from '../../contracts/capaState';
import type { Gate } from '../../contracts/capaWords';
import type { Instant } from '../../contracts/instant';

/** Whose signature counts as quality's (E6(R3) 3.9, 3.12.2: both sides' quality assurance). */
export const QUALITY: readonly string[] = ['quality', 'quality_head'];
/** Who grants what was extended once already (Q8). */
export const RISEN: readonly string[] = ['quality_head', 'executive'];

/** Who, beside the owner, gives duties to people of the CAPA. */
export const STEERING: readonly string[] = ['project_manager', 'study_lead', ...QUALITY];

/** The organisations with a seat on the record. */
export const partiesOf = ({ raisingOrganisationId, accountableOrganisationId }: Pick<CapaState, 'raisingOrganisationId' | 'accountableOrganisationId'>): readonly string[] =>
  [...new Set([raisingOrganisationId, accountableOrganisationId])];

/** Whose quality has to sign each gate: both, unless the sponsor's quality has signed that it is not affected (Q10). */
export const signatoriesOf = (state: CapaState): readonly string[] =>
  (state.sponsorImpact === 'affected' ? partiesOf(state) : [state.accountableOrganisationId]);

/** The signatures that stand for the present version of a gate. */
export const standing = (state: CapaState, gate: Gate): readonly Approval[] =>
  state.approvals.filter((approval) => approval.gate === gate && approval.version === state.versions[gate]);

/** Organisations whose signature a gate still lacks. */
export const missing = (state: CapaState, gate: Gate): readonly string[] =>
  signatoriesOf(state).filter((organisationId) => !standing(state, gate).some((approval) => approval.organisationId === organisationId));

/** Whose quality may sign away work: the sponsor's where it is affected, else the accountable side's. */
export const waiverOrganisation = (state: CapaState): string =>
  (state.sponsorImpact === 'affected' && state.sponsorOrganisationId !== null ? state.sponsorOrganisationId : state.accountableOrganisationId);

/** Whether this person carries out, or has carried out, an action of this iteration. */
export const isActionOwner = (state: CapaState, personId: string): boolean =>
  state.actions.some((action) => action.ownerId === personId || action.reported?.personId === personId);

export const actionOf = (state: CapaState, id: string): ActionState | undefined => state.actions.find((action) => action.id === id);

export const by = (actor: PersonActor, at: Instant): By => ({ personId: actor.personId, organisationId: actor.organisationId, role: actor.role, at });

/** The hand of somebody who signed, where the act came with a signature. */
export const signedBy = (actor: PersonActor, at: Instant, { signature }: { readonly signature?: string | undefined }): By => ({ ...by(actor, at), ...(signature !== undefined && { signed: true }) });

/** Who has a duty on this CAPA now: they see it, whatever the role's usual sight. */
export function dutyHolders(state: CapaState): readonly string[] {
  const working = state.actions.filter((action) => action.status !== 'verified').map((action) => action.ownerId);
  return [...new Set([state.ownerId, state.assessor?.personId ?? null, ...working])].filter((id): id is string => id !== null);
}
