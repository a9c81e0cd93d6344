import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SMTPServer } from 'smtp-server';
import { ensureBuilt, ensureDependencies } from '../../dev/start/build.mjs';
import { keepFixture } from './fixture.mjs';
import { signInAll, slowDown, tellBefore, tellOpenCapa, tellWithoutWorker, UNREACHABLE } from './story.mjs';

/*
 * npm run record:upgrade -- <checkout> <name>: starts the release that is checked out at <checkout>
 * on engines of its own, lives through story.mjs by its API, and keeps what both engines then hold
 * in test/upgrade/fixtures/<name>. Only the public contract is used, so it serves any release.
 */
const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const KEYS_FILE = join(root, 'test/support/test-keys.json');
const CAPA_WALK = join(resolve(process.argv[2] ?? ''), 'docs/capa-walk.mjs');
const say = (line) => process.stdout.write(`${line}\n`);
const [checkout, name] = process.argv.slice(2);
if (checkout === undefined || name === undefined) throw new Error('npm run record:upgrade -- <checkout> <name>');

await ensureDependencies({ root, say });
await ensureBuilt({ root, say });
const dist = createRequire(join(root, 'dist/dev/supervisor.js'));
const folder = mkdtempSync(join(tmpdir(), 'cro-upgrade-'));
const engines = [];
const running = [];
const mail = await mailServer();
try {
  await record(await startEngines());
} finally {
  await mail.close();
  for (const release of running) await release.stop();
  for (const engine of engines) await engine.stop(10_000);
  rmSync(folder, { recursive: true, force: true });
}

async function record({ mongod, temporal, temporalFile }) {
  const port = await dist('./engines/ports.js').freePort();
  const env = {
    ...process.env, NODE_ENV: '', CRO_DATA_DIR: folder, CRO_KEYS_FILE: KEYS_FILE, CRO_SENTINEL_SECONDS: '3600',
    MONGODB_URI: mongod.applicationUri, MONGODB_ADMIN_URI: mongod.adminUri, TEMPORAL_ADDRESS: temporal.address,
    SMTP_URL: mail.url, MAIL_FROM: 'CRO oversight <oversight@localhost>',
  };
  const base = `http://127.0.0.1:${port}/api/v1`;
  const before = await start([], { env, port, says: /^ready http/m });
  const people = await signInAll(base, JSON.parse(readFileSync(join(folder, 'demo-credentials.json'), 'utf8')).users);
  await slowDown(people);
  const capas = existsSync(CAPA_WALK) ? await capasOf({ people, env }) : {};
  const records = await tellBefore({ people, say, refuse: mail.refuse, anchor: () => anchor(temporal.address) });
  Object.assign(records, capas);
  await before.stop();
  const without = await start(['--without', 'worker'], { env, port, says: /^running without worker/m });
  await tellWithoutWorker({ people, records, say });
  await without.stop();
  const sizes = await keepFixture({
    folder: join(root, 'test/upgrade/fixtures', name), adminUri: mongod.adminUri, temporalFile, stopTemporal: () => temporal.process.stop(10_000),
    installation: { name, recordedAt: new Date().toISOString(), commit: commitOf(checkout), users: people.users, records, told: mail.letters },
  });
  say(`kept ${name}: ${JSON.stringify(sizes)}`);
}

/** Engines that nobody has provisioned: the release does that. */
async function startEngines() {
  const { locateEngine } = dist('./engines/locate.js');
  const located = { env: process.env, say };
  const onStart = (engine) => engines.push(engine);
  const mongod = await dist('./engines/mongod.js').startMongod({
    executable: await locateEngine('mongod', located), dataDir: join(folder, 'mongo'), logFile: join(folder, 'mongod.log'), cacheGb: 0.25,
    adminPassword: 'recording-admin-password', applicationPassword: 'recording-app-password', onStart,
  });
  const temporalFile = join(folder, 'temporal', 'temporal.db');
  const temporal = await dist('./engines/temporal.js').startTemporal({
    executable: await locateEngine('temporal', located), databaseFile: temporalFile, logFile: join(folder, 'temporal.log'), headless: true, onStart,
  });
  return { mongod, temporal, temporalFile };
}

/** A CAPA that is being worked on; and one as the release's own walk leaves it, closed and signed. */
async function capasOf({ people, env }) {
  const capaOpen = await tellOpenCapa(people);
  const walk = spawn(process.execPath, [CAPA_WALK], { cwd: resolve(checkout), env, stdio: 'inherit' });
  const code = await new Promise((done) => { walk.once('exit', done); });
  if (code !== 0) throw new Error(`the walk of a CAPA ended with ${code}`);
  const { items } = await people.as('quality@alpine.example')('GET', '/capas');
  return { capaOpen, capaClosed: items.find(({ status }) => status === 'closed').id };
}

/** The daily anchor now, as its schedule would at 00:15 UTC. */
async function anchor(address) {
  const { Client, Connection } = dist('@temporalio/client');
  const connection = await Connection.connect({ address });
  await new Client({ connection }).schedule.getHandle('daily-anchor').trigger();
  await connection.close();
}

async function start(args, { env, port, says }) {
  const child = spawn(process.execPath, ['dev/start.mjs', '--port', String(port), ...args], { cwd: resolve(checkout), env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((done) => { child.once('exit', done); });
  const release = { stop: async () => { child.kill('SIGINT'); await ended; } };
  running.push(release);
  let output = '';
  await new Promise((done, fail) => {
    child.stdout.on('data', (chunk) => {
      output += chunk;
      process.stdout.write(chunk);
      if (says.test(output)) done();
    });
    ended.then(() => fail(new Error('the release ended while starting')));
  });
  return release;
}

function commitOf(of) {
  const head = readFileSync(join(of, '.git/HEAD'), 'utf8').trim();
  return head.startsWith('ref: ') ? readFileSync(join(of, '.git', head.slice(5)), 'utf8').trim() : head;
}

/** Takes every letter, and on demand none for one address: somebody still waits to be told when everything stops. */
async function mailServer() {
  const letters = [];
  let refusing = false;
  const server = new SMTPServer({
    authOptional: true, disabledCommands: ['STARTTLS'],
    onRcptTo: ({ address }, _session, done) => done(refusing && address === UNREACHABLE ? Object.assign(new Error('later'), { responseCode: 451 }) : null),
    onData(stream, session, done) {
      const chunks = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', () => {
        const id = /^Message-ID: (.+)$/im.exec(Buffer.concat(chunks).toString('utf8'))?.[1]?.trim() ?? '';
        letters.push(...session.envelope.rcptTo.map(({ address }) => ({ to: address, id })));
        done();
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise((done) => { server.listen(0, '127.0.0.1', done); });
  return {
    url: `smtp://127.0.0.1:${server.server.address().port}`, letters,
    refuse: () => { refusing = true; },
    close: () => new Promise((done) => { server.close(done); }),
  };
}
