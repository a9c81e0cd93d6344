import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt, ensureDependencies } from '../../dev/start/build.mjs';
import { startEngines } from '../runner/engines.mjs';
import { killLeftovers, mark } from '../runner/leftovers.mjs';
import { NEEDS, select } from '../runner/selection.mjs';
import { claimedIds, readRequirements, unplanted } from '../runner/claims.mjs';
import { outcomesOf } from '../runner/table.mjs';
import { BREAKAGES, chosen, faultsOf, patternOf, verdictOn } from './list.mjs';

const USAGE = `Usage: npm run breakages [-- --list | --show] [-- id …]

Takes one rule at a time out of a copy of this working tree, runs the tests that are named after its
requirement, and expects red. Fails when one stays green.
  npm run breakages                 all of them
  npm run breakages -- E5 P2        those of these requirements
  npm run breakages -- --list       says what there is
  npm run breakages -- --show E5    with the output of the tests
`;
const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const NOT_COPIED = /^(?:node_modules|dist.*|\.data|\.git|coverage)$/;
/** A rule that is gone may leave its tests in an endless loop. */
const ENDS_WITHIN_MS = 600_000;
const say = (line) => process.stdout.write(`${line}\n`);
const quiet = () => undefined;
const INDENT = ' '.repeat(19);
const runId = randomUUID();
let interrupted = false;
let jest;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => { interrupted = true; jest?.kill('SIGKILL'); });

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error?.message ?? error}\n`);
  process.exitCode = 1;
}

async function main(argv) {
  const options = argv.filter((word) => word.startsWith('-'));
  if (options.some((option) => !['--list', '--show'].includes(option))) {
    process.stdout.write(USAGE);
    return options.includes('--help') ? 0 : 1;
  }
  const breakages = chosen(argv.filter((word) => !word.startsWith('-')));
  const requirements = readRequirements(root);
  const required = claimedIds(requirements);
  if (options.includes('--list')) {
    for (const { id, breaks, file } of breakages) say(`${id.padEnd(5)}  ${breaks} (${file})`);
    const without = unplanted(requirements, BREAKAGES);
    if (without.length > 0) say(`\nclaimed, and no rule of theirs is ever taken away: ${without.join(', ')}`);
    return without.length > 0 ? 1 : 0;
  }
  const stale = breakages.filter((breakage) => faultsOf(breakage, { root, required }).length > 0);
  for (const breakage of stale) say(`STALE  ${breakage.id.padEnd(5)}         ${breakage.breaks}\n${INDENT}${faultsOf(breakage, { root, required }).join('; ')}`);
  await ensureDependencies({ root, say });
  const copy = copyOf(root);
  try {
    const { tried, caught, red } = await tryAll(copy, breakages.filter((breakage) => !stale.includes(breakage)), options.includes('--show'));
    say(`\n${interrupted ? 'interrupted: ' : ''}${caught} of ${tried} breakages turned a test red that is named after their requirement`);
    return caught === breakages.length && red === 0 ? 0 : 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** The working tree as it is, beside it; packages are shared. */
function copyOf(folder) {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), 'cro-breakages-')));
  cpSync(folder, copy, { recursive: true, filter: (path) => !NOT_COPIED.test(relative(folder, path)) });
  symlinkSync(join(folder, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

async function tryAll(copy, breakages, show) {
  const { FOLDERS } = createRequire(import.meta.url)('../../jest.config.cjs');
  const projectsOf = (some) => [...new Set(some.flatMap(({ tests }) => tests.flatMap((test) => select([test], FOLDERS).projects)))];
  await ensureBuilt({ root: copy, say });
  const needed = [...new Set(projectsOf(breakages).flatMap((project) => NEEDS[project]))];
  const engines = await startEngines({ root: copy, needed, say, interrupted: () => interrupted });
  const test = (some) => runTests({ copy, env: engines.env, projects: projectsOf(some), files: [...new Set(some.flatMap(({ tests }) => tests))], ids: some.map(({ id }) => id), show });
  try {
    const missing = Object.values(engines.missing);
    if (missing.length > 0) throw new Error(missing.join('\n'));
    say('the tests without any breakage …');
    const before = await test(breakages);
    const red = before.filter(({ status }) => status === 'failed');
    for (const { titles } of red) say(`red before anything was broken: ${titles.join(' › ')}`);
    const result = await oneByOne({ copy, breakages, before, test, builds: (breakage) => projectsOf([breakage]).some((project) => project !== 'unit') });
    return { ...result, red: red.length };
  } finally {
    killLeftovers(runId);
    await engines.stop();
  }
}

async function oneByOne({ copy, breakages, before, test, builds }) {
  let caught = 0;
  let tried = 0;
  for (const breakage of breakages) {
    if (interrupted) break;
    const startedMs = Date.now();
    const verdict = await broken({ copy, breakage, before, test, builds });
    if (interrupted) break;
    tried += 1;
    if (verdict.caught) caught += 1;
    say(`${verdict.caught ? 'red  ' : 'GREEN'}  ${breakage.id.padEnd(5)}  ${String(Math.round((Date.now() - startedMs) / 1000)).padStart(3)} s  ${breakage.breaks}`);
    say(`${INDENT}${verdict.caught && verdict.count > 1 ? `${verdict.count} tests, first: ` : ''}${verdict.why}`);
  }
  return { tried, caught };
}

/** Breaks one place of the copy, runs its tests and mends it again. */
async function broken({ copy, breakage, before, test, builds }) {
  const path = join(copy, breakage.file);
  const source = readFileSync(path, 'utf8');
  try {
    writeFileSync(path, source.replace(breakage.find, () => breakage.replace));
    if (builds(breakage)) await ensureBuilt({ root: copy, say: quiet });
    return verdictOn(breakage, { before, after: await test([breakage]) });
  } catch (error) {
    return { caught: false, why: error.message };
  } finally {
    writeFileSync(path, source);
  }
}

async function runTests({ copy, env, projects, files, ids, show }) {
  const report = join(copy, `report-${randomUUID()}.json`);
  const paths = files.map((file) => file.replaceAll('.', '\\.'));
  const args = [
    'node_modules/jest/bin/jest.js', '--selectProjects', ...projects, '--maxWorkers', '2', '--forceExit', '--cacheDirectory', join(copy, '.jest'),
    '--json', '--outputFile', report, '--testNamePattern', patternOf(ids), '--testPathPatterns', ...paths,
  ];
  jest = spawn(process.execPath, args, { cwd: copy, stdio: ['ignore', 'ignore', show ? 'inherit' : 'ignore'], env: { ...process.env, ...env, ...mark(runId) } });
  const timer = setTimeout(() => jest?.kill('SIGKILL'), ENDS_WITHIN_MS);
  await new Promise((resolve) => { jest.once('exit', resolve); });
  clearTimeout(timer);
  jest = undefined;
  killLeftovers(runId);
  if (!existsSync(report)) throw new Error('the tests did not end, or could not begin');
  return outcomesOf([JSON.parse(readFileSync(report, 'utf8'))]);
}
