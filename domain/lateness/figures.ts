/** How figures are made; travels with every answer, so that a reader can recompute it from the rows. */
export const LATENESS_FORMULA = {
  name: 'nearest-rank', version: 1,
  text: 'Sort the n values ascending; the p-th percentile is the value at place ceil(p / 100 * n), counted from 1. No interpolation: each figure is the lateness of one deadline, which it names. Values are whole ms, 0 when on time.',
} as const;

/** A lateness, how often it occurred, and one of the deadlines that had it. */
export interface Occurrence {
  readonly ms: number;
  readonly count: number;
  readonly deadlineId: string;
}

/** One figure and a deadline that it is the lateness of. */
export interface Figure {
  readonly ms: number;
  readonly deadlineId: string;
}

export interface Figures {
  readonly count: number;
  readonly p50: Figure;
  readonly p95: Figure;
  readonly max: Figure;
}

/** Count, median, 95th percentile and maximum of a distribution given as values with counts, in any order; undefined of nothing. */
export function figuresOf(occurrences: readonly Occurrence[]): Figures | undefined {
  const sorted = occurrences.filter((one) => one.count > 0).toSorted((a, b) => a.ms - b.ms);
  const count = sorted.reduce((sum, one) => sum + one.count, 0);
  const last = sorted.at(-1);
  if (!last) return undefined;
  const at = (percent: number): Figure => figure(occurrenceAt(sorted, nearestRank(percent, count)) ?? last);
  return { count, p50: at(50), p95: at(95), max: figure(last) };
}

/** Place of a percentile among `count` sorted values, from 1. `percent` above 0, at most 100. */
export function nearestRank(percent: number, count: number): number {
  // Integers first: 0.95 * 20 is 19.000000000000004 in binary, and its ceiling one place too far.
  return Math.ceil((percent * count) / 100);
}

function occurrenceAt(sorted: readonly Occurrence[], rank: number): Occurrence | undefined {
  let passed = 0;
  return sorted.find((one) => {
    passed += one.count;
    return passed >= rank;
  });
}

const figure = ({ ms, deadlineId }: Occurrence): Figure => ({ ms, deadlineId });
