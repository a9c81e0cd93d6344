import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { identify } from './lock.mjs';
import { checkWritable } from './preflight.mjs';
import { Refused } from './refused.mjs';

/** Rooms that are compiled; test/ is not shipped. */
const ROOMS = ['contracts', 'domain', 'workflows', 'activities', 'store', 'platform', 'worker', 'api', 'dev', 'cli', 'bench/lists'];
const BUNDLE = 'workflow-bundle.js';
const FOLDER_OF_ONES_OWN = 'clone the project into a folder of your own, or correct its owner and rights';
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const CONFIGURATION = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

/** Installs packages when they are missing or the lock file has changed since. */
export async function ensureDependencies({ root, say, env = process.env }) {
  const stamp = join(root, 'node_modules/.cro-install');
  const wanted = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  if (!existsSync(stamp) && isInstalledByHand(root)) {
    writeFileSync(stamp, wanted);
    return;
  }
  checkWritable(root, FOLDER_OF_ONES_OWN);
  say('installing packages …');
  // Not `npm ci`: it refuses a lock file that does not list the optional binaries of other platforms. Locked versions count here too.
  // The compiler is among the packages for development, which NODE_ENV=production would leave out.
  await run({ command: 'npm', args: ['install', '--include=dev', '--no-save', '--no-audit', '--no-fund'], root, env, failure: '`npm install` failed: check the network, read the lines above, and start again.' });
  writeFileSync(stamp, wanted);
}

/** Compiles to dist/ and bundles the workflows when sources have changed since. */
export async function ensureBuilt({ root, say }) {
  const dist = join(root, 'dist');
  const stamp = join(dist, '.cro-build');
  const sources = ROOMS.flatMap((room) => filesBelow(root, room));
  const wanted = fingerprint(root, [...CONFIGURATION, ...sources]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  checkWritable(root, FOLDER_OF_ONES_OWN);
  sweepBuilds(root);
  say('building …');
  // Built aside and put in place by renaming: a process that runs from dist/ never sees half of it.
  const fresh = join(root, `dist-${process.pid}`);
  rmSync(fresh, { recursive: true, force: true });
  // Emits only; types are judged by `npm run check`.
  await run({
    command: process.execPath,
    args: ['node_modules/typescript-native/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', fresh],
    root,
    failure: 'The build failed: the lines above name the file; correct it and start again.',
  });
  for (const file of sources.filter((name) => !/\.(ts|json|mjs)$/.test(name) || /\.d\.[cm]?ts$/.test(name) || name.endsWith('.json'))) {
    mkdirSync(dirname(join(fresh, file)), { recursive: true });
    copyFileSync(join(root, file), join(fresh, file));
  }
  const old = join(root, `dist-old-${process.pid}`);
  if (existsSync(join(dist, BUNDLE))) copyFileSync(join(dist, BUNDLE), join(fresh, BUNDLE));
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  rmSync(old, { recursive: true, force: true });
  await bundle(dist);
  writeFileSync(stamp, wanted);
}

/** The workflow code that workers load, and that tests load too. */
async function bundle(folder) {
  const bundler = join(folder, 'worker/bundle.js');
  if (!existsSync(bundler)) return;
  const { bundleWorkflows } = createRequire(import.meta.url)(bundler);
  // The bundle names its sources by path, so it is built where it stays: same sources, same bytes.
  const file = join(folder, `${BUNDLE}.${process.pid}`);
  await bundleWorkflows(file);
  renameSync(file, join(folder, BUNDLE));
}

/** npm writes its own copy of the lock file last; not older than ours means that it installed this one. */
function isInstalledByHand(root) {
  const hidden = join(root, 'node_modules/.package-lock.json');
  return existsSync(hidden) && statSync(hidden).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs - 60_000;
}

function fingerprint(root, files) {
  const hash = createHash('sha256').update(process.version);
  for (const file of files.toSorted()) {
    if (!existsSync(join(root, file))) continue;
    const { size, mtimeMs } = statSync(join(root, file));
    hash.update(`${file}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function filesBelow(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(root, path) : [path];
  });
}

/** Removes what builds that were cut off left beside dist/. */
export function sweepBuilds(root) {
  for (const name of readdirSync(root)) {
    const builder = /^dist-(?:old-)?(\d+)$/.exec(name)?.[1];
    if (builder !== undefined && identify(Number(builder)) === undefined) rmSync(join(root, name), { recursive: true, force: true });
  }
}

/** Runs a program to its end, in a process group of its own: a signal that reaches only this process ends the program and its children too. */
function run({ command, args, root, env, failure }) {
  return new Promise((resolve, reject) => {
    let child;
    let stopped = 0;
    const stop = () => {
      stopped += 1;
      try {
        if (child?.pid !== undefined) process.kill(-child.pid, stopped > 1 ? 'SIGKILL' : 'SIGTERM');
      } catch {
        // It ended by itself between the signal and this.
      }
    };
    const settle = (outcome) => {
      for (const name of STOP_SIGNALS) process.off(name, stop);
      outcome();
    };
    // Before the program begins: it may be quicker than the next line.
    for (const name of STOP_SIGNALS) process.on(name, stop);
    child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
    child.once('error', () => settle(() => reject(new Refused(failure))));
    child.once('exit', (code) => settle(() => (code === 0 && stopped === 0 ? resolve() : reject(new Refused(stopped > 0 ? 'stopped' : failure)))));
  });
}
