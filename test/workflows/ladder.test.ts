import { latestCalendars } from '../../store/directory';
import { CRO, OTHER_CRO, personOf, SPONSOR } from '../support/cast';
import { armedOf, entriesOf, firedOf, setCalendar, toldOf, unwarned } from '../support/story';
import { openSkippingWorld, type SkippingWorld } from '../support/timeSkipping';

const sponsor = (role: Parameters<typeof personOf>[1]) => personOf(SPONSOR, role);
const cro = (role: Parameters<typeof personOf>[1]) => personOf(CRO, role);

/**
 * A major issue: 4 business hours, 4 business hours, 1 and 2 business days, one repeat. The CRO works
 * in Zurich (summer: UTC+2) and keeps Whit Monday, 21 May 2040; the sponsor works in New York (UTC-4)
 * and keeps Memorial Day, 28 May. Both work Monday to Friday, 09:00 to 17:30.
 */
describe('a ladder over weekends and holidays', () => {
  let world: SkippingWorld;
  let id: string;
  beforeAll(async () => {
    world = await openSkippingWorld();
    await world.startWorker();
    await setCalendar(world, CRO, { zone: 'Europe/Zurich', holidays: [{ date: '2040-05-21', name: 'Whit Monday' }] });
    await setCalendar(world, SPONSOR, { zone: 'America/New_York', holidays: [{ date: '2040-05-28', name: 'Memorial Day' }] });
    // Friday, 16:30 in Zurich and 10:30 in New York.
    await world.until('2040-05-18T14:30:00.000Z');
    id = await world.open({ policy: unwarned('default'), topic: 'monitoring' });
  });
  afterAll(() => world.close());

  it('E5 Friday 16:30 and four business hours before a holiday Monday end on Tuesday at noon', async () => {
    expect(await armedOf(world, id)).toEqual([
      // 10:30 in New York and four hours: 14:30, the same day.
      '2040-05-18 18:30 ack/raising',
      // One hour on Friday, none on Whit Monday, three from 09:00 on Tuesday: 12:00 in Zurich.
      '2040-05-22 10:00 ack/accountable',
      // Ten working days of the CRO without Whit Monday: Monday, 4 June, 16:30.
      '2040-06-04 14:30 resolution',
    ]);
    const { armed } = await world.issue(id);
    expect(armed.map((deadline) => deadline.calendar)).toEqual([
      { organisationId: CRO, version: 2, tzdb: expect.any(String) }, { organisationId: CRO, version: 2, tzdb: expect.any(String) },
      { organisationId: SPONSOR, version: 2, tzdb: expect.any(String) },
    ]);
  });

  it('E5 an organisation without a calendar works the default hours in its zone: an issue does not wait for its administrator', async () => {
    await world.fresh.admin.models.calendars.deleteMany({ organisationId: OTHER_CRO });
    const other = await world.open({ policy: unwarned('default'), accountable: OTHER_CRO });
    // One hour on Friday, three on Monday: no holiday is known.
    expect(await armedOf(world, other)).toContain('2040-05-21 10:00 ack/accountable');
    expect((await world.issue(other)).armed.find(({ name }) => name === 'ack/accountable')?.calendar).toEqual({ organisationId: OTHER_CRO, version: 0, tzdb: expect.any(String) });
    // The simulator counts on the same.
    const calendarOf = await latestCalendars(world.fresh.store, [OTHER_CRO]);
    expect(calendarOf(OTHER_CRO, await world.now())).toMatchObject({ version: 0, zone: 'Europe/Zurich' });
  });

  it('E2, E4, E5 climbs level by level on each side\'s own calendar, repeats once and is exhausted', async () => {
    await world.until('2040-06-01T12:00:00.000Z');
    const fired = await firedOf(world, id);
    expect(fired.filter((line) => line.endsWith('accountable'))).toEqual([
      '2040-05-22 10:00 ack/accountable', // Tuesday noon: level 1 is over
      '2040-05-22 14:00 ack/accountable', // four hours later: level 2
      '2040-05-23 14:00 ack/accountable', // one day: level 3, Wednesday 16:00
      '2040-05-25 14:00 ack/accountable', // two days: level 4, Friday 16:00
      '2040-05-28 09:30 ack/accountable', // 1.5 h on Friday, 2.5 h on Monday: 11:30
      '2040-05-28 13:30 ack/accountable',
      '2040-05-29 13:30 ack/accountable',
      '2040-05-31 13:30 ack/accountable',
    ]);
    expect(fired.filter((line) => line.endsWith('raising'))).toEqual([
      '2040-05-18 18:30 ack/raising', // 14:30 in New York
      '2040-05-21 14:00 ack/raising', // three hours on Friday, one on Monday: 10:00
      '2040-05-22 14:00 ack/raising',
      '2040-05-24 14:00 ack/raising',
      '2040-05-24 18:00 ack/raising', // 14:00
      '2040-05-25 13:30 ack/raising', // 3.5 h on Thursday, half an hour on Friday: 09:30
      '2040-05-29 13:30 ack/raising', // Monday is Memorial Day
      '2040-05-31 13:30 ack/raising',
    ]);
    expect((await toldOf(world, id)).filter((line) => line.includes(CRO) && line.includes(' level '))).toEqual([
      `2040-05-18 14:30 ${cro('project_manager')} level 1`,
      `2040-05-22 10:00 ${cro('study_lead')} level 2`,
      `2040-05-22 14:00 ${cro('quality_head')} level 3`,
      `2040-05-23 14:00 ${cro('executive')} level 4`,
      `2040-05-25 14:00 ${cro('project_manager')} level 1`,
      `2040-05-28 09:30 ${cro('study_lead')} level 2`,
      `2040-05-28 13:30 ${cro('quality_head')} level 3`,
      `2040-05-29 13:30 ${cro('executive')} level 4`,
    ]);
    expect(await world.issue(id)).toMatchObject({ status: 'exhausted', done: false });
    expect(await entriesOf(world, id, 'track.exhausted')).toHaveLength(2);
    expect((await toldOf(world, id)).filter((line) => line.includes('exhausted')).map((line) => line.split(' ')[2])).toEqual(
      expect.arrayContaining([cro('executive'), sponsor('executive')]),
    );
  });

  it('E4 keeps a review deadline that comes again until somebody takes it up; thirty days pass in seconds', async () => {
    const startedAt = Date.now();
    await world.until('2040-06-17T14:30:00.000Z');
    expect(Date.now() - startedAt).toBeLessThan(30_000);
    // Two working days of the raising side from Thursday, 31 May, and again.
    expect((await firedOf(world, id)).filter((line) => line.endsWith('review'))).toEqual([
      '2040-06-04 13:30 review', '2040-06-06 13:30 review', '2040-06-08 13:30 review', '2040-06-12 13:30 review', '2040-06-14 13:30 review',
    ]);
    const late = (await toldOf(world, id)).filter((line) => line.includes('review_late'));
    expect(late.slice(0, 2)).toEqual([`2040-06-04 13:30 ${cro('executive')} review_late 4`, `2040-06-04 13:30 ${sponsor('executive')} review_late 4`]);
    expect(late).toHaveLength(10);
    expect(await world.issue(id)).toMatchObject({ status: 'exhausted', done: false, state: { reviewsLapsed: 5, resolutionLate: true } });

    await world.act(id, { act: 'acknowledge', body: {} }, cro('executive'));
    await world.act(id, { act: 'acknowledge', body: {} }, sponsor('executive'));
    expect(await world.issue(id)).toMatchObject({ status: 'acknowledged', state: { underReview: false } });
    expect((await armedOf(world, id)).map((line) => line.split(' ')[2])).toEqual(['progress/accountable']);
  });
});
