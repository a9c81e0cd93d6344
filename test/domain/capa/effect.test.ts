import type { CapaCommand } from '../../../contracts/capa';
import type { EffectivenessPlan, Measurement, Result } from '../../../contracts/capaSections';
import { instantOf, plusMs } from '../../../contracts/instant';
import { capa } from '../../../domain/capa/machine';
import { measurementOf, windowOf } from '../../../domain/capa/measured';
import { act, asked, bring, capaIn, DAY_MS, CRO, PEOPLE, planAt, resultOf, signed, SPONSOR, whys, extentCheck, risk, why, type Run } from './capas';

const { amy, ann, bea, bob, cal, dan, sam } = PEOPLE;
const save = (result: Result, measurement?: Measurement): CapaCommand => ({ act: 'save', body: { result, ...(measurement && { measurement }) } });
const assess: CapaCommand = { act: 'assess', body: signed };

/** A CAPA whose window is over, measured as said. */
function measuredBy(source: EffectivenessPlan['measuredBy'], goal?: number): Run {
  const run = capaIn('investigation');
  const plan = planAt(run.now);
  const effectiveness = plan.effectiveness && { ...plan.effectiveness, measuredBy: source, ...(goal !== undefined && { goal }) };
  act(run, bob, { act: 'submit', body: { rootCause: whys(), extentCheck, riskBefore: risk, plan: { ...plan, effectiveness } } });
  bring(run, 'effectiveness_check');
  return run;
}

const drills = (run: Run, met: readonly boolean[]): Measurement => {
  const window = windowOf(run.state);
  if (!window) throw new Error('the window is not over');
  return measurementOf('escalation_drills', met.map((one, index) => ({ recordId: `d${String(index)}`, met: one })), window);
};

describe('what "effective" rests on', () => {
  test('Q5 S2.12 measured by drills with no drill: it cannot be called effective, whatever sample the assessor types', () => {
    const run = measuredBy('escalation_drills');
    act(run, dan, save({ ...resultOf('effective'), sampleSize: 3 }));
    expect(asked(run, dan, assess)).toBe('wrong_state');
    act(run, dan, save(resultOf('effective'), drills(run, [])));
    expect([asked(run, dan, assess), why(run, dan, assess)]).toEqual(['rule_broken', 'effective needs a sample of 3: there is one of 0 (0 of 0 met)']);
    act(run, dan, save(resultOf('effective'), drills(run, [true, true])));
    expect(asked(run, dan, assess)).toBe('rule_broken');
  });

  test('Q5 the window runs from the verified implementation to the beginning of the assessment', () => {
    const run = measuredBy('escalation_drills');
    expect(windowOf(run.state)).toEqual({ from: run.state.verifiedAt, to: plusMs(run.state.verifiedAt ?? run.now, 90 * DAY_MS) });
  });

  test('Q5 with its sample counted it is signed with figure, formula and records, and below its goal it is not effective', () => {
    const run = measuredBy('escalation_drills', 1);
    act(run, dan, save(resultOf('effective'), drills(run, [true, true, false])));
    expect(why(run, dan, assess)).toBe('effective needs 100 % met: 2 of 3 were; quality of both sides may sign a deviation');
    const measurement = drills(run, [true, true, true]);
    act(run, dan, save(resultOf('effective'), measurement));
    expect(capa.signable(run.state, 'assess')?.content).toMatchObject({ measurement });
    act(run, dan, assess);
    expect(run.state.status).toBe('closure_review');
  });

  describe('against its goal', () => {
    const deviate = (reason: string): CapaCommand => ({ act: 'deviate', body: { reason, ...signed } });
    const short = (): Run => {
      const run = measuredBy('escalation_drills', 1);
      act(run, dan, save(resultOf('effective'), drills(run, [true, true, false])));
      return run;
    };

    test('Q5 quality of both sides signs why it counts all the same; one side is not enough', () => {
      const run = short();
      const stands = { source: 'escalation_drills', numerator: 2, denominator: 3 };
      expect(capa.signable(run.state, 'deviate', { reason: 'one drill was called off' })).toMatchObject({ subject: 'deviation', content: { measurement: stands, said: { reason: 'one drill was called off' } } });
      act(run, bea, deviate('one drill was called off'));
      expect(asked(run, dan, assess)).toBe('rule_broken');
      expect(asked(run, bea, deviate('again'))).toBe('wrong_state');
      act(run, ann, deviate('agreed'));
      expect(run.state.deviations).toMatchObject([{ reason: 'one drill was called off', by: { organisationId: CRO, signed: true } }, { reason: 'agreed', by: { organisationId: SPONSOR, signed: true } }]);
      expect(capa.signable(run.state, 'assess')?.content).toMatchObject({ deviations: [{ by: { personId: 'bea' } }, { by: { personId: 'ann' } }] });
      act(run, dan, assess);
      expect(run.state.status).toBe('closure_review');
    });

    test('Q5 Q9 who owns the CAPA, carries it out, assesses it, or is not quality signs no deviation; without a signature it is none', () => {
      const run = short();
      expect([sam, bob, cal, dan].map((who) => asked(run, who, deviate('r')))).toEqual(['not_permitted', 'not_permitted', 'separation_of_duties', 'separation_of_duties']);
      expect(asked(run, ann, { act: 'deviate', body: { reason: 'r', signature: undefined } })).toBe('signature_required');
    });

    test('Q5 another result has none of the signatures of the one before, and below its sample there is nothing to deviate from', () => {
      const run = short();
      for (const who of [bea, amy]) act(run, who, deviate('r'));
      act(run, dan, save(resultOf('effective'), drills(run, [true, false, false])));
      expect([run.state.deviations, asked(run, dan, assess)]).toEqual([[], 'rule_broken']);
      act(run, dan, save(resultOf('effective'), drills(run, [true, false])));
      expect(asked(run, ann, deviate('r'))).toBe('wrong_state');
      act(run, dan, save(resultOf('effective'), drills(run, [true, true, true])));
      expect(asked(run, ann, deviate('r'))).toBe('wrong_state');
      expect(capa.waiting(run.state, run.armed).flatMap(({ movers }) => movers.flatMap(({ acts }) => acts))).not.toContain('deviate');
    });

    test('Q5 whoever may deviate is told by what the CAPA waits for, and the other side once one has signed', () => {
      const run = short();
      const owed = () => capa.waiting(run.state, run.armed).flatMap(({ movers }) => movers.filter(({ acts }) => acts.includes('deviate')).map(({ organisationId }) => organisationId));
      expect([...new Set(owed())].toSorted()).toEqual([CRO, SPONSOR].toSorted());
      act(run, bea, deviate('r'));
      expect([...new Set(owed())]).toEqual([SPONSOR]);
      expect(run.steps.at(-1)?.effects).toMatchObject([{ kind: 'notify', reason: 'signature_awaited', audience: { to: 'roles', organisationId: SPONSOR } }]);
    });
  });

  test('Q5 what ought not to come is counted by the weeks without it, the last one with the days that are left', () => {
    const from = instantOf(Date.UTC(2026, 0, 1));
    const at = (day: number) => ({ recordId: `r${String(day)}`, met: false, at: plusMs(from, day * DAY_MS) });
    const window = { from, to: plusMs(from, 90 * DAY_MS) };
    expect(measurementOf('issues_on_topic', [], window)).toMatchObject({ numerator: 12, denominator: 12, sources: [] });
    expect(measurementOf('issues_on_topic', [at(0), at(6.9), at(7), at(89)], window)).toMatchObject({ numerator: 9, denominator: 12, sources: [{ recordId: 'r0', met: false }, { recordId: 'r6.9' }, { recordId: 'r7' }, { recordId: 'r89' }] });
    expect(measurementOf('recurrences', [], { from, to: plusMs(from, DAY_MS) })).toMatchObject({ numerator: 1, denominator: 1 });
  });

  test('Q5 Q7 recurrences are told by system: a plan that counts them on a CAPA without one cannot be submitted', () => {
    const run = capaIn('investigation');
    const plan = planAt(run.now);
    const command: CapaCommand = { act: 'submit', body: { rootCause: whys(), extentCheck, riskBefore: risk, plan: { ...plan, effectiveness: plan.effectiveness && { ...plan.effectiveness, measuredBy: 'recurrences' } } } };
    expect(capa.refuse({ ...run.state, systemId: null }, { command, actor: bob }, run.now)?.reason).toContain('this CAPA names none');
    expect(capa.refuse(run.state, { command, actor: bob }, run.now)).toBeUndefined();
  });

  test('Q5 what no source counts needs an observation with evidence for each of its sample', () => {
    const run = measuredBy('manual');
    const { observations = [], ...result } = resultOf('effective');
    act(run, dan, save(result));
    expect(why(run, dan, assess)).toContain('a sample of 3: there is one of 0');
    act(run, dan, save({ ...result, observations: observations.slice(1) }));
    expect(asked(run, dan, assess)).toBe('rule_broken');
    act(run, dan, save({ ...result, observations }));
    expect(asked(run, dan, assess)).toBe('allowed');
  });

  test('Q5 Q7 to call it ineffective, or not to know, needs no sample', () => {
    for (const outcome of ['ineffective', 'inconclusive'] as const) {
      const run = measuredBy('escalation_drills');
      const { observations: _none, ...result } = resultOf(outcome);
      act(run, dan, save(result, drills(run, [])));
      expect(asked(run, dan, assess)).toBe('allowed');
    }
  });

  test('Q5 a new iteration begins without the figure of the one before', () => {
    const run = measuredBy('escalation_drills');
    act(run, dan, save(resultOf('ineffective'), drills(run, [false])));
    act(run, dan, assess);
    expect(run.state).toMatchObject({ iteration: 2, measurement: null });
  });
});
