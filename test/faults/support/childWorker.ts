import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { pino } from 'pino';
import { openMail } from '../../../platform/mail';
import type { CommitRequest } from '../../../contracts/step';
import { instantOf } from '../../../contracts/instant';
import { actorInterceptors } from '../../../platform/clientInterceptors';
import { createDataConverter } from '../../../platform/dataConverter';
import { createAuthenticator } from '../../../platform/derivedKeys';
import { openKeyRing } from '../../../platform/keyRing';
import { openStore } from '../../../store/connection';
import { commandAuthenticator } from '../../support/committing';
import { createOversightWorker } from '../../../worker/compose';
import { CrashPlan, type CrashPoint } from './crashPoints';

/** What a worker in a process of its own is told. */
export interface WorkerPlan {
  readonly temporalAddress: string;
  readonly taskQueue: string;
  readonly mongodbUri: string;
  readonly smtpUrl: string;
  readonly keysFile: string;
  readonly bundle: string;
  /** Absent: it lives until it is killed. */
  readonly points?: readonly CrashPoint[];
  /** Its clock goes ahead of the machine's, ms. */
  readonly aheadMs?: number;
  readonly stickyTimeoutMs?: number;
}

async function main(plan: WorkerPlan): Promise<void> {
  Runtime.install({ logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: console.error }, shutdownSignals: [] });
  const connection = await NativeConnection.connect({ address: plan.temporalAddress });
  const client = new Client({
    connection: Connection.lazy({ address: plan.temporalAddress }), dataConverter: createDataConverter(openKeyRing(plan.keysFile)), interceptors: actorInterceptors,
  });
  const crash = new CrashPlan(plan.points ?? [], { die: () => { process.kill(process.pid, 'SIGKILL'); }, isDraining: (request) => isDraining(client, request) });
  intercept(crash);
  const { aheadMs = 0 } = plan;
  const worker = await createOversightWorker({
    connection, client, namespace: 'default', taskQueue: plan.taskQueue, ring: openKeyRing(plan.keysFile),
    store: crash.store(await openStore({ sealer: createAuthenticator(openKeyRing(plan.keysFile), 'audit-seal'), commandAuthenticator, uri: plan.mongodbUri })),
    mail: crash.mail(openMail({ url: plan.smtpUrl, from: 'oversight@example.org' })), publicUrl: 'http://oversight.example', logger: pino({ level: 'silent' }),
    bundle: { codePath: plan.bundle }, now: () => instantOf(Date.now() + aheadMs),
    ...(plan.stickyTimeoutMs !== undefined && { stickyTimeoutMs: plan.stickyTimeoutMs }),
  });
  const running = worker.run();
  process.on('message', (asked: 'stop' | 'what is missing?') => {
    if (asked === 'stop') worker.shutdown();
    else process.send?.(crash.missing);
  });
  process.send?.('polling');
  await running;
  process.exit(0);
}

/** A command is in progress, and the workflow task that asked for this commit was told that the history is long. */
async function isDraining(client: Client, { run }: CommitRequest): Promise<boolean> {
  const { events } = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
  return events?.findLast((event) => event.workflowTaskStartedEventAttributes)?.workflowTaskStartedEventAttributes?.suggestContinueAsNew === true;
}

/** The composition root takes no interceptors; the crash points come in between it and the SDK. */
function intercept(crash: CrashPlan): void {
  const create = Worker.create.bind(Worker);
  Worker.create = (options: WorkerOptions) => create({ ...options, interceptors: { activity: [() => ({ inbound: crash.interceptor() })] } });
}

function quiet(): void {
  // The tests look at records and letters.
}

// Without the test there is nobody to end this process.
process.once('disconnect', () => process.exit(1));
main(JSON.parse(process.argv[2] ?? '{}') as WorkerPlan).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
