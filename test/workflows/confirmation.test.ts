import { CRO, personOf, SPONSOR } from '../support/cast';
import { armedOf, entriesOf, firedOf, toldOf, unwarned } from '../support/story';
import { openSkippingWorld, type SkippingWorld } from '../support/timeSkipping';

const sponsorLead = personOf(SPONSOR, 'study_lead');
const croLead = personOf(CRO, 'study_lead');

/** Both sides work in Zurich (winter: UTC+1), Monday to Friday, 09:00 to 17:30, without holidays. */
describe('a resolution waits for the raising side', () => {
  let world: SkippingWorld;
  let id: string;
  beforeAll(async () => {
    world = await openSkippingWorld();
    await world.startWorker();
    await world.until('2040-02-06T09:00:00.000Z'); // Monday, 10:00
    id = await world.open({ policy: unwarned('default') });
  });
  afterAll(() => world.close());

  it('E13 a rejection re-opens the issue at the level it had', async () => {
    await world.act(id, { act: 'acknowledge', body: {} }, sponsorLead);
    await world.until('2040-02-07T10:00:00.000Z'); // Monday 14:00 level 2, Tuesday 09:30 level 3
    await world.act(id, { act: 'acknowledge', body: {} }, croLead);
    await world.act(id, { act: 'resolve', body: { resolution: 'the visit is planned' } }, croLead);
    expect(await world.issue(id)).toMatchObject({ status: 'resolved', level: 3, done: false });
    expect(await armedOf(world, id)).toEqual(['2040-02-10 10:00 confirmation']);
    await expect(world.act(id, { act: 'confirm', body: {} }, croLead)).rejects.toMatchObject({ type: 'not_permitted' });

    await world.until('2040-02-08T10:00:00.000Z');
    await world.act(id, { act: 'reject', body: { reason: 'no date was given' } }, sponsorLead);
    expect(await world.issue(id)).toMatchObject({ status: 'open', level: 3, state: { rejections: 1, resolvedBy: null } });
    await world.until('2040-02-08T10:01:00.000Z');
    expect((await toldOf(world, id)).at(-1)).toBe(`2040-02-08 10:00 ${personOf(CRO, 'quality_head')} rejected 3`);
    // The resolution is owed when it was owed: ten working days after the opening.
    expect(await armedOf(world, id)).toEqual(['2040-02-09 10:00 ack/accountable', '2040-02-20 09:00 resolution']);
  });

  it('E3 E13 a resolution that nobody confirms climbs the raising side\'s ladder, is exhausted, and never closes by itself', async () => {
    await world.act(id, { act: 'acknowledge', body: {} }, croLead);
    await world.act(id, { act: 'resolve', body: { resolution: 'the visit is on 1 March' } }, croLead); // Wednesday, 11:01
    await world.until('2040-02-13T10:02:00.000Z'); // three working days: Monday, 11:01
    expect((await firedOf(world, id)).slice(2)).toEqual(['2040-02-13 10:01 confirmation']);
    expect((await toldOf(world, id)).at(-1)).toBe(`2040-02-13 10:01 ${personOf(SPONSOR, 'project_manager')} confirmation_late 1`);

    // Acknowledging is not confirming: three working days later the next level is told.
    await world.act(id, { act: 'acknowledge', body: {} }, personOf(SPONSOR, 'project_manager'));
    await world.until('2040-02-16T10:03:00.000Z');
    expect((await toldOf(world, id)).at(-1)).toBe(`2040-02-16 10:02 ${sponsorLead} confirmation_late 2`);

    await world.until('2040-04-13T10:00:00.000Z'); // two months later
    const climbed = (await toldOf(world, id)).filter((line) => line.includes('confirmation_late')).map((line) => line.split(' ').slice(2).join(' '));
    expect(climbed).toEqual([...rounds, ...rounds]);
    expect(await entriesOf(world, id, 'confirmation.exhausted')).toHaveLength(1);
    expect(await world.issue(id)).toMatchObject({ status: 'resolved', done: false, state: { underReview: true } });
    expect((await armedOf(world, id)).map((line) => line.split(' ')[2])).toEqual(['review']);

    await world.act(id, { act: 'confirm', body: {} }, sponsorLead);
    expect(await world.issue(id)).toMatchObject({ status: 'closed', done: true, armed: [] });
  });
});

const rounds = (['project_manager', 'study_lead', 'quality_head', 'executive'] as const).map((role, index) => `${personOf(SPONSOR, role)} confirmation_late ${index + 1}`);
