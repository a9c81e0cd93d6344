import { plusMs, type Instant } from '../../../contracts/instant';
import { STAGES, type Stage } from '../../../contracts/capaWords';
import type { Severity } from '../../../contracts/policy';
import { act, asked, at, bring, capaIn, capaOf, DAY_MS, dueOf, issuesOf, PEOPLE, planAt, resultOf, signed, SPONSOR, told, why } from './capas';

const { ann, bea, ben, bob, cal, dan, eve, sam } = PEOPLE;
/** Good Friday and Easter Monday of 2026. */
const EASTER = ['2026-04-03', '2026-04-06'];
/** Thursday morning before Easter, 10:00 in Zurich; clocks have gone forward four days before. */
const MAUNDY_THURSDAY = at('2026-04-02T08:00:00Z');

/** Worked out by hand on a calendar: the same local time n working days later; calendar days to the hour. */
const EXPECTED: Readonly<Record<Severity, Readonly<Partial<Record<Stage, string>>>>> = {
  critical: { response: '2026-04-07', 'root-cause': '2026-04-20', plan: '2026-04-27', corrective: '2026-05-02', preventive: '2026-06-01' },
  major: { response: '2026-04-09', 'root-cause': '2026-04-27', plan: '2026-05-04', corrective: '2026-06-01', preventive: '2026-07-01' },
  minor: { response: '2026-04-13', 'root-cause': '2026-05-04', plan: '2026-05-18', corrective: '2026-07-01', preventive: '2026-07-31' },
};

describe('stages and their deadlines', () => {
  test.each(['critical', 'major', 'minor'] as const)('Q11 a %s CAPA of Maundy Thursday: business days skip weekend and Easter, calendar days do not', (severity) => {
    const run = capaOf({ severity, at: MAUNDY_THURSDAY, holidays: EASTER });
    expect(Object.fromEntries(STAGES.flatMap((stage) => { const due = dueOf(run, `stage/${stage}`); return due ? [[stage, due]] : []; })))
      .toEqual(Object.fromEntries(Object.entries(EXPECTED[severity]).map(([stage, date]) => [stage, `${date}T08:00:00.000Z`])));
  });

  test("Q11 regrading in triage counts the running stages anew from the opening; the severity is the raising side's, up as down", () => {
    const run = capaOf({ severity: 'major', at: MAUNDY_THURSDAY, holidays: EASTER });
    expect(asked(run, bea, { act: 'regrade', body: { severity: 'minor', reason: 'small' } })).toBe('not_permitted');
    expect(asked(run, bea, { act: 'regrade', body: { severity: 'critical', reason: 'grave' } })).toBe('not_permitted');
    act(run, ann, { act: 'regrade', body: { severity: 'critical', reason: 'grave' } });
    expect(dueOf(run, 'stage/plan')).toBe('2026-04-27T08:00:00.000Z');
  });

  test('Q12 each stage that passes opens one issue on the same ladder, against the side that owes, and the state goes on', () => {
    const run = capaIn('plan_review', { severity: 'critical' });
    act(run, bea, { act: 'approve-plan', body: signed });
    run.runTo(at('2026-03-24T09:00:00Z'));
    // The accountable side has signed: the sponsor's signature is what is late.
    expect(issuesOf(run).map(({ intent, request }) => [intent, request])).toMatchObject([
      ['capa/k1/overdue/stage/plan/1/2026-03-23T09:00:00.000Z', { severity: 'critical', accountableOrganisationId: SPONSOR, raisingOrganisationId: 'cro-1', studyId: 'study-1', dedupeKey: 'capa/k1/stage/plan' }],
    ]);
    expect(run.state.status).toBe('plan_review');
    expect(run.state.stages.find(({ name }) => name === 'plan')).toMatchObject({ missedAt: '2026-03-23T09:00:00.000Z', originalDue: '2026-03-23T09:00:00.000Z', endedAt: null });
    expect(run.waiting()[0]).toMatchObject({ for: 'plan_review: signatures of the plan', movers: [{ organisationId: SPONSOR, acts: ['approve-plan', 'return'] }] });
    act(run, ann, { act: 'approve-plan', body: signed });
    expect(issuesOf(run)).toHaveLength(1);
  });

  test('Q12 an issue that cannot be opened is said on the record', () => {
    const run = capaOf({ severity: 'critical', answer: (effect) => (effect.kind === 'open' ? 'failed' : 'done') });
    run.runTo(at('2026-03-03T09:00:00Z'));
    expect(run.facts.filter(({ action }) => action === 'issue.not_opened')).toMatchObject([{ detail: { deadline: 'stage/response/1/2026-03-03T09:00:00.000Z' } }]);
  });

  test('Q6 Q11 each iteration has its clocks, counted from its start; the monitoring window from the verified implementation', () => {
    const run = capaIn('effectiveness_check', { severity: 'minor' });
    act(run, dan, { act: 'save', body: { result: resultOf('ineffective') } });
    act(run, dan, { act: 'assess', body: signed });
    const from = at(run.state.iterationFrom);
    expect([dueOf(run, 'stage/response'), dueOf(run, 'stage/corrective')]).toEqual([undefined, plusMs(from, 90 * DAY_MS)]);
  });
});

describe('due dates', () => {
  const ask = (run: ReturnType<typeof capaIn>, newDue: Instant, deadline = 'action/c1') => ({
    act: 'request-extension' as const, body: { deadline, newDue, justification: 'parts', interimControl: 'daily checks', currentDue: dueOf(run, deadline) ?? null },
  });
  const later = (run: ReturnType<typeof capaIn>, days: number, deadline = 'action/c1') => plusMs(at(dueOf(run, deadline) ?? run.now), days * DAY_MS);

  test('Q8 Q15 two extensions by rising level, no third; original and present date both stay', () => {
    const run = capaIn('implementation', { severity: 'critical' });
    const original = dueOf(run, 'action/c1');
    act(run, cal, ask(run, later(run, 5)));
    expect(told(run, 'extension_requested').map(({ audience }) => audience)).toMatchObject([{ organisationId: 'cro-1' }, { organisationId: SPONSOR }]);
    expect([asked(run, cal, ask(run, later(run, 6))), asked(run, ben, { act: 'grant-further-extension', body: { no: 1 } }), asked(run, eve, { act: 'grant-extension', body: { no: 1 } })]).toEqual(['wrong_state', 'wrong_state', 'not_permitted']);
    act(run, bea, { act: 'grant-extension', body: { no: 1 } });
    act(run, bob, ask(run, later(run, 5)));
    expect([asked(run, bea, { act: 'grant-extension', body: { no: 2 } }), asked(run, bea, { act: 'grant-further-extension', body: { no: 2 } })]).toEqual(['wrong_state', 'not_permitted']);
    act(run, ben, { act: 'grant-further-extension', body: { no: 2 } });
    expect(run.state.actions[0]).toMatchObject({ originalDue: original, due: plusMs(at(original ?? ''), 10 * DAY_MS) });
    expect([asked(run, cal, ask(run, later(run, 5))), why(run, cal, ask(run, later(run, 5)))]).toEqual(['wrong_state', 'this date was extended 2 times; there is no further extension']);
    expect(told(run, 'extension_decided').filter(({ audience }) => JSON.stringify(audience).includes(SPONSOR))).toHaveLength(2);
    run.runTo(at(original ?? ''));
    expect(issuesOf(run)).toEqual([]);
    run.runTo(plusMs(at(original ?? ''), 10 * DAY_MS));
    expect(issuesOf(run)).toHaveLength(2);
  });

  test('Q8 Q9 nobody grants what they asked for, owe or own; a request without an answer lapses and the date stands', () => {
    const run = capaIn('implementation');
    const before = dueOf(run, 'action/c1');
    act(run, bea, ask(run, later(run, 5)));
    expect([asked(run, bea, { act: 'grant-extension', body: { no: 1 } }), asked(run, sam, { act: 'grant-extension', body: { no: 1 } })]).toEqual(['separation_of_duties', 'not_permitted']);
    run.runTo(at(dueOf(run, 'extension/1') ?? ''));
    expect([run.state.extensions[0]?.status, dueOf(run, 'action/c1')]).toEqual(['lapsed', before]);
    act(run, cal, ask(run, later(run, 5)));
    act(run, ann, { act: 'decline-extension', body: { no: 2, reason: 'no' } });
    expect([run.state.extensions[1]?.status, dueOf(run, 'action/c1')]).toEqual(['declined', before]);
  });

  test('Q8 a stage is extended like an action: its timer moves; after it passed the request is flagged as late', () => {
    const run = capaIn('investigation');
    const original = dueOf(run, 'stage/root-cause');
    act(run, bob, ask(run, later(run, 7, 'stage/root-cause'), 'stage/root-cause'));
    act(run, bea, { act: 'grant-extension', body: { no: 1 } });
    expect(dueOf(run, 'stage/root-cause')).toBe(plusMs(at(original ?? ''), 7 * DAY_MS));
    expect(run.state.stages.find(({ name }) => name === 'root-cause')).toMatchObject({ originalDue: original, due: plusMs(at(original ?? ''), 7 * DAY_MS) });
    run.runTo(plusMs(at(original ?? ''), 8 * DAY_MS));
    act(run, bob, ask(run, plusMs(run.now, DAY_MS), 'stage/root-cause'));
    expect(run.state.extensions[1]).toMatchObject({ late: true, from: plusMs(at(original ?? ''), 7 * DAY_MS) });
  });

  test('Q8 the work comes while a request waits: the request is moot', () => {
    const run = capaIn('implementation');
    act(run, cal, ask(run, later(run, 5)));
    act(run, cal, { act: 'report-action', body: { actionId: 'c1', evidenceIds: ['e'] } });
    expect([run.state.extensions[0]?.status, dueOf(run, 'extension/1'), dueOf(run, 'action/c1')]).toEqual(['lapsed', undefined, undefined]);
    act(run, sam, { act: 'verify-action', body: { actionId: 'c1', accepted: false, note: 'no proof' } });
    expect(dueOf(run, 'action/c1')).toBe(run.state.actions[0]?.originalDue);
  });

  test('Q8 no plan moves or drops an action under way', () => {
    const run = capaIn('plan_review');
    bring(run, 'implementation');
    const plan = run.state.plan ?? planAt(run.now);
    const moved = { ...plan, actions: plan.actions.map((action) => ({ ...action, due: plusMs(run.now, 99 * DAY_MS) })) };
    expect(why(run, bob, { act: 'revise-plan', body: { plan: moved, reason: 'r' } })).toBe('the due date of action c1 is fixed: ask for an extension');
    expect(asked(run, bob, { act: 'revise-plan', body: { plan: { ...plan, actions: plan.actions.slice(0, 1) }, reason: 'r' } })).toBe('wrong_state');
  });
});
