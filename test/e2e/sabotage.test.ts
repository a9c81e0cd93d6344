import { randomUUID } from 'node:crypto';
import { Connection, type WorkflowService } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time';
import { temporal } from '@temporalio/proto';
import { CAPABILITIES, refusalStreamOf, workflowIdOf, type Capability } from '../../contracts/ids';
import { instantOf, plusMs } from '../../contracts/instant';
import { runAs } from '../../platform/clientInterceptors';
import { deliverCommand } from '../../store/commandDelivery';
import { bodyHashOf, findCommand, receiveCommand } from '../../store/commands';
import { cleanups, ownTemporal } from '../faults/support/engines';
import { CRO, SPONSOR } from '../support/cast';
import { ACTS, LEAD, openOne } from '../support/everyCapability';
import { putRow } from '../support/pathways';
import { verifyStore } from '../support/verified';
import { actorFor, eventually, openWorld, type World } from '../support/world';

const { CommandType, PendingActivityState } = temporal.api.enums.v1;
const namespace = 'default';
/** Beyond the sentinel's patience with what has just changed, ms. */
const AHEAD_MS = 60_000;
const NOBODYS_KEY: Payload = { metadata: { encoding: Buffer.from('binary/encrypted'), 'encryption-key-id': Buffer.from('nobody-has-it') }, data: Buffer.alloc(64) };
/** Those whose opening tells somebody; a control tells of what was missed. */
const TELLING: readonly Capability[] = ['escalation', 'drill', 'capa'];
const plain = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);

/** A run under attack, and what the attacker has: the port, and payloads of this very run, as one who stole its history has. */
interface Attack {
  readonly service: WorkflowService;
  readonly workflowId: string;
  /** Of the activity that waits. */
  readonly activityId: string;
  readonly stolen: (value: unknown) => Promise<Payload>;
}

interface Sabotage {
  /** While it waits, or while the run rests. */
  readonly during: 'commit' | 'performEffects' | 'rest';
  readonly attack: (attack: Attack) => Promise<unknown>;
  /** What the trail of each record says of it. */
  readonly said: string;
}

const completes = (result: (attack: Attack) => Payload | Promise<Payload>) => async (attack: Attack) =>
  attack.service.respondActivityTaskCompletedById({ namespace, workflowId: attack.workflowId, activityId: attack.activityId, result: { payloads: [await result(attack)] } });

/** What Temporal lets anybody do who reaches its port. */
const SABOTAGES: Readonly<Record<string, Sabotage>> = {
  'answers a commit with plain text': { during: 'commit', attack: completes(() => plain({ outcome: 'applied', rev: 2, armed: [] })), said: 'it was not encrypted with the key ring' },
  'answers a commit with the answer to another': { during: 'commit', attack: completes(({ stolen }) => stolen({ outcome: 'applied', rev: 2, armed: [], key: 'another' })), said: 'it is the answer to another step' },
  'answers a commit with a key that nobody has': { during: 'commit', attack: completes(() => NOBODYS_KEY), said: 'it was made with a key that the key ring does not hold' },
  'says that a commit was cancelled': {
    during: 'commit', said: 'no activity of ours fails for good',
    attack: ({ service, workflowId, activityId }) => service.respondActivityTaskFailedById({ namespace, workflowId, activityId, failure: { message: 'no', canceledFailureInfo: {} } }),
  },
  'says of effects that they need not be done, as it was said before': { during: 'performEffects', attack: completes(({ stolen }) => stolen([])), said: 'effects were said to be performed that were not' },
  'pauses effects': {
    during: 'performEffects', said: 'somebody paused what the run waits for',
    attack: async ({ service, workflowId, activityId }) => {
      await service.pauseActivity({ namespace, execution: { workflowId }, id: activityId, identity: 'attacker' });
      // One that is under way is let go on.
      await eventually('it is paused', async () => (await service.describeWorkflowExecution({ namespace, execution: { workflowId } })).pendingActivities.some(({ state }) => state === PendingActivityState.PENDING_ACTIVITY_STATE_PAUSED));
    },
  },
  'terminates a run': { during: 'rest', attack: ({ service, workflowId }) => service.terminateWorkflowExecution({ namespace, workflowExecution: { workflowId } }), said: 'somebody ended the run' },
};

/** Commands with which somebody completes a workflow task in a worker's place, and what is said of them. */
const IN_A_WORKERS_PLACE: Readonly<Record<string, { readonly command: (capability: Capability, queue: string) => temporal.api.command.v1.ICommand; readonly said: string }>> = {
  'ends a run as if its record were closed': {
    command: () => ({ commandType: CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION, completeWorkflowExecutionCommandAttributes: { result: { payloads: [plain(null)] } } }),
    said: 'somebody ended the run',
  },
  'lets a run go on from a state of their own': {
    command: (name, queue) => ({
      commandType: CommandType.COMMAND_TYPE_CONTINUE_AS_NEW_WORKFLOW_EXECUTION,
      continueAsNewWorkflowExecutionCommandAttributes: { workflowType: { name }, taskQueue: { name: queue }, input: { payloads: [plain({ recordId: 'x', carried: {} })] } },
    }),
    said: 'it was not encrypted with the key ring',
  },
  'lets a run ask for a commit of their own': {
    command: (_, queue) => ({
      commandType: CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK,
      scheduleActivityTaskCommandAttributes: { activityId: '99', activityType: { name: 'commit' }, taskQueue: { name: queue }, input: { payloads: [plain({})] }, startToCloseTimeout: msToTs('10 seconds') },
    }),
    said: 'it was not encrypted with the key ring',
  },
};

interface Victim {
  readonly sabotage: string;
  readonly capability: Capability;
  readonly id: string;
  readonly commandId: string;
  readonly workflowId: string;
}

describe('somebody reaches the port of the engine, which can keep nobody from stopping work', () => {
  const cleanup = cleanups();
  let world: World;
  let connection: Connection;
  let aheadMs = 0;
  const now = () => plusMs(instantOf(Date.now()), aheadMs);
  const victims: Victim[] = [];

  beforeAll(async () => {
    const server = await ownTemporal();
    cleanup.add(server.discard);
    world = await openWorld({ temporalAddress: server.engine.address, now, disposable: true });
    cleanup.add(() => world.close());
    connection = await Connection.connect({ address: server.engine.address });
    cleanup.add(() => connection.close());
    await world.startWorker();
    await putRow(world, {}, now());
    for (const sabotage of [...Object.keys(SABOTAGES), ...Object.keys(IN_A_WORKERS_PLACE)]) {
      if (SABOTAGES[sabotage]?.during !== 'performEffects') await openVictims(sabotage, CAPABILITIES);
    }
    await eventually('all are told of the openings', async () => (await world.fresh.store.models.steps.countDocuments({ effectsDone: false })) === 0);
    for (const sabotage of kindsOf('commit')) await sabotageCommits(sabotage);
    await sabotageEffects();
    for (const sabotage of kindsOf('rest')) await attackWhile(sabotage);
    await takeAWorkersPlace();
    await Promise.all(victims.filter(({ sabotage }) => SABOTAGES[sabotage]?.during !== 'commit').map((victim) => act(victim, 2000)));
    await eventually('the engine has tried what cannot be done', async () => {
      const tries = await Promise.all(victims.map(async ({ workflowId }) => (await describeRun(workflowId)).pendingWorkflowTask?.attempt ?? 0));
      return tries.every((tried) => tried === 0 || tried >= 3);
    }, 60_000);
    aheadMs = AHEAD_MS;
    // The second finds what the first could only begin: a run that was made anew answers after it.
    await sentinel();
    await sentinel();
  }, 180_000);
  afterAll(cleanup.run);

  const describeRun = async (workflowId: string) => (await world.client.workflow.getHandle(workflowId).describe()).raw;

  async function act({ capability, id, commandId }: Victim, withinMs: number): Promise<void> {
    const { store } = world.fresh;
    const { command } = await receiveCommand(store, { _id: commandId, capability, recordId: id, ...ACTS[capability], bodyHash: bodyHashOf(ACTS[capability].body), actor: actorFor(LEAD), receivedAt: now() });
    await deliverCommand({ store, send: world.send, now }, command, withinMs);
  }

  function sealedFor(workflowId: string): Attack['stolen'] {
    return async (value) => {
      const [codec] = world.client.options.loadedDataConverter.payloadCodecs;
      const [payload] = (await codec?.encode([plain(value)], { type: 'workflow', workflowId, namespace })) ?? [];
      return payload ?? {};
    };
  }

  async function openVictims(sabotage: string, capabilities: readonly Capability[]): Promise<void> {
    victims.push(...await Promise.all(capabilities.map(async (capability) => {
      const id = await openOne(world, capability);
      return { sabotage, capability, id, commandId: randomUUID(), workflowId: workflowIdOf(capability, id) };
    })));
  }

  const targets = (sabotage: string) => victims.filter((victim) => victim.sabotage === sabotage);
  const kindsOf = (during: Sabotage['during']) => Object.keys(SABOTAGES).filter((sabotage) => SABOTAGES[sabotage]?.during === during);

  async function attackWhile(sabotage: string): Promise<void> {
    const { during, attack } = SABOTAGES[sabotage] ?? {};
    await Promise.all(targets(sabotage).map(async ({ workflowId }) => {
      const waiting = async () => (await describeRun(workflowId)).pendingActivities?.find(({ activityType }) => activityType?.name === during)?.activityId ?? undefined;
      const activityId = during === 'rest' ? '' : await eventually(`${workflowId} waits`, waiting);
      await attack?.({ service: connection.workflowService, workflowId, activityId, stolen: sealedFor(workflowId) });
    }));
  }

  /** A few at a time: MongoDB ends a transaction of ten seconds. */
  async function sabotageCommits(sabotage: string): Promise<void> {
    const session = world.fresh.admin.client.startSession();
    session.startTransaction();
    await world.fresh.admin.main.collection<{ _id: string }>('records').updateMany({ _id: { $in: targets(sabotage).map(({ id }) => id) } }, { $set: { held: true } }, { session });
    const acting = targets(sabotage).map((victim) => act(victim, 3000));
    await attackWhile(sabotage);
    await session.abortTransaction();
    await session.endSession();
    await Promise.all(acting);
  }

  async function sabotageEffects(): Promise<void> {
    world.mailbox.refuseWith(451);
    for (const sabotage of kindsOf('performEffects')) {
      await openVictims(sabotage, TELLING);
      await attackWhile(sabotage);
    }
    world.mailbox.refuseWith(undefined);
  }

  async function takeAWorkersPlace(): Promise<void> {
    await world.stopWorker();
    const { workflowService: service } = connection;
    const waiting = new Map(victims.filter(({ sabotage }) => sabotage in IN_A_WORKERS_PLACE).map((victim) => [victim.workflowId, victim]));
    for (const workflowId of waiting.keys()) await service.signalWorkflowExecution({ namespace, workflowExecution: { workflowId }, signalName: 'wake', requestId: randomUUID() });
    while (waiting.size > 0) {
      const { taskToken, workflowExecution } = await connection.withDeadline(Date.now() + 60_000, () => service.pollWorkflowTaskQueue({ namespace, taskQueue: { name: world.taskQueue }, identity: 'attacker' }));
      const victim = waiting.get(workflowExecution?.workflowId ?? '');
      if (!victim) continue;
      const command = IN_A_WORKERS_PLACE[victim.sabotage]?.command(victim.capability, world.taskQueue);
      await service.respondWorkflowTaskCompleted({ namespace, taskToken, identity: 'attacker', commands: command ? [command] : [] });
      waiting.delete(victim.workflowId);
    }
    await world.startWorker();
  }

  async function sentinel(): Promise<void> {
    const workflowId = `sentinel-${randomUUID()}`;
    await runAs({ kind: 'system', name: 'housekeeping', correlationId: workflowId }, () => world.client.workflow.execute('sentinel', { taskQueue: world.taskQueue, workflowId }));
  }

  it.each([...Object.entries(SABOTAGES), ...Object.entries(IN_A_WORKERS_PLACE)])('P11 P12 %s: found, alarmed, and the honest act is done once, whatever the record is', async (sabotage, { said }) => {
    const { models } = world.fresh.store;
    for (const { id, capability, commandId } of targets(sabotage)) {
      const about = { sabotage, capability };
      const answer = await eventually(`${capability} is answered`, async () => (await findCommand(world.fresh.store, commandId))?.answer);
      expect({ ...about, status: answer.status }).toEqual({ ...about, status: 200 });
      expect({ ...about, steps: await models.steps.countDocuments({ recordId: id, act: ACTS[capability].act }) }).toEqual({ ...about, steps: 1 });
      await eventually(`everybody is told of ${capability}`, async () => (await models.steps.countDocuments({ recordId: id, effectsDone: false })) === 0);
      const trail = await eventually(`${capability} has it on the trail`, async () => {
        const entries = await models.audit.find({ streamId: refusalStreamOf(id) }).lean();
        return entries.length > 0 && entries;
      });
      expect({ ...about, trail }).toMatchObject({ ...about, trail: [{ action: 'forgery.refused', reason: expect.stringContaining(said) }] });
    }
  });

  it('P11 P12 nothing false stands in the record: every chain verifies, and both sides were alarmed once', async () => {
    expect(await verifyStore(world.fresh.store)).toMatchObject({ intact: true, findings: [] });
    const alarms = await world.fresh.store.models.records.find({ dedupeKey: /^forged-commands\// }, { raisingOrganisationId: 1 }).lean();
    expect(alarms.map(({ raisingOrganisationId }) => raisingOrganisationId).sort()).toEqual([CRO, SPONSOR].sort());
  });
});
