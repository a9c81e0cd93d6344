import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bullmq } from './bullmq.mjs';
import { CALLERS, LEVELS, LEVEL_MS, percentile, sleep, spread } from './case.mjs';
import { dbos } from './dbos.mjs';
import { pgboss } from './pgboss.mjs';
import { startPostgres, startRedis } from './servers.mjs';

const here = dirname(fileURLToPath(import.meta.url));
/** Time that everything due has to be told, beyond the ladder itself, ms. */
const LINGER_MS = 4000;
/** What is overdue after a kill must be told within this, or it counts as lost, ms. */
const RECOVERY_MS = 60_000;

/** Measures the case on the three engines and prints JSON on standard output; reasons for what is left out on standard error. */
const cases = Number(process.argv[2] ?? 500);
const results = [];
for (const [key, engine, start] of [['dbos', dbos, startPostgres], ['pgboss', pgboss, startPostgres], ['bullmq', bullmq, () => startRedis('everysec')], ['bullmq', { ...bullmq, name: `${bullmq.name}, appendfsync always`, keeps: 'the last state only' }, () => startRedis('always')]]) {
  const server = await start();
  if (!server) {
    process.stderr.write(`left out: ${engine.name}, because ${engine.server} is not installed (Debian: apt-get install ${engine.server === 'postgres' ? 'postgresql' : 'redis-server'})\n`);
    continue;
  }
  try {
    process.stderr.write(`${engine.name} on ${server.version}\n`);
    results.push({ engine: engine.name, server: server.version, keeps: engine.keeps, cases, ...await measure(key, server) });
  } finally {
    await server.stop();
  }
}
process.stdout.write(`${JSON.stringify(results, null, 1)}\n`);

async function measure(engine, server) {
  const folder = mkdtempSync(join(tmpdir(), 'peers-'));
  const noticesFile = join(folder, 'notices');
  writeFileSync(noticesFile, '', { mode: 0o666 });
  const plan = { engine, server: { url: server.url, host: server.host, port: server.port }, noticesFile };
  let worker = await startWorker(plan);
  try {
    const load = await underLoad(worker, noticesFile);
    const before = notices(noticesFile).length;
    // Opened, then killed before the first level lapses; back after it has.
    const ids = idsOf('kill');
    await spread(ids, CALLERS, (id) => worker.ask('start', id));
    const lastStartAt = Date.now();
    await worker.kill();
    await sleep(Math.max(0, lastStartAt + LEVEL_MS + 500 - Date.now()));
    const backAt = Date.now();
    worker = await startWorker(plan);
    const recovery = await recovered({ noticesFile, ids, before, backAt });
    return { ...load, recovery };
  } finally {
    await worker.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function underLoad(worker, noticesFile) {
  const ids = idsOf('case');
  const startedAt = Date.now();
  await spread(ids, CALLERS, (id) => worker.ask('start', id));
  const startsPerSecond = round(ids.length / ((Date.now() - startedAt) / 1000));
  const acknowledged = ids.filter((_, index) => index % 2 === 0);
  const ackMs = [];
  await spread(acknowledged, CALLERS, async (id) => {
    const at = performance.now();
    await worker.ask('acknowledge', id);
    ackMs.push(performance.now() - at);
  });
  const ackedAt = Date.now();
  await sleep(LEVELS * LEVEL_MS + LINGER_MS);
  const told = notices(noticesFile);
  const late = told.filter(({ level }) => level > 1).map(({ due, at }) => at - due);
  const unacknowledged = new Set(ids.filter((id) => !acknowledged.includes(id)));
  const last = new Set(told.filter(({ level }) => level === LEVELS).map(({ id }) => id));
  return {
    startsPerSecond,
    latenessMs: { p50: percentile(late, 0.5), p99: percentile(late, 0.99), max: Math.max(...late), n: late.length },
    acknowledgeMs: { p50: round(percentile(ackMs, 0.5)), p99: round(percentile(ackMs, 0.99)) },
    lostNotices: [...unacknowledged].filter((id) => !last.has(id)).length,
    toldAfterAcknowledgement: told.filter(({ id, at, level }) => level > 1 && at > ackedAt && acknowledged.includes(id)).length,
  };
}

async function recovered({ noticesFile, ids, before, backAt }) {
  const wanted = new Set(ids);
  const secondLevel = () => notices(noticesFile).slice(before).filter(({ id, level }) => level === 2 && wanted.has(id));
  while (new Set(secondLevel().map(({ id }) => id)).size < ids.length && Date.now() - backAt < RECOVERY_MS) await sleep(100);
  const told = secondLevel();
  const firsts = [...new Map(told.toReversed().map((notice) => [notice.id, notice.at])).values()];
  return {
    firstAfterMs: told.length > 0 ? Math.min(...firsts) - backAt : null, lastAfterMs: told.length > 0 ? Math.max(...firsts) - backAt : null,
    lost: ids.length - firsts.length, repeated: told.length - firsts.length,
  };
}

function idsOf(prefix) {
  return Array.from({ length: cases }, (_, index) => `${prefix}-${index}`);
}

function notices(file) {
  return readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => {
    const [id, level, due, at] = line.split(' ');
    return { id, level: Number(level), due: Number(due), at: Number(at) };
  });
}

async function startWorker(plan) {
  const child = fork(join(here, 'worker.mjs'), [JSON.stringify(plan)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const waiting = new Map();
  let next = 0;
  await new Promise((resolve, reject) => {
    child.once('exit', (code) => { reject(new Error(`the worker ended (${code}) before it was ready`)); });
    child.once('message', resolve);
  });
  child.on('message', ({ id, error }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new Error(error));
    else resolve();
  });
  const ended = new Promise((resolve) => { child.once('exit', resolve); });
  return {
    ask: (act, caseId) => new Promise((resolve, reject) => {
      next += 1;
      waiting.set(next, { resolve, reject });
      child.send({ id: next, act, caseId });
    }),
    kill: async () => { child.kill('SIGKILL'); await ended; },
  };
}

function round(value) {
  return Math.round(value * 10) / 10;
}
