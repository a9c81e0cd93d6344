import type { ActionState, CapaState } from '../../contracts/capaState';
import type { EffectivenessPlan, Plan, PlannedAction } from '../../contracts/capaSections';
import type { Refusal } from '../../contracts/failures';
import { parseInstant, type Instant } from '../../contracts/instant';
import { partiesOf } from './seats';
import { rootCauseFault } from './rootCause';

const broken = (reason: string): Refusal => ({ type: 'rule_broken', reason });
const conflicting = (reason: string): Refusal => ({ type: 'separation_of_duties', reason });

/** What keeps an investigation from being submitted for review (Q3, Q4, Q5, Q9). */
export function refuseInvestigation(state: CapaState, now: Instant): Refusal | undefined {
  const { rootCause, extentCheck, riskBefore, plan } = state;
  const fault = rootCauseFault(rootCause);
  if (fault) return broken(fault);
  if (extentCheck?.finding == null || extentCheck.lookedAt === '') return broken('the extent check is blank: does the same stand elsewhere?');
  if (!riskBefore) return broken('the risk before the actions is not rated');
  return plan ? refusePlan(state, plan, now) : broken('there is no plan');
}

/** What keeps a plan from being submitted: missing parts, moved dates, one person on two sides. */
export function refusePlan(state: CapaState, plan: Plan, now: Instant): Refusal | undefined {
  const { actions, effectiveness } = plan;
  const ids = actions.map(({ id }) => id);
  if (new Set(ids).size !== ids.length) return broken('two actions have the same id');
  if (!actions.some(({ kind }) => kind === state.classification)) return broken(`a ${state.classification} CAPA needs a ${state.classification} action`);
  const moved = movedAction(state.actions, actions);
  if (moved) return { type: 'wrong_state', reason: `the due date of action ${moved} is fixed: ask for an extension` };
  for (const action of actions) {
    const refusal = refuseAction(state, action, now);
    if (refusal) return refusal;
  }
  return refuseEffectiveness(state, effectiveness, actions);
}

/** An action under way that a plan drops or moves: its date is changed by an extension only (Q8). */
export function movedAction(underWay: readonly ActionState[], planned: readonly PlannedAction[]): string | undefined {
  return underWay.find((action) => {
    const next = planned.find(({ id }) => id === action.id);
    return next?.kind !== action.kind || dueOf(next) !== action.originalDue;
  })?.id;
}

function refuseAction(state: CapaState, action: PlannedAction, now: Instant): Refusal | undefined {
  const { id, description, ownerId, organisationId } = action;
  if (description === '') return broken(`action ${id} is not described`);
  if (ownerId === null || organisationId === null) return broken(`action ${id} has no owner`);
  if (!partiesOf(state).includes(organisationId)) return broken(`the owner of action ${id} is of neither organisation`);
  const due = dueOf(action);
  if (!due) return broken(`action ${id} has no due date`);
  const isNew = !state.actions.some((known) => known.id === id);
  return isNew && due <= now ? broken(`the due date of action ${id} lies in the past`) : undefined;
}

/** The plan says before the work how its effect will be seen (Q5, ISO 13485 8.5.2 f). */
function refuseEffectiveness(state: CapaState, effectiveness: EffectivenessPlan | null, actions: readonly PlannedAction[]): Refusal | undefined {
  if (!effectiveness) return broken('there is no effectiveness plan');
  const { metric, baseline, target, window, sampleSize, source, measuredBy, assessorId, assessorOrganisationId } = effectiveness;
  const blank = Object.entries({ metric, baseline, target, source }).find(([, text]) => text === '');
  if (blank) return broken(`the effectiveness plan has no ${blank[0]}`);
  if (!window) return broken('the effectiveness plan has no window');
  if (window.kind !== 'calendar') return broken('the window of the effectiveness plan is counted in calendar time');
  if (sampleSize === null) return broken('the effectiveness plan has no sample size');
  if (measuredBy === 'recurrences' && state.systemId === null) return broken('the effectiveness plan counts recurrences, which are told by system: this CAPA names none');
  if (assessorId === null || assessorOrganisationId === null) return broken('the effectiveness plan has no assessor');
  if (!partiesOf(state).includes(assessorOrganisationId)) return broken('the assessor is of neither organisation');
  if (assessorId === state.ownerId) return conflicting('the owner of a CAPA cannot assess its effect');
  const isOwner = actions.some(({ ownerId }) => ownerId === assessorId) || state.actions.some((action) => action.ownerId === assessorId || action.reported?.personId === assessorId);
  return isOwner ? conflicting('who carries out an action cannot assess its effect') : undefined;
}

const dueOf = ({ due }: PlannedAction): Instant | undefined => (due === null ? undefined : parseInstant(due));

/** The actions of an approved plan: those under way go on as they are, new ones begin. Who left meanwhile owns none. */
export function actionsOf(state: CapaState, plan: Plan): readonly ActionState[] {
  return plan.actions.flatMap((planned): ActionState[] => {
    const { id, kind, description, ownerId, organisationId } = planned;
    const underWay = state.actions.find((action) => action.id === id);
    if (underWay) return [{ ...underWay, description }];
    const due = dueOf(planned);
    if (!due || organisationId === null) return [];
    const owner = ownerId !== null && state.gone.includes(ownerId) ? null : ownerId;
    return [{ id, kind, description, ownerId: owner, organisationId, originalDue: due, due, status: 'open', evidenceIds: [], reported: null, verified: null, missedAt: null }];
  });
}
