import type { PersonActor } from '../../contracts/actor';
import type { CapaAct, CapaPersonCommand } from '../../contracts/capa';
import type { CapaState } from '../../contracts/capaState';
import type { Gate } from '../../contracts/capaWords';
import type { FailureType, Refusal } from '../../contracts/failures';
import type { Instant } from '../../contracts/instant';
import { isReportOwed, reporterOf } from './breach';
import { dutyOrganisation, refuseDuty } from './duties';
import { owedHere } from './elsewhere';
import { refuseDecision, refuseRequest } from './extensions';
import { problemFault } from './opening';
import { missesGoal, refuseEffect, withoutDeviation } from './measured';
import { refuseOwner } from './owners';
import { refusePlan } from './plan';
import { proposing } from './proposals';
import { reasonFaults } from './reasons';
import { actionOf, isActionOwner, missing, partiesOf, QUALITY, signatoriesOf, standing, STEERING } from './seats';
import { givenSections, refuseWriting, withSections } from './sections';
import { GRAVITY } from './source';
import { refuseSubmission } from './submissions';

/** A person's act on a CAPA in a state that the act fits. */
export interface Asked<C extends CapaPersonCommand = CapaPersonCommand> {
  readonly state: CapaState;
  readonly command: C;
  readonly actor: PersonActor;
  readonly now: Instant;
  /** Accepted by the rules from before parts had owners and these acts were signed (Machine.tightened). */
  readonly earlier?: true | undefined;
}
type Rules = { readonly [A in CapaAct]: (asked: Asked<Extract<CapaPersonCommand, { act: A }>>) => Refusal | undefined };

const no = (type: FailureType, reason: string): Refusal => ({ type, reason });

const asOwner = ({ state, actor }: Asked): Refusal | undefined =>
  (state.ownerId === actor.personId ? undefined : no('not_permitted', state.ownerId === null ? 'nobody owns this CAPA: quality assigns an owner first' : 'only the owner of this CAPA does that'));

const asQuality = ({ actor }: Asked): Refusal | undefined => (QUALITY.includes(actor.role) ? undefined : no('not_permitted', 'only quality assurance does that'));

const notOwner = ({ state, actor }: Asked): Refusal | undefined =>
  (state.ownerId === actor.personId ? no('separation_of_duties', 'the owner of a CAPA cannot approve it') : undefined);

/** Each side gives duties to its own people; the accountable one gives any. */
function refuseSteering({ state, command, actor }: Asked<Extract<CapaPersonCommand, { act: 'assign' }>>): Refusal | undefined {
  if (state.ownerId === actor.personId) return undefined;
  const organisationIds = [state.accountableOrganisationId, dutyOrganisation(state, command.body)];
  const may = STEERING.includes(actor.role) && organisationIds.includes(actor.organisationId);
  return may ? undefined : no('not_permitted', `duties are given by the owner, or by ${STEERING.join(', ')} of the side that has them`);
}

/** The state in which a CAPA waits for signatures; a plan in review always does. */
const awaiting = (state: CapaState, gate: Gate): Refusal | undefined =>
  (state.submitted === gate ? undefined : no('wrong_state', `the ${gate} was not submitted for signatures`));

/** One seat of a gate: quality of an organisation that still owes it, another person for each seat (Q9, Q10). */
function signing(gate: Gate): (asked: Asked) => Refusal | undefined {
  return (asked) => {
    const { state, actor } = asked;
    if (owedHere(state).some((seat) => seat.gate === gate && seat.organisationId === actor.organisationId)) return asQuality(asked) ?? notOwner(asked);
    const refusal = awaiting(state, gate) ?? asQuality(asked);
    if (refusal) return refusal;
    if (!signatoriesOf(state).includes(actor.organisationId)) return no('not_permitted', 'the signature of your organisation is not asked for');
    if (standing(state, gate).some((approval) => approval.personId === actor.personId)) return no('separation_of_duties', 'you have signed this version already; each seat needs another person');
    if (!missing(state, gate).includes(actor.organisationId)) return no('wrong_state', 'your organisation has signed this version');
    return notOwner(asked);
  };
}

/** What one side brought in as approved by the other carries no further step before that one has signed it here (Q10). */
function refuseOwed({ state }: Asked): Refusal | undefined {
  const [owed] = owedHere(state);
  return owed && no('wrong_state', `the ${owed.gate} is said to have been approved elsewhere: quality assurance of ${owed.organisationId} signs it here first, or returns it`);
}

function refuseUnexplained(state: CapaState, body: Extract<CapaPersonCommand, { act: 'save' }>['body']): Refusal | undefined {
  const [fault] = body.asksReason ? reasonFaults(state, body) : [];
  return fault && no('rule_broken', `${fault.field}: ${fault.message}`);
}

export const RULES: Rules = {
  comment: () => undefined,
  link: ({ state, command }) => {
    if (command.body.recordId === state.id) return no('rule_broken', 'a CAPA cannot be linked to itself');
    return state.links.some((link) => link.recordId === command.body.recordId && link.kind === command.body.kind) ? no('wrong_state', 'this link exists') : undefined;
  },
  save: ({ state, command, actor, earlier }) =>
    (givenSections(command.body).length === 0 ? no('rule_broken', 'nothing to save') : refuseWriting(state, command.body, { actor, earlier }) ?? refuseUnexplained(state, command.body)),
  submit: (asked) => {
    const { state, command, actor, now, earlier } = asked;
    const seat = state.status === 'draft' ? undefined : asOwner(asked);
    return seat ?? refuseOwed(asked) ?? refuseWriting(state, command.body, { actor, earlier }) ?? refuseUnexplained(state, command.body) ?? refuseSubmission(withSections(state, command.body), now);
  },
  return: (asked) => {
    const { state, actor } = asked;
    const isOwed = owedHere(state).some(({ organisationId }) => organisationId === actor.organisationId);
    const waits = state.status === 'triage' || state.submitted !== null || isOwed ? undefined : no('wrong_state', 'nothing was submitted that could be returned');
    return waits ?? asQuality(asked) ?? notOwner(asked);
  },
  accept: (asked) => {
    const { state, command } = asked;
    const refusal = asQuality(asked);
    if (refusal) return refusal;
    const fault = problemFault(state.problem);
    if (fault) return no('rule_broken', fault);
    const { seriousBreach } = command.body;
    const answered = asked.earlier || !seriousBreach ? undefined : refuseOwner(state, { section: 'seriousBreach', content: seriousBreach }, asked.actor);
    if (answered) return answered;
    return state.seriousBreach ?? command.body.seriousBreach ? undefined : no('wrong_state', 'is it a serious breach? The question is answered before triage is left');
  },
  regrade: (asked) => {
    const { state, command, actor, earlier } = asked;
    const { severity } = command.body;
    const isRaising = actor.organisationId === state.raisingOrganisationId;
    if (!earlier && !isRaising) return no('not_permitted', 'the severity is stated by the raising side: only its quality assurance changes it');
    if (severity === state.severity) return no('wrong_state', `the severity is ${severity} already`);
    const lowers = GRAVITY.indexOf(severity) < GRAVITY.indexOf(state.severity);
    // A minor CAPA may do without its effectiveness check: whom the finding binds must not choose that.
    if (earlier) return lowers && !isRaising ? no('not_permitted', 'only the raising side lowers the severity') : asQuality(asked);
    const waived = state.proposals.waiver?.status === 'signed' ? no('wrong_state', 'the effectiveness check was waived, as only that of a minor CAPA is: reopen it after its closing') : undefined;
    return waived ?? asQuality(asked) ?? notOwner(asked);
  },
  'answer-breach': (asked) => {
    const { state, command: { body }, actor } = asked;
    const refusal = asQuality(asked) ?? notOwner(asked);
    if (refusal) return refusal;
    // A "yes" from before there was a clock has none: saying it again starts it.
    if (state.seriousBreach?.answer === body.answer && (body.answer === 'no' || state.breachReport)) return no('wrong_state', `the answer is ${body.answer} already`);
    // Either side may say that it is one; that it is none is the sponsor's to say once somebody has answered.
    const isSponsors = actor.organisationId === reporterOf(state);
    return body.answer === 'yes' || state.seriousBreach === null || isSponsors ? undefined : no('not_permitted', "only the sponsor's quality assurance takes a serious breach back");
  },
  'report-breach': (asked) => {
    const { state, actor } = asked;
    if (!isReportOwed(state)) return no('wrong_state', 'no report of a serious breach is owed');
    return actor.organisationId === reporterOf(state) ? asQuality(asked) : no('not_permitted', 'the sponsor reports a serious breach');
  },
  assign: (asked) => refuseSteering(asked) ?? refuseDuty(asked.state, asked.command.body, asked.command.body.personId),
  'approve-plan': signing('plan'),
  start: (asked) => asOwner(asked) ?? refuseOwed(asked),
  'revise-plan': (asked) => {
    const { state, command, now } = asked;
    const submitted = state.submitted ? no('wrong_state', `the ${state.submitted} waits for signatures: it must be returned before the plan changes`) : undefined;
    return asOwner(asked) ?? submitted ?? refusePlan(state, command.body.plan, now);
  },
  'report-action': ({ state, command, actor }) => {
    const action = actionOf(state, command.body.actionId);
    if (!action) return no('wrong_state', `no action ${command.body.actionId} is under way`);
    if (action.status !== 'open') return no('wrong_state', `action ${action.id} was reported as done`);
    return action.ownerId === actor.personId ? undefined : no('not_permitted', 'only the owner of an action reports it');
  },
  'verify-action': ({ state, command, actor }) => {
    const { actionId, accepted } = command.body;
    const action = actionOf(state, actionId);
    if (!action) return no('wrong_state', `no action ${actionId} is under way`);
    if (state.submitted) return no('wrong_state', 'the implementation waits for signatures: it must be returned before an action changes');
    if (action.status === 'open' || (accepted && action.status === 'verified')) return no('wrong_state', `action ${actionId} is ${action.status}`);
    const own = action.ownerId === actor.personId || action.reported?.personId === actor.personId;
    return own ? no('separation_of_duties', 'who carries out an action cannot verify it') : undefined;
  },
  'verify-implementation': (asked) => {
    const refusal = signing('implementation')(asked);
    if (refusal) return refusal;
    return isActionOwner(asked.state, asked.actor.personId) ? no('separation_of_duties', 'who carries out an action cannot verify the implementation') : undefined;
  },
  'start-monitoring': asOwner,
  assess: (asked) => {
    const { state, actor, earlier } = asked;
    if (state.assessor?.personId !== actor.personId) return no('not_permitted', 'only the assessor whom the plan names assesses the effect');
    if (!state.result) return no('wrong_state', 'the result is not recorded');
    if (isActionOwner(state, actor.personId)) return no('separation_of_duties', 'who carries out an action cannot assess its effect');
    if (state.ownerId === actor.personId) return no('separation_of_duties', 'the owner of a CAPA cannot assess its effect');
    const owed = refuseOwed(asked);
    if (owed) return owed;
    const short = earlier ? undefined : refuseEffect(state, state.result, state.measurement);
    if (short) return short;
    return state.result.outcome === 'inconclusive' && state.monitoringExtended > 0 ? no('wrong_state', 'monitoring was extended once already: decide whether it is effective') : undefined;
  },
  deviate: (asked) => {
    const { state, actor } = asked;
    if (!state.result || !missesGoal(state, state.result, state.measurement)) return no('wrong_state', 'there is nothing to deviate from: no effective result whose sample was reached and whose goal was missed');
    if (!partiesOf(state).includes(actor.organisationId)) return no('not_permitted', 'the two sides deviate from their plan, nobody else');
    if (!withoutDeviation(state).includes(actor.organisationId)) return no('wrong_state', 'your organisation has signed the deviation');
    if (isActionOwner(state, actor.personId) || state.assessor?.personId === actor.personId) return no('separation_of_duties', 'who carries out an action or assesses its effect does not sign the deviation');
    return asQuality(asked) ?? notOwner(asked);
  },
  'approve-closure': signing('closure'),
  ...proposing,
  'request-extension': ({ state, command, now }) => refuseRequest(state, command.body, now),
  'grant-extension': ({ state, command, actor }) => refuseDecision(state, { number: command.body.no, act: 'grant-extension' }, actor),
  'grant-further-extension': ({ state, command, actor }) => refuseDecision(state, { number: command.body.no, act: 'grant-further-extension' }, actor),
  'decline-extension': ({ state, command, actor }) => refuseDecision(state, { number: command.body.no, act: 'decline-extension' }, actor),
  reopen: (asked) => {
    const { state, command: { body }, actor } = asked;
    const waits = state.recurrence?.status === 'pending';
    if (asked.earlier || waits) return refuseRecurrence(asked) ?? (body.reason === undefined || asked.earlier ? notOwner(asked) : no('rule_broken', 'a recurrence waits for the decision: its reason is the other CAPA'));
    if (actor.organisationId !== state.raisingOrganisationId) return no('not_permitted', 'the raising side decides whether a closed CAPA did not work');
    return asQuality(asked) ?? notOwner(asked) ?? (body.reason === undefined ? no('rule_broken', 'no recurrence waits: say why it is opened again') : undefined);
  },
  'decline-recurrence': (asked) => refuseRecurrence(asked) ?? notOwner(asked),
};

/** Quality of the side to whom the CAPA was owed decides whether it did not work after all. */
function refuseRecurrence(asked: Asked): Refusal | undefined {
  const { state, actor } = asked;
  if (state.recurrence?.status !== 'pending') return no('wrong_state', 'no recurrence waits for a decision');
  return actor.organisationId === state.raisingOrganisationId ? asQuality(asked) : no('not_permitted', 'the raising side decides whether a closed CAPA did not work');
}
