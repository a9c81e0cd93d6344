import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { CommandInput } from '../../contracts/entity';
import { CAPABILITIES, refusalStreamOf, workflowIdOf, type Capability } from '../../contracts/ids';
import { instantOf } from '../../contracts/instant';
import { actorInterceptors, runAs } from '../../platform/clientInterceptors';
import { CRO, personOf, SPONSOR } from '../support/cast';
import { engines } from '../support/engines';
import { ACTS, LEAD, openOne } from '../support/everyCapability';
import { putRow } from '../support/pathways';
import { actorFor, eventually, openWorld, type World } from '../support/world';

const now = () => instantOf(Date.now());

/** What somebody at the port knows besides its address. */
type Attacker = 'with the address alone' | 'with a stolen payload' | 'who reads the database too';

describe('somebody reaches the port of the engine without the key ring', () => {
  let world: World;
  let connection: Connection;
  const ids = {} as Record<Capability, string>;
  let stolen: Payload;

  beforeAll(async () => {
    world = await openWorld();
    await world.startWorker();
    await putRow(world, {}, now());
    // Who runs the installation is told too.
    await world.fresh.store.models.memberships.updateOne({ personId: personOf(CRO, 'executive') }, { $set: { role: 'instance_admin' } });
    for (const capability of CAPABILITIES) ids[capability] = await openOne(world, capability);
    connection = await Connection.connect({ address: engines.temporalAddress });
    // Of another issue: somebody took it from a backup of the engine.
    const other = await world.open();
    await world.act(other, { act: 'comment', body: { text: 'mine' } }, LEAD);
    const { events } = await world.client.workflow.getHandle(workflowIdOf('escalation', other)).fetchHistory();
    const accepted = events?.findLast((event) => event.workflowExecutionUpdateAcceptedEventAttributes)?.workflowExecutionUpdateAcceptedEventAttributes;
    stolen = accepted?.acceptedRequest?.input?.args?.payloads?.[0] ?? {};
    expect(stolen.metadata?.['sealed-for']).toBeDefined();
  });
  afterAll(async () => {
    await (connection as Connection | undefined)?.close();
    await world.close();
  });

  const clientOf = (attacker: Attacker): Client => new Client({
    connection, interceptors: actorInterceptors,
    ...(attacker === 'with a stolen payload' && { dataConverter: { payloadCodecs: [{ encode: async (payloads) => Promise.resolve(payloads.map(() => stolen)), decode: async (payloads) => Promise.resolve(payloads) }] } }),
  });
  const statuses = () => Promise.all(CAPABILITIES.map(async (capability) => (await world.issue(ids[capability])).status));
  const forgeries = async (recordId: string) => (await world.fresh.store.models.audit.find({ streamId: refusalStreamOf(recordId), action: 'forgery.refused' }).lean());

  describe.each<Attacker>(['with the address alone', 'with a stolen payload', 'who reads the database too'])('%s', (attacker) => {
    it.each(CAPABILITIES)('P11 P12 starts, updates, signals and completes no %s', async (capability) => {
      const before = await statuses();
      const client = clientOf(attacker);
      const { act, body } = ACTS[capability];
      const actor = actorFor(LEAD);
      const commandId = randomUUID();
      const [known] = await world.fresh.store.models.commands.find({ capability }).lean();
      const vouched = attacker === 'who reads the database too' && known?.authenticator ? { vouched: { commandId, actor, authenticator: known.authenticator } } : {};
      const input = { act, body, ...vouched } as unknown as CommandInput;
      const workflowId = workflowIdOf(capability, ids[capability]);
      await expect(runAs(actor, () => client.workflow.getHandle(workflowId).executeUpdate<unknown, [CommandInput]>('command', { args: [input], updateId: commandId }))).rejects.toThrow();
      await runAs(actor, () => client.workflow.getHandle(workflowId).signal('command', input));
      const forged = workflowIdOf(capability, randomUUID());
      const started = await runAs(actor, () => client.workflow.start(capability, { taskQueue: world.taskQueue, workflowId: forged, args: [known?.opening ?? { recordId: forged.split('/')[1] }] as never }));
      await eventually('the forged run is over', async () => (await started.describe()).status.name === 'FAILED');
      expect(await world.fresh.store.models.records.countDocuments({ _id: forged.split('/')[1] ?? '' })).toBe(0);
      expect(await statuses()).toEqual(before);
      expect(await world.fresh.store.models.steps.countDocuments({ $or: [{ key: commandId }, { act }] })).toBe(0);
      await eventually('it is on the trail of the record', async () => (await forgeries(ids[capability])).length > 0);
    });
  });

  it('P11 P12 nor does an answer given in a worker\'s place count: the honest act goes on, and is done once', async () => {
    const id = ids.escalation;
    const workflowId = workflowIdOf('escalation', id);
    const session = world.fresh.admin.client.startSession();
    session.startTransaction();
    await world.fresh.admin.main.collection<{ _id: string }>('records').updateOne({ _id: id }, { $set: { held: true } }, { session });
    const rev = (await world.issue(id)).rev;
    const answer = world.act(id, { act: 'comment', body: { text: 'honest' } }, LEAD);
    const activityId = await eventually('its commit waits', async () => (await world.client.workflow.getHandle(workflowId).describe()).raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'commit')?.activityId ?? undefined);
    const lie = defaultPayloadConverter.toPayload({ outcome: 'applied', rev: rev + 1, armed: [] });
    await world.client.workflowService.respondActivityTaskCompletedById({ namespace: 'default', workflowId, activityId, result: { payloads: [lie] } });
    await session.abortTransaction();
    await session.endSession();
    expect(await answer).toMatchObject({ answer: { rev: rev + 1 } });
    expect(await world.issue(id)).toMatchObject({ rev: rev + 1 });
    expect(await world.fresh.store.models.steps.countDocuments({ recordId: id, rev: rev + 1, act: 'comment' })).toBe(1);
  });

  it('P12 those whom it concerns are told by one issue each, however often it was tried', async () => {
    const alarms = () => world.fresh.store.models.records.find({ dedupeKey: /^forged-commands\// }, { raisingOrganisationId: 1 }).lean();
    await eventually('both sides have one', async () => (await alarms()).length === 2);
    const client = clientOf('with the address alone');
    const tries = Array.from({ length: 40 }, () => runAs(actorFor(LEAD), () => client.workflow.getHandle(workflowIdOf('escalation', ids.escalation)).executeUpdate('command', { args: [{}], updateId: randomUUID() })).catch(() => undefined));
    await Promise.all(tries);
    expect((await alarms()).map(({ raisingOrganisationId }) => raisingOrganisationId).sort()).toEqual([CRO, SPONSOR].sort());
    // One for each process and hour; what came between is counted.
    expect(await forgeries(ids.escalation)).toHaveLength(1);
  });
});
