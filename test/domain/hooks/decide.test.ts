import fc from 'fast-check';
import type { Instant } from '../../../contracts/instant';
import { decide, type Decision, type Known } from '../../../domain/hooks/decide';

const T = '2026-11-22T08:00:00.000Z' as Instant;
const none: Known = { issue: undefined, noted: undefined };
const running = (noted?: readonly string[]): Known => ({ issue: { clearedAt: null }, noted });
const cleared = (noted?: readonly string[]): Known => ({ issue: { clearedAt: T }, noted });

describe('E14 what a message of a source changes', () => {
  const firing = (...alerts: string[]) => ({ status: 'firing' as const, alerts });
  const resolved = { status: 'resolved' as const, alerts: [] };

  test.each<[string, Parameters<typeof decide>[0], Known, Decision]>([
    ['first firing', firing('a'), none, 'open'],
    ['firing again after the issue was closed by people', firing('a'), { issue: undefined, noted: ['a'] }, 'open'],
    ['the same group again', firing('a', 'b'), running(['a', 'b']), 'known'],
    ['one alert more', firing('a', 'b'), running(['a']), 'repeat'],
    ['one alert fewer', firing('a'), running(['a', 'b']), 'known'],
    ['one for another', firing('b'), running(['a']), 'repeat'],
    ['firing after all clear, the same alert', firing('a'), cleared(['a']), 'repeat'],
    ['firing, and nothing is remembered', firing('a'), running(), 'repeat'],
    ['all clear', resolved, running(['a']), 'clear'],
    ['all clear again', resolved, cleared([]), 'known'],
    ['all clear of nothing', resolved, none, 'nothing_open'],
  ])('counted alerts: %s', (_, ...[message, known, expected]) => {
    expect(decide(message, known)).toBe(expected);
  });

  test.each<[string, 'firing' | 'resolved', Known, Decision]>([
    ['first firing', 'firing', none, 'open'],
    ['firing again', 'firing', running(), 'repeat'],
    ['firing after all clear', 'firing', cleared(), 'repeat'],
    ['all clear', 'resolved', running(), 'clear'],
    ['all clear again', 'resolved', cleared(), 'clear'],
    ['all clear of nothing', 'resolved', none, 'nothing_open'],
  ])('single events, each of which counts: %s', (_, ...[status, known, expected]) => {
    expect(decide({ status, alerts: undefined }, known)).toBe(expected);
  });

  test('a flapping group of alerts opens one issue; each firing after a clearing and each clearing is told once, resends never', () => {
    const message = fc.record({ status: fc.constantFrom('firing' as const, 'resolved' as const), alerts: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }), resends: fc.nat(3) });
    fc.assert(fc.property(fc.array(message), (messages) => {
      let known = none;
      const said: Decision[] = [];
      for (const { status, alerts, resends } of messages) {
        for (let sending = 0; sending <= resends; sending += 1) {
          const counted = status === 'firing' ? alerts : [];
          const decision = decide({ status, alerts: counted }, known);
          if (decision !== 'known' && decision !== 'nothing_open') said.push(decision);
          if (sending > 0) expect(['known', 'nothing_open']).toContain(decision);
          if (decision === 'nothing_open') continue;
          known = { issue: { clearedAt: status === 'firing' ? null : T }, noted: counted };
        }
      }
      expect(said.filter((one) => one === 'open').length).toBeLessThanOrEqual(1);
      expect(said.join(' ')).not.toContain('clear clear');
      if (said.length > 0) expect(said[0]).toBe('open');
    }));
  });
});
