import { temporal } from '@temporalio/proto';
import { createRunKeeper } from '../../platform/runKeeper';
import { carriedRecord } from '../../store/openRecords';
import { cleanups, ownTemporal } from '../faults/support/engines';
import { CRO, personOf, SPONSOR } from '../support/cast';
import { eventually, openWorld, workflowId, type World } from '../support/world';

const lead = personOf(SPONSOR, 'study_lead');
/** A new run after about two commands. */
const NEW_RUN_AFTER_EVENTS = 40;

describe('the order of a record under backlog', () => {
  const cleanup = cleanups();
  let world: World;
  beforeAll(async () => {
    const server = await ownTemporal({ 'limit.historyCount.suggestContinueAsNew': NEW_RUN_AFTER_EVENTS });
    cleanup.add(server.discard);
    world = await openWorld({ temporalAddress: server.engine.address });
    cleanup.add(() => world.close());
    await world.startWorker();
  });
  afterAll(cleanup.run);

  const ofRun = async (id: string) => {
    const { priorityKey, fairnessKey } = (await world.client.workflow.getHandle(workflowId(id)).describe()).priority ?? {};
    return { priorityKey, fairnessKey };
  };
  const ofLastActivity = async (id: string) => {
    const { events } = await world.client.workflow.getHandle(workflowId(id)).fetchHistory();
    const { priority } = events?.findLast((event) => event.activityTaskScheduledEventAttributes)?.activityTaskScheduledEventAttributes ?? {};
    return { priorityKey: priority?.priorityKey, fairnessKey: priority?.fairnessKey };
  };
  const comment = (id: string, text: string) => world.act(id, { act: 'comment', body: { text } }, lead);

  it('E2 follows the severity that the issue has now, through regrading, new runs and a rebuilt one', async () => {
    const id = await world.open({ severity: 'major' });
    const major = { priorityKey: 3, fairnessKey: CRO };
    expect([await ofRun(id), await ofLastActivity(id)]).toEqual([major, major]);

    await world.act(id, { act: 'regrade', body: { severity: 'critical', reason: 'a patient is concerned' } }, lead);
    const critical = { priorityKey: 1, fairnessKey: CRO };
    expect([await ofRun(id), await ofLastActivity(id)]).toEqual([critical, critical]);

    const handle = world.client.workflow.getHandle(workflowId(id));
    const { runId } = await handle.describe();
    await eventually('a new run', async () => {
      await comment(id, 'still waiting');
      return (await handle.describe()).runId !== runId;
    });
    await comment(id, 'in the new run');
    expect([await ofRun(id), await ofLastActivity(id)]).toEqual([critical, critical]);

    const carried = await carriedRecord(world.fresh.store, { recordId: id, reason: 'the run is lost' });
    if (!carried) throw new Error('there is no record');
    const runs = createRunKeeper(world.client, world.taskQueue);
    await runs.terminate(workflowId(id), 'the run is lost');
    await runs.rebuild('escalation', carried);
    await comment(id, 'in the rebuilt run');
    expect([await ofRun(id), await ofLastActivity(id)]).toEqual([critical, critical]);
  });

  it('the changed order is one event, and the run replays with it', async () => {
    const id = await world.open({ severity: 'minor' });
    await world.act(id, { act: 'regrade', body: { severity: 'major', reason: 'more sites' } }, lead);
    const { events } = await world.client.workflow.getHandle(workflowId(id)).fetchHistory();
    const changed = events?.filter((event) => event.eventType === temporal.api.enums.v1.EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED) ?? [];
    expect(changed).toHaveLength(1);
    await world.stopWorker();
    await world.startWorker();
    expect(await comment(id, 'after the replay')).toMatchObject({ answer: { recordId: id } });
  });
});
