import { CASE, type Subject } from './subject';

/** Callers at a time. */
const CALLERS = 32;
/** Time that everything due has to be told, beyond the ladder itself, ms. */
const LINGER_MS = 10_000;
/** What is overdue after a kill must be told within this, or it counts as lost, ms. */
const RECOVERY_MS = 90_000;
/** Long enough that no level lapses while something else is measured. */
export const NO_LAPSE_MS = 3_600_000;

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });
export const round = (value: number): number => Math.round(value * 10) / 10;

/** Nearest-rank percentile; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** Runs `work` so often, `callers` at a time; results in the order of their numbers. */
export async function spread<T>({ times, callers }: { readonly times: number; readonly callers: number }, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < times) {
      const index = next;
      next += 1;
      results[index] = await work(index);
    }
  };
  await Promise.all(Array.from({ length: callers }, lane));
  return results;
}

/** Opens cases at full speed: cases per second, and their ids. */
export async function openCases(subject: Subject, cases: number, levelMs: number): Promise<{ readonly perSecond: number; readonly ids: readonly string[] }> {
  const at = performance.now();
  const ids = await spread({ times: cases, callers: CALLERS }, () => subject.start(levelMs));
  return { ids, perSecond: round(cases / ((performance.now() - at) / 1000)) };
}

/** The case of bench/peers: half are acknowledged as fast as it goes, the others climb to the last level. Few enough that nobody is saturated by them. */
export async function underLoad(subject: Subject, cases: number) {
  const { ids } = await openCases(subject, cases, CASE.levelMs);
  const half = ids.filter((_, index) => index % 2 === 0);
  const ackMs = await spread({ times: half.length, callers: CALLERS }, async (index) => {
    const at = performance.now();
    await subject.acknowledge(half[index] ?? '');
    return performance.now() - at;
  });
  await sleep(CASE.levels * CASE.levelMs + LINGER_MS);
  const told = await subject.notices(ids);
  const late = told.filter(({ level }) => level > 1).map(({ due, at }) => at - due);
  const last = new Set(told.filter(({ level }) => level === CASE.levels).map(({ caseId }) => caseId));
  return {
    latenessMs: spreadOf(late), acknowledgeMs: spreadOf(ackMs),
    lostNotices: ids.filter((id) => !half.includes(id) && !last.has(id)).length,
  };
}

/** Acknowledges at a steady 20 a second: what a person waits, ms. */
export async function acknowledgeSteadily(subject: Subject, cases: number) {
  const { ids } = await openCases(subject, cases, NO_LAPSE_MS);
  await sleep(1000);
  const waits = await Promise.all(ids.map(async (id, index) => {
    await sleep(index * 50);
    const at = performance.now();
    await subject.acknowledge(id);
    return performance.now() - at;
  }));
  return spreadOf(waits);
}

/** Kills the worker with open cases before level 2 is due, starts it after: when the overdue were told, what was lost, what came twice. */
export async function recovery(subject: Subject, { cases, levelMs }: { readonly cases: number; readonly levelMs: number }) {
  const { ids } = await openCases(subject, cases, levelMs);
  await subject.killWorker();
  await sleep(levelMs + 500);
  const backAt = Date.now();
  await subject.startWorker();
  const second = async () => (await subject.notices(ids)).filter(({ level }) => level === 2);
  let told = await second();
  while (new Set(told.map(({ caseId }) => caseId)).size < ids.length && Date.now() - backAt < RECOVERY_MS) {
    await sleep(250);
    told = await second();
  }
  // Were the openings to outlast a level, some would have been told before the kill.
  const after = told.filter(({ at }) => at >= backAt).map(({ at }) => at - backAt);
  const distinct = new Set(told.map(({ caseId }) => caseId)).size;
  return { firstAfterMs: Math.min(...after), lastAfterMs: Math.max(...after), overdue: after.length, lost: ids.length - distinct, repeated: told.length - distinct };
}

export function spreadOf(values: readonly number[]) {
  return { p50: round(percentile(values, 0.5)), p99: round(percentile(values, 0.99)), max: round(Math.max(...values)), n: values.length };
}
