import { addressOf, CRO, personOf, SPONSOR } from '../support/cast';
import { eventually, openWorld, type World } from '../support/world';

const lead = personOf(SPONSOR, 'study_lead');
const croLead = personOf(CRO, 'study_lead');

describe('an issue on real engines', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
    await world.startWorker();
  });
  afterAll(() => world.close());

  it('E2, E12, E13 climbs, tells level after level, is acknowledged, resolved and confirmed', async () => {
    const id = await world.open();
    const told = () => world.mailbox.letters.filter((letter) => letter.to.includes(addressOf(CRO, 'study_lead')));
    await eventually('level 2 of the CRO is told', () => Promise.resolve(told().length > 0), 25_000);
    await world.act(id, { act: 'acknowledge', body: {} }, croLead);
    expect((await world.issue(id)).status).toBe('open');
    await world.act(id, { act: 'acknowledge', body: {} }, lead);
    expect((await world.issue(id)).status).toBe('acknowledged');
    await world.act(id, { act: 'resolve', body: { resolution: 'done' } }, croLead);
    await expect(world.act(id, { act: 'confirm', body: {} }, croLead)).rejects.toMatchObject({ type: 'not_permitted' });
    await world.act(id, { act: 'confirm', body: {} }, lead);
    expect(await world.issue(id)).toMatchObject({ status: 'closed', done: true, armed: [] });
  });
});
