import { CRO, personOf } from '../support/cast';
import { issuesApi, type Requests } from '../support/issuesApi';
import { MANAGER, openTellings, type Tellings } from '../support/tellings';
import type { Gateway } from '../../api/gateway';
import { explainStages } from '../support/explain';

const gateway: Gateway = {
  send: () => Promise.reject(new Error('no Temporal here')), history: () => Promise.resolve([]),
  decode: ({ runId }) => Promise.resolve({ runId, events: [] }), healthy: () => Promise.resolve(true), workerPolls: () => Promise.resolve(false),
};
interface Entry { id: string; recordId: string; reason: string; held: boolean; readAt: string | null; toldBy: string; closed: boolean; drill: boolean }
interface Page { items: Entry[]; next: string | null; unread: number }

describe('the inbox', () => {
  let site: Tellings;
  let manager: Requests;
  let other: Requests;
  beforeAll(async () => {
    site = await openTellings();
    const api = issuesApi(site.fresh.store, gateway);
    manager = await api.as(MANAGER);
    other = await api.as(personOf(CRO, 'study_lead'));
  });
  beforeEach(() => site.clear());
  afterAll(() => site.close());
  const page = async (query = '') => (await manager.get(`/inbox${query}`)).body as Page;

  test('E10 every notice to a person is in their inbox, however it was told; nobody sees another\'s', async () => {
    site.setNow('2026-11-22T02:00:00Z');
    const told = await site.raise();
    await site.tell(told, {});
    site.mailbox.refuseWith(550);
    site.setNow('2026-11-22T02:01:00Z');
    const refused = await site.raise({ drill: true });
    await site.tell(refused, {});
    await site.prefer(MANAGER, { quietHours: { from: '00:00', to: '23:59', zone: 'UTC' }, digest: null });
    site.setNow('2026-11-22T02:02:00Z');
    const held = await site.raise();
    await site.tell(held, {});
    const { items, unread, next } = await page();
    expect(items.map(({ recordId, toldBy, held: later, drill }) => [recordId, toldBy, later, drill])).toEqual([
      [held._id, 'email', true, false], [refused._id, 'email', false, true], [told._id, 'email', false, false],
    ]);
    expect([unread, next]).toEqual([3, null]);
    expect((await other.get('/inbox')).body).toMatchObject({ items: [], unread: 0 });
    const [first] = items;
    expect((await other.post(`/inbox/${String(first?.id)}/read`, {})).status).toBe(404);
    expect((await manager.post('/inbox/nonsense/read', {})).status).toBe(400);
  });

  test('E11 reading an entry marks it read and its notice reached, also the attempt that told it; once', async () => {
    site.mailbox.refuseWith(550);
    const record = await site.raise();
    await site.tell(record, {});
    const [entry] = (await page()).items;
    const read = await manager.post(`/inbox/${String(entry?.id)}/read`, {});
    expect(read.body).toMatchObject({ id: entry?.id, recordId: record._id, readAt: expect.any(String) });
    const rows = await site.rows(record);
    expect(rows.map(({ reachedAt }) => reachedAt !== null)).toEqual([true, true]);
    expect((await manager.post(`/inbox/${String(entry?.id)}/read`, {})).body).toEqual(read.body);
    expect(await site.rows(record)).toEqual(rows);
    expect((await page('?unread=true')).items).toEqual([]);
  });

  test('E11 opening the record reads what one was told about it', async () => {
    const record = await site.raise();
    await site.tell(record, {});
    expect((await page()).unread).toBe(1);
    expect((await manager.get(`/issues/${record._id}`)).status).toBe(200);
    expect(await page()).toMatchObject({ unread: 0, items: [{ readAt: expect.any(String) }] });
  });

  test('E10 pages by cursor, newest first, and marks all read up to what was seen', async () => {
    const records = [];
    for (let minute = 0; minute < 5; minute += 1) {
      site.setNow(`2026-01-15T08:0${String(minute)}:00Z`);
      const record = await site.raise();
      await site.tell(record, {});
      records.unshift(record._id);
    }
    const first = await page('?limit=2');
    const second = await page(`?limit=2&cursor=${String(first.next)}`);
    const third = await page(`?limit=2&cursor=${String(second.next)}`);
    expect([first, second, third].flatMap(({ items }) => items.map(({ recordId }) => recordId))).toEqual(records);
    expect(third.next).toBeNull();
    expect((await manager.get('/inbox?cursor=nonsense')).status).toBe(400);
    expect((await manager.post('/inbox/read-all', { upTo: '2026-01-15T08:02:00Z' })).body).toEqual({ read: 3 });
    expect(await page('?unread=true')).toMatchObject({ unread: 2 });
    expect((await manager.post('/inbox/read-all', {})).body).toEqual({ read: 2 });
    expect((await page()).unread).toBe(0);
  });

  test('E10 what is unread is found by its index, without sorting', async () => {
    const stages = await explainStages(site.fresh.store.models.notices.find({ personId: MANAGER, fallbackOf: null }).sort({ createdAt: -1, _id: -1 }).limit(51));
    expect(stages).not.toContain('COLLSCAN');
    expect(stages).not.toContain('SORT');
  });
});
