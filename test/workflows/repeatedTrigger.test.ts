import { deliverCommand } from '../../store/commandDelivery';
import { bodyHashOf, receiveCommand } from '../../store/commands';
import { instantOf } from '../../contracts/instant';
import { CRO, personOf, SPONSOR } from '../support/cast';
import { entriesOf, unwarned } from '../support/story';
import { openSkippingWorld, type SkippingWorld } from '../support/timeSkipping';
import { openingCommand } from '../support/world';

describe('the same trigger twice', () => {
  let world: SkippingWorld;
  beforeAll(async () => {
    world = await openSkippingWorld();
    await world.startWorker();
  });
  afterAll(() => world.close());

  const deliver = async (dedupeKey: string, raising = SPONSOR) => {
    const sendable = openingCommand({ policy: unwarned('default'), dedupeKey, raising });
    const { store } = world.fresh;
    const now = () => instantOf(Date.now());
    const { command } = await receiveCommand(store, { ...sendable, body: sendable.body, bodyHash: bodyHashOf(sendable.body), receivedAt: now() });
    const delivered = await deliverCommand({ store, send: world.send, now }, command, 20_000);
    if (delivered.outcome !== 'answered') throw new Error('no answer');
    return { recordId: sendable.recordId, answer: delivered.answer };
  };

  it('E14 is one issue, which notes each repeat; the second caller gets the first issue', async () => {
    const first = await deliver('uptime<99.5');
    expect(first.answer.status).toBe(201);
    const second = await deliver('uptime<99.5');
    expect(second.answer).toMatchObject({ status: 200, body: { id: first.recordId, joined: true } });
    const third = await deliver('uptime<99.5');
    expect(third.answer).toMatchObject({ status: 200, body: { id: first.recordId, joined: true } });

    expect(await world.fresh.store.models.records.countDocuments({ dedupeKey: 'uptime<99.5' })).toBe(1);
    const repeats = await entriesOf(world, first.recordId, 'trigger.repeated');
    expect(repeats.map((entry) => entry.detail)).toEqual([{ dedupeKey: 'uptime<99.5', title: 'A title' }, { dedupeKey: 'uptime<99.5', title: 'A title' }]);
    expect(await entriesOf(world, second.recordId, 'issue.opened')).toEqual([]);
    expect(world.mailbox.letters.filter((letter) => letter.subject.includes(second.recordId.slice(0, 8)))).toEqual([]);
  });

  it('E14 another key, another organisation, or the first issue closed: an issue of its own', async () => {
    const first = await deliver('key-1');
    const otherKey = await deliver('key-2');
    const otherOwner = await deliver('key-1', CRO);
    expect([first, otherKey, otherOwner].map(({ answer }) => answer.status)).toEqual([201, 201, 201]);

    await world.act(first.recordId, { act: 'cancel', body: { reason: 'false alarm' } }, personOf(SPONSOR, 'study_lead'));
    await world.act(first.recordId, { act: 'confirm-cancel', body: {} }, personOf(CRO, 'study_lead'));
    expect((await deliver('key-1')).answer.status).toBe(201);
  });

  it('E14 two at the same moment are one issue too', async () => {
    const both = await Promise.all([deliver('key-3'), deliver('key-3'), deliver('key-3')]);
    expect(both.map(({ answer }) => answer.status).sort()).toEqual([200, 200, 201]);
    expect(await world.fresh.store.models.records.countDocuments({ dedupeKey: 'key-3' })).toBe(1);
  });
});
