import { Webhook } from 'standardwebhooks';
import { addressOf, CRO, personOf } from '../support/cast';
import { MANAGER, openTellings, type Tellings } from '../support/tellings';
import type { NoticeDoc } from '../../store/schemas/records';

const QUALITY = personOf(CRO, 'quality');
const brief = (rows: readonly NoticeDoc[]) => rows.map(({ channel, status, failure }) => `${channel} ${status}${failure === null ? '' : `: ${failure}`}`);

describe('telling people', () => {
  let site: Tellings;
  beforeAll(async () => { site = await openTellings(); });
  beforeEach(() => site.clear());
  afterAll(() => site.close());

  test('E10 by role: a letter, and the same row is the inbox entry', async () => {
    const record = await site.raise();
    expect(await site.tell(record, {})).toMatchObject({ outcome: 'done' });
    const [row, ...more] = await site.rows(record);
    expect(more).toEqual([]);
    expect(row).toMatchObject({ personId: MANAGER, channel: 'email', status: 'told', fallbackOf: null, severity: 'major', drill: false, readAt: null });
    expect(site.letters.map(({ to, messageId }) => [...to, messageId])).toEqual([[addressOf(CRO, 'project_manager'), row?.messageId]]);
    expect(await site.trail(record)).toEqual(['notice.told']);
  });

  test('E10 an address that is refused for good: the inbox keeps the notice, and the machine hears that no agreed channel took it', async () => {
    site.mailbox.refuseWith(550);
    const record = await site.raise();
    expect(await site.tell(record, {})).toMatchObject({ outcome: 'failed', detail: 'nobody could be told, only inboxes keep it: level 1 of the accountable side' });
    const rows = await site.rows(record);
    expect(brief(rows)).toEqual(['email failed: the mail server answered 550', 'inbox told']);
    expect(rows[1]?.fallbackOf).toBe(rows[0]?._id);
    expect(await site.trail(record)).toEqual(['notice.failed', 'notice.told']);
  });

  test('E10 the contact\'s fallback is tried when the channel fails for good; each attempt is kept', async () => {
    await site.agree({ channel: 'webhook', fallback: 'email' });
    await site.channel();
    site.receiver.answer((response) => response.writeHead(410).end());
    const record = await site.raise();
    expect(await site.tell(record, {})).toMatchObject({ outcome: 'done' });
    expect(brief(await site.rows(record))).toEqual(['webhook failed: the receiver answered 410', 'email told']);
    expect(site.letters).toHaveLength(1);
  });

  test('E10 a receiver that is down is tried five times, and then the fallback', async () => {
    await site.agree({ channel: 'webhook', fallback: 'email' });
    await site.channel();
    site.receiver.answer((response) => response.writeHead(503).end());
    const record = await site.raise();
    const intent = `escalation/${record._id}/one`;
    for (let attempt = 1; attempt < 5; attempt += 1) await expect(site.tell(record, { intent })).rejects.toThrow('the receiver answered 503');
    expect(await site.tell(record, { intent })).toMatchObject({ outcome: 'done' });
    expect(brief(await site.rows(record))).toEqual(['webhook failed: the receiver answered 503', 'email told']);
    // Repeating a finished telling does nothing.
    expect(await site.tell(record, { intent })).toMatchObject({ outcome: 'done' });
    expect([site.received.length, site.letters.length]).toEqual([5, 1]);
  });

  test('E10 a webhook says what a letter says and no more, signed; a repetition has the same id and is marked', async () => {
    await site.agree({ channel: 'webhook' });
    const { secret } = await site.channel();
    site.receiver.answer((response) => { response.destroy(); });
    const record = await site.raise();
    const intent = `escalation/${record._id}/one`;
    await expect(site.tell(record, { intent })).rejects.toThrow('did not answer');
    site.receiver.answer((response) => response.writeHead(204).end());
    expect(await site.tell(record, { intent })).toMatchObject({ outcome: 'done' });
    const taken = site.received.map(({ headers, body }) => new Webhook(secret).verify(body, headers as Record<string, string>) as { data: object });
    expect(taken[1]).toEqual({
      type: 'notice.level', timestamp: expect.any(String),
      data: {
        recordId: record._id, kind: 'issue', number: record.number, topic: 'demo', severity: 'major', reason: 'level', level: 1, due: null,
        link: `http://oversight.example/issues/${record._id}`, personId: MANAGER, drill: false, closed: false, possiblyRepeated: true,
      },
    });
    expect(taken[0]?.data).toMatchObject({ possiblyRepeated: false });
    const ids = site.received.map(({ headers }) => headers['webhook-id']);
    expect(ids[0]).toBe(ids[1]);
    const [row] = await site.rows(record);
    expect(row).toMatchObject({ possiblyRepeated: true, status: 'told', messageId: `<${String(ids[0])}@cro-oversight>` });
    expect(site.received.map(({ body }) => body).join()).not.toContain('secret description');
  });

  test('E10 a PHI row never uses a channel outside what it allows; the blocked attempt is recorded', async () => {
    await site.agree({ channel: 'email' }, { phi: true, phiChannels: ['inbox'] });
    const record = await site.raise();
    expect(await site.tell(record, {})).toMatchObject({ outcome: 'done' });
    expect(brief(await site.rows(record))).toEqual(['email failed: the matrix row may hold health information, and does not allow email for it', 'inbox told']);
    // By role or by name too: the row counts for whoever is told.
    expect(await site.tell(record, { audience: { to: 'person', organisationId: CRO, personId: QUALITY }, reason: 'assigned' })).toMatchObject({ outcome: 'done' });
    expect(site.letters).toEqual([]);
    expect(await site.trail(record)).toEqual(['notice.blocked', 'notice.told', 'notice.blocked', 'notice.told']);
  });

  test('E9, E10 who stands in for a contact is reached by the contact\'s channel', async () => {
    await site.agree({ channel: 'inbox' });
    await site.fresh.store.models.people.updateOne({ _id: MANAGER }, { $set: { active: false } });
    const record = await site.raise();
    expect(await site.tell(record, {})).toMatchObject({ outcome: 'done' });
    expect((await site.rows(record)).map(({ personId, as, channel }) => [personId, as, channel])).toEqual([[QUALITY, 'deputy', 'inbox']]);
  });

  test('E15 notices of a drill are marked in subject, header, body and ledger', async () => {
    await site.channel();
    const record = await site.raise({ drill: true });
    await site.tell(record, {});
    const [letter] = site.letters;
    expect(letter?.subject).toMatch(/^\[DRILL\] \[ISS-/);
    expect(letter?.raw).toContain('X-Oversight-Drill: yes');
    expect(letter?.raw).toContain('DRILL: an exercise; nothing has happened.');
    expect((await site.rows(record)).map(({ drill }) => drill)).toEqual([true, true]);
    expect(JSON.parse(site.received[0]?.body ?? '{}')).toMatchObject({ data: { drill: true } });
  });

  describe('team channels', () => {
    test('S1.9 a level\'s team is told beside its people: by study, country, function and severity, each target once', async () => {
      const swiss = await site.channel({ country: 'CH', target: `${site.receiver.url}/swiss` });
      await site.channel({ country: 'DE', target: `${site.receiver.url}/german` });
      await site.channel({ target: `${site.receiver.url}/swiss` });
      await site.channel({ channel: 'email', target: 'team@cro.example', role: 'project_manager' });
      const record = await site.raise({ content: { title: 't', description: 'd', country: 'CH' } });
      const intent = `escalation/${record._id}/one`;
      await site.tell(record, { intent });
      await site.tell(record, { intent });
      expect(site.received.map(({ path }) => path)).toEqual(['/swiss']);
      expect(site.letters.flatMap(({ to }) => to).toSorted()).toEqual([addressOf(CRO, 'project_manager'), 'team@cro.example']);
      expect((await site.rows(record)).find(({ endpointId }) => endpointId === swiss.id)).toMatchObject({ personId: `channel/${swiss.id}`, as: 'team', channel: 'webhook', status: 'told' });
      // What concerns one person is not the team's.
      await site.tell(record, { audience: { to: 'person', organisationId: CRO, personId: QUALITY }, reason: 'assigned' });
      expect(site.received).toHaveLength(1);
    });

    test('S1.9 a team\'s receiver that is down holds up nobody; the message is delivered when it is back', async () => {
      site.setNow('2026-11-22T12:00:00Z');
      await site.channel();
      site.receiver.answer((response) => response.writeHead(503).end());
      const record = await site.raise();
      expect(await site.tell(record, {})).toMatchObject({ outcome: 'done' });
      const team = async () => (await site.rows(record)).find(({ as }) => as === 'team');
      expect(await team()).toMatchObject({ status: 'held', holdUntil: '2026-11-22T12:01:00.000Z', failure: 'the receiver answered 503' });
      expect(await site.deliver()).toEqual({ told: 0, failed: 0, waiting: 0 });
      site.setNow('2026-11-22T12:01:00Z');
      expect(await site.deliver()).toEqual({ told: 0, failed: 0, waiting: 1 });
      expect(await team()).toMatchObject({ attempts: 2, holdUntil: '2026-11-22T12:03:00.000Z' });
      site.setNow('2026-11-22T12:03:00Z');
      site.receiver.answer((response) => response.writeHead(204).end());
      expect(await site.deliver()).toEqual({ told: 1, failed: 0, waiting: 0 });
      expect(await team()).toMatchObject({ status: 'told', attempts: 3, possiblyRepeated: false });
    });

    test('S1.9 a team whose receiver took the message and died is told again, marked', async () => {
      site.setNow('2026-11-22T12:00:00Z');
      await site.channel();
      site.receiver.answer((response) => { response.destroy(); });
      const record = await site.raise();
      await site.tell(record, {});
      site.receiver.answer((response) => response.writeHead(204).end());
      site.setNow('2026-11-22T12:01:00Z');
      await site.deliver();
      expect(site.received.map(({ body }) => (JSON.parse(body) as { data: { possiblyRepeated: boolean } }).data.possiblyRepeated)).toEqual([false, true]);
    });

    test('E10 a PHI row tells only teams that are approved for it', async () => {
      await site.agree({ channel: 'inbox' }, { phi: true, phiChannels: ['inbox', 'webhook'] });
      await site.channel({ target: `${site.receiver.url}/not-approved` });
      await site.channel({ target: `${site.receiver.url}/approved`, phiApproved: true });
      await site.channel({ channel: 'email', target: 'team@cro.example', phiApproved: true });
      const record = await site.raise();
      await site.tell(record, {});
      expect(site.received.map(({ path }) => path)).toEqual(['/approved']);
      expect(site.letters).toEqual([]);
      expect(await site.trail(record)).toEqual(expect.arrayContaining(['notice.blocked', 'notice.blocked']));
    });
  });
});
