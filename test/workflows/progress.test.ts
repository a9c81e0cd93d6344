import { CRO, personOf, SPONSOR } from '../support/cast';
import { armedOf, entriesOf, firedOf, toldOf, unwarned } from '../support/story';
import { openSkippingWorld, type SkippingWorld } from '../support/timeSkipping';
import { policyOf } from '../support/world';

const sponsorLead = personOf(SPONSOR, 'study_lead');
const croLead = personOf(CRO, 'study_lead');

/** Both sides work in Zurich (winter: UTC+1), Monday to Friday, 09:00 to 17:30, without holidays. The stories follow one another. */
describe('deadlines between acts', () => {
  let world: SkippingWorld;
  beforeAll(async () => {
    world = await openSkippingWorld();
    await world.startWorker();
  });
  afterAll(() => world.close());

  it('E3 a promised update that does not come re-opens the track one level up; acknowledging is not progress', async () => {
    await world.until('2040-02-06T09:00:00.000Z'); // Monday, 10:00
    const id = await world.open({ policy: unwarned('default') });
    await world.act(id, { act: 'acknowledge', body: {} }, sponsorLead);
    await world.act(id, { act: 'acknowledge', body: {} }, croLead);
    expect(await world.issue(id)).toMatchObject({ status: 'acknowledged' });
    expect(await armedOf(world, id)).toEqual(['2040-02-08 09:00 progress/accountable', '2040-02-20 09:00 resolution']);

    await world.until('2040-02-07T12:00:00.000Z');
    await world.act(id, { act: 'progress', body: { note: 'the site was called', nextUpdateAt: '2040-02-09T16:00:00+01:00' } }, croLead);
    // Wednesday's deadline gave way to the promise.
    await world.until('2040-02-09T14:59:00.000Z');
    expect(await firedOf(world, id)).toEqual([]);

    await world.until('2040-02-09T15:01:00.000Z');
    expect(await firedOf(world, id)).toEqual(['2040-02-09 15:00 progress/accountable']);
    expect(await world.issue(id)).toMatchObject({ status: 'open', level: 2 });
    expect(await toldOf(world, id)).toContain(`2040-02-09 15:00 ${croLead} progress_late 2`);
    expect((await entriesOf(world, id, 'deadline.missed')).map(({ field, detail }) => ({ field, detail }))).toEqual([
      { field: 'progress/accountable', detail: expect.objectContaining({ due: '2040-02-09T15:00:00.000Z' }) },
    ]);
    // 1.5 hours on Thursday, 2.5 on Friday: 11:30, then level 3. The sponsor's side stays acknowledged.
    await world.until('2040-02-10T10:31:00.000Z');
    expect(await toldOf(world, id)).toContain(`2040-02-10 10:30 ${personOf(CRO, 'quality_head')} level 3`);
    expect((await toldOf(world, id)).filter((line) => line.includes(SPONSOR))).toEqual([`2040-02-06 09:00 ${personOf(SPONSOR, 'project_manager')} level 1`]);
  });

  it('E3 without any report the track re-opens after two working days', async () => {
    await world.until('2040-02-17T09:00:00.000Z'); // Friday, 10:00
    const id = await world.open({ policy: unwarned('default'), raising: CRO, accountable: CRO });
    await world.act(id, { act: 'acknowledge', body: {} }, croLead);
    await world.until('2040-02-21T09:01:00.000Z'); // Tuesday
    expect(await firedOf(world, id)).toEqual(['2040-02-21 09:00 progress/accountable']);
    expect(await world.issue(id)).toMatchObject({ status: 'open', level: 2 });
  });

  it('E3 a promise that is nearer than the deadline which it replaces is watched from then on', async () => {
    await world.until('2040-02-22T09:00:00.000Z'); // Wednesday, 10:00
    const id = await world.open({ policy: unwarned('default'), raising: CRO, accountable: CRO });
    await world.act(id, { act: 'acknowledge', body: {} }, croLead);
    await world.act(id, { act: 'progress', body: { note: 'on its way', nextUpdateAt: '2040-02-22T15:00:00+01:00' } }, croLead);
    await world.until('2040-02-22T14:01:00.000Z');
    expect(await firedOf(world, id)).toEqual(['2040-02-22 14:00 progress/accountable']);
  });

  it('E12 the acknowledgement of one side leaves the other side\'s ladder running', async () => {
    await world.until('2040-02-27T09:00:00.000Z'); // Monday, 10:00
    const id = await world.open({ policy: unwarned('default') });
    await world.act(id, { act: 'acknowledge', body: {} }, croLead);
    await world.until('2040-02-27T13:01:00.000Z');
    expect(await firedOf(world, id)).toEqual(['2040-02-27 13:00 ack/raising']);
    expect(await toldOf(world, id)).toContain(`2040-02-27 13:00 ${sponsorLead} level 2`);
    expect((await toldOf(world, id)).filter((line) => line.includes(CRO))).toHaveLength(1);
    expect(await world.issue(id)).toMatchObject({ status: 'open' });
  });

  it('E2 warns at 50 % and 80 % of the working time before a deadline, and not of one that is met', async () => {
    await world.until('2040-03-05T09:00:00.000Z'); // Monday, 10:00
    const id = await world.open({ policy: policyOf('default'), raising: CRO, accountable: CRO });
    await world.until('2040-03-05T12:30:00.000Z');
    // Four hours from 10:00: two are over at 12:00, 3.2 at 13:12.
    expect(await firedOf(world, id)).toEqual(['2040-03-05 11:00 ack/accountable#50', '2040-03-05 12:12 ack/accountable#80']);
    expect((await toldOf(world, id)).slice(1)).toEqual([
      `2040-03-05 11:00 ${personOf(CRO, 'project_manager')} warning 1`, `2040-03-05 12:12 ${personOf(CRO, 'project_manager')} warning 1`,
    ]);
    await world.act(id, { act: 'acknowledge', body: {} }, croLead);
    await world.until('2040-03-06T09:00:00.000Z');
    // Two working days for progress from Monday 13:30: 17 hours, half is 8.5: Tuesday 13:30.
    expect((await firedOf(world, id)).slice(2)).toEqual([]);
    await world.until('2040-03-06T12:31:00.000Z');
    expect((await firedOf(world, id)).slice(2)).toEqual(['2040-03-06 12:30 progress/accountable#50']);
    expect((await toldOf(world, id)).at(-1)).toBe(`2040-03-06 12:30 ${croLead} warning -`);
  });

  it('E2 a cancellation that finds no second person in time is withdrawn; the ladder never stopped', async () => {
    await world.until('2040-03-12T09:00:00.000Z'); // Monday, 10:00
    const id = await world.open({ policy: unwarned('default') });
    await world.act(id, { act: 'cancel', body: { reason: 'opened by mistake' } }, croLead);
    await expect(world.act(id, { act: 'confirm-cancel', body: {} }, croLead)).rejects.toMatchObject({ type: 'separation_of_duties' });
    await world.until('2040-03-15T09:01:00.000Z'); // three working days later
    expect(await firedOf(world, id)).toEqual([
      '2040-03-12 13:00 ack/accountable', '2040-03-12 13:00 ack/raising', '2040-03-13 08:30 ack/accountable', '2040-03-13 08:30 ack/raising',
      '2040-03-14 08:30 ack/accountable', '2040-03-14 08:30 ack/raising', '2040-03-15 09:00 cancellation',
    ]);
    expect(await world.issue(id)).toMatchObject({ status: 'open', state: { cancellation: null } });
    expect((await toldOf(world, id)).filter((line) => line.includes('withdrawn'))).toEqual([
      `2040-03-15 09:00 ${personOf(CRO, 'executive')} cancellation_withdrawn 4`, `2040-03-15 09:00 ${personOf(SPONSOR, 'executive')} cancellation_withdrawn 4`,
    ]);
  });
});
