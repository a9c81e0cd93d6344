import { MockActivityEnvironment } from '@temporalio/testing';
import { mailAnchor, RECEIPTS_STREAM } from '../../activities/mailAnchor';
import { readChain } from '../../store/auditLog';
import { addressOf, CRO, OTHER_CRO } from '../support/cast';
import { MANAGER, openTellings, type Tellings } from '../support/tellings';

const ZONE = 'Europe/Zurich';
const night = { quietHours: { from: '22:00', to: '07:00', zone: ZONE }, digest: null };
const digest = { quietHours: null, digest: { at: '08:30', zone: ZONE } };
const closing = { audience: { to: 'person', organisationId: CRO, personId: MANAGER }, reason: 'closed' } as const;

describe('what is told later', () => {
  let site: Tellings;
  beforeAll(async () => { site = await openTellings(); });
  beforeEach(() => site.clear());
  afterAll(() => site.close());

  test('E8 minor on Sunday at 03:00 is held until quiet hours end, is in the inbox at once, and counts as done; critical is sent', async () => {
    site.setNow('2026-11-22T02:00:00Z');
    await site.prefer(MANAGER, night);
    const minor = await site.raise({ severity: 'minor' });
    expect(await site.tell(minor, {})).toMatchObject({ outcome: 'done' });
    expect((await site.rows(minor))[0]).toMatchObject({ status: 'held', holdUntil: '2026-11-22T06:00:00.000Z', attempts: 0, readAt: null, channel: 'email' });
    expect(await site.trail(minor)).toEqual(['notice.held']);
    const critical = await site.raise({ severity: 'critical' });
    await site.tell(critical, {});
    expect(site.letters.map(({ subject }) => subject)).toEqual([expect.stringContaining('critical')]);

    site.setNow('2026-11-22T05:59:59Z');
    expect(await site.deliver()).toEqual({ told: 0, failed: 0, waiting: 0 });
    site.setNow('2026-11-22T06:00:00Z');
    expect(await site.deliver()).toEqual({ told: 1, failed: 0, waiting: 0 });
    expect(await site.deliver()).toEqual({ told: 0, failed: 0, waiting: 0 });
    const [row] = await site.rows(minor);
    expect(row).toMatchObject({ status: 'told', toldAt: '2026-11-22T06:00:00.000Z', attempts: 1 });
    expect(site.letters.map(({ messageId }) => messageId)).toContain(row?.messageId);
    expect(await site.trail(minor)).toEqual(['notice.held', 'notice.told']);
  });

  test('E8 repeating a telling neither sends nor holds again', async () => {
    site.setNow('2026-11-22T02:00:00Z');
    await site.prefer(MANAGER, night);
    const record = await site.raise();
    const intent = `escalation/${record._id}/one`;
    await site.tell(record, { intent });
    site.setNow('2026-11-22T08:00:00Z');
    expect(await site.tell(record, { intent })).toMatchObject({ outcome: 'done' });
    expect(site.letters).toEqual([]);
    expect(await site.trail(record)).toEqual(['notice.held']);
  });

  test('E8 a held notice whose record is over says so; whoever has left is not written to', async () => {
    site.setNow('2026-11-22T02:00:00Z');
    await site.prefer(MANAGER, night);
    const over = await site.raise();
    await site.tell(over, {});
    await site.fresh.store.models.records.updateOne({ _id: over._id }, { $set: { done: true } });
    site.setNow('2026-11-22T06:00:00Z');
    await site.deliver();
    expect(site.letters[0]?.subject).toContain('(closed meanwhile)');

    site.setNow('2026-11-23T02:00:00Z');
    const next = await site.raise();
    await site.tell(next, {});
    await site.fresh.store.models.people.updateOne({ _id: MANAGER }, { $set: { active: false } });
    site.setNow('2026-11-23T06:00:00Z');
    expect(await site.deliver()).toEqual({ told: 0, failed: 1, waiting: 0 });
    expect((await site.rows(next))[0]).toMatchObject({ status: 'failed', failure: 'the person has left meanwhile' });
    expect(site.letters).toHaveLength(1);
  });

  test('E8, E10 a held notice falls back as one of the day does', async () => {
    site.setNow('2026-11-22T02:00:00Z');
    await site.agree({ channel: 'webhook', fallback: 'email' });
    await site.channel();
    await site.prefer(MANAGER, night);
    const record = await site.raise();
    await site.tell(record, {});
    // The team's own copy waits for nobody.
    site.receiver.answer((response) => response.writeHead(410).end());
    site.setNow('2026-11-22T06:00:00Z');
    await site.deliver();
    expect((await site.rows(record)).map(({ channel, status }) => `${channel} ${status}`)).toEqual(['webhook failed', 'email told']);
    expect(site.letters).toHaveLength(1);
  });

  test('E8 a mail server that is down puts a held notice off', async () => {
    site.setNow('2026-11-22T02:00:00Z');
    await site.prefer(MANAGER, night);
    const record = await site.raise();
    await site.tell(record, {});
    site.mailbox.refuseWith(451);
    site.setNow('2026-11-22T06:00:00Z');
    expect(await site.deliver()).toEqual({ told: 0, failed: 0, waiting: 1 });
    site.mailbox.refuseWith(undefined);
    site.setNow('2026-11-22T06:01:00Z');
    expect(await site.deliver()).toEqual({ told: 1, failed: 0, waiting: 0 });
    expect((await site.rows(record))[0]).toMatchObject({ status: 'told', possiblyRepeated: false });
  });

  test('E8 a crash between send and receipt repeats with the same Message-ID, marked', async () => {
    site.setNow('2026-11-22T02:00:00Z');
    await site.prefer(MANAGER, night);
    const record = await site.raise();
    await site.tell(record, {});
    site.setNow('2026-11-22T06:00:00Z');
    // What a killed worker leaves: claimed, sent, not recorded.
    await site.fresh.store.models.notices.updateOne({ recordId: record._id }, { $inc: { attempts: 1 } });
    await site.deliver();
    expect(site.letters[0]?.raw).toContain('X-Oversight-Possibly-Repeated: yes');
    expect(site.letters[0]?.messageId).toBe((await site.rows(record))[0]?.messageId);
  });

  describe('a digest', () => {
    test('E8 one letter a day lists what only informs, with number, topic, severity, reason and link; an act never waits for it', async () => {
      site.setNow('2026-11-22T12:00:00Z');
      await site.prefer(MANAGER, digest);
      const [minor, plain, drill] = [await site.raise({ severity: 'minor' }), await site.raise(), await site.raise({ drill: true })];
      const records = [minor, plain, drill];
      for (const record of records) await site.tell(record, closing);
      await site.tell(plain, {});
      expect(site.letters).toHaveLength(1);
      await site.fresh.store.models.records.updateOne({ _id: minor._id }, { $set: { done: true } });

      site.setNow('2026-11-23T07:29:59Z');
      expect((await site.deliver()).told).toBe(0);
      site.setNow('2026-11-23T07:30:00Z');
      expect(await site.deliver()).toEqual({ told: 3, failed: 0, waiting: 0 });
      expect(await site.deliver()).toEqual({ told: 0, failed: 0, waiting: 0 });
      const [, letter, ...more] = site.letters;
      expect(more).toEqual([]);
      expect(letter).toMatchObject({ to: [addressOf(CRO, 'project_manager')], subject: 'Digest 2026-11-23: 3 notices' });
      const text = letter?.raw.replace(/=\r\n/g, '').replace(/=3D/g, '=') ?? '';
      for (const { number, _id } of records) {
        expect(text).toContain(`[${number}]`);
        expect(text).toContain(`http://oversight.example/issues/${_id}`);
      }
      expect(text).toContain(`[${minor.number}] minor demo: is closed (closed meanwhile)`);
      expect(text).toContain(`[DRILL] [${drill.number}]`);
      expect((await site.rows(minor))[0]).toMatchObject({ status: 'told', digestId: `digest/${MANAGER}/2026-11-23` });
    });

    test('E8 an interrupted digest is repeated as it was, with the same Message-ID; what came meanwhile is the next letter\'s', async () => {
      site.setNow('2026-11-22T12:00:00Z');
      await site.prefer(MANAGER, digest);
      const first = await site.raise();
      await site.tell(first, closing);
      site.setNow('2026-11-23T07:30:00Z');
      site.mailbox.refuseWith(451);
      expect(await site.deliver()).toEqual({ told: 0, failed: 0, waiting: 1 });
      site.mailbox.refuseWith(undefined);
      // A crash left no reason: nobody knows whether it was sent.
      await site.fresh.store.models.digests.updateMany({}, { $set: { failure: null } });
      const late = await site.raise();
      await site.fresh.store.models.notices.insertOne({ ...(await site.rows(first))[0], _id: 'late', recordId: late._id });
      expect((await site.deliver()).told).toBe(1);
      expect((await site.deliver()).told).toBe(1);
      const [again, next] = site.letters;
      expect(again?.raw).toContain('X-Oversight-Possibly-Repeated: yes');
      expect(again?.raw).not.toContain(late._id);
      expect(next?.raw).toContain(late._id);
      expect(new Set([again?.messageId, next?.messageId]).size).toBe(2);
      expect((await site.fresh.store.models.digests.find().sort({ _id: 1 }).lean()).map(({ _id, status }) => [_id, status])).toEqual([
        [`digest/${MANAGER}/2026-11-23`, 'told'], [`digest/${MANAGER}/2026-11-23/2`, 'told'],
      ]);
    });

    test('E8 a digest refused for good leaves each notice in the inbox, with a record', async () => {
      site.setNow('2026-11-22T12:00:00Z');
      await site.prefer(MANAGER, digest);
      const record = await site.raise();
      await site.tell(record, closing);
      site.setNow('2026-11-23T07:30:00Z');
      site.mailbox.refuseWith(550);
      expect(await site.deliver()).toEqual({ told: 0, failed: 1, waiting: 0 });
      expect((await site.rows(record)).map(({ channel, status }) => `${channel} ${status}`)).toEqual(['email failed', 'inbox told']);
    });
  });

  test('P2 a receipt whose address the mail server puts off keeps nobody else waiting, and is not repeated to them; one refused for good is said in the trail', async () => {
    site.setNow('2026-11-22T00:15:00Z');
    await site.fresh.store.models.organisations.updateOne({ _id: OTHER_CRO }, { $set: { receiptAddress: 'gone@nowhere.example' } });
    const beats: unknown[] = [];
    const run = (heartbeatDetails?: unknown) => {
      const context = new MockActivityEnvironment({ heartbeatDetails });
      context.on('heartbeat', (details: unknown) => beats.push(details));
      return context.run(() => mailAnchor(site.deps));
    };
    const receiptsTo = () => site.letters.map(({ to }) => to.join());
    site.mailbox.refuseWith(451, `receipts@${CRO}.example`);
    await expect(run()).rejects.toThrow(`${CRO}: the mail server answered 451`);
    expect(receiptsTo()).not.toContain(`receipts@${CRO}.example`);
    expect(receiptsTo()).toHaveLength(3);

    // Midnight has passed: it is still that day's anchor.
    site.setNow('2026-11-23T00:01:00Z');
    site.mailbox.refuseWith(550, 'gone@nowhere.example');
    expect(await run(beats.at(-1))).toMatchObject({ anchorId: '2026-11-22', mailed: 1 });
    expect(receiptsTo().slice(3)).toEqual([`receipts@${CRO}.example`]);
    expect(await run()).toMatchObject({ anchorId: '2026-11-23', mailed: 3 });
    expect(await readChain(site.fresh.store, RECEIPTS_STREAM, { limit: 10 })).toMatchObject([
      { action: 'receipt.refused', reason: 'the mail server answered 550', detail: { anchorId: '2026-11-23', organisationId: OTHER_CRO } },
    ]);
  });

  test('E8 more than a page of held notices goes out in one turn', async () => {
    site.setNow('2026-11-22T02:00:00Z');
    await site.prefer(MANAGER, night);
    const records = await Promise.all(Array.from({ length: 20 }, () => site.raise()));
    for (const record of records) await site.tell(record, {});
    const rows = (await Promise.all(records.map((record) => site.rows(record)))).flat();
    const copies = rows.flatMap((row) => Array.from({ length: 11 }, (_, n) => ({ ...row, _id: `${row._id}/${String(n)}`, messageId: `<${row._id}/${String(n)}>` })));
    await site.fresh.store.models.notices.insertMany(copies);
    site.setNow('2026-11-22T06:00:00Z');
    expect((await site.deliver()).told).toBe(240);
  });
});
