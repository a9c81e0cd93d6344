import { plusMs } from '../../../contracts/instant';
import { contentHashOf } from '../../../domain/signature/demand';
import { capa } from '../../../domain/capa/machine';
import { act, adverseCheck, asked, at, bring, capaIn, capaOf, closure, DAY_MS, dueOf, extentCheck, issuesOf, PEOPLE, planAt, product, resultOf, risk, signed, told, why, whys } from './capas';
import { FAULTY_PLANS } from './faults';

const { ann, amy, bea, ben, bob, cal, cyd, dan, sam } = PEOPLE;
const days = (n: number) => n * DAY_MS;

describe('a CAPA closes only when it worked', () => {
  test('Q1 Q5 Q6 Q7 Q8 Q9 Q10 Q12 Q16 from a failed restore to closed: late action, extension, ineffective, second iteration, effective', () => {
    const run = capaOf({ draft: true });
    expect(run.steps[0]?.effects).toMatchObject([{ kind: 'command', recordId: 'finding-1', act: 'linked', body: { recordId: 'k1', kind: 'causes' } }]);
    act(run, sam, { act: 'submit', body: {} });
    // Q16: the question of serious breach is answered before triage is left.
    expect(asked(run, bea, { act: 'accept', body: { ownerId: 'bob' } })).toBe('wrong_state');
    bring(run, 'plan_review');
    // Skipping a state, and one person on both seats.
    expect(asked(run, bea, { act: 'approve-closure', body: signed })).toBe('wrong_state');
    act(run, bea, { act: 'approve-plan', body: signed });
    expect(asked(run, PEOPLE.beaAtSponsor, { act: 'approve-plan', body: signed })).toBe('separation_of_duties');
    expect(run.state.status).toBe('plan_review');
    act(run, ann, { act: 'approve-plan', body: signed });
    expect(run.state.status).toBe('plan_approved');
    // Editing the signed plan, moving a date in it.
    expect(asked(run, bob, { act: 'save', body: { plan: planAt(run.now) } })).toBe('wrong_state');
    expect(asked(run, bob, { act: 'revise-plan', body: { plan: planAt(plusMs(run.now, days(9))), reason: 'more time' } })).toBe('wrong_state');
    act(run, bob, { act: 'start', body: {} });

    // The corrective action is late: an issue on the same ladder, linked on this side.
    const due = run.state.actions[0]?.due;
    run.runTo(plusMs(at(due ?? ''), days(1)));
    expect(issuesOf(run)).toMatchObject([{ intent: `capa/k1/overdue/action/c1/1/${due ?? ''}`, request: { severity: 'major', topic: 'backup', accountableOrganisationId: 'cro-1', raisingOrganisationId: 'sponsor-1' } }]);
    expect(run.state.links).toContainEqual({ recordId: `opened by capa/k1/overdue/action/c1/1/${due ?? ''}`, kind: 'causes' });
    act(run, cal, { act: 'request-extension', body: { deadline: 'action/c1', newDue: plusMs(run.now, days(10)), justification: 'a part is missing', interimControl: 'daily checks' } });
    expect(asked(run, PEOPLE.beaAtSponsor, { act: 'grant-extension', body: { no: 1 } })).toBe('allowed');
    act(run, bea, { act: 'grant-extension', body: { no: 1 } });
    expect(run.state.actions[0]).toMatchObject({ originalDue: due, due: run.state.extensions[0]?.to });
    expect(dueOf(run, 'action/c1')).toBe(run.state.extensions[0]?.to);
    expect(run.state.extensions[0]).toMatchObject({ late: true, count: 1, status: 'granted' });

    bring(run, 'implementation_verified');
    const verifiedAt = at(run.state.verifiedAt ?? '');
    expect(dueOf(run, 'monitoring')).toBe(plusMs(verifiedAt, days(90)));
    act(run, bob, { act: 'start-monitoring', body: {} });
    // Closing without effectiveness.
    expect(asked(run, ann, { act: 'approve-closure', body: signed })).toBe('wrong_state');
    run.runTo(plusMs(verifiedAt, days(90)));
    expect(run.state.status).toBe('effectiveness_check');
    expect(run.steps.at(-1)?.at).toBe(plusMs(verifiedAt, days(90)));
    expect(told(run, 'assessment_due')).toMatchObject([{ audience: { to: 'person', personId: 'dan' } }]);
    act(run, dan, { act: 'save', body: { result: resultOf('ineffective') } });
    expect(asked(run, bob, { act: 'assess', body: signed })).toBe('not_permitted');
    expect(asked(run, dan, { act: 'assess', body: {} })).toBe('signature_required');
    act(run, dan, { act: 'assess', body: signed });

    expect(run.state).toMatchObject({ status: 'investigation', iteration: 2, id: 'k1', actions: [], approvals: [], past: [{ no: 1, outcome: 'ineffective' }] });
    expect(asked(run, ann, { act: 'approve-closure', body: signed })).toBe('wrong_state');
    bring(run, 'closed');
    expect(run.state).toMatchObject({ status: 'closed', closedBy: 'effective', iteration: 2 });
    expect(run.done).toBe(false);
    const closedAt = at(run.state.closedAt ?? '');
    expect(run.armed.map(({ name, due: until }) => [name, until])).toEqual([['recurrence-watch', plusMs(closedAt, days(365))]]);
    run.runTo(plusMs(closedAt, days(365)));
    expect([run.done, run.state.status, run.state.watchOver]).toEqual([true, 'closed', true]);
    expect(run.steps.filter(({ source }) => source.act === 'lapse').map(({ facts }) => facts[0]?.field)).toContain('action/c1');
  });

  test('P5 Q1 every starred transition is signed, over what the record holds and with its version', () => {
    const run = capaIn('plan_review');
    const shown = capa.signable(run.state, 'approve-plan');
    expect(shown).toMatchObject({ subject: 'plan', meanings: ['approval', 'agreement'], content: { capa: 'CAPA-1', iteration: 1, plan: { effectiveness: { target: '3 of 3' } }, rootCause: { method: 'five_why' } } });
    const step = capa.apply(run.state, { actor: bea, command: { act: 'approve-plan', body: signed } }, run.now);
    expect(step.sign).toEqual({ grantId: 'grant', act: 'approve-plan', subject: 'plan', version: shown?.version, contentHash: contentHashOf(shown?.content ?? null) });
    // The signature stands as long as the plan does: through its second signature, the work and the closing.
    bring(run, 'closed');
    expect(capa.signable(run.state, 'approve-plan')).toEqual(shown);
  });

  test('P5 a returned plan makes the first signature one of another version, and both seats are asked again', () => {
    const run = capaIn('plan_review');
    const before = capa.signable(run.state, 'approve-plan');
    act(run, bea, { act: 'approve-plan', body: signed });
    act(run, ann, { act: 'return', body: { comments: 'name the second system' } });
    expect(run.state).toMatchObject({ status: 'investigation', submitted: null, returns: [{ what: 'plan', comments: 'name the second system', by: { personId: 'ann' } }] });
    expect(told(run, 'returned')).toMatchObject([{ audience: { personId: 'bob' } }]);
    act(run, bob, { act: 'submit', body: { rootCause: whys() } });
    expect(capa.signable(run.state, 'approve-plan')?.version).toBeGreaterThan(before?.version ?? 0);
    act(run, ann, { act: 'approve-plan', body: signed });
    expect(run.state.status).toBe('plan_review');
    act(run, ben, { act: 'approve-plan', body: signed });
    expect(run.state.status).toBe('plan_approved');
  });

  test.each(FAULTY_PLANS)('Q5 Q9 an investigation is not submitted whose plan has a fault: %s', (fault, change) => {
    const run = capaIn('investigation');
    expect(why(run, bob, { act: 'submit', body: { rootCause: whys(), extentCheck, riskBefore: risk, plan: change(planAt(run.now)) } })).toBe(fault);
  });

  test('Q4 nothing is handed over while a check is blank: whether it is so elsewhere, and whether the actions did harm', () => {
    const investigated = capaIn('investigation');
    const submitted = (more: object) => why(investigated, bob, { act: 'submit', body: { rootCause: whys(), riskBefore: risk, plan: planAt(investigated.now), ...more } });
    const blank = 'the extent check is blank: does the same stand elsewhere?';
    expect([submitted({}), submitted({ extentCheck: { ...extentCheck, finding: null } }), submitted({ extentCheck: { ...extentCheck, lookedAt: '' } }), submitted({ extentCheck })]).toEqual([blank, blank, blank, 'allowed']);
    const done = capaIn('implementation');
    for (const [actionId, owner] of [['c1', cal], ['p1', cyd]] as const) {
      act(done, owner, { act: 'report-action', body: { actionId, evidenceIds: ['ev'] } });
      act(done, sam, { act: 'verify-action', body: { actionId, accepted: true } });
    }
    const verified = (more: object) => why(done, bob, { act: 'submit', body: more });
    const harm = 'the adverse-effect check is blank: did the actions do harm elsewhere?';
    expect([verified({}), verified({ adverseCheck: { ...adverseCheck, finding: null } }), verified({ adverseCheck })]).toEqual([harm, harm, 'allowed']);
  });

  test('Q5 a later edit of the effectiveness plan needs the approval again; the work under way goes on', () => {
    const run = capaIn('implementation');
    act(run, cal, { act: 'report-action', body: { actionId: 'c1', evidenceIds: ['ev'] } });
    const { plan } = run.state;
    const easier = { ...planAt(run.now), actions: plan?.actions ?? [], effectiveness: { ...planAt(run.now).effectiveness, target: '2 of 3' } } as NonNullable<typeof plan>;
    act(run, bob, { act: 'revise-plan', body: { plan: easier, reason: 'two systems only' } });
    expect(run.state).toMatchObject({ status: 'plan_review', submitted: 'plan' });
    expect(asked(run, bob, { act: 'submit', body: {} })).toBe('wrong_state');
    act(run, bea, { act: 'approve-plan', body: signed });
    expect(run.state.status).toBe('plan_review');
    act(run, ann, { act: 'approve-plan', body: signed });
    expect(run.state.actions).toMatchObject([{ id: 'c1', status: 'reported' }, { id: 'p1', status: 'open' }]);
    bring(run, 'implementation');
    expect(dueOf(run, 'action/p1')).toBe(run.state.actions[1]?.originalDue);
  });

  test('Q6 inconclusive extends the monitoring once, by the same window', () => {
    const run = capaIn('effectiveness_check');
    const assess = (outcome: 'inconclusive' | 'effective') => { act(run, dan, { act: 'save', body: { result: resultOf(outcome) } }); };
    assess('inconclusive');
    act(run, dan, { act: 'assess', body: signed });
    expect(run.state.status).toBe('monitoring');
    run.runTo(plusMs(run.now, days(90)));
    expect(run.state.status).toBe('effectiveness_check');
    assess('inconclusive');
    expect(asked(run, dan, { act: 'assess', body: signed })).toBe('wrong_state');
    assess('effective');
    act(run, dan, { act: 'assess', body: signed });
    expect(run.state.status).toBe('closure_review');
  });

  test('Q6 the window runs from the verified implementation even if nobody starts the monitoring', () => {
    const run = capaIn('implementation_verified');
    run.runTo(plusMs(at(run.state.verifiedAt ?? ''), days(90)));
    expect(run.state.status).toBe('effectiveness_check');
  });

  test('Q7 the same cause on the same system within 12 months: quality of the raising side reopens as ineffective, or declines', () => {
    const recurred = { act: 'recurred', body: { capaId: 'k2', number: 'CAPA-2', categories: ['procedure'] } } as const;
    const run = capaIn('closed');
    expect(asked(run, ann, recurred)).toBe('not_permitted');
    act(run, product, recurred);
    expect(told(run, 'cause_recurred')).toMatchObject([{ audience: { organisationId: 'sponsor-1' } }]);
    expect(run.waiting().map((one) => one.for)).toEqual(['closed', 'recurrence-watch', 'recurrence-decision']);
    expect([asked(run, bea, { act: 'reopen', body: signed }), asked(run, ann, { act: 'reopen', body: {} })]).toEqual(['not_permitted', 'signature_required']);
    // Nobody decides: the ladder, and a new deadline.
    const due = at(dueOf(run, 'recurrence-decision') ?? '');
    run.runTo(due);
    expect(issuesOf(run)).toMatchObject([{ intent: `capa/k1/overdue/recurrence-decision/1/${due}` }]);
    expect(dueOf(run, 'recurrence-decision')).not.toBe(due);
    act(run, amy, { act: 'decline-recurrence', body: { reason: 'another procedure' } });
    expect([run.state.status, dueOf(run, 'recurrence-decision')]).toEqual(['closed', undefined]);
    act(run, product, { ...recurred, body: { ...recurred.body, capaId: 'k3' } });
    act(run, ann, { act: 'reopen', body: signed });
    expect(run.state).toMatchObject({ status: 'investigation', iteration: 2, closedAt: null, past: [{ outcome: 'recurred' }] });
    bring(run, 'closed');
  });

  test('Q7 a watch that ends while a recurrence is undecided keeps the record open until it is decided', () => {
    const run = capaIn('closed');
    run.runTo(plusMs(at(dueOf(run, 'recurrence-watch') ?? ''), -1000));
    act(run, product, { act: 'recurred', body: { capaId: 'k2', number: 'CAPA-2', categories: ['procedure'] } });
    run.runTo(plusMs(run.now, 5000));
    expect([run.done, run.state.watchOver]).toEqual([false, true]);
    act(run, ann, { act: 'decline-recurrence', body: { reason: 'another procedure' } });
    expect(run.done).toBe(true);
  });

  test('Q14 the check of a minor CAPA is waived by a second person of the affected sponsor; of a major one by nobody', () => {
    const major = capaIn('implementation_verified');
    expect(asked(major, bob, { act: 'propose', body: { what: 'waiver', reason: 'small' } })).toBe('not_permitted');
    expect(asked(major, ann, { act: 'waive', body: signed })).toBe('not_permitted');
    const run = capaIn('implementation_verified', { severity: 'minor' });
    act(run, bob, { act: 'propose', body: { what: 'waiver', reason: 'small' } });
    expect([asked(run, bea, { act: 'waive', body: signed }), asked(run, ann, { act: 'waive', body: {} })]).toEqual(['not_permitted', 'signature_required']);
    act(run, ann, { act: 'waive', body: signed });
    expect([run.state.status, dueOf(run, 'monitoring')]).toEqual(['closure_review', undefined]);
    act(run, bob, { act: 'submit', body: { closure } });
    act(run, bea, { act: 'approve-closure', body: signed });
    act(run, ann, { act: 'approve-closure', body: signed });
    expect(run.state).toMatchObject({ status: 'closed', closedBy: 'waived' });
  });

  test('Q14 rejecting and cancelling take two persons, one of the raising side, and a signature', () => {
    const run = capaIn('triage');
    act(run, bea, { act: 'propose', body: { what: 'rejection', reason: 'duplicate', duplicateOf: 'k0' } });
    expect([asked(run, bea, { act: 'reject', body: signed }), asked(run, ben, { act: 'reject', body: signed }), asked(run, ann, { act: 'reject', body: {} })]).toEqual(['not_permitted', 'not_permitted', 'signature_required']);
    act(run, ann, { act: 'reject', body: signed });
    expect([run.state.status, run.done, run.armed]).toEqual(['rejected', true, []]);
    const second = capaIn('monitoring');
    act(second, bob, { act: 'propose', body: { what: 'cancellation', reason: 'study ended' } });
    expect([asked(second, bea, { act: 'cancel', body: signed }), asked(second, bob, { act: 'cancel', body: signed })]).toEqual(['separation_of_duties', 'not_permitted']);
    second.runTo(at(dueOf(second, 'proposal/cancellation') ?? ''));
    expect(second.state.proposals.cancellation?.status).toBe('lapsed');
    act(second, ann, { act: 'propose', body: { what: 'cancellation', reason: 'study ended' } });
    expect(asked(second, ann, { act: 'cancel', body: signed })).toBe('separation_of_duties');
    act(second, bea, { act: 'cancel', body: signed });
    expect([second.state.status, second.done]).toEqual(['cancelled', true]);
  });

  test('Q10 affected is the default; only the sponsor\'s quality signs that it is not, and then one seat is enough', () => {
    const run = capaIn('investigation');
    act(run, bob, { act: 'propose', body: { what: 'not_affected', reason: 'test system only' } });
    expect([asked(run, bea, { act: 'confirm-not-affected', body: signed }), asked(run, sam, { act: 'confirm-not-affected', body: signed })]).toEqual(['not_permitted', 'not_permitted']);
    act(run, ann, { act: 'confirm-not-affected', body: signed });
    bring(run, 'plan_review');
    expect(asked(run, ann, { act: 'approve-plan', body: signed })).toBe('not_permitted');
    act(run, bea, { act: 'approve-plan', body: signed });
    expect(run.state.status).toBe('plan_approved');
    const alone = capaIn('plan_review', { raising: 'cro-1' });
    act(alone, bea, { act: 'approve-plan', body: signed });
    expect([alone.state.sponsorImpact, alone.state.status]).toEqual(['no_sponsor', 'plan_approved']);
  });

  test('P11 duties of a person who leaves go to the deputy where separation of duties allows it, else quality assigns', () => {
    const run = capaIn('implementation');
    act(run, product, { act: 'relieve', body: { personId: 'cal', deputyId: 'dan', reason: 'left' } });
    expect(run.state.actions[0]?.ownerId).toBeNull();
    expect(run.waiting().find((one) => one.for === 'action/c1')?.movers).toEqual([{ organisationId: 'cro-1', acts: ['assign'] }]);
    act(run, bea, { act: 'assign', body: { duty: 'action', actionId: 'c1', personId: 'cyd', reason: 'takes over' } });
    act(run, product, { act: 'relieve', body: { personId: 'bob', deputyId: 'eve', reason: 'left' } });
    expect(run.state.ownerId).toBe('eve');
    act(run, cyd, { act: 'report-action', body: { actionId: 'c1', evidenceIds: ['ev'] } });
    expect(asked(run, cyd, { act: 'verify-action', body: { actionId: 'c1', accepted: true } })).toBe('separation_of_duties');
  });
});
