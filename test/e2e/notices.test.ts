import { Webhook } from 'standardwebhooks';
import { plusMs, instantOf } from '../../contracts/instant';
import { runAs } from '../../platform/clientInterceptors';
import { openKeyRing } from '../../platform/keyRing';
import { sealSecret } from '../../platform/secretBox';
import { createWebhookSender, newWebhookSecret } from '../../platform/webhooks';
import { createRecord, newId } from '../../store/administration';
import { channelKind } from '../../store/channelMap';
import { setPreferences } from '../../store/preferences';
import type { NoticeDoc } from '../../store/schemas/records';
import { CRO, personOf } from '../support/cast';
import { openReceiver, THIS_MACHINE, type Receiver } from '../support/receiver';
import { unwarned } from '../support/story';
import { eventually, openWorld, type World } from '../support/world';

const MANAGER = personOf(CRO, 'project_manager');

describe('telling people, with every engine', () => {
  let world: World;
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await openReceiver();
    world = await openWorld({ webhooks: createWebhookSender({ allowedNetworks: THIS_MACHINE }) });
    await world.startWorker();
  });
  afterAll(async () => {
    await world.close();
    await receiver.close();
  });
  const by = () => ({ actor: { kind: 'system', name: 'provisioning' } as const, at: instantOf(Date.now()), correlationId: 'test' });
  const rows = (recordId: string, personId: string) => world.fresh.store.models.notices.find({ recordId, personId }).lean<NoticeDoc[]>();
  const inside = { raising: CRO, accountable: CRO, policy: unwarned('default') };

  it('S1.9 an issue\'s first level tells its team by a signed webhook beside the letter; a receiver that is down holds up neither', async () => {
    const id = newId();
    const secret = newWebhookSecret();
    const sealed = sealSecret(openKeyRing(world.keysFile), secret, `channel/${id}`);
    const fields = {
      organisationId: CRO, name: 'Operations', studyId: null, country: null, role: 'project_manager' as const, severities: null, channel: 'webhook' as const, target: `${receiver.url}/hook`,
      phiApproved: false, secrets: [{ sealed, createdAt: by().at, until: null }], lastTest: null,
    };
    await createRecord(world.fresh.store, { kind: channelKind, id, fields, by: by() });
    const first = await world.open(inside);
    await eventually('the team is told', () => Promise.resolve(receiver.received.length === 1));
    const [message] = receiver.received;
    expect(new Webhook(secret).verify(message?.body ?? '', message?.headers as Record<string, string>)).toMatchObject({ type: 'notice.level', data: { recordId: first, level: 1, personId: null } });
    await eventually('the manager is told', async () => (await rows(first, MANAGER))[0]?.status === 'told');

    receiver.answer((response) => response.writeHead(503).end());
    const second = await world.open(inside);
    await eventually('effects are done', async () => (await world.fresh.store.models.steps.countDocuments({ recordId: second, effectsDone: false })) === 0);
    expect((await rows(second, MANAGER))[0]?.status).toBe('told');
    expect((await rows(second, `channel/${id}`))[0]).toMatchObject({ status: 'held', failure: 'the receiver answered 503' });
  });

  it('E8 what quiet hours hold is delivered by the housekeeping run that is due, once', async () => {
    const now = new Date();
    const time = (minutes: number) => new Date(now.getTime() + minutes * 60_000).toISOString().slice(11, 16);
    await setPreferences(world.fresh.store, { personId: MANAGER, preferences: { quietHours: { from: time(-60), to: time(60), zone: 'UTC' }, digest: null }, by: by() });
    const id = await world.open({ ...inside, severity: 'minor' });
    const held = await eventually('the notice is held', async () => (await rows(id, MANAGER)).find(({ status }) => status === 'held'));
    expect(world.mailbox.letters.filter(({ messageId }) => messageId === held.messageId)).toEqual([]);
    // The ladder goes on as if it were told: held is not failed.
    expect(await world.issue(id)).toMatchObject({ level: 1, status: 'open' });
    await world.fresh.store.models.notices.updateOne({ _id: held._id }, { $set: { holdUntil: plusMs(by().at, -1) } });
    const run = () => runAs({ kind: 'system', name: 'housekeeping', correlationId: 'test' }, () => world.client.workflow.execute('deliverHeld', { workflowId: `deliver-held/${world.taskQueue}`, taskQueue: world.taskQueue }));
    await run();
    await run();
    expect(world.mailbox.letters.filter(({ messageId }) => messageId === held.messageId)).toHaveLength(1);
    expect((await rows(id, MANAGER))[0]).toMatchObject({ status: 'told', attempts: 1 });
  });
});
