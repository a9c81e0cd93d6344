import { personOf, SPONSOR } from '../support/cast';
import { eventually, openWorld, policyOf, type World } from '../support/world';

const SLOTS = 2;
/** Longer than any answer may take here, shorter than mail is waited for, ms. */
const SLOW_MS = 15_000;

describe('a mail server that takes letters and does not answer', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ activitySlots: SLOTS });
    await world.startWorker();
  });
  afterAll(() => world.close());

  it('E6 fills the slots of effects, and no answer waits for it', async () => {
    world.mailbox.takeAfter(SLOW_MS);
    const policy = policyOf('default');
    const { steps } = world.fresh.store.models;
    const openings: string[] = [];
    for (let i = 0; i < SLOTS * 2; i += 1) openings.push(await world.open({ policy }));
    await eventually('letters hang', () => Promise.resolve(world.mailbox.letters.length >= SLOTS));
    for (const id of openings) await expect(world.act(id, { act: 'acknowledge', body: {} }, personOf(SPONSOR, 'study_lead'))).resolves.toMatchObject({ answer: { rev: 2 } });
    expect(await steps.countDocuments({ act: 'open', effectsDone: false })).toBe(openings.length);
    world.mailbox.takeAfter(0);
    await eventually('everybody is told', async () => (await steps.countDocuments({ effectsDone: false })) === 0, 60_000);
  }, 120_000);
});
