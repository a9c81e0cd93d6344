import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { freePort } from '../../dev/engines/ports';
import type { Mongod } from '../../dev/engines/mongod';
import type { Temporal } from '../../dev/engines/temporal';
import { ManagedProcess } from '../../dev/process';
import { instantOf, plusMs } from '../../contracts/instant';
import { TOKEN_SCOPES } from '../../contracts/people';
import { newToken } from '../../api/secrets';
import { actorInterceptors, runAs } from '../../platform/clientInterceptors';
import { createDataConverter } from '../../platform/dataConverter';
import { openKeyRing } from '../../platform/keyRing';
import { commandIdOf } from '../../store/commands';
import { storeCredential } from '../../store/credentials';
import type { CommandDoc, RecordDoc, StepDoc } from '../../store/schemas/records';
import { verifyStore } from '../../store/verify';
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
const TOPIC = 'kill';
/** Long enough that the first levels lapse while processes are being killed. */
const LEVEL_ONE_S = 45;
const DOWN_MS = 3000;
/** The issue asks for thirty seconds without MongoDB. */
const MONGODB_DOWN_MS = 30_000;

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

  beforeAll(async () => {
    product = await startProduct(cleanup);
    issues = await openIssues(product);
    const stream = commentAllTheWhile(product, issues);
    await killAndRevive(product.worker);
    await killAndRevive(product.api);
    await product.temporal.engine.process.kill();
    await pause(DOWN_MS);
    await startAgain(product.temporal.engine);
    await product.mongod.engine.process.kill();
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

  it('E2, E6 every level 2 was told, once; a letter came twice only where the crash fell between send and receipt', async () => {
    const { notices } = product.fresh.store.models;
    const told = await notices.find({ level: 2, reason: 'level' }, { recordId: 1, side: 1, status: 1, messageId: 1, possiblyRepeated: 1 }).lean();
    expect(told.filter((notice) => notice.status !== 'told')).toEqual([]);
    expect(told.map((notice) => `${notice.recordId}/${String(notice.side)}`).toSorted()).toEqual(issues.flatMap((id) => [`${id}/accountable`, `${id}/raising`]).toSorted());
    const marked = new Set((await notices.find({ possiblyRepeated: true }, { messageId: 1 }).lean()).map((notice) => notice.messageId));
    const seen = new Set<string>();
    const unmarked = product.mailbox.letters.filter(({ messageId }) => {
      const repeated = seen.has(messageId) && !marked.has(messageId);
      seen.add(messageId);
      return repeated;
    });
    expect(unmarked).toEqual([]);
  });

  it('E6 deadlines that fell into an outage are recorded as late', async () => {
    const lapses = await product.fresh.store.models.steps.find({ act: 'lapse' }, { ended: 1 }).lean<Pick<StepDoc, 'ended'>[]>();
    const fired = lapses.flatMap((step) => step.ended).filter((ended) => ended.outcome === 'fired');
    expect(fired).toHaveLength(OPEN_ISSUES * 2);
    const late = fired.filter((ended) => ended.lateByMs > 2000);
    expect(late.length).toBeGreaterThan(0);
    for (const ended of fired) expect(ended.lateByMs).toBe(Date.parse(ended.at) - Date.parse(ended.due));
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

async function killAndRevive(child: ManagedProcess): Promise<void> {
  await child.kill();
  await pause(DOWN_MS);
  child.start();
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
