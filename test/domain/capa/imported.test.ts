import fc from 'fast-check';
import { IMPORTABLE_STATUSES, type ImportableStatus } from '../../../contracts/capaImport';
import { CAPA_ACTS, type CapaAct } from '../../../contracts/capa';
import { plusMs } from '../../../contracts/instant';
import type { CapaState } from '../../../contracts/capaState';
import { capa } from '../../../domain/capa/machine';
import { capaView } from '../../../domain/capa/view';
import { project } from '../../../domain/capa/projection';
import { broughtIn, CATCH_UP, lineOf, NOW, worldAt } from '../capaImport/tables';
import { commandFor, nextOnTheWay } from './acting';
import { act, asked, at, DAY_MS, dueOf, issuesOf, PEOPLE, product, resultOf, signed, told, why, type Run } from './capas';
import { canMove } from './ledger';

const { ann, bea, ben, bob } = PEOPLE;
const CAST = { owner: 'bob', worker: 'cal' };
const armedOf = (run: Run): Record<string, string> => Object.fromEntries(run.armed.filter(({ warning }) => warning === undefined).map(({ name, due }) => [name, due]));
/** A day’s noon, and a minute before its end, in Zurich in winter (w) and in summer (s). */
const noon = (day: string, season: 'w' | 's' = 'w'): string => `${day}T${season === 'w' ? '11' : '10'}:00:00.000Z`;
const end = (day: string, season: 'w' | 's' = 'w'): string => `${day}T${season === 'w' ? '22' : '21'}:59:00.000Z`;
const LATE = CATCH_UP;
/** A line of a CAPA inside the importer's own organisation. */
const inside = (status: ImportableStatus) => {
  const { cells, row } = lineOf(status, { study: '', raising_organisation: 'Cro' });
  const own = ([column, text]: [string, string]) => [column, column.endsWith('_approvals') ? text.split(' ; ').filter((one) => one.includes('| Cro |')).join(' ; ') : text];
  return { row, cells: Object.fromEntries(Object.entries(cells).map(own)) as typeof cells };
};

describe('a CAPA that did not begin here', () => {
  // Worked out by hand for a major CAPA and Monday, 23 November 2026, 10:00 in Zurich; bd: business days, d: days.
  test.each<[ImportableStatus, Record<string, string>]>([
    // Opened on Monday, 2 November, noon: 3 bd passed on the 5th; 15 bd: Monday 23 November, noon; 20 bd: Monday 30; 60 d: 1 January; 90 d: 31 January.
    ['draft', { 'stage/response': LATE, 'stage/root-cause': noon('2026-11-23'), 'stage/plan': noon('2026-11-30'), 'stage/corrective': noon('2027-01-01'), 'stage/preventive': noon('2027-01-31') }],
    ['triage', { 'stage/response': LATE, 'stage/root-cause': noon('2026-11-23'), 'stage/plan': noon('2026-11-30'), 'stage/corrective': noon('2027-01-01'), 'stage/preventive': noon('2027-01-31') }],
    ['containment', { 'stage/response': LATE, 'stage/root-cause': noon('2026-11-23'), 'stage/plan': noon('2026-11-30'), 'stage/corrective': noon('2027-01-01'), 'stage/preventive': noon('2027-01-31') }],
    ['investigation', { 'stage/root-cause': noon('2026-11-23'), 'stage/plan': noon('2026-11-30'), 'stage/corrective': noon('2027-01-01'), 'stage/preventive': noon('2027-01-31') }],
    ['plan_review', { 'stage/plan': noon('2026-11-30'), 'stage/corrective': noon('2027-01-01'), 'stage/preventive': noon('2027-01-31') }],
    // Opened on 12 October, in summer time: 60 d of 24 hours end on 11 December at 11 in winter time, 90 d on 10 January. Actions: 50 and 60 days after.
    ['plan_approved', { 'stage/corrective': noon('2026-12-11', 's'), 'stage/preventive': noon('2027-01-10', 's'), 'action/c1': end('2026-12-01'), 'action/p1': end('2026-12-11') }],
    ['implementation', { 'stage/corrective': noon('2026-12-11', 's'), 'stage/preventive': noon('2027-01-10', 's'), 'action/c1': end('2026-12-01'), 'action/p1': end('2026-12-11') }],
    // Verified on 5 October at noon: 90 d end on 3 January.
    ['implementation_verified', { monitoring: noon('2027-01-03', 's') }],
    ['monitoring', { monitoring: noon('2027-01-03', 's') }],
    // Verified on 17 August, a Monday: 90 d end on Sunday, 15 November, 11:00; 10 bd from the next opening, Monday 09:00, end on the 30th.
    ['effectiveness_check', { 'stage/assessment': '2026-11-30T08:00:00.000Z' }],
    // Assessed on Monday, 16 November: 10 bd end on the 30th.
    ['closure_review', { 'stage/closure': noon('2026-11-30') }],
  ])('Q6 Q8 Q11 %s enters with the timers of its true dates', (status, expected) => {
    const run = broughtIn(lineOf(status));
    expect([run.state.status, run.state.iteration]).toEqual([status, 1]);
    expect(armedOf(run)).toEqual(expected);
    expect(run.waiting().length).toBeGreaterThan(0);
  });

  test('Q7 Q10 what one organisation alone closed elsewhere is closed: watched for 365 days from 20 August', () => {
    const run = broughtIn(inside('closed'));
    expect([run.state.status, run.state.closedBy, armedOf(run)]).toEqual(['closed', 'effective', { 'recurrence-watch': noon('2027-08-20', 's') }]);
  });

  test('Q9 Q10 what one side says was closed by both waits for both signatures here, which cover what was said; the watch runs from the last', () => {
    const run = broughtIn(lineOf('closed'));
    expect([run.state.status, run.state.submitted, run.state.closedAt, run.state.closedBy, run.state.imported?.closedElsewhereAt]).toEqual(['closure_review', 'closure', null, null, noon('2026-08-20', 's')]);
    // 10 business days from Monday, 23 November, 10:00.
    expect(armedOf(run)).toEqual({ 'stage/closure': '2026-12-07T09:00:00.000Z' });
    expect(capa.signable(run.state, 'approve-closure')?.content).toMatchObject({ closedElsewhereAt: noon('2026-08-20', 's'), approvedElsewhere: expect.arrayContaining([expect.objectContaining({ statedBy: { personId: 'bea', organisationId: 'cro-1' } })]) });
    act(run, ben, { act: 'approve-closure', body: signed });
    expect(run.state.status).toBe('closure_review');
    act(run, ann, { act: 'approve-closure', body: signed });
    expect([run.state.status, run.state.closedAt, armedOf(run)]).toEqual(['closed', plusMs(NOW, 1), { 'recurrence-watch': plusMs(NOW, 365 * DAY_MS + 1) }]);
  });

  test('Q10 Q16 the accountable side brings in what the sponsor never said: it counts for nothing, stands under the importer, and the sponsor hears at once', () => {
    const forged = { severity: 'critical', not_affected_approvals: 'Elif Fischer | Sponsor | quality_head | 2026-11-10 | ref: drawer' } as const;
    const run = broughtIn(lineOf('investigation', forged));
    expect([run.state.sponsorImpact, run.state.statedBy]).toEqual(['affected', { problem: 'cro-1' }]);
    expect(run.state.breachAnswers).toMatchObject([{ answer: 'no', by: { personId: 'bea', organisationId: 'cro-1', at: NOW } }]);
    expect(run.state.approvedElsewhere).toMatchObject([{ subject: 'not_affected', name: 'Elif Fischer', statedBy: { organisationId: 'cro-1' } }]);
    expect(told(run, 'breach_denied')).toMatchObject([{ audience: { organisationId: 'sponsor-1' }, digest: { at: plusMs(NOW, 60_000) } }]);
    act(run, ann, { act: 'save', body: { riskBefore: { likelihood: 5, impact: 5 } } });
    for (let left = 10; left > 0 && run.state.status !== 'plan_review'; left -= 1) goOn(run);
    act(run, bea, { act: 'approve-plan', body: signed });
    expect(run.state.status).toBe('plan_review');
    act(run, ann, { act: 'approve-plan', body: signed });
    expect(run.state.status).toBe('plan_approved');
  });

  test.each<[ImportableStatus, 'start' | 'submit' | 'assess' | undefined, CapaAct[]]>([
    ['plan_approved', 'start', ['approve-plan']], ['implementation', 'submit', ['approve-plan']], ['implementation_verified', undefined, ['approve-plan', 'verify-implementation']],
    ['monitoring', undefined, ['approve-plan', 'verify-implementation']], ['effectiveness_check', 'assess', ['approve-plan', 'verify-implementation']],
  ])('Q9 Q10 %s: a gate that lies behind it by the importer\'s word is signed here by the other side, before any further step', (status, step, gates) => {
    const run = broughtIn(lineOf(status));
    const owed = () => run.waiting().filter(({ for: what }) => what.includes('said to be approved elsewhere')).map(({ movers }) => movers[0]);
    expect(owed()).toEqual(gates.map((gate) => ({ organisationId: 'sponsor-1', acts: [gate, 'return'] })));
    if (status !== 'plan_approved') for (const gate of gates) expect(why(run, bea, { act: gate, body: signed } as never)).toContain('was not submitted');
    const stepping = { start: [bob, { act: 'start', body: {} }], submit: [bob, { act: 'submit', body: {} }], assess: [PEOPLE.dan, { act: 'assess', body: signed }] } as const;
    if (step === 'assess') act(run, PEOPLE.dan, { act: 'save', body: { result: resultOf('effective') } });
    if (step) expect(why(run, stepping[step][0], stepping[step][1])).toContain('said to have been approved elsewhere');
    for (const gate of gates) act(run, ann, { act: gate, body: signed } as never);
    expect([run.state.status, owed()]).toEqual([status, []]);
    if (step) expect(why(run, stepping[step][0], stepping[step][1])).not.toContain('elsewhere');
    expect(asked(run, PEOPLE.amy, { act: gates[0] ?? 'approve-plan', body: signed } as never)).toBe('wrong_state');
  });

  test('Q7 Q10 what the other side does not stand by it returns: the investigation begins again, and nothing that was said counts', () => {
    const run = broughtIn(lineOf('monitoring'));
    expect(why(run, ben, { act: 'return', body: { comments: 'we did' } })).toContain('nothing was submitted');
    act(run, ann, { act: 'return', body: { comments: 'we never approved that plan' } });
    expect([run.state.status, run.state.iteration, run.state.verifiedAt, run.armed.some(({ name }) => name === 'monitoring')]).toEqual(['investigation', 2, null, false]);
    expect(run.state.past).toMatchObject([{ no: 1, outcome: 'reopened' }]);
  });

  test('P1 what came in by an earlier release goes on by its rules', () => {
    const before = broughtIn(lineOf('closed'), worldAt(), (imported) => ({ ...imported, gates: undefined }));
    expect([before.state.status, before.state.statedBy, before.state.imported && 'gates' in before.state.imported]).toEqual(['closed', undefined, false]);
    expect(armedOf(before)).toEqual({ 'recurrence-watch': noon('2027-08-20', 's') });
    const affected = broughtIn(lineOf('investigation', { not_affected_approvals: 'E | Sponsor | QA | 2026-11-10 | ref: 1' }), worldAt(), (imported) => ({ ...imported, gates: undefined }));
    expect(affected.state.sponsorImpact).toBe('not_affected');
  });

  test('Q12 Q15 what is overdue is marked missed, keeps its dates, opens no issue before the catch-up date, and then one', () => {
    const run = broughtIn(lineOf('investigation', { original_due: '2026-11-06', current_due: '2026-11-20', extensions: '1' }));
    const stage = () => run.state.stages.find(({ name }) => name === 'root-cause');
    expect(stage()).toMatchObject({ originalDue: end('2026-11-06'), due: end('2026-11-20'), missedAt: NOW, endedAt: null });
    expect(dueOf(run, 'stage/root-cause')).toBe(CATCH_UP);
    run.runTo(plusMs(CATCH_UP, -1));
    expect(issuesOf(run).filter(({ intent }) => intent.includes('root-cause'))).toEqual([]);
    run.runTo(CATCH_UP);
    expect(issuesOf(run).filter(({ intent }) => intent.includes('root-cause'))).toMatchObject([{ request: { description: expect.stringContaining('brought in overdue') } }]);
    expect(stage()).toMatchObject({ originalDue: end('2026-11-06'), due: end('2026-11-20'), missedAt: NOW });
  });

  test('Q8 Q12 Q15 an overdue action likewise; an extension granted elsewhere counts towards the bound, and a third is refused', () => {
    const line = lineOf('implementation', { actions: 'corrective | c | cal@cro-1.example | 2026-11-20 | 2026-11-10 ; preventive | p | cyd@cro-1.example | 2026-12-20' });
    const run = broughtIn(line);
    expect(run.state.actions).toMatchObject([{ id: 'c1', originalDue: end('2026-11-10'), due: end('2026-11-20'), missedAt: NOW }, { id: 'p1', missedAt: null }]);
    expect([dueOf(run, 'action/c1'), dueOf(run, 'action/p1')]).toEqual([CATCH_UP, end('2026-12-20')]);
    const ask = { act: 'request-extension', body: { deadline: 'action/c1', newDue: plusMs(NOW, 5 * DAY_MS), justification: 'j', interimControl: 'i' } } as const;
    act(run, bob, ask);
    expect(run.state.extensions).toMatchObject([{ no: 1, count: 2, late: true }]);
    expect(asked(run, bea, { act: 'grant-extension', body: { no: 1 } })).toBe('wrong_state');
    act(run, ben, { act: 'grant-further-extension', body: { no: 1 } });
    expect(dueOf(run, 'action/c1')).toBe(plusMs(NOW, 5 * DAY_MS));
    expect(why(run, bob, { ...ask, body: { ...ask.body, newDue: plusMs(NOW, 9 * DAY_MS) } })).toContain('extended 2 times');
  });

  test('nobody is told singly: one letter for each responsible person, and none for what is closed', () => {
    const run = broughtIn(lineOf('implementation', { actions: 'corrective | c | cal@cro-1.example | 2026-11-20 ; preventive | p | cyd@cro-1.example | 2026-12-20' }));
    const notices = run.effects.filter(({ kind }) => kind === 'notify');
    expect(notices.map(({ reason, audience, digest }) => [reason, (audience as { personId?: string; organisationId: string }).personId ?? (audience as { organisationId: string }).organisationId, (digest as { key: string }).key])).toEqual([
      ['import_overdue', 'cal', 'import-iiiiiiiiiiiiiiii'], ['breach_denied', 'sponsor-1', 'denied-iiiiiiiiiiiiiiii'], ['signature_awaited', 'sponsor-1', 'import-iiiiiiiiiiiiiiii'],
    ]);
    expect(issuesOf(run)).toEqual([]);
    expect(told(broughtIn(lineOf('triage')), 'triage_awaited')).toEqual([]);
    for (const status of IMPORTABLE_STATUSES) expect(broughtIn(lineOf(status)).effects.every(({ kind, digest }) => kind === 'notify' && digest !== undefined)).toBe(true);
  });

  test('P5 Q9 Q10 an approval given elsewhere says where the CAPA is, stands under a name of its own, and is no signature; later gates are signed here', () => {
    const run = broughtIn(lineOf('implementation'));
    const statedBy = { personId: 'bea', organisationId: 'cro-1' };
    expect(run.state.approvals).toEqual([]);
    expect(run.state.approvedElsewhere).toEqual([
      { subject: 'plan', name: 'Quentin of QA', organisationId: 'cro-1', role: 'QA', on: '2026-10-28', evidenceId: null, reference: 'binder 7', statedBy },
      { subject: 'plan', name: 'Paula of QA', organisationId: 'sponsor-1', role: 'QA', on: '2026-10-28', evidenceId: null, reference: 'binder 7', statedBy },
    ]);
    const facts = run.facts.map(({ action }) => action);
    expect([facts.filter((action) => action === 'approval.elsewhere_recorded').length, facts.filter((action) => action.endsWith('.signed')).length]).toEqual([2, 0]);
    const view = capaView({ _id: 'k1', rev: 1, state: run.state, stateVersion: 1, content: { title: 't', description: 'd' }, armed: run.armed, updatedAt: NOW } as never);
    expect(view).toMatchObject({ approvedElsewhere: [{ name: 'Quentin of QA' }, { name: 'Paula of QA' }], approvals: [], imported: { externalNumber: 'X-1', row: 2, status: 'implementation' } });
    for (const next of ['c1', 'p1']) {
      act(run, PEOPLE[next === 'c1' ? 'cal' : 'cyd'], { act: 'report-action', body: { actionId: next, evidenceIds: ['e'] } });
      act(run, PEOPLE.sam, { act: 'verify-action', body: { actionId: next, accepted: true } });
    }
    act(run, PEOPLE.amy, { act: 'approve-plan', body: signed });
    act(run, bob, { act: 'submit', body: { adverseCheck: { finding: 'none', detail: 'd', evidenceIds: [] } } });
    act(run, bea, { act: 'verify-implementation', body: signed });
    expect(run.state.status).toBe('implementation');
    act(run, ann, { act: 'verify-implementation', body: signed });
    expect(run.state.status).toBe('implementation_verified');
    expect(project(run.state).status).toBe('implementation_verified');
  });

  test('Q10 Q16 approvals of one seat do not pass a gate: both sign here; a possible serious breach is told to the sponsor with the rest', () => {
    const run = broughtIn(lineOf('plan_review', { serious_breach: 'yes', plan_approvals: 'Quentin | Cro | QA | 2026-11-20 | ref: 1' }));
    expect([run.state.submitted, run.state.approvedElsewhere?.length]).toEqual(['plan', 1]);
    expect(told(run, 'serious_breach')).toMatchObject([{ audience: { organisationId: 'sponsor-1' }, digest: { key: 'import-iiiiiiiiiiiiiiii' } }]);
    act(run, bea, { act: 'approve-plan', body: signed });
    expect(run.state.status).toBe('plan_review');
    act(run, ann, { act: 'approve-plan', body: signed });
    expect([run.state.status, run.state.actions.length]).toEqual(['plan_approved', 2]);
  });

  test('Q14 a minor one whose check was waived elsewhere closes as waived; Q7 a closed one that recurs begins its second iteration, for which nothing elsewhere counts', () => {
    const waived = { severity: 'minor', outcome: '', outcome_measured: '', outcome_sample: '', effectiveness_approvals: '' } as const;
    const run = broughtIn(lineOf('closure_review', { ...waived, waiver_approvals: 'Paula | Sponsor | QA | 2026-11-16 | ref: 1' }));
    for (let left = 10; left > 0 && run.state.status !== 'closed'; left -= 1) goOn(run);
    expect([run.state.status, run.state.closedBy]).toEqual(['closed', 'waived']);
    const closed = broughtIn(inside('closed'));
    expect([closed.state.closedBy, closed.state.closedAt]).toEqual(['effective', noon('2026-08-20', 's')]);
    act(closed, product, { act: 'recurred', body: { capaId: 'k2', number: 'CAPA-2', categories: ['procedure'] } });
    act(closed, ben, { act: 'reopen', body: signed });
    expect([closed.state.status, closed.state.iteration, closed.state.closedAt]).toEqual(['investigation', 2, null]);
  });

  function goOn(run: Run): void {
    const next = nextOnTheWay(run, CAST);
    if (next) {
      const refusal = run.command(next);
      if (refusal) throw new Error(`${next.command.act} while ${run.state.status}: ${refusal.reason}`);
    } else run.passNext();
    run.sleepTo(plusMs(run.now, 1));
  }

  const living = ({ state, done, waiting }: { state: CapaState; done: boolean; waiting: () => ReturnType<Run['waiting']> }): void => {
    if (done) return;
    const waits = waiting();
    if (!waits.some(({ until, movers }) => until !== undefined || movers.length > 0)) throw new Error(`nothing moves it: ${state.status}`);
  };

  test('Q1 Q6 Q9 Q10 from wherever it enters and whatever is done: never without a deadline or a person, never closed without what closing needs', () => {
    const ways = new Map<string, number>();
    fc.assert(fc.property(
      fc.constantFrom(...IMPORTABLE_STATUSES), fc.record({ severity: fc.constantFrom('critical', 'major', 'minor'), asleep: fc.integer({ min: 0, max: 40 }) }),
      fc.array(fc.tuple(fc.constantFrom(...Object.values(PEOPLE)), fc.constantFrom(...CAPA_ACTS), fc.nat(999_999)), { maxLength: 15 }),
      (status, { severity, asleep }, acts) => {
        const run = broughtIn(lineOf(status, { severity }));
        living({ state: run.state, done: run.done, waiting: () => run.waiting() });
        for (const { movers } of run.waiting()) for (const mover of movers) if (!canMove(run, mover)) throw new Error(`${JSON.stringify(mover)} cannot move it from ${status}`);
        if (!run.done) run.runTo(plusMs(run.now, asleep * DAY_MS));
        for (const [actor, name, pick] of acts) {
          if (run.done) return;
          run.command({ actor, command: commandFor(name, pick, run) });
          run.sleepTo(plusMs(run.now, 1));
          living({ state: run.state, done: run.done, waiting: () => run.waiting() });
        }
        for (let left = 90; left > 0 && !run.done && run.state.status !== 'closed'; left -= 1) goOn(run);
        const { state } = run;
        if (run.done && state.status !== 'closed') return;
        expect(state.status).toBe('closed');
        expect(state.verifiedAt !== null && state.actions.length > 0 && state.actions.every((action) => action.status === 'verified')).toBe(true);
        expect(state.result?.outcome === 'effective' || state.closedBy === 'waived').toBe(true);
        ways.set(status, (ways.get(status) ?? 0) + 1);
      },
    ), { numRuns: 240 });
    expect([...ways.keys()].toSorted()).toEqual([...IMPORTABLE_STATUSES].toSorted());
  });

  test('P1 the state is plain JSON, and what came in is said in the trail, with who brought it in', () => {
    for (const status of IMPORTABLE_STATUSES) {
      const run = broughtIn(lineOf(status));
      expect(JSON.parse(JSON.stringify(run.state))).toEqual(run.state);
      expect(run.facts.find(({ action }) => action === 'capa.imported')).toMatchObject({ new: 'X-1', detail: { row: 2, fileSha256: 'f', by: { personId: 'bea' }, catchUpAt: CATCH_UP } });
    }
    expect(at('2026-11-23T09:00:00Z')).toBe(worldAt().now);
  });
});
