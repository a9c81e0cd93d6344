import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';

/**
 * Starts, once per run, what the projects need, and says where it is.
 * `env` goes to jest; `missing` names engines that this machine cannot have, with a sentence each.
 */
export async function startEngines({ root, needed, say, interrupted }) {
  const require = createRequire(import.meta.url);
  const dist = (path) => require(join(root, 'dist', path));
  const { locateEngine } = dist('dev/engines/locate.js');
  const folder = mkdtempSync(join(tmpdir(), 'cro-test-'));
  const processes = [];
  const missing = {};
  const env = {};
  const stop = async () => {
    for (const engine of processes.toReversed()) await engine.stop(5000);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const executable = {};
    for (const name of needed) {
      try {
        executable[name] = await locateEngine(name, { env: process.env, say });
      } catch (error) {
        if (error?.name !== 'Refused') throw error;
        missing[name] = error.message;
      }
    }
    if (interrupted()) return { env, missing, stop };
    const onStart = (engine) => processes.push(engine);
    const starting = [];
    if (executable.mongod) starting.push(mongod({ dist, folder, executable: executable.mongod, onStart, env }));
    if (executable.temporal) starting.push(temporal({ dist, folder, executable: executable.temporal, onStart, env }));
    await Promise.allSettled(starting);
    await Promise.all(starting);
    if (executable['temporal-test-server']) env.TEST_TIME_SKIPPING_SERVER = executable['temporal-test-server'];
    const bundle = join(root, 'dist/workflow-bundle.js');
    if (existsSync(bundle)) env.TEST_BUNDLE = bundle;
    if (env.TEST_MONGODB_URI && env.TEST_TEMPORAL_ADDRESS) provision({ root, dist, folder, env });
    return { env, missing, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function mongod({ dist, folder, executable, onStart, env }) {
  const password = () => randomBytes(18).toString('base64url');
  const engine = await dist('dev/engines/mongod.js').startMongod({
    executable,
    dataDir: join(folder, 'mongo'),
    logFile: join(folder, 'mongod.log'),
    cacheGb: 0.25,
    adminPassword: password(),
    applicationPassword: password(),
    onStart,
  });
  env.TEST_MONGOD = executable;
  env.TEST_MONGODB_ADMIN_URI = engine.adminUri;
  env.TEST_MONGODB_URI = engine.applicationUri;
}

async function temporal({ dist, folder, executable, onStart, env }) {
  const engine = await dist('dev/engines/temporal.js').startTemporal({
    executable,
    databaseFile: join(folder, 'temporal', 'temporal.db'),
    logFile: join(folder, 'temporal.log'),
    headless: true,
    onStart,
  });
  env.TEST_TEMPORAL = executable;
  env.TEST_TEMPORAL_ADDRESS = engine.address;
}

/** Collections, indexes, roles and search attributes, as in a real start. */
function provision({ root, dist, folder, env }) {
  const script = join(root, 'dist/worker/provision.js');
  if (!existsSync(script)) return;
  const keys = join(folder, 'keys.json');
  dist('platform/keyRing.js').createKeyRing(keys, 'test');
  const run = spawnSync(process.execPath, ['--enable-source-maps', script], {
    cwd: root,
    encoding: 'utf8',
    env: {
      ...process.env,
      NODE_ENV: 'test',
      MONGODB_URI: env.TEST_MONGODB_URI,
      MONGODB_ADMIN_URI: env.TEST_MONGODB_ADMIN_URI,
      TEMPORAL_ADDRESS: env.TEST_TEMPORAL_ADDRESS,
      SMTP_URL: 'smtp://127.0.0.1:9',
      MAIL_FROM: 'CRO oversight <oversight@localhost>',
      CRO_KEYS_FILE: keys,
      CRO_DATA_DIR: folder,
    },
  });
  if (run.status !== 0) throw new Error(`provisioning the test engines failed:\n${run.stdout}${run.stderr}`);
}

/** Text of a test file, for naming what was not run. */
export function sourceOf(file) {
  return readFileSync(file, 'utf8');
}
