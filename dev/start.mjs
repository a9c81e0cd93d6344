import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt, ensureDependencies } from './start/build.mjs';
import { hasOrphans, identify, takeLock } from './start/lock.mjs';
import { parseOptions, USAGE } from './start/options.mjs';
import { FIRST_START_BYTES, LATER_START_BYTES, checkDisk, checkNode, checkPip, checkPort, enginesDir, enginesToFetch, freeBytesAt, pipVersion } from './start/preflight.mjs';

// Plain Node without packages: this file must run before anything is installed.
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const env = process.env;
const say = (line) => process.stdout.write(`${line}\n`);
let release = () => undefined;

try {
  checkNode(process.version);
  const options = parseOptions(process.argv.slice(2), env);
  if (options.help) {
    process.stdout.write(USAGE);
  } else {
    process.exitCode = await start(options);
  }
} catch (error) {
  process.stderr.write(`${error?.name === 'Refused' ? error.message : (error?.stack ?? error)}\n`);
  process.exitCode = error?.exitCode ?? 1;
}
release();
// Whatever a cut-off start still waits for must not keep the process alive.
process.exit();

async function start(options) {
  const dataDir = resolve(env.CRO_DATA_DIR || join(root, '.data'));
  await preflight(options, dataDir);
  await ensureDependencies({ root, say });
  await ensureBuilt({ root, say });
  const { runStack } = createRequire(import.meta.url)('../dist/dev/supervisor.js');
  return await runStack({ root, dataDir, options, env, identify, say, reset: () => empty(dataDir), checkPort });
}

async function preflight(options, dataDir) {
  const missing = enginesToFetch({ root, env });
  const first = missing.length > 0 || !existsSync(join(root, 'node_modules'));
  const places = [{ place: dataDir, neededBytes: first ? FIRST_START_BYTES : LATER_START_BYTES }];
  if (missing.length > 0) places.push({ place: enginesDir(env), neededBytes: 0.8e9 });
  checkDisk(places.map((each) => ({ ...each, freeBytes: freeBytesAt(each.place) })));
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  release = takeLock(dataDir);
  // An API that a killed start left behind may hold the port; it is ended first, and the port checked again.
  if (!options.without.includes('api') && !hasOrphans(dataDir)) await checkPort(options.port);
  const needed = missing.length > 0;
  const supported = process.platform === 'linux' && process.arch === 'x64';
  checkPip({ needed, supported, pip: needed && supported ? await pipVersion() : undefined });
}

/** Deletes all local state but the lock, which this process holds. */
function empty(dataDir) {
  for (const name of readdirSync(dataDir)) {
    if (name !== 'lock.json') rmSync(join(dataDir, name), { recursive: true, force: true });
  }
}
