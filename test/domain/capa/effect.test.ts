import type { CapaCommand } from '../../../contracts/capa';
import type { Measurement, Result } from '../../../contracts/capaSections';
import { plusMs } from '../../../contracts/instant';
import { capa } from '../../../domain/capa/machine';
import { measurementOf, windowOf } from '../../../domain/capa/measured';
import { act, asked, bring, capaIn, DAY_MS, PEOPLE, planAt, resultOf, signed, whys, extentCheck, risk, why, type Run } from './capas';

const { bob, dan } = PEOPLE;
const save = (result: Result, measurement?: Measurement): CapaCommand => ({ act: 'save', body: { result, ...(measurement && { measurement }) } });
const assess: CapaCommand = { act: 'assess', body: signed };

/** A CAPA whose window is over, measured as said. */
function measuredBy(source: 'manual' | 'escalation_drills', goal?: number): Run {
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
    expect(why(run, dan, assess)).toBe('effective needs 100 % met: 2 of 3 were');
    const measurement = drills(run, [true, true, true]);
    act(run, dan, save(resultOf('effective'), measurement));
    expect(capa.signable(run.state, 'assess')?.content).toMatchObject({ measurement });
    act(run, dan, assess);
    expect(run.state.status).toBe('closure_review');
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
