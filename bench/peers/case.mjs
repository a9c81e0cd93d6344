/**
 * The case that every engine runs: an issue is opened, level 1 is told at once, each level has
 * LEVEL_MS to acknowledge, then the next is told, three levels at most. Telling is one line in a
 * file, written by the worker: `<case> <level> <due> <written>`, epoch ms.
 */
export const LEVELS = 3;
export const LEVEL_MS = 5000;
/** Callers at a time. */
export const CALLERS = 32;

/** Runs `work` for each item, `width` at a time. */
export async function spread(items, width, work) {
  let next = 0;
  const lane = async () => {
    while (next < items.length) {
      const item = items[next];
      next += 1;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
}

/** Nearest-rank percentile of numbers; undefined of none. */
export function percentile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

export const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
