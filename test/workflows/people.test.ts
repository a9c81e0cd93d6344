import type { Role } from '../../contracts/people';
import type { AuditActor } from '../../contracts/audit';
import { deactivatePerson } from '../../store/people';
import { CRO, personOf, SPONSOR } from '../support/cast';
import { armedOf, entriesOf, firedOf, toldOf, unwarned } from '../support/story';
import { openSkippingWorld, type SkippingWorld } from '../support/timeSkipping';

const cro = (role: Role) => personOf(CRO, role);
const sponsor = (role: Role) => personOf(SPONSOR, role);
const administrator: AuditActor = { kind: 'system', name: 'provisioning' };

/** Everybody works in Zurich (winter: UTC+1), Monday to Friday, 09:00 to 17:30, without holidays. The stories follow one another. */
describe('who is told', () => {
  let world: SkippingWorld;
  beforeAll(async () => {
    world = await openSkippingWorld();
    await world.startWorker();
    await world.until('2040-02-06T09:00:00.000Z'); // Monday, 10:00
  });
  afterAll(() => world.close());

  const inside = { raising: CRO, accountable: CRO, policy: unwarned('default') };
  const told = async (id: string) => (await toldOf(world, id)).map((line) => line.split(' ').slice(2).join(' '));
  const leave = async (personId: string) => deactivatePerson(world.fresh.store, { id: personId, reason: 'left', by: { actor: administrator, at: await world.now(), correlationId: 'test' } });
  const delegate = async (of: { personId: string; delegateId: string; from: string; until: string }) => {
    const doc = { _id: `${of.personId}/${of.from}`, rev: 1, active: true, chain: { length: 0, head: '' }, createdAt: of.from, updatedAt: of.from, organisationId: CRO, reason: 'leave', ...of };
    await world.fresh.store.models.delegations.create([doc] as never);
  };

  it('E9 a delegate is told from the first to the last day of the delegation, not before and not after', async () => {
    // Level 2 is told Monday 14:00 in round 1 and again in round 2.
    await delegate({ personId: cro('study_lead'), delegateId: cro('quality'), from: '2040-02-06T13:00:00.000Z', until: '2040-02-09T23:00:00.000Z' });
    const id = await world.open(inside);
    await world.until('2040-02-10T16:00:00.000Z');
    expect(await toldOf(world, id)).toEqual([
      `2040-02-06 09:00 ${cro('project_manager')} level 1`,
      `2040-02-06 13:00 ${cro('quality')} level 2`, // the delegate, on the first minute
      `2040-02-07 08:30 ${cro('quality_head')} level 3`,
      `2040-02-08 08:30 ${cro('executive')} level 4`,
      `2040-02-10 08:30 ${cro('project_manager')} level 1`,
      `2040-02-10 12:30 ${cro('study_lead')} level 2`, // over since Thursday midnight
    ]);
    const notices = await world.fresh.store.models.notices.find({ recordId: id, level: 2 }).lean();
    expect(notices.map((notice) => notice.as).sort()).toEqual(['delegate', 'role']);
  });

  it('E9 a hand-over that is not accepted in time stays with the giver, who is told', async () => {
    await world.until('2040-02-20T09:00:00.000Z'); // Monday, 10:00
    const id = await world.open(inside);
    await world.act(id, { act: 'acknowledge', body: {} }, cro('study_lead'));
    await world.act(id, { act: 'hand-over', body: { toPersonId: cro('contributor'), note: 'on leave' } }, cro('study_lead'));
    expect(await armedOf(world, id)).toContain('2040-02-20 13:00 handover/accountable');
    await world.until('2040-02-20T13:01:00.000Z');
    expect(await firedOf(world, id)).toEqual(['2040-02-20 13:00 handover/accountable']);
    expect((await told(id)).slice(-2)).toEqual([`${cro('contributor')} hand_over -`, `${cro('study_lead')} hand_over_lapsed -`]);
    expect((await world.issue(id)).assigneeIds).toEqual([cro('study_lead')]);
    await expect(world.act(id, { act: 'accept', body: {} }, cro('contributor'))).rejects.toMatchObject({ type: 'wrong_state' });
  });

  it('E9 a hand-over counts from its acceptance, by the person it is offered to', async () => {
    await world.until('2040-02-27T09:00:00.000Z');
    const id = await world.open(inside);
    await world.act(id, { act: 'acknowledge', body: {} }, cro('study_lead'));
    await world.act(id, { act: 'hand-over', body: { toPersonId: cro('contributor'), note: 'on leave' } }, cro('study_lead'));
    expect((await world.issue(id)).state).toMatchObject({ tracks: [{ assigneeId: cro('study_lead') }] });
    await expect(world.act(id, { act: 'accept', body: {} }, cro('quality'))).rejects.toMatchObject({ type: 'not_permitted' });
    await world.act(id, { act: 'accept', body: {} }, cro('contributor'));
    expect((await world.issue(id)).assigneeIds).toEqual([cro('contributor')]);
    expect((await armedOf(world, id)).filter((line) => line.includes('handover'))).toEqual([]);
  });

  it('E7 a level without anybody is skipped at once, with a record; its deputy comes first', async () => {
    await world.until('2040-03-05T09:00:00.000Z'); // Monday, 10:00
    await leave(cro('project_manager'));
    const deputised = await world.open(inside);
    await world.until('2040-03-05T09:01:00.000Z');
    expect(await told(deputised)).toEqual([`${cro('study_lead')} level 1`]);

    await leave(cro('study_lead'));
    const skipped = await world.open({ ...inside, by: cro('quality') });
    await world.until('2040-03-05T09:02:00.000Z');
    // No hour was lost on levels 1 and 2.
    expect(await toldOf(world, skipped)).toEqual([`2040-03-05 09:01 ${cro('quality_head')} level 3`]);
    const skips = await entriesOf(world, skipped, 'level.skipped');
    expect(skips.map(({ old, reason }) => ({ old, reason }))).toEqual([
      { old: 1, reason: 'nobody is there: level 1 of the accountable side' }, { old: 2, reason: 'nobody is there: level 2 of the accountable side' },
    ]);
  });

  it('E7 a side without anybody at all is exhausted once; the other side is told, of a critical issue its executive too', async () => {
    for (const role of ['quality_head', 'executive'] as const) await leave(cro(role));
    const id = await world.open({ policy: unwarned('default'), severity: 'critical' });
    await world.until('2040-03-05T09:03:00.000Z');
    expect(await entriesOf(world, id, 'level.skipped')).toHaveLength(4);
    expect(await entriesOf(world, id, 'track.exhausted')).toHaveLength(1);
    const { 0: first, ...rest } = await told(id);
    expect(first).toBe(`${sponsor('project_manager')} level 1`);
    expect(Object.values(rest).toSorted()).toEqual([`${sponsor('executive')} exhausted -`, `${sponsor('project_manager')} exhausted 1`]);
    expect(await world.issue(id)).toMatchObject({ status: 'exhausted', done: false });
    expect((await armedOf(world, id)).map((line) => line.split(' ')[2])).toContain('review');
  });
});
