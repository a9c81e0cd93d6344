import type { CapaCommand } from '../../../contracts/capa';
import type { Sections } from '../../../contracts/capaSections';
import { CAPA_STATUSES, PROPOSAL_KINDS, SIGNED_ACTS, type ProposalKind } from '../../../contracts/capaWords';
import { plusMs } from '../../../contracts/instant';
import { capa } from '../../../domain/capa/machine';
import { act, adverseCheck, asked, capaIn, closure, DAY_MS, extentCheck, PEOPLE, planAt, problem, product, resultOf, risk, signed, whys, type Run } from './capas';
import { TABLE } from './seats.table';

const { ann, bea, bob, cal, cyd, dan, sam } = PEOPLE;

/** Every state, and those in which something waits for signatures, a decision or a second person. */
const SITUATIONS: { readonly [name: string]: () => Run } = {
  ...Object.fromEntries(CAPA_STATUSES.filter((status) => !['rejected', 'cancelled', 'draft'].includes(status)).map((status) => [status, () => capaIn(status)])),
  draft: () => capaIn('draft', { draft: true }),
  'plan_review, one seat signed': () => {
    const run = capaIn('plan_review');
    act(run, bea, { act: 'approve-plan', body: signed });
    return run;
  },
  'implementation, one action reported, more time asked for the other': () => {
    const run = capaIn('implementation');
    act(run, cal, { act: 'report-action', body: { actionId: 'c1', evidenceIds: ['e'] } });
    act(run, cyd, { act: 'request-extension', body: { deadline: 'action/p1', newDue: plusMs(run.now, 60 * DAY_MS), justification: 'j', interimControl: 'i' } });
    return run;
  },
  'implementation, submitted': () => {
    const run = capaIn('implementation');
    for (const [actionId, owner] of [['c1', cal], ['p1', cyd]] as const) {
      act(run, owner, { act: 'report-action', body: { actionId, evidenceIds: ['e'] } });
      act(run, sam, { act: 'verify-action', body: { actionId, accepted: true } });
    }
    act(run, bob, { act: 'submit', body: { adverseCheck } });
    return run;
  },
  'closure_review, submitted': () => {
    const run = capaIn('closure_review');
    act(run, bob, { act: 'submit', body: { closure } });
    return run;
  },
  'effectiveness_check, result recorded': () => {
    const run = capaIn('effectiveness_check');
    act(run, dan, { act: 'save', body: { result: resultOf('effective') } });
    return run;
  },
  'monitoring, cancellation proposed by the CRO': () => {
    const run = capaIn('monitoring');
    act(run, bob, { act: 'propose', body: { what: 'cancellation', reason: 'r' } });
    return run;
  },
  'implementation_verified, waiver of a minor one proposed': () => {
    const run = capaIn('implementation_verified', { severity: 'minor' });
    act(run, bob, { act: 'propose', body: { what: 'waiver', reason: 'r' } });
    return run;
  },
  'triage, rejection proposed by the CRO': () => {
    const run = capaIn('triage');
    act(run, bea, { act: 'propose', body: { what: 'rejection', reason: 'r' } });
    return run;
  },
  'investigation, not affected proposed by the CRO': () => {
    const run = capaIn('investigation');
    act(run, bob, { act: 'propose', body: { what: 'not_affected', reason: 'r' } });
    return run;
  },
  'closed, recurred': () => {
    const run = capaIn('closed');
    act(run, product, { act: 'recurred', body: { capaId: 'k2', number: 'CAPA-2', categories: ['procedure'] } });
    return run;
  },
  rejected: () => {
    const run = capaIn('triage');
    act(run, bea, { act: 'propose', body: { what: 'rejection', reason: 'r' } });
    act(run, ann, { act: 'reject', body: signed });
    return run;
  },
  cancelled: () => {
    const run = capaIn('monitoring');
    act(run, bob, { act: 'propose', body: { what: 'cancellation', reason: 'r' } });
    act(run, ann, { act: 'cancel', body: signed });
    return run;
  },
};

/** Bodies of each act that fit somewhere; one that is not refused suffices. */
function bodiesOf(run: Run): readonly CapaCommand[] {
  const { now } = run;
  const investigated = { rootCause: whys(), extentCheck, riskBefore: risk, plan: planAt(now) };
  const containment = { measures: [], noneBecause: 'n' };
  const told = (act: 'save' | 'submit', bodies: readonly Sections[]): readonly CapaCommand[] => bodies.map((body): CapaCommand => ({ act, body }));
  const signing = (act: keyof typeof SIGNED_ACTS): CapaCommand => ({ act, body: signed });
  const onAction = (actionId: string): readonly CapaCommand[] => [{ act: 'report-action', body: { actionId, evidenceIds: ['e'] } }, { act: 'verify-action', body: { actionId, accepted: true } }];
  const onProposal = (what: ProposalKind): readonly CapaCommand[] => [{ act: 'propose', body: { what, reason: 'r' } }, { act: 'decline', body: { what, reason: 'r' } }];
  return [
    { act: 'comment', body: { text: 't' } }, { act: 'link', body: { recordId: 'i9', kind: 'relates_to' } },
    ...told('save', [{ problem }, { containment }, investigated, { adverseCheck }, { result: resultOf('effective') }, { closure }]),
    ...told('submit', [{}, { containment }, investigated, { adverseCheck }, { closure }]),
    { act: 'return', body: { comments: 'c' } }, { act: 'accept', body: { ownerId: 'bob', seriousBreach: { answer: 'no', reason: 'r' } } }, { act: 'regrade', body: { severity: 'critical', reason: 'r' } },
    { act: 'assign', body: { duty: 'owner', personId: 'new', reason: 'r' } },
    ...(Object.keys(SIGNED_ACTS) as (keyof typeof SIGNED_ACTS)[]).map(signing),
    { act: 'answer-breach', body: { answer: 'yes', reason: 'r' } }, { act: 'report-breach', body: { reference: 'r' } }, { act: 'reopen', body: { ...signed, reason: 'r' } },
    { act: 'start', body: {} }, { act: 'start-monitoring', body: {} }, { act: 'revise-plan', body: { plan: run.state.plan ?? planAt(now), reason: 'r' } },
    ...['c1', 'p1'].flatMap(onAction),
    ...PROPOSAL_KINDS.flatMap(onProposal),
    { act: 'request-extension', body: { deadline: 'action/c1', newDue: plusMs(now, 90 * DAY_MS), justification: 'j', interimControl: 'i' } },
    { act: 'grant-extension', body: { no: 1 } }, { act: 'grant-further-extension', body: { no: 1 } }, { act: 'decline-extension', body: { no: 1, reason: 'r' } }, { act: 'decline-recurrence', body: { reason: 'r' } },
  ];
}

/** `act: who may`, for every act that anybody may. */
function allowedIn(run: Run): readonly string[] {
  const commands = bodiesOf(run);
  const acts = [...new Set(commands.map((command) => command.act))];
  return acts.flatMap((name) => {
    const who = Object.entries(PEOPLE).filter(([, actor]) => commands.some((command) => command.act === name && asked(run, actor, command) === 'allowed')).map(([key]) => key);
    return who.length === 0 ? [] : [`${name}: ${who.join(' ')}`];
  });
}

describe('who may do what in which state', () => {
  test('Q1 Q9 P10 the table covers every state', () => {
    expect([...new Set(Object.values(SITUATIONS).map((open) => open().state.status))].sort()).toEqual([...CAPA_STATUSES].sort());
  });

  test.each(Object.keys(SITUATIONS))('Q1 Q9 Q10 P10 %s', (name) => {
    const run = SITUATIONS[name]?.();
    if (!run) throw new Error(name);
    expect(allowedIn(run)).toEqual(TABLE[name]);
  });

  test('P10 a person does no act of the product, and the product none of a person', () => {
    const run = capaIn('implementation');
    for (const command of bodiesOf(run)) expect(asked(run, product, command)).toBe('not_permitted');
    expect(capa.refuse(run.state, { actor: ann, command: { act: 'linked', body: { recordId: 'i1', kind: 'causes' } } }, run.now)?.type).toBe('not_permitted');
  });
});
