import { workflowIdOf } from '../../contracts/ids';
import { CAPA } from '../../contracts/capaWords';
import { signaturesOf } from '../../store/signatures';
import { playTwoIterations } from '../replay/capaScenarios';
import { eventCountOf } from '../support/eventCount';
import { runsOf } from '../support/runs';
import { eventually, openWorld, type World } from '../support/world';

/** Own events of each run as measured: one for each iteration, one for the watch. Two of the first 130 are the marker of a patch. */
const OURS = [130, 130, 8];
/** As promised; in each run, because a run ends with its iteration (decision 014). */
const MOST = 300;
const SIGNED = 16;

describe('the budget of a whole CAPA', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
    await world.startWorker();
  });
  afterAll(() => world.close());

  test('Q1 Q7 history events of sixteen signed acts, over two iterations to the end of the watch', async () => {
    const steps = () => world.fresh.store.models.steps.countDocuments({ effectsDone: false });
    const id = await playTwoIterations(world, async () => {
      await eventually('effects are done', async () => (await steps()) === 0);
      await new Promise((resolve) => setTimeout(resolve, 300));
    });
    expect(await signaturesOf(world.fresh.store, id)).toHaveLength(SIGNED);
    const workflowId = workflowIdOf(CAPA.capability, id);
    await eventually('the last run is over', async () => (await world.client.workflow.getHandle(workflowId).describe()).status.name === 'COMPLETED');
    const counts = (await runsOf(world, workflowId)).map(({ history }) => eventCountOf(history));
    expect(counts).toHaveLength(OURS.length);
    expect(counts.filter(({ ours }, run) => ours > (OURS[run] ?? 0))).toEqual([]);
    expect(counts.filter(({ all }) => all > MOST)).toEqual([]);
  });
});
