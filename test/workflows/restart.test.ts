import type { StepDoc } from '../../store/schemas/records';
import { CRO, personOf } from '../support/cast';
import { entriesOf, firedOf, toldOf, unwarned } from '../support/story';
import { hashRecord } from '../support/trailOfPlaced';
import { openSkippingWorld, type SkippingWorld } from '../support/timeSkipping';

/** Everybody works in Zurich (winter: UTC+1), Monday to Friday, 09:00 to 17:30, without holidays. */
describe('timers and workers', () => {
  let world: SkippingWorld;
  beforeAll(async () => {
    // Nothing is cached: every wake-up replays from history.
    world = await openSkippingWorld({ maxCachedWorkflows: 0 });
    await world.startWorker();
    await world.until('2040-02-10T15:30:00.000Z'); // Friday, 16:30
  });
  afterAll(() => world.close());

  const inside = { raising: CRO, accountable: CRO, policy: unwarned('default') };

  it('E6 a worker that is replaced while business time is paused finds the timer where it was', async () => {
    const id = await world.open(inside);
    await world.until('2040-02-10T20:00:00.000Z');
    await world.stopWorker();
    await world.startWorker();
    await world.until('2040-02-13T10:59:00.000Z');
    expect(await firedOf(world, id)).toEqual([]);
    await world.until('2040-02-13T11:01:00.000Z');
    // One hour on Friday, three from Monday 09:00: the pause did not count.
    expect(await firedOf(world, id)).toEqual(['2040-02-13 11:00 ack/accountable']);
    expect(await toldOf(world, id)).toEqual([
      `2040-02-10 15:30 ${personOf(CRO, 'project_manager')} level 1`, `2040-02-13 11:00 ${personOf(CRO, 'study_lead')} level 2`,
    ]);
  });

  it('E6 a deadline that passes without any worker fires when one is back, once, and says how late', async () => {
    await world.until('2040-02-17T15:30:00.000Z'); // Friday, 16:30
    const id = await world.open(inside);
    await world.until('2040-02-20T10:59:58.000Z');
    await world.stopWorker();
    // The server stands still for nobody here: these are real seconds.
    await new Promise((resolve) => setTimeout(resolve, 4000));
    await world.startWorker();
    await world.until('2040-02-20T11:05:00.000Z');
    const steps = await world.fresh.store.models.steps.find({ recordId: id, act: 'lapse' }).lean<StepDoc[]>();
    expect(steps.flatMap((step) => step.ended.map(({ name, outcome }) => `${name} ${outcome}`))).toEqual(['ack/accountable fired']);
    const lateByMs = steps[0]?.ended[0]?.lateByMs ?? 0;
    expect(lateByMs).toBeGreaterThan(1000);
    expect(lateByMs).toBeLessThan(30_000);
    expect((await toldOf(world, id)).slice(1)).toEqual([`2040-02-20 11:00 ${personOf(CRO, 'study_lead')} level 2`]);
    expect(await entriesOf(world, id, 'deadline.missed')).toHaveLength(1);
  });

  it('P2 P19 a run whose release decides otherwise than the one that committed goes on from the record, and says so', async () => {
    const id = await world.open(inside);
    const { main } = world.fresh.admin;
    // As an earlier release left it, which had told level 2 where this one would have told level 1.
    await main.collection<{ _id: string }>('records').updateOne({ _id: id }, { $set: { 'state.tracks.0.level': 2 } });
    // That release's trail says so too: what only somebody with the database wrote is not adopted.
    await hashRecord(world.fresh.store, id);
    await world.act(id, { act: 'comment', body: { text: 'after the upgrade' } }, personOf(CRO, 'study_lead'));
    expect(await world.issue(id)).toMatchObject({ rev: 2, level: 2, state: { tracks: [{ level: 2 }] } });
    expect(await entriesOf(world, id, 'run.corrected')).toMatchObject([{ rev: 2, detail: { rev: 1 } }]);
    await world.act(id, { act: 'comment', body: { text: 'and on' } }, personOf(CRO, 'study_lead'));
    expect(await world.issue(id)).toMatchObject({ rev: 3, level: 2 });
    // Once: from then on run and record agree, also when the run is replayed.
    expect(await entriesOf(world, id, 'run.corrected')).toHaveLength(1);
  });
});
