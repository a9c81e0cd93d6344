import { randomUUID } from 'node:crypto';
import type { Role } from '../../contracts/people';
import type { Delivery, SendableCommand } from '../../contracts/command';
import { CRO, personOf, SPONSOR } from '../support/cast';
import { armedOf, entriesOf, toldOf, trailOf, unwarned } from '../support/story';
import { openSkippingWorld, type SkippingWorld } from '../support/timeSkipping';
import { eventually, workflowId } from '../support/world';

const cro = (role: Role) => personOf(CRO, role);

describe('authority at the moment of acting', () => {
  let world: SkippingWorld;
  beforeAll(async () => {
    world = await openSkippingWorld();
    await world.startWorker();
    await world.until('2040-02-06T09:00:00.000Z');
  });
  afterAll(() => world.close());

  const endMembership = (personId: string) => world.fresh.store.models.memberships.updateOne({ personId }, { $set: { active: false } });
  const acceptedUpdates = async (id: string) => {
    const { events } = await world.client.workflow.getHandle(workflowId(id)).fetchHistory();
    return (events ?? []).filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes).length;
  };

  /** Acts that are all accepted before the first of them can commit: somebody else holds the record. */
  const whileHeld = async (id: string, acts: readonly (() => Promise<Delivery>)[], meanwhile: () => Promise<unknown> = () => Promise.resolve()): Promise<readonly Promise<Delivery>[]> => {
    const before = await acceptedUpdates(id);
    const session = world.fresh.admin.client.startSession();
    session.startTransaction();
    await world.fresh.admin.main.collection<{ _id: string }>('records').updateOne({ _id: id }, { $set: { held: true } }, { session });
    const answers: Promise<Delivery>[] = [];
    for (const act of acts) {
      const answer = act();
      // Whoever asked looks at it later.
      answer.catch(() => undefined);
      answers.push(answer);
      await eventually('it is accepted', async () => (await acceptedUpdates(id)) === before + answers.length);
    }
    await meanwhile();
    await session.abortTransaction();
    await session.endSession();
    return answers;
  };

  it('P11 an act that was accepted and then lost its authority is refused by commit and changes nothing', async () => {
    const id = await world.open({ policy: unwarned('default') });
    const [first, second] = await whileHeld(id, [
      () => world.act(id, { act: 'comment', body: { text: 'first' } }, cro('quality')),
      () => world.act(id, { act: 'acknowledge', body: {} }, cro('study_lead')),
    ], () => endMembership(cro('study_lead')));
    await expect(second).rejects.toMatchObject({ type: 'not_permitted', extra: { rev: 2 } });
    expect(await first).toMatchObject({ answer: { rev: 2 } });
    expect(await world.issue(id)).toMatchObject({ rev: 2, status: 'open', state: { tracks: [{ status: 'climbing' }, {}] } });
    expect((await trailOf(world, id)).some((entry) => entry.action === 'issue.acknowledged')).toBe(false);
    // The record goes on for others.
    await world.act(id, { act: 'acknowledge', body: {} }, cro('quality_head'));
    expect(await world.issue(id)).toMatchObject({ rev: 3, state: { tracks: [{ status: 'acknowledged' }, {}] } });
  });

  it('P11 a right in one organisation does not serve for acting in the name of another', async () => {
    const id = await world.open({ policy: unwarned('default') });
    const { memberships } = world.fresh.store.models;
    // Who acted for the CRO has gone over to the sponsor meanwhile.
    const personId = cro('executive');
    await memberships.updateOne({ personId }, { $set: { organisationId: SPONSOR } });
    await expect(world.act(id, { act: 'acknowledge', body: {} }, personId)).rejects.toMatchObject({ type: 'not_permitted' });
    await memberships.updateOne({ personId }, { $set: { organisationId: CRO } });
    expect(await world.issue(id)).toMatchObject({ rev: 1, status: 'open' });
  });

  it('P10 of two acts that were both accepted the second is judged by what the first left', async () => {
    const id = await world.open({ policy: unwarned('default') });
    const [first, second] = await whileHeld(id, [cro('project_manager'), cro('quality_head')].map((by) => () => world.act(id, { act: 'acknowledge', body: {} }, by)));
    await expect(second).rejects.toMatchObject({ type: 'wrong_state', extra: { rev: 2 } });
    expect(await first).toMatchObject({ answer: { rev: 2 } });
    expect((await trailOf(world, id)).filter((entry) => entry.action === 'issue.acknowledged')).toHaveLength(1);
  });

  it('P11 the open duties of a person who left go to the deputy, who is told, with a record', async () => {
    const id = await world.open({ policy: unwarned('default') });
    await world.act(id, { act: 'acknowledge', body: {} }, cro('contributor'));
    expect((await world.issue(id)).assigneeIds).toEqual([cro('contributor')]);
    await endMembership(cro('contributor'));
    await world.send(relieving(id, { personId: cro('contributor'), deputyId: cro('quality') }), 10_000);
    await world.until('2040-02-06T09:10:00.000Z');

    expect((await world.issue(id)).assigneeIds).toEqual([cro('quality')]);
    expect((await toldOf(world, id)).at(-1)).toBe(`2040-02-06 09:00 ${cro('quality')} assigned -`);
    const [entry] = await entriesOf(world, id, 'duty.reassigned');
    expect(entry).toMatchObject({ actor: { kind: 'system', name: 'effect' }, old: cro('contributor'), new: cro('quality'), reason: 'left the company' });
    // The deadline of the duty stays.
    expect((await armedOf(world, id)).map((line) => line.split(' ')[2])).toContain('progress/accountable');
    await expect(world.act(id, { act: 'progress', body: { note: 'x' } }, cro('contributor'))).rejects.toMatchObject({ type: 'not_permitted' });
  });

  it('P4 what a timer does is audited with workflow, run, definition and policy version', async () => {
    const id = await world.open({ policy: { ...unwarned('default'), version: 7 } });
    await world.until('2040-02-06T13:30:00.000Z');
    const { runId } = await world.client.workflow.getHandle(workflowId(id)).describe();
    const started = (await entriesOf(world, id, 'level.started')).filter((entry) => entry.new === 2);
    expect(started).toHaveLength(2);
    for (const { actor } of started) {
      expect(actor).toEqual({ kind: 'system', name: 'timer', workflowId: `escalation/${id}`, runId, definition: 'escalation@2', policyVersion: 'default/7' });
    }
    const [opened] = await entriesOf(world, id, 'issue.opened');
    expect(opened?.actor).toEqual({ kind: 'person', personId: personOf(SPONSOR, 'study_lead'), name: `study_lead of ${SPONSOR}`, role: 'study_lead', organisationId: SPONSOR });
  });

  it('P19 an issue keeps the policy version that it was opened under', async () => {
    const id = await world.open({ policy: unwarned('default') }); // Monday, 14:30: four hours end on Tuesday at 10:00
    await world.fresh.admin.models.policies.updateMany({}, { $set: { 'ladders.major.levels': [] } });
    await world.until('2040-02-07T09:05:00.000Z');
    expect((await entriesOf(world, id, 'level.started')).filter((entry) => entry.new === 2)).toHaveLength(2);
    expect((await world.issue(id)).state).toMatchObject({ policy: { key: 'default', version: 1 }, plans: [{ policyVersion: 1 }] });
  });
});

function relieving(recordId: string, of: { personId: string; deputyId: string }): SendableCommand {
  return {
    _id: randomUUID(), capability: 'escalation', recordId, act: 'relieve', body: { ...of, reason: 'left the company' },
    actor: { kind: 'system', name: 'effect', correlationId: 'test' },
  };
}
