import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const root = join(__dirname, '../..');
const ROOMS = ['contracts', 'domain', 'workflows', 'activities', 'store', 'platform', 'worker', 'api', 'dev', 'cli'];
const reportSchema = z.object({
  summary: z.object({ totalCruised: z.number(), violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })) }),
});

/** Violations of the import rules, as `rule: from → to`. */
function cruise(folder: string): { violations: string[]; modules: number } {
  const cli = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  let output: string;
  try {
    output = execFileSync(process.execPath, [cli, '--output-type', 'json', ...ROOMS], { cwd: folder, encoding: 'utf8', maxBuffer: 1e8, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    // The exit code is the number of violations; the report is complete all the same.
    if (!(error instanceof Error && 'stdout' in error && typeof error.stdout === 'string' && error.stdout.startsWith('{'))) throw error;
    output = error.stdout;
  }
  const { summary } = reportSchema.parse(JSON.parse(output));
  return { modules: summary.totalCruised, violations: summary.violations.map((each) => `${each.rule.name}: ${each.from} → ${each.to.replace(/^.*node_modules\//, '')}`) };
}

test('every import goes the way of the arrows', () => {
  const { violations, modules } = cruise(root);
  expect(modules).toBeGreaterThan(50);
  expect(violations).toEqual([]);
});

/** One file per sin, and the rule that must name it. */
const SINS: readonly (readonly [file: string, code: string, rule: string])[] = [
  ['workflows/reads.ts', "import { store } from '../store/store';\nexport const x = store;\n", 'R1-workflows-are-a-sandbox'],
  ['workflows/types.ts', "import type { Store } from '../store/store';\nexport type X = Store;\n", 'R1-workflows-are-a-sandbox'],
  ['domain/hash.ts', "import { createHash } from 'node:crypto';\nexport const x = createHash;\n", 'R2-no-node-in-pure-code'],
  ['domain/saves.ts', "import { store } from '../store/store';\nexport const x = store;\n", 'R3-domain-is-pure'],
  ['domain/library.ts', "import express from 'express';\nexport const x = express;\n", 'R3-domain-is-pure'],
  ['contracts/knows.ts', "import { rule } from '../domain/rule';\nexport const x = rule;\n", 'R4-contracts-are-leaves'],
  ['activities/queries.ts', "import mongoose from 'mongoose';\nexport const x = mongoose;\n", 'R5-one-home-for-mongoose'],
  ['platform/serves.ts', "import express from 'express';\nexport const x = express;\n", 'R6-one-home-for-express'],
  ['api/acts.ts', "import { act } from '../activities/act';\nexport const x = act;\n", 'R7-api-is-thin'],
  ['worker/digs.ts', "import { x } from '@temporalio/worker/lib/worker';\nexport const y = x;\n", 'R8-no-sdk-internals'],
  ['store/one.ts', "import { two } from './two';\nexport const one = () => two;\n", 'R9-no-cycles'],
  ['store/alone.ts', 'export const alone = 1;\n', 'R10-no-orphans'],
  ['store/tested.ts', "import { cast } from '../test/cast';\nexport const x = cast;\n", 'R11-no-tests-in-the-product'],
  ['store/climbs.ts', "import { act } from '../activities/act';\nexport const x = act;\n", 'arrows-store'],
  ['platform/climbs.ts', "import { store } from '../store/store';\nexport const x = store;\n", 'arrows-platform'],
  ['activities/climbs.ts', "import { app } from '../api/app';\nexport const x = app;\n", 'arrows-activities'],
  ['worker/climbs.ts', "import { app } from '../api/app';\nexport const x = app;\n", 'arrows-worker'],
];

describe('a file that breaks a rule is named', () => {
  let folder: string;
  let violations: string[];
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cro-arrows-'));
    for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) cpSync(join(root, file), join(folder, file));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    const innocent = [
      ['store/store.ts', "export type { Store } from './types';\nexport const store = 1;\n"], ['store/types.ts', 'export interface Store { readonly a: 1 }\n'],
      ['store/two.ts', "import { one } from './one';\nexport const two = () => one;\n"], ['activities/act.ts', "export { rule as act } from '../domain/rule';\n"],
      ['domain/rule.ts', "export { id as rule } from '../contracts/id';\n"], ['contracts/id.ts', 'export const id = 1;\n'], ['api/app.ts', "export { id as app } from '../contracts/id';\n"],
      ['dev/tool.ts', "export { id as tool } from '../contracts/id';\n"], ['cli/tool.ts', "export { id as tool } from '../contracts/id';\n"], ['test/cast.ts', 'export const cast = 1;\n'],
    ] as const;
    for (const [file, code] of [...innocent, ...SINS]) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), code);
    }
    violations = cruise(folder).violations;
  });
  afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

  test.each(SINS)('%s', (file, _code, rule) => {
    expect(violations).toContainEqual(expect.stringMatching(new RegExp(`^${rule}: (${file}|store/two\\.ts) → `)));
  });

  test('and nothing else is', () => {
    const sinners = new Set([...SINS.map(([file]) => file), 'store/two.ts']);
    expect(violations.filter((line) => !sinners.has(/: (\S+) →/.exec(line)?.[1] ?? ''))).toEqual([]);
  });
});
