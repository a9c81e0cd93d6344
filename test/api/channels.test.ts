import { Webhook } from 'standardwebhooks';
import { openMail } from '../../platform/mail';
import { createWebhookSender } from '../../platform/webhooks';
import { readChain } from '../../store/auditLog';
import type { ChannelDoc } from '../../store/schemas/channels';
import { adminApi, type AdminApi, type SignedIn } from '../support/adminApi';
import { openMailbox, type Mailbox } from '../support/letters';
import { openReceiver, THIS_MACHINE, type Receiver } from '../support/receiver';

const DAY_MS = 24 * 3_600_000;

describe('the channel map', () => {
  let api: AdminApi;
  let mailbox: Mailbox;
  let receiver: Receiver;
  let admin: SignedIn;
  let mail: ReturnType<typeof openMail>;
  beforeAll(async () => {
    mailbox = await openMailbox();
    receiver = await openReceiver();
    mail = openMail({ url: mailbox.url, from: 'oversight@example.org' });
    api = await adminApi({}, { senders: { mail, webhooks: createWebhookSender({ allowedNetworks: THIS_MACHINE, totalMs: 1000 }) } });
    admin = await api.signIn('cro-admin');
  });
  afterAll(async () => {
    mail.close();
    await mailbox.close();
    await receiver.close();
    await api.close();
  });

  const entry = (more: object = {}) => ({ organisationId: 'cro', name: 'Operations', channel: 'webhook', target: `${receiver.url}/hook`, ...more });
  const make = async (more: object = {}) => {
    const answer = await admin.send('post', '/channels', entry(more));
    expect([answer.status, answer.body]).toEqual([201, expect.anything()]);
    return answer.body as { id: string; secret: string | null; rev: number };
  };
  const fieldsOf = (body: unknown) => (body as { errors: { field: string }[] }).errors.map(({ field }) => field);

  test('S1.9 a webhook\'s secret is shown once, sealed in the store, and neither in the audit trail nor in the logs', async () => {
    const made = await make({ studyId: 'st1', country: 'CH', role: 'study_lead', severities: ['critical', 'major'] });
    expect(made.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    const again = await admin.send('get', `/channels/${made.id}`);
    expect(again.body).toMatchObject({ studyId: 'st1', country: 'CH', role: 'study_lead', phiApproved: false, active: true, secrets: [{ until: null }] });
    const secret = String(made.secret).replace('whsec_', '');
    const stored = await api.fresh.store.models.channels.findById(made.id).lean<ChannelDoc>();
    const trail = await readChain(api.fresh.store, `channel/${made.id}`, { limit: 10 });
    expect(trail.map(({ action }) => action)).toEqual(['channel.created']);
    for (const text of [JSON.stringify(again.body), JSON.stringify(stored), JSON.stringify(trail), api.log.join('\n')]) expect(text).not.toContain(secret);
    expect(JSON.stringify(trail)).not.toContain('sealed');
  });

  test('S1.9 only the organisation\'s own administrator changes its map; others do not see it', async () => {
    const made = await make();
    const [lead, stranger] = [await api.signIn('cro-lead'), await api.signIn('spo-admin')];
    expect((await lead.send('get', '/channels')).status).toBe(200);
    expect((await lead.send('post', '/channels', entry())).status).toBe(403);
    expect((await lead.send('post', `/channels/${made.id}/test`)).status).toBe(403);
    expect((await stranger.send('get', `/channels/${made.id}`)).status).toBe(404);
    expect((await stranger.send('post', '/channels', entry())).status).toBe(404);
    expect(((await stranger.send('get', '/channels')).body as { items: unknown[] }).items).toEqual([]);
  });

  test('S1.9 a target that the channel cannot use and a study of somebody else are 422 with the field', async () => {
    const broken = async (more: object) => {
      const answer = await admin.send('post', '/channels', entry(more));
      return [answer.status, fieldsOf(answer.body)];
    };
    expect(await broken({ target: 'http://hooks.example/a' })).toEqual([422, ['target']]);
    expect(await broken({ target: 'https://user:word@hooks.example/' })).toEqual([422, ['target']]);
    expect(await broken({ target: 'ftp://hooks.example/' })).toEqual([422, ['target']]);
    expect(await broken({ channel: 'email', target: 'https://hooks.example' })).toEqual([422, ['target']]);
    for (const target of ['https://169.254.169.254/latest', 'https://10.0.0.1/', 'https://[fd00::1]/', 'http://192.0.2.1/']) expect(await broken({ target })).toEqual([422, ['target']]);
    expect(await broken({ studyId: 'st2' })).toEqual([422, ['studyId']]);
    expect(await broken({ country: 'Switzerland' })).toEqual([400, ['country']]);
    const made = await make();
    expect((await admin.send('patch', `/channels/${made.id}`, { target: 'http://hooks.example/', reason: 'moved' })).status).toBe(422);
  });

  test('S1.9 a change is audited field by field; an entry that is off tells nobody', async () => {
    const made = await make();
    expect((await admin.send('patch', `/channels/${made.id}`, { name: 'Night shift', active: false, reason: 'reorganised' })).body).toMatchObject({ rev: 2, name: 'Night shift', active: false, studyId: null });
    expect((await readChain(api.fresh.store, `channel/${made.id}`, { limit: 10 })).map(({ action, field }) => `${action} ${field ?? ''}`)).toEqual(['channel.created ', 'channel.changed name', 'channel.deactivated active']);
    expect((await admin.send('post', `/channels/${made.id}/test`)).status).toBe(422);
  });

  test('S1.9 a rotated secret signs beside the new one for 24 hours, then no more', async () => {
    const made = await make();
    const rotated = await admin.send('post', `/channels/${made.id}/rotate-secret`, { reason: 'yearly' });
    const { secret } = rotated.body as { secret: string };
    const verifies = (key: string | null, { headers, body }: { headers: object; body: string }) => {
      try {
        return new Webhook(String(key)).verify(body, headers as Record<string, string>) !== undefined;
      } catch {
        return false;
      }
    };
    const tested = async () => {
      expect((await admin.send('post', `/channels/${made.id}/test`)).body).toMatchObject({ outcome: 'accepted', reason: null });
      const last = receiver.received.at(-1);
      // The library compares with the machine's own clock; the test's has moved.
      const signatures = String(last?.headers['webhook-signature']).split(' ').length;
      return { signatures, message: { headers: last?.headers ?? {}, body: last?.body ?? '' } };
    };
    const both = await tested();
    expect([verifies(secret, both.message), verifies(made.secret, both.message), both.signatures]).toEqual([true, true, 2]);
    expect(JSON.parse(both.message.body)).toMatchObject({ type: 'notice.test', data: { test: true } });
    expect((await readChain(api.fresh.store, `channel/${made.id}`, { limit: 10 })).find(({ field }) => field === 'secrets')).toMatchObject({ action: 'channel.changed', reason: 'yearly' });
    api.pass(DAY_MS + 1000);
    // Sessions have ended meanwhile.
    admin = await api.signIn('cro-admin');
    expect((await tested()).signatures).toBe(1);
  });

  test('S1.9 the test says how it went, and keeps it', async () => {
    const mailed = await make({ channel: 'email', target: 'team@cro.example' });
    expect((await admin.send('post', `/channels/${mailed.id}/test`)).body).toMatchObject({ outcome: 'accepted' });
    expect(mailbox.letters.at(-1)).toMatchObject({ to: ['team@cro.example'], subject: '[TEST] Oversight notices come here' });
    expect(mailed.secret).toBeNull();

    const gone = await make();
    receiver.answer((response) => response.writeHead(410).end());
    expect((await admin.send('post', `/channels/${gone.id}/test`)).body).toMatchObject({ outcome: 'rejected', reason: 'the receiver answered 410' });
    receiver.answer(() => undefined);
    expect((await admin.send('post', `/channels/${gone.id}/test`)).body).toMatchObject({ outcome: 'unknown' });
    expect((await admin.send('get', `/channels/${gone.id}`)).body).toMatchObject({ lastTest: { outcome: 'unknown' } });
  });

  describe('preferences', () => {
    const night = { from: '22:00', to: '07:00', zone: 'Europe/Zurich' };
    test('E8 one sets one\'s own quiet hours and digest, audited', async () => {
      const lead = await api.signIn('cro-lead');
      expect((await lead.send('get', '/me/preferences')).body).toEqual({ rev: 0, quietHours: null, digest: null });
      expect((await lead.send('put', '/me/preferences', { quietHours: night, digest: null })).body).toEqual({ rev: 1, quietHours: night, digest: null });
      const digest = { at: '08:30', zone: 'Europe/Zurich' };
      expect((await lead.send('put', '/me/preferences', { quietHours: null, digest })).body).toEqual({ rev: 2, quietHours: null, digest });
      expect((await lead.send('get', '/me/preferences')).body).toEqual({ rev: 2, quietHours: null, digest });
      expect((await readChain(api.fresh.store, 'preferences/cro-lead', { limit: 10 })).map(({ action, field }) => `${action} ${field ?? ''}`)).toEqual([
        'preferences.created ', 'preferences.changed quietHours', 'preferences.changed digest',
      ]);
      expect((await lead.send('put', '/me/preferences', { quietHours: null, digest: null }).set('If-Match', '"1"')).status).toBe(409);
    });
    test('E8 what cannot be kept is refused with the field', async () => {
      const lead = await api.signIn('cro-lead');
      const put = async (body: object) => {
        const answer = await lead.send('put', '/me/preferences', body);
        return [answer.status, fieldsOf(answer.body)];
      };
      expect(await put({ quietHours: { ...night, zone: 'Mars/Olympus' }, digest: { at: '08:00', zone: '+05:30' } })).toEqual([422, ['quietHours.zone', 'digest.zone']]);
      expect(await put({ quietHours: { ...night, to: '22:00' }, digest: null })).toEqual([422, ['quietHours.to']]);
      expect(await put({ quietHours: { ...night, from: '24:00' }, digest: null })).toEqual([400, ['quietHours.from']]);
    });
  });
});
