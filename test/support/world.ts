import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { openMail } from '../../platform/mail';
import type { PersonActor } from '../../contracts/actor';
import type { WebhookSender } from '../../contracts/channels';
import type { Delivery, SendableCommand, SendCommand } from '../../contracts/command';
import type { EscalationOpening, PersonCommand } from '../../contracts/escalation';
import { workflowIdOf } from '../../contracts/ids';
import { instantOf, type Instant } from '../../contracts/instant';
import type { Policy } from '../../contracts/policy';
import { DEFAULT_POLICIES } from '../../domain/escalation/defaults';
import { actorInterceptors } from '../../platform/clientInterceptors';
import { createCommandSender } from '../../platform/commandGateway';
import { createDataConverter } from '../../platform/dataConverter';
import { openKeyRing } from '../../platform/keyRing';
import { vouchFor } from '../../store/commandAuthenticity';
import { bodyHashOf } from '../../store/commands';
import type { Store } from '../../store/connection';
import type { RecordDoc } from '../../store/schemas/records';
import { createOversightWorker } from '../../worker/compose';
import type { OversightWorker } from '../../worker/pair';
import { CRO, personOf, seedCast, SPONSOR, STUDY } from './cast';
import { engines } from './engines';
import { openMailbox, type Mailbox } from './letters';
import { freshStore, type FreshStore } from './mongo';

const quiet = pino({ level: 'silent' });
const ANSWER_WITHIN_MS = 10_000;
/** gRPC NOT_FOUND. */
const NOT_THERE = new Set([5]);
let runtimeInstalled = false;

/** Real engines, a worker in this process, a store and a task queue of its own. */
export interface World {
  readonly fresh: FreshStore;
  readonly client: Client;
  readonly mailbox: Mailbox;
  readonly taskQueue: string;
  readonly keysFile: string;
  startWorker(): Promise<void>;
  stopWorker(): Promise<void>;
  /** What the API and the re-sending send stored commands with. */
  readonly send: SendCommand;
  /** Sends an opening and waits for its answer; the policy defaults to `demo`. */
  open(opening?: Partial<Opened>): Promise<string>;
  act(recordId: string, command: PersonCommand, by: string): Promise<Delivery>;
  issue(recordId: string): Promise<RecordDoc>;
  close(): Promise<void>;
}

interface Opened {
  readonly policy: Policy;
  readonly raising: string;
  readonly accountable: string;
  readonly severity: 'critical' | 'major' | 'minor';
  readonly topic: string;
  readonly by: string;
  readonly dedupeKey: string;
}

export const policyOf = (key: string, change: (policy: Policy) => Policy = (policy) => policy): Policy => {
  const policy = DEFAULT_POLICIES.find((one) => one.key === key);
  if (!policy) throw new Error(`no policy ${key}`);
  return change(structuredClone(policy));
};

export function actorFor(personId: string): PersonActor {
  const [organisationId = '', role = ''] = personId.split('/');
  return { kind: 'person', personId, organisationId, role, correlationId: randomUUID() };
}

/** Makes Temporal's runtime quiet, once per process; before anything else of it is used. */
export function installRuntime(): void {
  const silent = () => undefined;
  if (!runtimeInstalled) Runtime.install({ logger: { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent }, shutdownSignals: [] });
  runtimeInstalled = true;
}

interface WorldOptions {
  /** Where signed messages may go; public addresses when absent. */
  readonly webhooks?: WebhookSender;
  /** A Temporal server of the test's own; the run's when absent. */
  readonly temporalAddress?: string;
  readonly maxCachedWorkflows?: number;
  /** Commits at a time, and effects. */
  readonly activitySlots?: number;
  /** The product's clock where it is not the workflow's; the wall clock when absent. */
  readonly now?: () => Instant;
  /** The server dies with the test, so that nothing needs to be terminated. */
  readonly disposable?: boolean;
}

/** A world on the run's engines, or on an address of one's own. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  installRuntime();
  const address = options.temporalAddress ?? engines.temporalAddress;
  const keysFile = path.join(__dirname, 'test-keys.json');
  const ring = openKeyRing(keysFile);
  const fresh = await freshStore();
  await seedCast(fresh.store);
  const mailbox = await openMailbox();
  const taskQueue = `test-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const client = new Client({ connection, dataConverter: createDataConverter(ring), interceptors: actorInterceptors });
  const mail = openMail({ url: mailbox.url, from: 'oversight@example.org' });
  const sender = createCommandSender({ client, taskQueue });
  const send: SendCommand = async (command, withinMs) => sender(command.authenticator ? command : await stored(fresh.store, command), withinMs);
  let running: { worker: OversightWorker; done: Promise<void> } | undefined;

  const stopWorker = async () => {
    if (!running) return;
    running.worker.shutdown();
    await running.done;
    running = undefined;
  };
  return {
    fresh, client, mailbox, taskQueue, keysFile, send, stopWorker,
    async startWorker() {
      const worker = await createOversightWorker({
        connection: native, namespace: 'default', taskQueue, client, store: fresh.store, ring, mail, publicUrl: 'http://oversight.example', logger: quiet,
        bundle: { codePath: engines.bundle }, ...(options.maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows: options.maxCachedWorkflows }),
        ...(options.activitySlots !== undefined && { activitySlots: options.activitySlots }),
        ...(options.now && { now: options.now }), ...(options.webhooks && { webhooks: options.webhooks }),
      });
      running = { worker, done: worker.run() };
    },
    async open(opening = {}) {
      const command = openingCommand(opening);
      const delivery = await send(command, 20_000);
      if (typeof delivery === 'string') throw new Error(`the opening is ${delivery}`);
      return command.recordId;
    },
    act: (recordId, { act, body }, by) =>
      send({ _id: randomUUID(), capability: 'escalation', recordId, act, body: { ...body } as never, actor: actorFor(by) }, ANSWER_WITHIN_MS),
    async issue(recordId) {
      const doc = await fresh.store.models.records.findById(recordId).lean<RecordDoc>();
      if (!doc) throw new Error(`no issue ${recordId}`);
      return doc;
    },
    async close() {
      if (!options.disposable) await terminateRuns(client, taskQueue);
      await stopWorker();
      mail.close();
      await native.close();
      await connection.close();
      await mailbox.close();
      await fresh.drop();
    },
  };
}

/** As the API stores it, and answered, so that no sentinel of a test sends it again. */
async function stored(store: Store, command: SendableCommand): Promise<SendableCommand> {
  const kept = vouchFor(store, { ...command, bodyHash: bodyHashOf(command.body) });
  await store.models.commands.insertOne({ ...kept, status: 'answered', answer: { status: 200, body: null }, receivedAt: instantOf(Date.now()), attempts: 0 });
  return kept;
}

async function terminateRuns(client: Client, taskQueue: string): Promise<void> {
  for await (const run of client.workflow.list({ query: `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running'` })) {
    try {
      await client.workflowService.terminateWorkflowExecution({ namespace: 'default', workflowExecution: { workflowId: run.workflowId } });
    } catch (error) {
      // Visibility lags: a run that it lists may have ended.
      if (!isGrpcServiceError(error) || !NOT_THERE.has(error.code)) throw error;
    }
  }
}

/** A stored opening, as the API would make it. */
export function openingCommand(opened: Partial<Opened> = {}): SendableCommand {
  const { policy = policyOf('demo'), raising = SPONSOR, accountable = CRO, severity = 'major', topic = 'demo', dedupeKey } = opened;
  const actor = actorFor(opened.by ?? personOf(raising, 'study_lead'));
  const recordId = randomUUID();
  const opening: EscalationOpening = {
    id: recordId, number: `ISS-${recordId.slice(0, 8)}`, policy, matrixVersion: null, raisedBy: actor.personId,
    request: { topic, severity, studyId: STUDY, raisingOrganisationId: raising, accountableOrganisationId: accountable, ...(dedupeKey === undefined ? {} : { dedupeKey }) },
  };
  const _id = randomUUID();
  return {
    _id, capability: 'escalation', recordId, act: 'open', body: {}, actor,
    opening: JSON.parse(JSON.stringify({ recordId, opening, content: { title: 'A title', description: 'A description' }, openKey: _id, actor })) as never,
  };
}

export const workflowId = (recordId: string): string => workflowIdOf('escalation', recordId);

/** Waits until `ask` answers something, asking every 50 ms; fails with what it waited for. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined | false>, withinMs = 20_000): Promise<T> {
  const until = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > until) throw new Error(`waited ${withinMs} ms for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
