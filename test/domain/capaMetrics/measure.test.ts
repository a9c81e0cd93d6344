import fc from 'fast-check';
import { plusMs, type Instant } from '../../../contracts/instant';
import { assessmentsOf, closingsOf, wasOpen } from '../../../domain/capaMetrics/facts';
import { FORMULAS } from '../../../domain/capaMetrics/formulas';
import { measure, measureApart, stateAtOf, valueOf, type Measure, type Period, type Source } from '../../../domain/capaMetrics/measure';
import { leftOut } from '../../../domain/capaMetrics/leftOut';
import { warningsOf } from '../../../domain/capaMetrics/warnings';
import { AFTER_ALL, measuredOf, playedCapa, someInstant } from '../../support/measuredCapas';
import { act, bring, capaIn, capaOf, DAY_MS, dueOf, PEOPLE, product, signed, START, whys, planAt, extentCheck, risk, type Run } from '../capa/capas';

const { ann, bea, bob, cal, sam, cyd } = PEOPLE;
const RUNS = 300;
const played = Array.from({ length: RUNS }, (_, seed) => playedCapa(seed));
const all = played.map((run, seed) => measuredOf(run, `k${String(seed).padStart(4, '0')}`));
const counted = leftOut(all.map((capa) => ({ capa, drill: false }))).counted.map(({ capa }) => capa);
const EVER: Period = { from: START, to: AFTER_ALL, asOf: AFTER_ALL };
const named = (measures: readonly Measure[], name: string): Measure => {
  const found = measures.find(({ formula }) => formula.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};
const figure = (runs: readonly Run[], name: string, period: Period = EVER) => {
  const measured = named(measure(runs.map((run, n) => measuredOf(run, `k${n}`)), period), name);
  return { numerator: measured.numerator?.length ?? null, denominator: measured.denominator.length, value: valueOf(measured) };
};
const keys = (sources: readonly Source[]): string[] => sources.map(({ capaId, part }) => `${capaId} ${part}`);
const periods = fc.tuple(fc.double({ min: 0, max: 0.99, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([a, b, c]) => [a, b, c].toSorted((x, y) => x - y).map(someInstant) as [Instant, Instant, Instant]).filter(([a, b, c]) => a < b && b < c);

describe('figures over CAPAs', () => {
  test('Q15 an extended CAPA is on time against its current date and late against its original one', () => {
    const run = capaIn('implementation');
    const due = dueOf(run, 'action/c1');
    if (!due) throw new Error('not armed');
    act(run, bob, { act: 'request-extension', body: { deadline: 'action/c1', newDue: plusMs(due, 10 * DAY_MS), justification: 'j', interimControl: 'i' } });
    act(run, bea, { act: 'grant-extension', body: { no: 1 } });
    run.runTo(plusMs(due, DAY_MS));
    const open: Period = { from: START, to: AFTER_ALL, asOf: run.now };
    expect(figure([run], 'overdue_original', open)).toEqual({ numerator: 1, denominator: 1, value: 1 });
    expect(figure([run], 'overdue_current', open)).toEqual({ numerator: 0, denominator: 1, value: 0 });
    bring(run, 'closed');
    expect(figure([run], 'on_time_current')).toEqual({ numerator: 1, denominator: 1, value: 1 });
    expect(figure([run], 'on_time_original')).toEqual({ numerator: 0, denominator: 1, value: 0 });
    expect(figure([run], 'extension_rate')).toEqual({ numerator: 1, denominator: 1, value: 1 });
    // What was decided later had not moved the date then.
    expect(figure([run], 'overdue_original', { ...open, to: plusMs(due, 1) })).toMatchObject({ value: 1 });
    expect(figure([run], 'overdue_original', { ...open, to: due })).toMatchObject({ value: 0 });
  });

  test('Q15 nothing counted is null, never NaN; every figure has its formula, version and sources', () => {
    const measures = measure([], EVER);
    expect(measures.map(({ formula }) => formula.name)).toEqual(FORMULAS.map(({ name }) => name));
    expect(measures.map(valueOf)).toEqual(FORMULAS.map(() => null));
    for (const { formula } of measures) expect([formula.version, formula.text.length > 20]).toEqual([1, true]);
  });

  test('Q15 Q7 an ineffective round, a recurrence and its second closing: each counts once, where it happened', () => {
    const run = capaIn('closed');
    const first = run.state.closedAt;
    run.runTo(plusMs(run.now, 30 * DAY_MS));
    act(run, product, { act: 'recurred', body: { capaId: 'k2', number: 'CAPA-2', categories: ['procedure'] } });
    expect(figure([run], 'recurrence_rate')).toEqual({ numerator: 0, denominator: 1, value: 0 });
    expect(warningsOf(measure([measuredOf(run, 'k')], EVER), [measuredOf(run, 'k')], AFTER_ALL).map(({ code }) => code)).toEqual(expect.arrayContaining(['recurrence_undecided', 'few_closings', 'still_watched']));
    act(run, ann, { act: 'reopen', body: signed });
    expect(figure([run], 'recurrence_rate')).toEqual({ numerator: 1, denominator: 1, value: 1 });
    expect(figure([run], 'closure_rate')).toEqual({ numerator: 1, denominator: 1, value: 1 });
    expect(closingsOf(measuredOf(run, 'k'))).toMatchObject([{ round: 1, at: first }]);
    expect(wasOpen(measuredOf(run, 'k'), plusMs(first ?? START, DAY_MS))).toBe(false);
    expect(wasOpen(measuredOf(run, 'k'), run.now)).toBe(true);
    bring(run, 'closed');
    expect(figure([run], 'closure_rate')).toEqual({ numerator: 2, denominator: 1, value: 2 });
    expect(figure([run], 'recurrence_rate')).toEqual({ numerator: 1, denominator: 2, value: 0.5 });
  });

  test('Q15 first-pass approval: returned is not, approved at once is, undecided is not asked', () => {
    const straight = capaIn('plan_approved');
    const undecided = capaIn('plan_review');
    const returned = capaIn('plan_review');
    act(returned, ann, { act: 'return', body: { comments: 'more' } });
    act(returned, bob, { act: 'submit', body: { rootCause: whys(), extentCheck, riskBefore: risk, plan: planAt(returned.now) } });
    bring(returned, 'plan_approved');
    expect(figure([straight, undecided, returned], 'first_pass_rca')).toEqual({ numerator: 1, denominator: 2, value: 0.5 });
    // A plan that is revised and returned later was approved at once all the same.
    bring(straight, 'implementation');
    act(straight, bob, { act: 'revise-plan', body: { plan: straight.state.plan ?? planAt(straight.now), reason: 'r' } });
    act(straight, ann, { act: 'return', body: { comments: 'no' } });
    expect(figure([straight], 'first_pass_rca')).toMatchObject({ value: 1 });
  });

  test('Q15 an action that was sent back is done when it is reported again', () => {
    const run = capaIn('implementation');
    const due = dueOf(run, 'action/c1');
    act(run, cal, { act: 'report-action', body: { actionId: 'c1', evidenceIds: ['e'] } });
    run.runTo(plusMs(due ?? START, DAY_MS));
    act(run, sam, { act: 'verify-action', body: { actionId: 'c1', accepted: false, note: 'n' } });
    expect(figure([run], 'overdue_current', { ...EVER, asOf: run.now })).toMatchObject({ value: 1 });
    act(run, cyd, { act: 'report-action', body: { actionId: 'p1', evidenceIds: ['e'] } });
    act(run, cal, { act: 'report-action', body: { actionId: 'c1', evidenceIds: ['e'] } });
    for (const actionId of ['c1', 'p1']) act(run, sam, { act: 'verify-action', body: { actionId, accepted: true } });
    act(run, bob, { act: 'submit', body: { adverseCheck: { finding: 'none', detail: 'd', evidenceIds: [] } } });
    for (const who of [bea, ann]) act(run, who, { act: 'verify-implementation', body: signed });
    bring(run, 'closed');
    expect(figure([run], 'on_time_original')).toMatchObject({ value: 0 });
  });

  test('Q15 a whole number of days decides on the bucket: 30 is young, 31 is not', () => {
    const run = capaOf();
    const bucket = (days: number) => ['0-30', '31-60', '61-90', 'over-90'].filter((name) => figure([run], `ageing.${name}`, { from: START, to: plusMs(START, days * DAY_MS), asOf: AFTER_ALL }).value === 1);
    expect([30.9, 31, 60.9, 61, 90.9, 91].map(bucket)).toEqual([['0-30'], ['31-60'], ['31-60'], ['61-90'], ['61-90'], ['over-90']]);
  });

  test('Q15 everything green over few CAPAs is said to be a warning, with a flaw it is not', () => {
    const perfect = measuredOf(capaIn('closed'), 'k1');
    const codes = (capas: Parameters<typeof measure>[0]) => warningsOf(measure(capas, EVER), capas, AFTER_ALL).map(({ code }) => code);
    expect(codes([perfect])).toEqual(expect.arrayContaining(['all_green', 'few_closings']));
    expect(codes(counted)).not.toContain('all_green');
    expect(codes([])).toEqual([]);
  });

  test('Q15 a CAPA that came in late in its life is in no figure of punctuality, and is told', () => {
    const run = capaIn('closed');
    const imported = { ...measuredOf(run, 'k1'), imported: { status: 'implementation' as const, extensions: [{ count: 1 }] } };
    const measures = measure([imported], EVER);
    expect(['on_time_original', 'on_time_current', 'first_pass_rca'].map((name) => valueOf(named(measures, name)))).toEqual([null, null, null]);
    expect(['closure_rate', 'effectiveness', 'extension_rate'].map((name) => valueOf(named(measures, name)))).toEqual([1, 1, 1]);
    expect(leftOut([{ capa: imported, drill: false }])).toMatchObject({ counted: [{}], left: [{ records: [] }, { records: [] }, { reason: { code: 'imported', whole: false }, records: [{}] }] });
    expect(valueOf(named(measure([{ ...imported, imported: { status: 'triage', extensions: [] } }], EVER), 'on_time_original'))).toBe(1);
  });

  test('Q15 the played CAPAs reach what is measured', () => {
    const measures = measure(counted, EVER);
    const empty = measures.filter(({ formula, denominator }) => denominator.length === 0 && !formula.name.startsWith('ageing')).map(({ formula }) => formula.name);
    expect(empty).toEqual([]);
    const flat = measures.filter((one) => one.formula.unit === 'ratio' && !one.formula.name.startsWith('ageing') && [0, 1].includes(valueOf(one) ?? -1)).map(({ formula }) => formula.name);
    expect(flat).toEqual([]);
    expect(new Set(counted.flatMap(assessmentsOf).map(({ outcome }) => outcome)).size).toBe(3);
    expect(counted.filter(({ past }) => past.some(({ outcome }) => outcome === 'recurred')).length).toBeGreaterThan(2);
    expect(leftOut(all.map((capa) => ({ capa, drill: false }))).left[1]?.records.length).toBeGreaterThan(0);
  });

  test('Q15 the order of the records does not matter', () => {
    fc.assert(fc.property(fc.shuffledSubarray(counted, { minLength: counted.length }), periods, (shuffled, [from, , to]) => {
      const period = { from, to, asOf: AFTER_ALL };
      expect(measure(shuffled, period)).toEqual(measure(counted, period));
    }), { numRuns: 10 });
  });

  test('Q15 a numerator is of its denominator, but where closings are set against openings; buckets of age share out the open ones', () => {
    fc.assert(fc.property(periods, ([from, , to]) => {
      const measures = measure(counted, { from, to, asOf: AFTER_ALL });
      for (const { formula, numerator, denominator } of measures) {
        expect(new Set(keys(denominator)).size).toBe(denominator.length);
        if (formula.name === 'closure_rate' || numerator === null) continue;
        const of = new Set(keys(denominator));
        expect(keys(numerator).filter((key) => !of.has(key))).toEqual([]);
      }
      const buckets = measures.filter(({ formula }) => formula.name.startsWith('ageing.'));
      expect(buckets.flatMap(({ numerator }) => keys(numerator ?? [])).toSorted()).toEqual(keys(buckets[0]?.denominator ?? []));
      expect(keys(named(measures, 'on_time_current').numerator ?? [])).toEqual(expect.arrayContaining(keys(named(measures, 'on_time_original').numerator ?? [])));
      expect(keys(named(measures, 'overdue_original').numerator ?? [])).toEqual(expect.arrayContaining(keys(named(measures, 'overdue_current').numerator ?? [])));
    }), { numRuns: 30 });
  });

  test('Q15 two halves of a period add up to the whole, for everything that happens at an instant', () => {
    const happenings = FORMULAS.map(({ name }) => name).filter((name) => !/^(overdue|ageing|extension|first_pass)/.test(name));
    fc.assert(fc.property(periods, ([from, middle, to]) => {
      const [whole, one, other] = ([[from, to], [from, middle], [middle, to]] as const).map(([since, until]) => measure(counted, { from: since, to: until, asOf: AFTER_ALL }));
      for (const name of happenings) {
        const of = (measures: readonly Measure[] = []) => named(measures, name);
        expect([...keys(of(one).denominator), ...keys(of(other).denominator)].toSorted()).toEqual(keys(of(whole).denominator).toSorted());
        expect([...keys(of(one).numerator ?? []), ...keys(of(other).numerator ?? [])].toSorted()).toEqual(keys(of(whole).numerator ?? []).toSorted());
      }
    }), { numRuns: 20 });
  });

  test('Q15 corrective and preventive apart add up to all', () => {
    const [whole, corrective, preventive] = measureApart(counted, EVER);
    expect([whole?.classification, corrective?.classification, preventive?.classification]).toEqual(['all', 'corrective', 'preventive']);
    expect(corrective?.measures).toEqual(measure(counted.filter(({ classification }) => classification === 'corrective'), EVER));
    expect(preventive?.measures).toEqual(measure(counted.filter(({ classification }) => classification === 'preventive'), EVER));
    whole?.measures.forEach((one, n) => { expect(one.denominator.length).toBe((corrective?.measures[n]?.denominator.length ?? 0) + (preventive?.measures[n]?.denominator.length ?? 0)); });
  });

  test('Q15 what happens after a period does not change what is open, overdue or closed in it', () => {
    for (const [seed, run] of played.slice(0, 60).entries()) {
      // The same CAPA as it stood after each of its steps, read then, and read at the end for the same instant.
      for (const [n, step] of run.steps.entries()) {
        const after = run.steps[n + 1]?.at;
        if (step.state.status === 'draft' || run.state.status === 'draft' || after === undefined || after <= plusMs(step.at, 1)) continue;
        const to = plusMs(step.at, 1);
        const then = measure([{ ...step.state, armed: step.waits }], { from: START, to, asOf: to });
        const later = measure([measuredOf(run, step.state.id)], { from: START, to, asOf: AFTER_ALL });
        for (const name of ['closure_rate', 'on_time_original', 'overdue_original', 'overdue_current', 'effectiveness', 'inconclusive_rate', 'extension_rate', 'first_pass_rca', 'cycle_time', 'ageing.0-30']) {
          expect([seed, n, name, keys(named(later, name).denominator), keys(named(later, name).numerator ?? [])]).toEqual([seed, n, name, keys(named(then, name).denominator), keys(named(then, name).numerator ?? [])]);
        }
        expect(stateAtOf({ from: START, to, asOf: AFTER_ALL })).toBe(to);
      }
    }
  });
});
