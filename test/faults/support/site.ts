import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import type { Delivery, SendableCommand } from '../../../contracts/command';
import { STATE_QUERY, type RunState } from '../../../contracts/entity';
import type { PersonCommand } from '../../../contracts/escalation';
import { workflowIdOf } from '../../../contracts/ids';
import { instantOf } from '../../../contracts/instant';
import type { Policy } from '../../../contracts/policy';
import { actorInterceptors, runAs } from '../../../platform/clientInterceptors';
import { createCommandSender } from '../../../platform/commandGateway';
import { createDataConverter } from '../../../platform/dataConverter';
import { openKeyRing } from '../../../platform/keyRing';
import { deliverCommand, type Delivered, type DeliveryDeps } from '../../../store/commandDelivery';
import { resendUnanswered } from '../../../store/commandResending';
import { bodyHashOf, findCommand, jsonOf, receiveCommand } from '../../../store/commands';
import type { Store } from '../../../store/connection';
import type { CommandDoc, RecordDoc } from '../../../store/schemas/records';
import { seedCast } from '../../support/cast';
import { engines } from '../../support/engines';
import { openMailbox, type Mailbox } from '../../support/letters';
import { freshStore } from '../../support/mongo';
import { actorFor, eventually, openingCommand, policyOf } from '../../support/world';
import { startCallerProcess, startWorkerProcess, type CallerProcess, type Child, type WorkerProcess } from './children';
import type { WorkerPlan } from './childWorker';

/** A site whose worker is a process of its own: records, mail server, task queue and the sender that the API would be. */
export interface Site {
  readonly store: Store;
  readonly mailbox: Mailbox;
  readonly client: Client;
  readonly taskQueue: string;
  /** Starts a worker in a process of its own; `close` ends it if it still runs. */
  startWorker(over?: Partial<WorkerPlan>): Promise<WorkerProcess>;
  startCaller(): Promise<CallerProcess>;
  /** Stores a command and sends it, as the API does. */
  order(command: SendableCommand, withinMs?: number): Promise<Delivered>;
  /** Sends a command that is stored already; what the workflow says, not what is stored. */
  sendAgain(command: SendableCommand): Promise<Delivery>;
  /** Opens an issue; its record id. */
  open(policy: Policy): Promise<string>;
  /** Sends commands without an answer again until all have one. */
  settleCommands(withinMs?: number): Promise<void>;
  /** Runs the sentinel once, as its Schedule does. */
  sentinel(): Promise<void>;
  /** The revision that the record's run knows; undefined when none runs. */
  revInRun(recordId: string): Promise<number | undefined>;
  command(id: string): Promise<CommandDoc>;
  issue(recordId: string): Promise<RecordDoc>;
  /** Stores a command without sending it. */
  keep(command: SendableCommand): Promise<void>;
  close(): Promise<void>;
}

const KEYS_FILE = path.join(__dirname, '../../support/test-keys.json');
const OPEN_WITHIN_MS = 30_000;

export async function openSite(options: { temporalAddress: string; mongodbAdminUri?: string }): Promise<Site> {
  const address = options.temporalAddress;
  const fresh = await freshStore(options.mongodbAdminUri);
  const { store } = fresh;
  await seedCast(store);
  const mailbox = await openMailbox();
  const taskQueue = `faults-${randomUUID()}`;
  const { client, connection } = await clientOf(address);
  const deps: DeliveryDeps = { store, send: createCommandSender({ client, taskQueue }), now: () => instantOf(Date.now()) };
  const plan: WorkerPlan = { temporalAddress: address, taskQueue, mongodbUri: fresh.uri, smtpUrl: mailbox.url, keysFile: KEYS_FILE, bundle: engines.bundle };
  const children: Child[] = [];
  const child = <T extends Child>(started: T): T => {
    children.push(started);
    return started;
  };
  return {
    store, mailbox, client, taskQueue,
    startWorker: async (over = {}) => child(await startWorkerProcess({ ...plan, ...over })),
    startCaller: async () => child(await startCallerProcess(plan)),
    order: (command, withinMs = OPEN_WITHIN_MS) => order(deps, command, withinMs),
    sendAgain: async (command) => deps.send((await findCommand(store, command._id)) ?? command, OPEN_WITHIN_MS),
    async open(policy) {
      const command = openingCommand({ policy });
      const delivered = await order(deps, command, OPEN_WITHIN_MS);
      if (delivered.outcome === 'pending' || delivered.answer.status !== 201) throw new Error(`the opening came out as ${JSON.stringify(delivered)}`);
      return command.recordId;
    },
    async settleCommands(withinMs = 60_000) {
      await eventually('every command has an answer', async () => {
        await resendUnanswered(deps, { olderThanMs: -60_000 });
        return (await store.models.commands.countDocuments({ status: 'received' })) === 0;
      }, withinMs);
    },
    async sentinel() {
      const workflowId = `sentinel-${randomUUID()}`;
      await runAs({ kind: 'system', name: 'housekeeping', correlationId: workflowId }, () => client.workflow.execute('sentinel', { taskQueue, workflowId }));
    },
    async revInRun(recordId) {
      const handle = client.workflow.getHandle(workflowIdOf('escalation', recordId));
      const running = await handle.describe().then(({ status }) => status.name === 'RUNNING', (error: unknown) => !(error instanceof WorkflowNotFoundError));
      return running ? (await handle.query<RunState>(STATE_QUERY)).rev : undefined;
    },
    async command(id) {
      const found = await findCommand(store, id);
      if (!found) throw new Error(`no command ${id}`);
      return found;
    },
    async issue(recordId) {
      const doc = await store.models.records.findById(recordId).lean<RecordDoc>();
      if (!doc) throw new Error(`no issue ${recordId}`);
      return doc;
    },
    keep: async (command) => { await keep(deps, command); },
    async close() {
      await Promise.all(children.map((one) => one.kill()));
      await connection.close();
      await mailbox.close();
      await fresh.drop();
    },
  };
}

async function clientOf(address: string): Promise<{ client: Client; connection: Connection }> {
  const connection = await Connection.connect({ address });
  return { connection, client: new Client({ connection, dataConverter: createDataConverter(openKeyRing(KEYS_FILE)), interceptors: actorInterceptors }) };
}

async function order(deps: DeliveryDeps, command: SendableCommand, withinMs: number): Promise<Delivered> {
  return deliverCommand(deps, await keep(deps, command), withinMs);
}

async function keep({ store, now }: DeliveryDeps, command: SendableCommand): Promise<CommandDoc> {
  return (await receiveCommand(store, { ...command, bodyHash: bodyHashOf(command.body), receivedAt: now() })).command;
}

/** A person's command, as the API would store it. */
export function commandOf(recordId: string, by: string, { act, body }: PersonCommand): SendableCommand {
  return { _id: randomUUID(), capability: 'escalation', recordId, act, body: jsonOf(body), actor: actorFor(by) };
}

/** A ladder whose levels last these many seconds each; the last number goes for the levels that follow. */
export function ladderOfSeconds(...levels: readonly [number, ...number[]]): Policy {
  const last = levels.at(-1) ?? 3600;
  return policyOf('demo', (policy) => {
    const quick = (ladder: Policy['ladders']['major']) => ({
      ...ladder, progressWithin: { kind: 'calendar' as const, ms: 3_600_000 },
      levels: ladder.levels.map((level, index) => ({ ...level, acknowledgeWithin: { kind: 'calendar' as const, ms: (levels[index] ?? last) * 1000 } })),
    });
    const { critical, major, minor } = policy.ladders;
    return { ...policy, ladders: { critical: quick(critical), major: quick(major), minor: quick(minor) } };
  });
}

/** Nothing lapses by itself within a test. */
export const CALM = ladderOfSeconds(3600);
