import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt, ensureDependencies } from '../dev/start/build.mjs';
import { checkNode } from '../dev/start/preflight.mjs';
import { sourceOf, startEngines } from './runner/engines.mjs';
import { killLeftovers, mark } from './runner/leftovers.mjs';
import { NEEDS, USAGE, select } from './runner/selection.mjs';
import { begun, readRequirements } from './runner/claims.mjs';
import { outcomesOf, requirementTable, skippedLines, titlesIn, totalLine } from './runner/table.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const ci = ['1', 'true'].includes(process.env.CI ?? '');
const say = (line) => process.stdout.write(`${line}\n`);
/** After its report jest needs a moment to end. */
const LINGER_MS = 20_000;
const runId = randomUUID();
let interruptions = 0;
let jest;
// Jest gets the terminal's signal too; this process stays to stop the engines.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => { interruptions += 1; jest?.kill(interruptions > 1 ? 'SIGKILL' : name); });

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error?.stack ?? error}\n`);
  process.exitCode = 1;
}

async function main() {
  checkNode(process.version);
  await ensureDependencies({ root, say });
  const { FOLDERS } = createRequire(import.meta.url)('../jest.config.cjs');
  const selection = select(process.argv.slice(2), FOLDERS);
  if (selection.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  await ensureBuilt({ root, say });
  const needed = [...new Set(selection.projects.flatMap((project) => NEEDS[project]))];
  const engines = await startEngines({ root, needed, say, interrupted: () => interruptions > 0 });
  let verdict = () => 1;
  try {
    const absent = Object.keys(engines.missing);
    for (const name of absent) say(`not here: ${engines.missing[name]}`);
    const runnable = selection.projects.filter((project) => !NEEDS[project].some((name) => absent.includes(name)));
    const left = selection.projects.filter((project) => !runnable.includes(project));
    const reports = interruptions > 0 || runnable.length === 0 ? [] : [await runJest({ projects: runnable, selection, env: engines.env })];
    verdict = () => conclude({ selection, reports, unrun: unrunTests(left, FOLDERS, engines.missing) });
  } finally {
    const left = killLeftovers(runId);
    if (left.length > 0) say(`ended what tests left running: ${left.join(', ')}`);
    await engines.stop();
  }
  return verdict();
}

async function runJest({ projects, selection, env }) {
  const folder = mkdtempSync(join(tmpdir(), 'cro-report-'));
  const file = join(folder, 'report.json');
  const args = ['node_modules/jest/bin/jest.js', '--selectProjects', ...projects, '--passWithNoTests', '--json', '--outputFile', file, ...selection.jest, ...(selection.paths.length > 0 ? ['--testPathPatterns', ...selection.paths] : [])];
  // Jest's JSON would also go to standard output.
  jest = spawn(process.execPath, args, { cwd: root, stdio: ['inherit', 'ignore', 'inherit'], env: { ...process.env, ...env, ...mark(runId) } });
  const code = await ended(jest, file);
  jest = undefined;
  const report = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { testResults: [] };
  rmSync(folder, { recursive: true, force: true });
  return { ...report, code };
}

/** Exit code of jest; undefined when it had to be killed because a test left something running. */
async function ended(child, report) {
  const exit = new Promise((resolve) => { child.once('exit', resolve); });
  let reportedAt;
  const watch = setInterval(() => {
    if (!existsSync(report)) return;
    reportedAt ??= Date.now();
    if (Date.now() - reportedAt < LINGER_MS) return;
    clearInterval(watch);
    say('FAILED: a test left something running, so that jest did not end');
    child.kill('SIGKILL');
  }, 1000);
  const code = await exit;
  clearInterval(watch);
  return code;
}

/** Tests of projects that cannot run here, with the sentence about the tool that is missing. */
function unrunTests(projects, folders, missing) {
  return projects.flatMap((project) => {
    const reason = NEEDS[project].filter((name) => name in missing).map((name) => `needs ${name}`).join(', ');
    const files = folders[project].flatMap((folder) => testFiles(join(root, 'test', folder)));
    return files.flatMap((file) => titlesIn(sourceOf(file))).map((title) => ({ titles: [title], reason }));
  });
}

function testFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.test\.(ts|mjs)$/.test(name)).map((name) => join(folder, name));
}

function conclude({ selection, reports, unrun }) {
  const outcomes = outcomesOf(reports);
  const required = JSON.parse(readFileSync(join(root, 'test/requirements.json'), 'utf8'));
  const { lines, missing } = requirementTable({ required, begun: begun(readRequirements(root)), outcomes, unrun });
  say('');
  for (const line of skippedLines(outcomes)) say(line);
  if (selection.whole) for (const line of lines) say(line);
  const unproven = selection.whole && missing.length > 0;
  if (unproven) say(`${ci ? 'FAILED: ' : ''}no executed, passing test for: ${missing.join(', ')}`);
  if (unrun.length > 0 && ci) say('FAILED: an engine is missing, see above');
  if (interruptions > 0) say('interrupted');
  say(totalLine(outcomes));
  const bad = reports.some((report) => report.code !== 0) || outcomes.some((test) => test.status === 'failed');
  return bad || interruptions > 0 || (ci && (unproven || unrun.length > 0)) ? 1 : 0;
}
