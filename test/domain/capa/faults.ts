import type { Plan, RootCause, Sections } from '../../../contracts/capaSections';
import type { Instant } from '../../../contracts/instant';
import { businessDays } from '../../../contracts/spans';
import { extentCheck, fishbone, planAt, risk, whys } from './capas';

const cause = { statement: 's', categories: ['procedure' as const] };
const chain = () => (whys() as Extract<RootCause, { method: 'five_why' }>).chain;
const bones = () => (fishbone() as Extract<RootCause, { method: 'fishbone' }>).candidates;
const fiveWhy = (changed: ReturnType<typeof chain>): RootCause => ({ method: 'five_why', cause, chain: changed });
const fish = (changed: ReturnType<typeof bones>): RootCause => ({ method: 'fishbone', cause, candidates: changed });

/** Analyses that cannot be submitted, each with its one fault (Q3). */
export const FAULTY_CAUSES: readonly (readonly [fault: string, rootCause: RootCause])[] = [
  ['a chain of whys has at least 3 answers', fiveWhy(chain().slice(1))],
  ['why 2 is not answered', fiveWhy(chain().map((one, index) => (index === 1 ? { ...one, because: '' } : one)))],
  ['answer 3 has no evidence', fiveWhy(chain().map((one, index) => (index === 2 ? { ...one, evidenceIds: [] } : one)))],
  ['nothing is said of measurement: rule it out, or name a candidate', fish(bones().filter(({ category }) => category !== 'measurement'))],
  ['a candidate of people is not described', fish(bones().map((one) => (one.category === 'people' ? { ...one, candidate: '' } : one)))],
  ['a candidate of system has no verdict', fish(bones().map((one) => (one.category === 'system' ? { ...one, verdict: 'open' } : one)))],
  ['the verdict on a candidate of method has no evidence', fish(bones().map((one) => (one.category === 'method' ? { ...one, evidenceFor: [] } : one)))],
  ['the verdict on a candidate of people has no evidence', fish(bones().map((one) => (one.category === 'people' ? { ...one, evidenceAgainst: [] } : one)))],
  ['no candidate is the root cause', fish(bones().map((one) => (one.category === 'method' ? { ...one, verdict: 'contributing' } : one)))],
  ['the root cause is not stated', whys({ statement: '', categories: ['procedure'] })],
  ['the root cause has no category', whys({ statement: 's', categories: [] })],
  ['human error alone is no root cause: name what in the system let it happen', whys({ statement: 's', categories: ['human_error'] })],
];

type Change = (plan: Plan) => Plan;
const first = (patch: Partial<Plan['actions'][number]>): Change => (plan) => ({ ...plan, actions: plan.actions.map((action, index) => (index === 0 ? { ...action, ...patch } : action)) });
const effect = (patch: Partial<NonNullable<Plan['effectiveness']>>): Change => (plan) => ({ ...plan, effectiveness: plan.effectiveness && { ...plan.effectiveness, ...patch } });

/** Plans that cannot be submitted, each with its one fault (Q5, Q8, Q9). */
export const FAULTY_PLANS: readonly (readonly [fault: string, change: Change])[] = [
  ['two actions have the same id', (plan) => ({ ...plan, actions: [...plan.actions, ...plan.actions] })],
  ['a corrective CAPA needs a corrective action', (plan) => ({ ...plan, actions: plan.actions.filter(({ kind }) => kind === 'preventive') })],
  ['action c1 is not described', first({ description: '' })],
  ['action c1 has no owner', first({ ownerId: null })],
  ['the owner of action c1 is of neither organisation', first({ organisationId: 'cro-2' })],
  ['action c1 has no due date', first({ due: null })],
  ['the due date of action c1 lies in the past', first({ due: '2026-01-01T00:00:00.000Z' })],
  ['there is no effectiveness plan', (plan) => ({ ...plan, effectiveness: null })],
  ['the effectiveness plan has no metric', effect({ metric: '' })],
  ['the effectiveness plan has no baseline', effect({ baseline: '' })],
  ['the effectiveness plan has no target', effect({ target: '' })],
  ['the effectiveness plan has no source', effect({ source: '' })],
  ['the effectiveness plan has no window', effect({ window: null })],
  ['the window of the effectiveness plan is counted in calendar time', effect({ window: businessDays(60) })],
  ['the effectiveness plan has no sample size', effect({ sampleSize: null })],
  ['the effectiveness plan has no assessor', effect({ assessorId: null })],
  ['the assessor is of neither organisation', effect({ assessorOrganisationId: 'cro-2' })],
  ['the owner of a CAPA cannot assess its effect', effect({ assessorId: 'bob' })],
  ['who carries out an action cannot assess its effect', effect({ assessorId: 'cyd' })],
];

/** A plan with one fault. */
export const faultyPlan = (pick: number, plan: Plan): Plan => FAULTY_PLANS[pick % FAULTY_PLANS.length]?.[1](plan) ?? plan;

/** An investigation with one fault. */
export function faultyInvestigation(pick: number, now: Instant): Sections {
  const whole = { rootCause: whys(), extentCheck, riskBefore: risk, plan: planAt(now) };
  const faults: readonly Sections[] = [
    ...FAULTY_CAUSES.map(([, rootCause]) => ({ ...whole, rootCause })),
    ...FAULTY_PLANS.map(([, change]) => ({ ...whole, plan: change(whole.plan) })),
    { ...whole, extentCheck: { ...extentCheck, finding: null } },
    { rootCause: whys(), extentCheck, plan: whole.plan },
    { rootCause: whys(), extentCheck, riskBefore: risk },
  ];
  return faults[pick % faults.length] ?? whole;
}
