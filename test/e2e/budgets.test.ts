import { seconds } from '../../contracts/spans';
import type { Role } from '../../contracts/people';
import type { Policy } from '../../contracts/policy';
import { createTemporalGateway } from '../../api/temporalGateway';
import { openKeyRing } from '../../platform/keyRing';
import { createPayloadCodec } from '../../platform/payloadCodec';
import { CRO, personOf, SPONSOR } from '../support/cast';
import { watchCommands, type DriverCommand } from '../support/driverCommands';
import { eventCountOf, type EventCount } from '../support/eventCount';
import { issueBody, issuesApi } from '../support/issuesApi';
import { unwarned } from '../support/story';
import { eventually, openWorld, workflowId, type World } from '../support/world';

/** `ours` as measured, so that growth is a decision; `all` as promised (docs/architecture.md). */
const EVENTS: Readonly<Record<'oneTrack' | 'twoTracks', EventCount>> = { oneTrack: { ours: 50, all: 100 }, twoTracks: { ours: 65, all: 140 } };
/** From authentication to answer, effects apart. */
const COMMANDS = { act: 12, open: 12 };

const cro = (role: Role): string => personOf(CRO, role);
const sponsor = (role: Role): string => personOf(SPONSOR, role);

describe('budgets', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
    await world.startWorker();
    await doubleTheLevels(world);
  });
  afterAll(() => world.close());

  /** Between two acts, so that no two share a workflow task: the longest history that a story can have. */
  const settled = async (id: string) => {
    await eventually('effects are done', async () => (await world.fresh.store.models.steps.countDocuments({ recordId: id, effectsDone: false })) === 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
  };
  const eventsOf = async (id: string) => {
    const handle = world.client.workflow.getHandle(workflowId(id));
    await eventually('the run is over', async () => (await handle.describe()).status.name === 'COMPLETED');
    return eventCountOf(await handle.fetchHistory());
  };
  const story = async (sides: { raising: string; accountable: string }) => {
    const id = await world.open({ ...sides, policy: quick() });
    await eventually('level 2', async () => (await world.issue(id)).level === 2);
    const acknowledging = sides.raising === sides.accountable ? [cro('study_lead')] : [cro('study_lead'), sponsor('study_lead')];
    for (const person of acknowledging) {
      await settled(id);
      await world.act(id, { act: 'acknowledge', body: {} }, person);
    }
    await settled(id);
    await world.act(id, { act: 'resolve', body: { resolution: 'done' } }, cro('study_lead'));
    await settled(id);
    await world.act(id, { act: 'confirm', body: {} }, sides.raising === CRO ? cro('quality_head') : sponsor('study_lead'));
    expect(await world.fresh.store.models.notices.countDocuments({ recordId: id, level: 1, status: 'told' })).toBe(2 * acknowledging.length);
    return eventsOf(id);
  };

  it('history events of an issue with one track, two recipients a level, from opening over level 2 to closed', async () => {
    expectWithin(await story({ raising: CRO, accountable: CRO }), EVENTS.oneTrack);
  });

  it('history events of an issue with two tracks', async () => {
    expectWithin(await story({ raising: SPONSOR, accountable: CRO }), EVENTS.twoTracks);
  });

  it('MongoDB commands of an accepted command, from authentication to answer, effects apart', async () => {
    const gateway = createTemporalGateway({ client: world.client, taskQueue: world.taskQueue, codec: createPayloadCodec(openKeyRing(world.keysFile)) });
    const api = issuesApi(world.fresh.store, gateway);
    const lead = await api.as(sponsor('study_lead'));
    const manager = await api.as(cro('study_lead'));
    // What a process reads once, like calendar versions, is read before the counting.
    await lead.post('/issues', issueBody());
    const counted = async (send: () => Promise<{ status: number; body: unknown }>) => {
      const watch = watchCommands(world.fresh.store);
      const { status, body } = await send();
      watch.stop();
      expect([200, 201]).toContain(status);
      return { id: (body as { id: string }).id, commands: watch.seen.filter(({ activity }) => activity !== 'performEffects') };
    };
    const opened = await counted(() => lead.post('/issues', issueBody()));
    await settled(opened.id);
    const acknowledged = await counted(() => manager.post(`/issues/${opened.id}/acknowledge`, {}));
    await settled(opened.id);
    const resolved = await counted(() => manager.post(`/issues/${opened.id}/resolve`, { resolution: 'done' }));
    expectAtMost(opened.commands, COMMANDS.open);
    expectAtMost(acknowledged.commands, COMMANDS.act);
    expectAtMost(resolved.commands, COMMANDS.act);
  });
});

function expectWithin(events: EventCount, bound: EventCount): void {
  expect(events.ours).toBeLessThanOrEqual(bound.ours);
  expect(events.all).toBeLessThanOrEqual(bound.all);
}

/** A failure lists the commands. */
function expectAtMost(commands: readonly DriverCommand[], bound: number): void {
  const listed = commands.map(({ name, collection, activity }) => `${activity ?? 'api'}: ${name} ${collection}`);
  expect(listed.slice(0, 3)).toEqual(expect.arrayContaining(['api: aggregate credentials']));
  expect(listed.length > bound ? listed : []).toEqual([]);
}

/** One second at level 1, then far away; never a warning. */
function quick(): Policy {
  const policy = unwarned('demo');
  const { major } = policy.ladders;
  const levels = major.levels.map((level, index) => ({ ...level, acknowledgeWithin: seconds(index === 0 ? 1 : 600) }));
  return { ...policy, ladders: { ...policy.ladders, major: { ...major, levels, progressWithin: seconds(600) } } };
}

/** A second person at levels 1 and 2 of both sides. */
async function doubleTheLevels(world: World): Promise<void> {
  const { memberships } = world.fresh.store.models;
  for (const organisationId of [CRO, SPONSOR]) {
    for (const role of ['project_manager', 'study_lead'] as const) {
      const first = await memberships.findById(`m/${personOf(organisationId, role)}`).lean();
      await memberships.create([{ ...first, _id: `m/second/${organisationId}/${role}`, personId: personOf(organisationId, 'contributor') }] as never);
    }
  }
}
