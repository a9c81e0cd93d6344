import fc from 'fast-check';
import { CAPA_SPANS, severityTimingsSchema, type CapaSpan, type GivenTimings } from '../../../contracts/capaPolicy';
import type { Duration } from '../../../contracts/duration';
import { businessDays, businessHours, calendarDays, minutes } from '../../../contracts/spans';
import { DEMO_CAPA_POLICY } from '../../../dev/demo/capaPolicy';
import { checkTimings, soundTimings } from '../../../domain/capa/checkTimings';
import { CAPA_DEFAULT } from '../../../domain/capa/defaults';
import { typicalMs } from '../../../domain/policy/spans';

const { timings } = CAPA_DEFAULT;
const changed = (major: object): GivenTimings => ({ ...timings, major: { ...timings.major, ...major } });
const said = (given: GivenTimings) => checkTimings(given).map(({ severity, field }) => `${severity} ${field}`);

describe('timings of CAPAs, before they are published', () => {
  test('P19 Q11 those of a new installation and those of the demo have no fault', () => {
    expect([said(timings), said(DEMO_CAPA_POLICY.timings)]).toEqual([[], []]);
  });

  test.each<readonly [string, object, string]>([
    ['no time at all', { response: minutes(0) }, 'error timings.major.response'],
    ['half a business day', { decision: businessDays(0.5) }, 'error timings.major.decision'],
    ['a stage of years', { closure: calendarDays(1000) }, 'error timings.major.closure'],
    ['a window of many years', { monitoring: calendarDays(2000) }, 'error timings.major.monitoring'],
    ['a watch of decades', { recurrenceWatch: calendarDays(3600) }, 'error timings.major.recurrenceWatch'],
    ['a window in business time', { monitoring: businessDays(60) }, 'error timings.major.monitoring'],
    ['a plan before its root cause', { plan: businessDays(10) }, 'error timings.major.plan'],
    ['a root cause before the response', { 'root-cause': businessHours(2) }, 'error timings.major.root-cause'],
    ['actions before the plan', { corrective: calendarDays(20) }, 'error timings.major.corrective'],
    ['a warning beyond the span', { warnAt: [1.5] }, 'error timings.major.warnAt.0'],
    ['warnings out of order', { warnAt: [0.8, 0.5] }, 'error timings.major.warnAt.1'],
  ])('P19 Q11 %s is a fault, with the path to it', (...[, major, expected]) => {
    expect(said(changed(major)).filter((one) => one.startsWith('error'))).toEqual([expected]);
  });

  test('P19 Q11 critical slower than major is doubtful, and so is a watch that ends before the window', () => {
    expect(said({ ...timings, critical: { ...timings.critical, closure: businessDays(20) } })).toEqual(['warning timings.critical.closure']);
    expect(said(changed({ recurrenceWatch: calendarDays(30) }))).toEqual(['warning timings.major.recurrenceWatch']);
    // A longer observation of what is graver is no contradiction.
    expect(said({ ...timings, critical: { ...timings.critical, monitoring: calendarDays(180) } })).toEqual([]);
  });

  test('P19 Q11 whatever has no fault can be pinned, and its stages are in order', () => {
    const span = fc.oneof(fc.integer({ min: 0, max: 500 }).map(calendarDays), fc.integer({ min: 0, max: 60 }).map(businessDays));
    let sound = 0;
    fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom(...CAPA_SPANS), span), { maxLength: 4 }), (changes: readonly (readonly [CapaSpan, Duration])[]) => {
      const given = changed(Object.fromEntries(changes));
      if (checkTimings(given).some(({ severity }) => severity === 'error')) return;
      sound += 1;
      const { major } = soundTimings(given);
      expect(severityTimingsSchema.safeParse(given).success).toBe(true);
      const order = [major.response, major['root-cause'], major.plan].map(typicalMs);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
      expect(Math.min(typicalMs(major.corrective), typicalMs(major.preventive))).toBeGreaterThan(order[2] ?? 0);
    }), { numRuns: 2000 });
    expect(sound).toBeGreaterThan(50);
  });
});
