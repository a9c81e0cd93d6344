import { cpus } from 'node:os';
import { engines } from '../../test/support/engines';
import { installRuntime } from '../../test/support/world';
import { openBare } from './bareSubject';
import { acknowledgeSteadily, NO_LAPSE_MS, openCases, recovery, round, sleep, underLoad } from './measure';
import { openProduct } from './productSubject';
import { replayCost } from './replayCost';
import type { Subject } from './subject';

interface Sizes {
  readonly starts: number;
  readonly cases: number;
  readonly steady: number;
  readonly killed: { readonly cases: number; readonly levelMs: number };
  /** Open issues at which memory is read. */
  readonly memory: readonly [number, number];
}
const FULL: Sizes = { starts: 300, cases: 200, steady: 400, killed: { cases: 500, levelMs: 75_000 }, memory: [1000, 5000] };
const QUICK: Sizes = { starts: 60, cases: 64, steady: 60, killed: { cases: 64, levelMs: 20_000 }, memory: [100, 300] };
/** Until a worker that has nothing to do has let go of what it needs no more, ms. */
const SETTLE_MS = 20_000;

/** The timed rows of the design's budgets; JSON on standard output, progress on standard error. */
async function main(): Promise<void> {
  installRuntime();
  const sizes = process.argv.includes('--quick') ? QUICK : FULL;
  const address = engines.temporalAddress;
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const subjects: Record<string, unknown> = {};
  for (const open of [openBare, openProduct]) {
    const subject = await open(address);
    say(`${subject.name}: load, steady acknowledgements, kill`);
    subjects[subject.name] = await within(subject, async () => ({
      warm: (await openCases(subject, 50, NO_LAPSE_MS)).perSecond, startsPerSecond: (await openCases(subject, sizes.starts, NO_LAPSE_MS)).perSecond, load: await underLoad(subject, sizes.cases),
      steadyAcknowledgeMs: await acknowledgeSteadily(subject, sizes.steady), recovery: await recovery(subject, sizes.killed),
    }));
  }
  say('replay of the longest golden history');
  const replay = await replayCost(address);
  say(`memory from ${String(sizes.memory[0])} to ${String(sizes.memory[1])} open issues`);
  const product = await openProduct(address);
  const memory = await within(product, () => memorySlope(product, sizes.memory));
  process.stdout.write(`${JSON.stringify({ sizes, cores: cpus().length, node: process.version, subjects, replay, memory }, null, 1)}\n`);
}

async function within<T>(subject: Subject, work: () => Promise<T>): Promise<T> {
  try {
    await subject.startWorker();
    return await work();
  } finally {
    await subject.close();
  }
}

/** Resident memory of the worker per open issue beyond its cache of 600 runs, KiB. */
async function memorySlope(subject: Subject, [first, second]: readonly [number, number]) {
  await openCases(subject, first, NO_LAPSE_MS);
  await sleep(SETTLE_MS);
  const before = subject.workerKib();
  await openCases(subject, second - first, NO_LAPSE_MS);
  await sleep(SETTLE_MS);
  const after = subject.workerKib();
  return { open: [first, second], residentKib: [before, after], perIssueKib: round((after - before) / (second - first)) };
}

main().then(() => process.exit(0), (error: unknown) => {
  console.error(error);
  process.exit(1);
});
