import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { freePort } from '../../dev/engines/ports';
import type { Mongod } from '../../dev/engines/mongod';
import type { Temporal } from '../../dev/engines/temporal';
import { ManagedProcess } from '../../dev/process';
import { instantOf, plusMs, type Instant } from '../../contracts/instant';
import { TOKEN_SCOPES } from '../../contracts/people';
import { newToken } from '../../api/secrets';
import { actorInterceptors, runAs } from '../../platform/clientInterceptors';
import { createDataConverter } from '../../platform/dataConverter';
import { openKeyRing } from '../../platform/keyRing';
import type { Timeline } from '../../domain/timeline/timeline';
import { commandIdOf } from '../../store/commands';
import { storeCredential } from '../../store/credentials';
import type { CommandDoc, RecordDoc, StepDoc } from '../../store/schemas/records';
import { verifyStore } from '../support/verified';
import { ensureSchedules } from '../../worker/schedules';
import { CRO, personOf, seedCast, SPONSOR, STUDY } from '../support/cast';
import { privateMongod, type Private } from '../support/engines';
import { openMailbox, type Mailbox } from '../support/letters';
import { freshStore, type FreshStore } from '../support/mongo';
import { eventually } from '../support/world';
import { cleanups, ownTemporal, startAgain } from './support/engines';
import { ladderOfSeconds } from './support/site';

const ROOT = path.join(__dirname, '../..');
const KEYS_FILE = path.join(__dirname, '../support/test-keys.json');
const OPEN_ISSUES = 200;
// One that everybody has, with a ladder of its own.
const TOPIC = 'disaster_recovery';
/** Long enough that the first levels lapse while processes are being killed. */
const LEVEL_ONE_S = 45;
const DOWN_MS = 3000;
/** The issue asks for thirty seconds without MongoDB. */
const MONGODB_DOWN_MS = 30_000;
/** The worker stands still for so long before MongoDB goes: what the API takes meanwhile is accepted, and cannot commit. */
const HELD_MS = 2000;

const sponsorLead = personOf(SPONSOR, 'study_lead');

/** The whole product as processes on engines of its own. */
interface Product {
  readonly fresh: FreshStore;
  readonly mailbox: Mailbox;
  readonly mongod: Private<Mongod>;
  readonly temporal: Private<Temporal>;
  readonly worker: ManagedProcess;
  readonly api: ManagedProcess;
  readonly url: string;
  readonly token: string;
}

/** What the API accepted: it owes an effect for each. */
interface Accepted {
  readonly recordId: string;
  readonly commandId: string;
}

describe('processes are killed while 200 issues are open and commands arrive', () => {
  const cleanup = cleanups();
  let product: Product;
  let comments: readonly Accepted[];
  let issues: readonly string[];
  /** Commands without an answer when MongoDB went. */
  let held: readonly string[];
  const kills: Instant[] = [];

  beforeAll(async () => {
    product = await startProduct(cleanup);
    issues = await openIssues(product);
    const stream = commentAllTheWhile(product, issues);
    const kill = async (child: ManagedProcess, downMs = DOWN_MS): Promise<void> => {
      kills.push(instantOf(Date.now()));
      await child.kill();
      await pause(downMs);
    };
    for (const child of [product.worker, product.api]) {
      await kill(child);
      child.start();
    }
    await kill(product.temporal.engine.process);
    await startAgain(product.temporal.engine);
    held = await whileHeld(product.worker, async () => {
      await pause(HELD_MS);
      const waiting = await product.fresh.store.models.commands.find({ status: 'received', act: 'comment' }, { _id: 1 }).lean();
      await kill(product.mongod.engine.process, 0);
      return waiting.map(({ _id }) => _id);
    });
    await pause(MONGODB_DOWN_MS);
    await startAgain(product.mongod.engine);
    await pause(DOWN_MS);
    comments = await stream.stop();
    await quiet(product, issues);
  });
  afterAll(cleanup.run);

  it('P3 nothing that was accepted is lost, and nothing happened twice', async () => {
    const { steps, commands } = product.fresh.store.models;
    const answered = await commands.find({ act: 'comment' }).lean<CommandDoc[]>();
    expect(answered.filter((command) => command.status !== 'answered')).toEqual([]);
    expect(comments.length).toBeGreaterThan(50);
    const committed = await steps.find({ act: 'comment' }, { key: 1 }).lean<Pick<StepDoc, 'key'>[]>();
    expect(committed.map((step) => step.key).toSorted()).toEqual(comments.map((comment) => comment.commandId).toSorted());
  });

  it('P3 what was accepted before thirty seconds without MongoDB is carried out after them', async () => {
    const { commands } = product.fresh.store.models;
    expect(held.length).toBeGreaterThan(0);
    const answered = await commands.find({ _id: { $in: [...held] } }).lean<CommandDoc[]>();
    expect(answered.map(({ answer }) => answer?.status)).toEqual(held.map(() => 200));
    const back = plusMs(kills.at(-1) ?? instantOf(0), MONGODB_DOWN_MS);
    expect(answered.filter(({ answeredAt }) => (answeredAt ?? '') < back)).toEqual([]);
  });

  it('E2, E6 every level 2 was told, once; a letter came twice only where the crash fell between send and receipt', async () => {
    const { notices } = product.fresh.store.models;
    const told = await notices.find({ level: 2, reason: 'level' }, { recordId: 1, side: 1, status: 1, messageId: 1, possiblyRepeated: 1 }).lean();
    expect(told.filter((notice) => notice.status !== 'told')).toEqual([]);
    expect(told.map((notice) => `${notice.recordId}/${String(notice.side)}`).toSorted()).toEqual(issues.flatMap((id) => [`${id}/accountable`, `${id}/raising`]).toSorted());
    const letters = product.mailbox.letters.map(({ messageId }) => messageId);
    const repeated = [...new Set(letters.filter((messageId, index) => letters.indexOf(messageId) !== index))];
    // Claimed before a kill and told after it, and it says so.
    const marked = await notices.find({ messageId: { $in: repeated }, possiblyRepeated: true }, { messageId: 1, createdAt: 1, toldAt: 1 }).lean();
    const explained = marked.filter(({ createdAt, toldAt }) => kills.some((at) => createdAt <= at && at <= (toldAt ?? '')));
    expect(explained.map((notice) => notice.messageId).toSorted()).toEqual(repeated.toSorted());
  });

  it('E6 deadlines that fell into an outage are recorded as late', async () => {
    const lapses = await product.fresh.store.models.steps.find({ act: 'lapse' }, { ended: 1 }).lean<Pick<StepDoc, 'ended'>[]>();
    const fired = lapses.flatMap((step) => step.ended).filter((ended) => ended.outcome === 'fired');
    expect(fired).toHaveLength(OPEN_ISSUES * 2);
    const late = fired.filter((ended) => ended.lateByMs > 2000);
    expect(late.length).toBeGreaterThan(0);
    for (const ended of fired) expect(ended.lateByMs).toBe(Date.parse(ended.at) - Date.parse(ended.due));
  });

  it('E6 the timeline says of a late deadline when it was due, fired and told, and how late', async () => {
    const { steps } = product.fresh.store.models;
    const [step] = await steps.find({ act: 'lapse', 'ended.outcome': 'fired' }).sort({ 'ended.lateByMs': -1 }).limit(1).lean<StepDoc[]>();
    const [latest] = step?.ended ?? [];
    const answer = await fetch(`${product.url}/api/v1/issues/${step?.recordId ?? ''}/timeline`, { headers: { Authorization: `Bearer ${product.token}` } });
    const { deadlines } = await answer.json() as Pick<Timeline, 'deadlines'>;
    const line = deadlines.find(({ name, due }) => name === latest?.name && due === latest.due);
    expect(line).toMatchObject({ outcome: 'fired', firedAt: latest?.at, lateByMs: latest?.lateByMs });
    expect(latest?.lateByMs).toBeGreaterThan(2000);
    expect(line?.toldAt).not.toBeNull();
    expect(line?.toldLateByMs).toBeGreaterThanOrEqual(line?.lateByMs ?? Number.POSITIVE_INFINITY);
  });

  it('P2 every chain verifies', async () => {
    expect(await verifyStore(product.fresh.store, {})).toMatchObject({ intact: true, findings: [] });
  });
});

async function startProduct(cleanup: ReturnType<typeof cleanups>): Promise<Product> {
  const [mongod, temporal, mailbox] = [await privateMongod(), await ownTemporal(), await openMailbox()];
  cleanup.add(() => mongod.discard());
  cleanup.add(() => temporal.discard());
  cleanup.add(() => mailbox.close());
  const fresh = await freshStore(mongod.engine.adminUri);
  cleanup.add(() => fresh.drop());
  await seedCast(fresh.store);
  const policy = ladderOfSeconds(LEVEL_ONE_S, 3600);
  await fresh.store.models.policies.create([{ ...policy, key: TOPIC, _id: `${TOPIC}/1`, createdAt: instantOf(0) }]);
  const port = await freePort();
  const taskQueue = `kill-${randomUUID()}`;
  const folder = mkdtempSync(path.join(tmpdir(), 'cro-kill-'));
  cleanup.add(() => { rmSync(folder, { recursive: true, force: true }); return Promise.resolve(); });
  const env = {
    PATH: process.env['PATH'], MONGODB_URI: fresh.uri, TEMPORAL_ADDRESS: temporal.engine.address, TEMPORAL_TASK_QUEUE: taskQueue, SMTP_URL: mailbox.url,
    MAIL_FROM: 'oversight@example.org', CRO_KEYS_FILE: KEYS_FILE, PORT: String(port), LOG_LEVEL: 'error',
  };
  const processOf = (name: string) => new ManagedProcess({ name, command: process.execPath, args: [path.join(ROOT, 'dist', name, 'main.js')], cwd: ROOT, env, logFile: path.join(folder, `${name}.log`) });
  const [worker, api] = [processOf('worker'), processOf('api')];
  for (const child of [worker, api]) {
    child.start();
    cleanup.add(async () => { await child.kill(); });
  }
  await scheduleSentinel(temporal.engine.address, taskQueue);
  const url = `http://127.0.0.1:${port}`;
  await eventually('the product is ready', async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok, 60_000);
  return { fresh, mailbox, mongod, temporal, worker, api, url, token: await tokenOf(fresh, sponsorLead) };
}

async function scheduleSentinel(address: string, taskQueue: string): Promise<void> {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, dataConverter: createDataConverter(openKeyRing(KEYS_FILE)), interceptors: actorInterceptors });
  await runAs({ kind: 'system', name: 'provisioning', correlationId: 'kill' }, () => ensureSchedules(client, { taskQueue, sentinelSeconds: 5 }));
  await connection.close();
}

async function tokenOf(fresh: FreshStore, personId: string): Promise<string> {
  const secret = newToken();
  const now = instantOf(Date.now());
  await storeCredential(fresh.store, secret, {
    publicId: randomUUID(), kind: 'token', personId, csrfToken: null, name: 'kill', scopes: TOKEN_SCOPES, createdAt: now, lastSeenAt: now, expiresAt: plusMs(now, 3_600_000), revokedAt: null,
  });
  return secret;
}

async function openIssues(product: Product): Promise<readonly string[]> {
  const opened: string[] = [];
  const lane = async (): Promise<void> => {
    while (opened.length < OPEN_ISSUES) {
      const index = opened.push('') - 1;
      const body = { studyId: STUDY, topic: TOPIC, title: `Issue ${index}`, description: 'd', severity: 'major', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO };
      opened[index] = (await submit(product, { recordId: null, act: 'open', body })).recordId;
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return opened;
}

/** Comments on one issue after another until told to stop. */
function commentAllTheWhile(product: Product, ids: readonly string[]): { stop(): Promise<readonly Accepted[]> } {
  const accepted: Promise<Accepted>[] = [];
  const timer = setInterval(() => {
    const recordId = ids[accepted.length % ids.length] ?? '';
    accepted.push(submit(product, { recordId, act: 'comment', body: { text: `comment ${accepted.length}` } }));
  }, 250);
  return {
    async stop() {
      clearInterval(timer);
      return Promise.all(accepted);
    },
  };
}

/** Sends a request as a patient client does: the same key again while nobody answers or the answer is 503. */
async function submit(product: Product, request: { recordId: string | null; act: string; body: object }): Promise<Accepted> {
  const { recordId, act, body } = request;
  const route = recordId === null ? '/api/v1/issues' : `/api/v1/issues/${recordId}/${act}`;
  const key = randomUUID();
  await eventually(`the API takes ${route}`, async () => {
    const response = await fetch(`${product.url}${route}`, {
      method: 'POST', body: JSON.stringify(body), signal: AbortSignal.timeout(20_000),
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key, Authorization: `Bearer ${product.token}` },
    }).catch(() => undefined);
    if (!response || response.status === 503 || response.status === 429) return false;
    if (response.status > 202) throw new Error(`${route} was answered ${response.status} ${await response.text()}`);
    return true;
  }, 120_000);
  const commandId = commandIdOf({ personId: sponsorLead, route: act, recordId, key });
  const command = await eventually('the command is stored', () => storedCommand(product, commandId), 60_000);
  return { recordId: command.recordId, commandId };
}

/** The database is one of those that are killed: no answer is no answer. */
async function storedCommand({ fresh }: Product, id: string): Promise<CommandDoc | undefined> {
  return (await fresh.store.models.commands.findById(id).lean<CommandDoc>().catch(() => null)) ?? undefined;
}

/** Does something while a process stands still in the middle of whatever it did. */
async function whileHeld<T>(child: ManagedProcess, work: () => Promise<T>): Promise<T> {
  const { pid } = child;
  if (pid === undefined) throw new Error(`${child.spec.name} does not run`);
  process.kill(pid, 'SIGSTOP');
  try {
    return await work();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

/** Until every command is answered, both sides of every issue stand at level 2 and everybody is told. */
async function quiet(product: Product, ids: readonly string[]): Promise<void> {
  const { models } = product.fresh.store;
  await eventually('everything has caught up', async () => {
    const [open, behind, untold] = await Promise.all([
      models.commands.countDocuments({ status: 'received' }),
      models.records.find({ _id: { $in: [...ids] } }, { state: 1 }).lean<Pick<RecordDoc, 'state'>[]>(),
      models.steps.countDocuments({ effectsDone: false }),
    ]);
    const late = behind.filter((issue) => (issue.state as { tracks: { level: number }[] }).tracks.some((track) => track.level < 2));
    return open === 0 && late.length === 0 && untold === 0;
  }, 120_000);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });
