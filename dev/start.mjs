import { readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt, ensureDependencies } from './start/build.mjs';
import { hasOrphans, identify, takeLock } from './start/lock.mjs';
import { closeToOthers, keepToOurselves } from './start/modes.mjs';
import { environmentOf, parseOptions, USAGE } from './start/options.mjs';
import { checkDisk, checkMail, checkNode, checkPip, checkPort, checkWritable, diskOf, enginesToFetch, pipVersion, placesToFill } from './start/preflight.mjs';

// Plain Node without packages: this file must run before anything is installed.
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const say = (line) => process.stdout.write(`${line}\n`);
/** What a start puts into the data folder; anything else there is not ours to delete. */
const STATE = ['mongo', 'temporal', 'logs', 'mail', 'secrets.json', 'keys.json', 'env.json', 'pids.json', 'pids.json.new', 'demo-credentials.json', 'demo-credentials.json.new'];
let release = () => undefined;
// Who reads this may go first, as a closed terminal does; what runs is then still to be stopped.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

try {
  checkNode(process.version);
  const options = parseOptions(process.argv.slice(2), process.env);
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
  const env = environmentOf(process.env);
  const dataDir = resolve(env.CRO_DATA_DIR || join(root, '.data'));
  await preflight({ options, dataDir, env });
  // Packages and the build are nobody's secret; what runs and what it writes is.
  await ensureDependencies({ root, say });
  await ensureBuilt({ root, say });
  keepToOurselves();
  closeToOthers(dataDir);
  const { runStack } = createRequire(import.meta.url)('../dist/dev/supervisor.js');
  return await runStack({ root, dataDir, options, env, identify, say, reset: () => empty(dataDir), checkPort });
}

async function preflight({ options, dataDir, env }) {
  checkMail(options, env);
  const missing = enginesToFetch({ root, env });
  checkDisk(placesToFill({ root, dataDir, env, missing }).map((each) => ({ ...each, ...diskOf(each.place) })));
  checkWritable(dataDir, 'set CRO_DATA_DIR to a folder of your own, or correct its owner and rights');
  release = takeLock(dataDir);
  // An API that a killed start left behind may hold the port; it is ended first, and the port checked again.
  if (!options.without.includes('api') && !hasOrphans(dataDir)) await checkPort(options.port);
  const needed = missing.length > 0;
  const supported = process.platform === 'linux' && process.arch === 'x64';
  checkPip({ needed, supported, pip: needed && supported ? await pipVersion() : undefined });
}

/** Deletes all local state but the lock, which this process holds. */
function empty(dataDir) {
  for (const name of STATE) rmSync(join(dataDir, name), { recursive: true, force: true });
  const left = readdirSync(dataDir).filter((name) => name !== 'lock.json');
  if (left.length > 0) say(`left alone in ${dataDir}, as it is not of this product: ${left.join(', ')}`);
}
