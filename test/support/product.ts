import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { newToken } from '../../api/secrets';
import { instantOf, plusMs } from '../../contracts/instant';
import { TOKEN_SCOPES } from '../../contracts/people';
import { freePort } from '../../dev/engines/ports';
import { ManagedProcess } from '../../dev/process';
import { actorInterceptors, runAs } from '../../platform/clientInterceptors';
import { createDataConverter } from '../../platform/dataConverter';
import { openKeyRing } from '../../platform/keyRing';
import type { Store } from '../../store/connection';
import { storeCredential } from '../../store/credentials';
import { ensureSchedules } from '../../worker/schedules';
import { eventually } from './world';

const ROOT = path.join(__dirname, '../..');
const KEYS_FILE = path.join(__dirname, 'test-keys.json');
const READY_WITHIN_MS = 60_000;

/** Engines that are there, and how many processes of the product to run on them. */
export interface ProductPlan {
  readonly temporalAddress: string;
  readonly mongodbUri: string;
  readonly smtpUrl: string;
  readonly workers: number;
  readonly apis: number;
  /** Seconds between two sentinels; absent: none. Only on a Temporal server of one's own: it ends runs that it does not know. */
  readonly sentinelSeconds?: number;
}

/** One API process. */
export interface ApiProcess {
  readonly process: ManagedProcess;
  readonly url: string;
}

/** The product as processes of `dist/`, as production runs them. */
export interface ProductProcesses {
  readonly workers: readonly ManagedProcess[];
  readonly apis: readonly ApiProcess[];
  readonly client: Client;
  readonly taskQueue: string;
  /** Runs provisioning to its end; its exit code and what it said. */
  provision(mongodbAdminUri: string): Promise<{ readonly code: number | null; readonly said: string }>;
  stop(): Promise<void>;
}

/** Starts workers and APIs and waits until each API says that all is well. */
export async function startProduct(plan: ProductPlan): Promise<ProductProcesses> {
  const folder = mkdtempSync(path.join(tmpdir(), 'cro-product-'));
  const taskQueue = `product-${randomUUID()}`;
  const run = (script: string, name: string, over: Readonly<Record<string, string>> = {}): ManagedProcess => {
    const started = new ManagedProcess({
      name, command: process.execPath, args: [path.join(ROOT, 'dist', script)], cwd: ROOT, logFile: path.join(folder, `${name}.log`),
      env: {
        PATH: process.env['PATH'], MONGODB_URI: plan.mongodbUri, TEMPORAL_ADDRESS: plan.temporalAddress, TEMPORAL_TASK_QUEUE: taskQueue, SMTP_URL: plan.smtpUrl,
        MAIL_FROM: 'oversight@example.org', CRO_KEYS_FILE: KEYS_FILE, LOG_LEVEL: 'error', ...over,
      },
    });
    started.start();
    return started;
  };
  const workers = Array.from({ length: plan.workers }, (_, index) => run('worker/main.js', `worker-${index}`));
  const apis: ApiProcess[] = [];
  for (let index = 0; index < plan.apis; index += 1) {
    const port = await freePort();
    apis.push({ process: run('api/main.js', `api-${index}`, { PORT: String(port) }), url: `http://127.0.0.1:${port}` });
  }
  const connection = await Connection.connect({ address: plan.temporalAddress });
  const client = new Client({ connection, dataConverter: createDataConverter(openKeyRing(KEYS_FILE)), interceptors: actorInterceptors });
  const { sentinelSeconds } = plan;
  if (sentinelSeconds !== undefined) await runAs({ kind: 'system', name: 'provisioning', correlationId: taskQueue }, () => ensureSchedules(client, { taskQueue, sentinelSeconds }));
  const stop = async (): Promise<void> => {
    await connection.close();
    await Promise.all([...workers, ...apis.map((api) => api.process)].map((one) => one.kill()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await eventually('every process is ready', () => ready({ client, taskQueue, workers, apis }), READY_WITHIN_MS);
  } catch (error) {
    await stop();
    throw error;
  }
  const provision = async (mongodbAdminUri: string) => {
    const name = `provision-${randomUUID()}`;
    const { code } = await run('worker/provision.js', name, { MONGODB_ADMIN_URI: mongodbAdminUri, CRO_SENTINEL_SECONDS: String(sentinelSeconds ?? 60) }).ended;
    return { code, said: readFileSync(path.join(folder, `${name}.log`), 'utf8') };
  };
  return { workers, apis, client, taskQueue, provision, stop };
}

async function ready({ client, taskQueue, workers, apis }: Omit<ProductProcesses, 'stop' | 'provision'>): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({ namespace: 'default', taskQueue: { name: taskQueue }, taskQueueType: 1 });
  if (new Set(pollers.map((poller) => poller.identity)).size < workers.length) return false;
  const answers = await Promise.all(apis.map(async ({ url }) => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true));
  return answers.every(Boolean);
}

/** A bearer token for an hour, with every scope. */
export async function tokenFor(store: Store, personId: string): Promise<string> {
  const secret = newToken();
  const now = instantOf(Date.now());
  await storeCredential(store, secret, {
    publicId: randomUUID(), kind: 'token', personId, csrfToken: null, name: 'processes', scopes: TOKEN_SCOPES, createdAt: now, lastSeenAt: now, expiresAt: plusMs(now, 3_600_000), revokedAt: null,
  });
  return secret;
}

/** A request as clients send it; undefined when nobody answers. */
export async function send(url: string, request: { readonly token: string; readonly key: string; readonly body: object }): Promise<Response | undefined> {
  return fetch(url, {
    method: 'POST', body: JSON.stringify(request.body), signal: AbortSignal.timeout(20_000),
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': request.key, Authorization: `Bearer ${request.token}` },
  }).catch(() => undefined);
}
