import { cpus, loadavg } from 'node:os';
import { engines } from '../../test/support/engines';
import { installRuntime } from '../../test/support/world';
import { measureLayout, type Layout, type Measured } from './layout';

interface Plan { readonly issues: number; readonly steady: number; readonly rounds: number }
const FULL: Plan = { issues: 300, steady: 100, rounds: 3 };
const QUICK: Plan = { issues: 40, steady: 10, rounds: 1 };
const LAYOUTS: readonly Layout[] = [{ workers: 1, apis: 1 }, { workers: 2, apis: 2 }];

/** The layouts in turns, so that neither has the warmer caches; of the rounds each layout keeps the median by issues per second. JSON on standard output. */
async function main(): Promise<void> {
  installRuntime();
  const plan = process.argv.includes('--quick') ? QUICK : FULL;
  const rounds: Measured[][] = LAYOUTS.map(() => []);
  const loadBefore = loadavg();
  for (let round = 1; round <= plan.rounds; round += 1) {
    for (const [index, layout] of LAYOUTS.entries()) {
      const measured = await measureLayout({ temporalAddress: engines.temporalAddress, ...layout, ...plan });
      rounds[index]?.push(measured);
      process.stderr.write(`round ${String(round)}, ${String(layout.workers)} + ${String(layout.apis)}: ${String(measured.toldPerSecond)} issues/s\n`);
    }
  }
  const layouts = rounds.map((of) => of.toSorted((a, b) => a.toldPerSecond - b.toldPerSecond)[Math.floor(of.length / 2)]);
  process.stdout.write(`${JSON.stringify({ plan, cores: cpus().length, node: process.version, loadBefore, layouts, rounds }, null, 1)}\n`);
}

main().then(() => process.exit(0), (error: unknown) => {
  console.error(error);
  process.exit(1);
});
