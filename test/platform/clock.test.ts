import fc from 'fast-check';
import { CLOCK_DRIFT_LIMIT_MS, clockDrift, isClockTrusted } from '../../platform/clock';

/** Two clocks: the server's is `aheadMs` ahead; each way of the round trip takes as long as asked. */
function clocks({ aheadMs, trips }: { aheadMs: number; trips: readonly (readonly [number, number])[] }) {
  let now = 1_800_000_000_000;
  let asked = 0;
  return {
    localNow: () => now,
    serverNow: () => {
      const [there, back] = trips[Math.min(asked, trips.length - 1)] ?? [0, 0];
      asked += 1;
      const server = new Date(now + there + aheadMs);
      now += there + back;
      return Promise.resolve(server);
    },
    asked: () => asked,
  };
}

describe('clock drift', () => {
  test('P18 the travel time of the answer is not taken for drift', async () => {
    expect(await clockDrift(clocks({ aheadMs: 0, trips: [[90, 90]] }))).toBe(0);
    expect(await clockDrift(clocks({ aheadMs: 2500, trips: [[90, 90]] }))).toBe(2500);
    expect(await clockDrift(clocks({ aheadMs: -2500, trips: [[90, 90]] }))).toBe(-2500);
  });

  test('P18 whatever the way there and back takes, the error is at most half the shortest round trip', async () => {
    const trip = fc.tuple(fc.nat(10_000), fc.nat(10_000));
    await fc.assert(fc.asyncProperty(fc.integer({ min: -60_000, max: 60_000 }), fc.array(trip, { minLength: 3, maxLength: 3 }), async (aheadMs, trips) => {
      const sources = clocks({ aheadMs, trips });
      const drift = await clockDrift(sources);
      const best = Math.min(...trips.slice(0, sources.asked()).map(([there, back]) => there + back));
      expect(Math.abs(drift - aheadMs)).toBeLessThanOrEqual(best / 2 + 1);
      expect(best <= 200 || sources.asked() === 3).toBe(true);
    }));
  });

  test('P18 one slow answer does not raise an alarm', async () => {
    const slowOnce = clocks({ aheadMs: 10, trips: [[9000, 0], [4, 4]] });
    expect(isClockTrusted(await clockDrift(slowOnce))).toBe(true);
    expect(slowOnce.asked()).toBe(2);
  });

  test('P18 more than two seconds either way is not trusted', () => {
    expect([0, CLOCK_DRIFT_LIMIT_MS, -CLOCK_DRIFT_LIMIT_MS].map(isClockTrusted)).toEqual([true, true, true]);
    expect([2001, -2001].map(isClockTrusted)).toEqual([false, false]);
  });

  test('P18 without an answer there is no number', async () => {
    await expect(clockDrift({ serverNow: () => Promise.reject(new Error('no database')) })).rejects.toThrow('no database');
  });

  test('P18 the real clock is read by default', async () => {
    expect(await clockDrift({ serverNow: () => Promise.resolve(new Date(Date.now() - 60_000)) })).toBeLessThan(-59_000);
  });
});
