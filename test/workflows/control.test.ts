import { followFrequencies } from '../../activities/followFrequencies';
import { businessDays } from '../../contracts/spans';
import type { ControlState } from '../../contracts/control';
import type { EscalationState } from '../../contracts/escalation';
import { instantOf, plusMs } from '../../contracts/instant';
import { listSlots } from '../../store/controls';
import type { RecordDoc } from '../../store/schemas/records';
import { verifyStore } from '../support/verified';
import { CRO, personOf, SPONSOR } from '../support/cast';
import { actOn, deliveryOf, putRow, recordsOf, ROW } from '../support/pathways';
import { armedOf, entriesOf, toldOf } from '../support/story';
import { openSkippingWorld, type SkippingWorld } from '../support/timeSkipping';
import { eventually } from '../support/world';

const croLead = personOf(CRO, 'project_manager');
const sponsorLead = personOf(SPONSOR, 'study_lead');
const DAY_MS = 24 * 3_600_000;
const agreed = { every: businessDays(10), grace: businessDays(3), organisationId: CRO };
const stateOf = (record: RecordDoc | undefined) => record?.state as unknown as ControlState;

/** Both sides work in Zurich, Monday to Friday, 09:00 to 17:30, without holidays. One story: a year of one row. */
describe('a year of agreed contact', () => {
  let world: SkippingWorld;
  let id: string;
  const START = '2040-01-02T09:00:00.000Z'; // Monday, 10:00
  const slots = async () => (await listSlots(world.fresh.store, { controlId: id, limit: 200 })).items.toReversed();
  const fates = async () => (await slots()).map(({ fate }) => fate);
  const log = async (at: string, by = sponsorLead) => {
    await world.until(at);
    await actOn(world, { capability: 'control', id, by }, { act: 'log-contact', body: { at, how: 'call', note: 'open points', evidence: '01.05.03' } });
  };
  const logEvery = async (days: number, { from, times }: { from: string; times: number }) => {
    for (let time = 1; time <= times; time += 1) await log(instantOf(Date.parse(from) + time * days * DAY_MS));
  };
  const follow = async () => followFrequencies(deliveryOf(world, await world.now()));
  const control = async () => (await recordsOf(world, 'control')).find((record) => !record.done);

  beforeAll(async () => {
    world = await openSkippingWorld();
    await world.startWorker();
    await world.until(START);
  });
  afterAll(() => world.close());

  it('E16 a row in force that agrees on a frequency starts one control; another turn starts no second', async () => {
    await putRow(world, {}, instantOf(Date.parse(START) - DAY_MS));
    expect(await follow()).toEqual({ opened: 0, changed: 0, stopped: 0, unable: 0 });
    await putRow(world, { frequency: agreed }, instantOf(Date.parse(START)));
    expect(await follow()).toMatchObject({ opened: 1 });
    expect(await follow()).toEqual({ opened: 0, changed: 0, stopped: 0, unable: 0 });
    const controls = await recordsOf(world, 'control');
    expect(controls).toMatchObject([{ number: 'CTL-ST-1-1', status: 'running', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, visibleTo: [SPONSOR, CRO], drill: false, severity: 'minor' }]);
    id = controls[0]?._id ?? '';
    expect((await armedOf(world, id)).at(-1)).toBe('2040-01-16 09:00 slot');
  });

  it('E16 contacts in time hold their slots, and nobody is chased', async () => {
    await logEvery(11, { from: START, times: 16 });
    expect(await fates()).toEqual(Array.from({ length: 16 }, () => 'held'));
    expect((await slots())[0]).toMatchObject({ no: 1, from: START, due: '2040-01-16T09:00:00.000Z', contact: { how: 'call', evidence: '01.05.03' } });
    expect((await toldOf(world, id)).filter((line) => line.includes('contact_missed'))).toEqual([]);
  });

  it('E16 silence is warned of, chased on both sides, and becomes an issue, linked on both records', async () => {
    // The last contact was on Tuesday, 26 June; ten working days, then three of grace.
    await world.until('2040-07-13T09:01:00.000Z');
    expect(await fates()).toHaveLength(17);
    expect((await toldOf(world, id)).filter((line) => line >= '2040-06-26')).toEqual([
      `2040-07-03 09:00 ${croLead} contact_due 1`, `2040-07-06 09:00 ${croLead} contact_due 1`,
      `2040-07-10 09:00 ${croLead} contact_missed 1`, `2040-07-10 09:00 ${personOf(SPONSOR, 'study_lead')} contact_missed 1`,
    ]);
    const issue = await eventually('an issue', async () => (await recordsOf(world, 'escalation'))[0]);
    expect(issue).toMatchObject({ topic: 'communication', severity: 'minor', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, drill: false, number: 'ISS-ST-1-1' });
    expect((issue.state as unknown as EscalationState).raisedBy).toBeNull();
    await eventually('both links', async () => {
      const [links, back] = [stateOf(await control()).links, ((await recordsOf(world, 'escalation'))[0]?.state as unknown as EscalationState).links];
      return JSON.stringify([links, back]) === JSON.stringify([[{ recordId: issue._id, kind: 'causes' }], [{ recordId: id, kind: 'caused_by' }]]);
    });
    expect(await entriesOf(world, id, 'issue.raised')).toHaveLength(1);
  });

  it('E16 while silence goes on, the open issue takes note, and no second one is opened', async () => {
    await world.until('2040-08-20T09:01:00.000Z');
    expect((await fates()).slice(16)).toEqual(['missed', 'missed', 'missed']);
    const issues = await recordsOf(world, 'escalation');
    expect(issues).toHaveLength(1);
    const issueId = issues[0]?._id ?? '';
    await eventually('two repeats', async () => (await entriesOf(world, issueId, 'trigger.repeated')).length === 2);
    await world.act(issueId, { act: 'cancel', body: { reason: 'agreed by phone' } }, personOf(SPONSOR, 'study_lead'));
    await world.act(issueId, { act: 'confirm-cancel', body: {} }, personOf(SPONSOR, 'quality_head'));
  });

  it('E16 a contact within the grace is late; a waived slot runs out without being chased', async () => {
    await world.until('2040-09-03T09:01:00.000Z');
    expect(stateOf(await control())).toMatchObject({ status: 'late', slot: { no: 20, due: '2040-09-03T09:00:00.000Z' } });
    // On the word of whoever owes it: it counts once the other side has confirmed it.
    await log('2040-09-04T09:00:00.000Z', croLead);
    expect([(await fates()).length, stateOf(await control()).slot]).toMatchObject([19, { no: 20, stated: { at: '2040-09-04T09:00:00.000Z' } }]);
    await actOn(world, { capability: 'control', id, by: sponsorLead }, { act: 'confirm-contact', body: { slot: 20 } });
    expect((await slots()).at(-1)).toMatchObject({ fate: 'late', contact: { witness: { standing: 'confirmed', personId: sponsorLead } } });
    await actOn(world, { capability: 'control', id, by: personOf(SPONSOR, 'quality') }, { act: 'waive', body: { reason: 'holidays' } });
    await world.until('2040-09-18T09:01:00.000Z');
    expect((await fates()).at(-1)).toBe('waived');
    expect((await toldOf(world, id)).filter((line) => line >= '2040-09-04')).toEqual([`2040-09-04 09:00 ${sponsorLead} contact_stated 1`]);
  });

  it('E16 at the end of the year every slot has its one fate, and there is no gap between them', async () => {
    await logEvery(11, { from: '2040-09-18T09:00:00.000Z', times: 9 });
    await world.until('2041-01-02T09:00:00.000Z');
    const all = await slots();
    expect(all.map(({ no }) => no)).toEqual(all.map((_, index) => index + 1));
    expect(all.slice(1).every((slot, index) => slot.from === all[index]?.until)).toBe(true);
    expect(stateOf(await control()).counts).toEqual({ held: 25, late: 1, waived: 1, missed: 3 });
    expect(await world.fresh.store.models.slots.countDocuments({ controlId: id })).toBe(30);
  });

  it('P19 a later version of the row changes the rule, and a row without a frequency ends its control', async () => {
    const now = await world.now();
    await putRow(world, { frequency: { ...agreed, every: businessDays(20), organisationId: SPONSOR } }, now);
    expect(await follow()).toEqual({ opened: 0, changed: 1, stopped: 0, unable: 0 });
    expect(await control()).toMatchObject({ accountableOrganisationId: SPONSOR, raisingOrganisationId: CRO, state: { row: { version: 3 } } });
    await putRow(world, {}, plusMs(now, 1000));
    await world.until(plusMs(now, 60_000));
    expect(await follow()).toMatchObject({ stopped: 1 });
    expect(await follow()).toEqual({ opened: 0, changed: 0, stopped: 0, unable: 0 });
    expect((await recordsOf(world, 'control'))[0]).toMatchObject({ done: true, status: 'stopped', armed: [] });
    await putRow(world, { frequency: { ...agreed, organisationId: 'org-elsewhere' } }, plusMs(now, 120_000));
    await putRow(world, { topic: 'safety', frequency: agreed, contacts: ROW.contacts }, plusMs(now, 120_000));
    await world.until(plusMs(now, 180_000));
    // A row that names a stranger is left alone; the others are followed all the same.
    expect(await follow()).toEqual({ opened: 1, changed: 0, stopped: 0, unable: 1 });
    expect(await verifyStore(world.fresh.store)).toMatchObject({ intact: true });
  });
});
