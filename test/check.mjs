import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// What can be judged without engines. Two lanes, because there are two cores at least.
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const node = (name, ...args) => ({ name, args });
const tsc = 'node_modules/typescript-native/bin/tsc';
const ROOMS = ['contracts', 'domain', 'workflows', 'activities', 'store', 'platform', 'worker', 'api', 'dev', 'cli'];
// One thread: with several, how deep a type is looked into depends on who comes first.
const types = node('types', tsc, '--noEmit', '--singleThreaded', '-p', 'tsconfig.json');
const sandbox = node('sandbox types', tsc, '--noEmit', '-p', 'tsconfig.sandbox.json');
// Cached for the one who checks often; a fresh clone, and so CI, lints everything. Other packages bring other types, of which the cache knows nothing.
const packages = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex').slice(0, 16);
const lint = node('lint', 'node_modules/eslint/bin/eslint.js', '.', '--cache', '--cache-location', `node_modules/.cache/eslint-${packages}`, '--max-warnings', '0');
const arrows = node('import rules', 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs', ...ROOMS);
const unit = node('unit tests', 'node_modules/jest/bin/jest.js', '--selectProjects', 'unit', '--maxWorkers', '1', '--silent');
const onlyStatic = process.argv.includes('--static');
// The unit project holds the import rules too.
const lanes = [[lint], [types, sandbox, ...(onlyStatic ? [arrows] : [unit])]];

const results = (await Promise.all(lanes.map(inTurn))).flat();
for (const { name, seconds, code, output } of results) {
  if (code !== 0) process.stdout.write(`\n--- ${name}\n${output}\n`);
  process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`);
}
process.exitCode = results.every(({ code }) => code === 0) ? 0 : 1;

async function inTurn(lane) {
  const done = [];
  for (const step of lane) done.push(await run(step));
  return done;
}

function run({ name, args }) {
  return new Promise((resolve) => {
    const begun = Date.now();
    const chunks = [];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.once('close', (code) => resolve({ name, code, seconds: ((Date.now() - begun) / 1000).toFixed(1), output: Buffer.concat(chunks).toString('utf8') }));
  });
}
