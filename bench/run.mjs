import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt, ensureDependencies } from '../dev/start/build.mjs';
import { startEngines } from '../test/runner/engines.mjs';
import { engineTables, peerTable } from './tables.mjs';

const USAGE = `npm run bench -- [--only engine,peers] [--quick]

Measures the timed budgets side by side with bare Temporal (engine), and the same
escalation on other engines (peers: PostgreSQL and Redis from the system's packages).
Raw results go to bench/results/, the tables into docs/performance.md.
--quick uses small numbers, prints its tables and keeps nothing.
Lists and throughput have commands of their own: npm run bench:lists, npm run bench:throughput.
`;
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..');
const say = (line) => process.stderr.write(`${line}\n`);
const arguments_ = process.argv.slice(2);
const quick = arguments_.includes('--quick');
const only = arguments_.includes('--only') ? (arguments_[arguments_.indexOf('--only') + 1] ?? '').split(',') : ['engine', 'peers'];
const SECTIONS = { engine: measureEngine, peers: measurePeers };

if (arguments_.includes('--help')) {
  process.stdout.write(USAGE);
} else if (only.some((name) => !Object.hasOwn(SECTIONS, name))) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  for (const name of only) {
    const result = await SECTIONS[name]();
    const tables = name === 'engine' ? engineTables(result) : peerTable(result);
    process.stdout.write(`\n${tables}\n`);
    if (!quick) keep(name, result, tables);
  }
}

async function measureEngine() {
  await ensureDependencies({ root, say });
  await ensureBuilt({ root, say });
  const engines = await startEngines({ root, needed: ['mongod', 'temporal'], say, interrupted: () => false });
  try {
    const hook = join(root, 'test/faults/support/typescript.cjs');
    return JSON.parse(await output(process.execPath, ['-r', hook, join(here, 'engine/main.ts'), ...(quick ? ['--quick'] : [])], { cwd: root, env: { ...process.env, ...engines.env } }));
  } finally {
    await engines.stop();
  }
}

async function measurePeers() {
  const folder = join(here, 'peers');
  if (!existsSync(join(folder, 'node_modules'))) await output('npm', ['install', '--no-save', '--no-audit', '--no-fund'], { cwd: folder });
  return JSON.parse(await output(process.execPath, ['run.mjs', quick ? '60' : '500'], { cwd: folder }));
}

/** Standard output of a program; what it says on standard error is shown. */
function output(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (chunk) => { text += chunk; });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve(text) : reject(new Error(`${command} ended with ${code}`))));
  });
}

function keep(name, result, tables) {
  const day = new Date().toISOString().slice(0, 10);
  mkdirSync(join(here, 'results'), { recursive: true });
  writeFileSync(join(here, 'results', `${name}-${day}.json`), `${JSON.stringify(result, null, 1)}\n`);
  const file = join(root, 'docs/performance.md');
  const [from, to] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const page = readFileSync(file, 'utf8');
  const [start, end] = [page.indexOf(from), page.indexOf(to)];
  if (start < 0 || end < start) throw new Error(`${file} has no place marked ${from}`);
  writeFileSync(file, `${page.slice(0, start + from.length)}\n${tables}\n${page.slice(end)}`);
  say(`kept in bench/results/${name}-${day}.json and docs/performance.md`);
}
