import { Webhook } from 'standardwebhooks';
import type { MailChannel } from '../../platform/mail';
import { addressOf, CRO, personOf } from '../support/cast';
import { watchCommands } from '../support/driverCommands';
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

  describe('a notice and its entry', () => {
    const night = { quietHours: { from: '22:00', to: '07:00', zone: 'UTC' }, digest: null };
    /** Something stands where the next entry belongs: what a kill between the two would leave, for as long as it stands. */
    const obstruct = async (recordId: string) => {
      const place = { _id: `notices/${recordId}/1` };
      await site.fresh.admin.audit.collection<{ _id: string }>('audit').insertOne({ ...place, streamId: `obstacle/${recordId}`, seq: 1 } as never);
      return () => site.fresh.admin.audit.collection<{ _id: string }>('audit').deleteOne(place);
    };

    test('P3 told and its entry come together or not at all: a repetition says that it may be one', async () => {
      const record = await site.raise();
      const intent = `escalation/${record._id}/one`;
      const clear = await obstruct(record._id);
      await expect(site.tell(record, { intent })).rejects.toThrow('duplicate key');
      expect(await site.rows(record)).toMatchObject([{ status: 'pending', toldAt: null }]);
      await clear();
      expect(await site.tell(record, { intent })).toMatchObject({ outcome: 'done' });
      expect(await site.rows(record)).toMatchObject([{ status: 'told', possiblyRepeated: true, attempts: 2 }]);
      expect(await site.trail(record)).toEqual(['notice.told']);
      expect(site.letters.map(({ raw }) => raw.includes('X-Oversight-Possibly-Repeated: yes'))).toEqual([false, true]);
    });

    test('P3 so do a way that failed, one that is held and one that is blocked', async () => {
      const failing = await site.raise();
      site.mailbox.refuseWith(550);
      const clearFailing = await obstruct(failing._id);
      const intent = `escalation/${failing._id}/one`;
      await expect(site.tell(failing, { intent })).rejects.toThrow('duplicate key');
      expect(await site.rows(failing)).toMatchObject([{ status: 'pending' }]);
      await clearFailing();
      await site.tell(failing, { intent });
      expect(await site.trail(failing)).toEqual(['notice.failed', 'notice.told']);

      site.setNow('2026-11-22T02:00:00Z');
      await site.prefer(MANAGER, night);
      const held = await site.raise();
      const clearHeld = await obstruct(held._id);
      await expect(site.tell(held, {})).rejects.toThrow('duplicate key');
      expect(await site.rows(held)).toEqual([]);
      await clearHeld();
      await site.tell(held, {});
      expect(await site.trail(held)).toEqual(['notice.held']);

      await site.agree({ channel: 'email' }, { phi: true, phiChannels: ['inbox'] });
      const blocked = await site.raise();
      const clearBlocked = await obstruct(blocked._id);
      await expect(site.tell(blocked, {})).rejects.toThrow('duplicate key');
      expect(await site.rows(blocked)).toEqual([]);
      await clearBlocked();
      await site.tell(blocked, {});
      expect(await site.trail(blocked)).toEqual(['notice.blocked', 'notice.told']);
    });

    test('P3 a held notice that is told now, alone or in a digest, likewise', async () => {
      for (const preferences of [night, { quietHours: null, digest: { at: '08:30', zone: 'UTC' } }]) {
        site.setNow('2026-11-22T02:00:00Z');
        await site.prefer(MANAGER, preferences);
        const record = await site.raise({ severity: 'minor' });
        await site.tell(record, { audience: { to: 'person', organisationId: CRO, personId: MANAGER }, reason: 'closed' });
        const place = { _id: `notices/${record._id}/2` };
        await site.fresh.admin.audit.collection<{ _id: string }>('audit').insertOne({ ...place, streamId: `obstacle/${record._id}`, seq: 2 } as never);
        site.setNow('2026-11-22T09:00:00Z');
        await expect(site.deliver()).rejects.toThrow('duplicate key');
        expect(await site.rows(record)).toMatchObject([{ status: 'held', toldAt: null }]);
        await site.fresh.admin.audit.collection<{ _id: string }>('audit').deleteOne(place);
        expect((await site.deliver()).told).toBe(1);
        expect(await site.trail(record)).toEqual(['notice.held', 'notice.told']);
      }
    });

    /** Lets go of its letters when so many are taken, as a quick mail server does. */
    const takenTogether = (letters: number): MailChannel => {
      const opened: (() => void)[] = [];
      return {
        close: () => undefined,
        send: async (letter) => {
          const outcome = await site.deps.mail.send(letter);
          await new Promise<void>((resolve) => {
            opened.push(resolve);
            if (opened.length === letters) opened.forEach((open) => { open(); });
          });
          return outcome;
        },
      };
    };

    test('telling three people takes as many MongoDB commands as telling one', async () => {
      const cost = async (roles: readonly string[]) => {
        const record = await site.raise({ rev: 2 });
        const watch = watchCommands(site.fresh.store);
        await site.tell(record, { audience: { to: 'roles', organisationId: CRO, roles: [...roles] as never } }, takenTogether(roles.length));
        watch.stop();
        expect((await site.rows(record)).map(({ status }) => status)).toEqual(roles.map(() => 'told'));
        expect(await site.trail(record)).toEqual(roles.map(() => 'notice.told'));
        return watch.seen.map(({ name, collection }) => `${name} ${collection}`);
      };
      const one = await cost(['project_manager']);
      expect(await cost(['project_manager', 'study_lead', 'quality'])).toEqual(one);
      // Routing six, the claim, and one transaction: rows, deadline, rows as they now stand, end of the chain, entries, commit.
      expect(one.length > 13 ? one : []).toEqual([]);
    });
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
