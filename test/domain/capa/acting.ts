import type { Actor, PersonActor } from '../../../contracts/actor';
import { CAPA_ACTS, type CapaAct, type CapaCommand } from '../../../contracts/capa';
import type { CapaState } from '../../../contracts/capaState';
import type { Plan, Sections } from '../../../contracts/capaSections';
import { plusMs } from '../../../contracts/instant';
import { missesGoal } from '../../../domain/capa/measured';
import { owedHere } from '../../../domain/capa/elsewhere';
import { faultyInvestigation, faultyPlan } from './faults';
import { adverseCheck, closure, CRO, DAY_MS, extentCheck, fishbone, PEOPLE, planAt, problem, resultOf, risk, shortResult, signed, signedAs, SPONSOR, whys, type Run } from './capas';

export type AnyAct = CapaCommand['act'];
export const SYSTEM = ['linked', 'repeat', 'recurred', 'relieve'] as const;
export const ALL_ACTS: readonly AnyAct[] = [...CAPA_ACTS, ...SYSTEM];

function one<T>(pick: number, ...of: readonly [T, ...T[]]): T {
  const found = of[pick % of.length];
  return found === undefined ? of[0] : found;
}
/** Present or not by chance, so that a missing signature is tried too. */
const grant = (pick: number) => (pick % 5 === 4 ? {} : signed);
const PROPOSALS = ['rejection', 'cancellation', 'waiver', 'not_affected'] as const;

/** A body for an act: mostly one that fits, now and then one that breaks a rule about content. The digits of the pick choose apart from one another. */
export function commandFor(act: AnyAct, pick: number, run: Run): CapaCommand {
  const { state, now } = run;
  const [second, third] = [Math.floor(pick / 10), Math.floor(pick / 100)];
  const someone = one(second, 'cal', 'cyd', 'dan', 'bob', 'eve', 'bea', 'ben');
  const actionId = one(second, 'c1', 'p1', 'c1', 'p1', 'x9');
  const deadline = one(second, 'action/c1', 'action/p1', 'action/c1', 'stage/plan', 'stage/root-cause', 'stage/preventive', 'stage/nothing');
  const no = Math.max(1, state.extensions.length - (pick % 7 === 6 ? 1 : 0));
  switch (act) {
    case 'comment': return { act, body: { text: 't' } };
    case 'link': return { act, body: { recordId: one(pick, 'i1', 'i2', state.id), kind: 'relates_to' } };
    case 'save': return { act, body: sectionsFor(pick, run) };
    case 'submit': return { act, body: { ...(pick % 3 === 0 ? {} : sectionsFor(pick, run)), ...(state.status === 'containment' ? grant(third) : {}) } };
    case 'return': return { act, body: { comments: 'c' } };
    case 'accept': return { act, body: { ownerId: one(pick, 'bob', 'bob', 'bea'), ...(pick % 3 === 0 ? {} : { seriousBreach: { answer: one(pick, 'no', 'yes'), reason: 'r' } }), ...grant(second) } };
    case 'regrade': return { act, body: { severity: one(pick, 'critical', 'major', 'minor'), reason: `r ${third % 7}`, ...grant(second) } };
    case 'deviate': return { act, body: { reason: 'r', ...grant(second) } };
    case 'assign': return { act, body: { duty: one(pick, 'action', 'owner', 'assessor'), personId: someone, reason: 'r', ...(pick % 3 === 0 ? { actionId: one(third, 'c1', 'p1', 'x9') } : {}) } };
    case 'start':
    case 'start-monitoring': return { act, body: {} };
    case 'revise-plan': return { act, body: { plan: revisedPlan(pick, run), reason: 'r' } };
    case 'report-action': return { act, body: { actionId, evidenceIds: ['e'] } };
    case 'verify-action': return { act, body: { actionId, accepted: pick % 4 !== 0, note: 'n', ...grant(third) } };
    case 'propose': return { act, body: { what: one(pick, ...PROPOSALS), reason: 'r', ...(pick % 9 === 0 ? { duplicateOf: state.id } : {}) } };
    case 'decline': return { act, body: { what: one(pick, ...PROPOSALS), reason: 'r' } };
    case 'request-extension': return { act, body: { deadline, newDue: plusMs(now, (third % 60 - 3) * DAY_MS), justification: 'j', interimControl: 'i', currentDue: run.armed.find(({ name }) => name === deadline)?.due ?? null } };
    case 'grant-extension':
    case 'grant-further-extension': return { act, body: { no, ...grant(second) } };
    case 'decline-extension': return { act, body: { no, reason: 'r', ...grant(second) } };
    case 'decline-recurrence': return { act, body: { reason: 'r' } };
    case 'linked': return { act, body: { recordId: one(pick, 'i1', 'i3'), kind: 'relates_to' } };
    case 'repeat': return { act, body: { dedupeKey: 'finding-1', title: 't' } };
    case 'recurred': return { act, body: { capaId: one(pick, 'k2', 'k3', state.id), number: 'CAPA-2', categories: ['procedure'] } };
    case 'relieve': return { act, body: { personId: someone, deputyId: one(pick, null, 'dep', 'dan', 'eve'), reason: 'left' } };
    case 'answer-breach': return { act, body: { answer: one(pick, 'yes', 'no', 'yes'), reason: `r ${third % 5}`, ...grant(second) } };
    case 'report-breach': return { act, body: { reference: 'CTIS-1' } };
    case 'reopen': return { act, body: { ...(pick % 3 === 1 ? { reason: 'it was seen again' } : {}), ...grant(pick) } };
    default: return { act, body: grant(pick) };
  }
}

const second = (pick: number): number => Math.floor(pick / 10);

/** The section that the state asks for, whole, half-finished, or one of another state. */
function sectionsFor(pick: number, run: Run): Sections {
  const { state, now } = run;
  if (pick % 11 === 0) return { closure };
  if (pick % 13 === 0) return { problem: { ...problem, extent: '' } };
  if (pick % 17 === 0) return {};
  switch (state.status) {
    case 'draft': return { problem };
    case 'triage': return one(second(pick), { seriousBreach: { answer: one(pick, 'no', 'yes'), reason: 'r' }, problem }, { problem: { ...problem, what: `changed ${pick}` } }, { accountableView: { text: `v ${pick}`, evidenceIds: [] } }, { riskBefore: { likelihood: 1, impact: 1 + pick % 5 } });
    case 'containment': return { containment: { measures: pick % 2 === 0 ? [{ text: 'm', evidenceIds: [] }] : [], noneBecause: one(pick, '', 'nothing goes on', '') } };
    case 'investigation': return pick % 2 === 1 ? faultyInvestigation(Math.floor(pick / 10), now) : { rootCause: one(pick, whys(), fishbone()), extentCheck, riskBefore: risk, plan: keepingDates(state, planAt(now)) };
    case 'implementation': return { adverseCheck: { ...adverseCheck, finding: one(pick, 'none', 'none', null) } };
    case 'effectiveness_check': return { result: pick % 7 === 5 ? shortResult() : resultOf(one(pick, 'effective', 'ineffective', 'inconclusive')) };
    case 'closure_review': return { closure: { summary: one(pick, 's', 's', ''), riskAfter: one(pick, closure.riskAfter, null, closure.riskAfter) } };
    default: return { riskBefore: risk };
  }
}

/** A plan for actions that are under way: their dates are what they were. */
function keepingDates(state: CapaState, plan: Plan): Plan {
  return { ...plan, actions: plan.actions.map((action) => ({ ...action, due: state.actions.find(({ id }) => id === action.id)?.originalDue ?? action.due })) };
}

function revisedPlan(pick: number, run: Run): Plan {
  const plan = planAt(run.now);
  return pick % 3 === 0 ? plan : pick % 3 === 1 ? faultyPlan(Math.floor(pick / 10), keepingDates(run.state, plan)) : keepingDates(run.state, plan);
}

const { ann, bea, ben, sam, bob, dan, cal, cyd, eve } = PEOPLE;
const known: readonly PersonActor[] = [ann, bea, ben, sam, bob, dan, cal, cyd, eve];
/** Whoever holds a duty, also a deputy whom nobody introduced. */
export const actorOf = (personId: string): PersonActor => known.find((one_) => one_.personId === personId) ?? { ...cal, personId };

/** Who owns the CAPA and its corrective action, as far as the plain way says it. */
export interface Cast {
  readonly owner: string;
  readonly worker: string;
}

/** Somebody of a party without a duty. */
const hand = (state: CapaState): PersonActor => ({ ...(state.raisingOrganisationId === SPONSOR ? sam : eve), personId: 'helper' });

/** The next act on the plain way to a closed CAPA, whatever happened before; undefined: it is closed, over, or time has to pass. */
export function nextOnTheWay(run: Run, cast: Cast): { actor: Actor; command: CapaCommand } | undefined {
  const next = plainNext(run, cast);
  return next && { ...next, command: signedAs(run, next.command) };
}

function plainNext(run: Run, cast: Cast): { actor: Actor; command: CapaCommand } | undefined {
  const { state, now } = run;
  const another = hand(state);
  const owner = state.ownerId === null ? undefined : actorOf(state.ownerId);
  const signer = (act: Extract<CapaAct, 'approve-plan' | 'verify-implementation' | 'approve-closure'>) => {
    const gate = { 'approve-plan': 'plan', 'verify-implementation': 'implementation', 'approve-closure': 'closure' } as const;
    const signedBy = state.approvals.filter((approval) => approval.gate === gate[act] && approval.version === state.versions[gate[act]]);
    const free = [bea, ben, ann, PEOPLE.amy, { ...bea, personId: 'further-cro' }, { ...ann, personId: 'further-sponsor' }].find((who) => !signedBy.some(({ organisationId, personId }) => organisationId === who.organisationId || personId === who.personId) && who.personId !== state.ownerId
      && (state.sponsorImpact === 'affected' ? [CRO, SPONSOR].includes(who.organisationId) && [state.raisingOrganisationId, state.accountableOrganisationId].includes(who.organisationId) : who.organisationId === CRO)
      && !state.actions.some(({ ownerId, reported }) => ownerId === who.personId || reported?.personId === who.personId));
    return free && { actor: free, command: { act, body: signed } as CapaCommand };
  };
  if (state.status !== 'draft' && state.status !== 'triage' && state.status !== 'closed' && !owner) return { actor: bea, command: { act: 'assign', body: { duty: 'owner', personId: 'newOwner', reason: 'r' } } };
  const [owed] = owedHere(state);
  if (owed) return { actor: { ...ann, personId: `${owed.gate}-${owed.organisationId}`, organisationId: owed.organisationId }, command: { act: owed.gate === 'plan' ? 'approve-plan' : 'verify-implementation', body: signed } };
  const asOwner = (command: CapaCommand) => ({ actor: owner ?? bob, command });
  switch (state.status) {
    case 'draft': return { actor: another, command: { act: 'submit', body: { problem } } };
    case 'triage': return problem.extent === state.problem.extent ? { actor: bea, command: { act: 'accept', body: { ownerId: cast.owner, ...(state.seriousBreach ? {} : { seriousBreach: { answer: 'no', reason: 'r' } as const }) } } } : { actor: another, command: { act: 'save', body: { problem } } };
    case 'containment': return asOwner({ act: 'submit', body: { containment: { measures: [], noneBecause: 'nothing goes on' } } });
    case 'investigation': return asOwner({ act: 'submit', body: { rootCause: fishbone(), extentCheck, riskBefore: state.riskBefore ?? risk, plan: fitting(run) } });
    case 'plan_review': return signer('approve-plan');
    case 'plan_approved': return asOwner({ act: 'start', body: {} });
    case 'implementation': return state.submitted ? signer('verify-implementation') : nextWork(run) ?? asOwner({ act: 'submit', body: { adverseCheck } });
    case 'implementation_verified': return asOwner({ act: 'start-monitoring', body: {} });
    case 'effectiveness_check': {
      const { assessor } = state;
      if (!assessor || assessor.personId === null) return { actor: bea, command: { act: 'assign', body: { duty: 'assessor', personId: 'newAssessor', reason: 'r' } } };
      return { actor: { ...actorOf(assessor.personId) }, command: state.result?.outcome === 'effective' && !missesGoal(state, state.result, null) ? { act: 'assess', body: signed } : { act: 'save', body: { result: resultOf('effective') } } };
    }
    case 'closure_review': return state.submitted ? signer('approve-closure') : asOwner({ act: 'submit', body: { closure } });
    default: return undefined;
  }

  function fitting({ state: { ownerId, actions } }: Run) {
    const plan = keepingDates(state, planAt(now));
    const worker = (id: string, usual: string): string => actions.find((action) => action.id === id)?.ownerId ?? (id === 'c1' ? cast.worker : usual);
    const busy = [ownerId, ...plan.actions.map((action) => worker(action.id, action.ownerId ?? '')), ...actions.map(({ reported }) => reported?.personId ?? '')];
    const assessorId = ['dan', 'ben', 'spare'].find((personId) => !busy.includes(personId) && !plan.actions.some((action) => action.ownerId === personId)) ?? 'spare2';
    return { ...plan, actions: plan.actions.map((action) => ({ ...action, ownerId: worker(action.id, action.ownerId ?? '') })), effectiveness: plan.effectiveness && { ...plan.effectiveness, assessorId } };
  }
}

function nextWork({ state }: Run): { actor: Actor; command: CapaCommand } | undefined {
  const action = state.actions.find(({ status }) => status !== 'verified');
  if (!action) return undefined;
  if (action.status === 'open' && action.ownerId === null) return { actor: bea, command: { act: 'assign', body: { duty: 'action', actionId: action.id, personId: 'newHand', reason: 'r' } } };
  if (action.status === 'open') return { actor: actorOf(action.ownerId ?? ''), command: { act: 'report-action', body: { actionId: action.id, evidenceIds: ['e'] } } };
  return { actor: hand(state), command: { act: 'verify-action', body: { actionId: action.id, accepted: true } } };
}

