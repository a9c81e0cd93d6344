import fc from 'fast-check';
import { figuresOf, nearestRank, type Occurrence } from '../../../domain/lateness/figures';

const occurrences: fc.Arbitrary<readonly Occurrence[]> = fc
  .uniqueArray(fc.record({ ms: fc.nat(5000), count: fc.integer({ min: 1, max: 40 }) }), { minLength: 1, maxLength: 60, selector: ({ ms }) => ms })
  .map((all) => all.map((one) => ({ ...one, deadlineId: `d${String(one.ms)}` })));
const spreadOut = (all: readonly Occurrence[]): number[] => all.flatMap(({ ms, count }) => Array<number>(count).fill(ms)).toSorted((a, b) => a - b);

describe('figures of lateness', () => {
  test('E6 equal the nearest-rank definition over the values written out one by one', () => {
    fc.assert(fc.property(occurrences, (all) => {
      const values = spreadOut(all);
      // The smallest value that at least p % of all values do not exceed.
      const percentile = (p: number) => values.find((value) => values.filter((other) => other <= value).length * 100 >= p * values.length);
      const figures = figuresOf(all);
      expect(figures?.count).toBe(values.length);
      expect(figures?.p50.ms).toBe(percentile(50));
      expect(figures?.p95.ms).toBe(percentile(95));
      expect(figures?.max.ms).toBe(values.at(-1));
    }), { numRuns: 500 });
  });

  test('E6 do not depend on the order, and each names a deadline that had it', () => {
    fc.assert(fc.property(occurrences.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray([...all], { minLength: all.length }))), ([all, shuffled]) => {
      const figures = figuresOf(shuffled);
      expect(figures).toEqual(figuresOf(all));
      for (const figure of [figures?.p50, figures?.p95, figures?.max]) expect(figure?.deadlineId).toBe(`d${String(figure?.ms)}`);
    }));
  });

  test('E6 a later deadline never lowers a figure', () => {
    fc.assert(fc.property(occurrences, fc.nat(5000), (all, more) => {
      const before = figuresOf(all);
      const after = figuresOf([...all, { ms: (before?.max.ms ?? 0) + more, count: 1, deadlineId: 'late' }]);
      for (const name of ['p50', 'p95', 'max'] as const) expect(after?.[name].ms ?? -1).toBeGreaterThanOrEqual(before?.[name].ms ?? 0);
    }));
  });

  test.each([[95, 20, 19], [95, 21, 20], [50, 1, 1], [50, 2, 1], [50, 3, 2], [95, 100, 95], [100, 7, 7], [95, 1, 1]])('E6 the %i-th percentile of %i values is the one at place %i', (percent, count, place) => {
    expect(nearestRank(percent, count)).toBe(place);
  });

  test('E6 of nothing there are none', () => {
    expect(figuresOf([])).toBeUndefined();
    expect(figuresOf([{ ms: 1, count: 0, deadlineId: 'd' }])).toBeUndefined();
  });
});
