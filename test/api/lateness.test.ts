import { plusMs } from '../../contracts/instant';
import { recordBeat } from '../../store/outages';
import { adminApi, type AdminApi, type SignedIn } from '../support/adminApi';
import { LEDGER_BEGINS as T0, passedDeadline } from '../support/passed';

const RANGE = `from=${T0}&to=${plusMs(T0, 90_000_000)}`;

describe('lateness and outages', () => {
  let api: AdminApi;
  let lead: SignedIn;
  let bound: SignedIn;
  let other: SignedIn;
  let root: SignedIn;
  beforeAll(async () => {
    api = await adminApi();
    [lead, bound, other, root] = await Promise.all(['spo-lead', 'cro-lead', 'cro2-lead', 'root'].map((id) => api.signIn(id))) as [SignedIn, SignedIn, SignedIn, SignedIn];
    const { deadlineLedger } = api.deps.store.models;
    await deadlineLedger.insertMany([
      ...[10, 20, 30, 40].map((lateByMs, n) => passedDeadline(`ack-${String(n)}`, { dueMs: n, lateByMs, toldLateByMs: n === 3 ? null : lateByMs + 100 })),
      passedDeadline('missed', { outcome: 'missed', lateByMs: 999 }),
      passedDeadline('warned', { warning: 0.8, lateByMs: 7 }),
      passedDeadline('critical', { severity: 'critical', organisationId: 'spo', lateByMs: 5000, dueMs: 70_000 }),
      passedDeadline('other-cro', { studyId: 'st2', accountableOrganisationId: 'cro2', organisationId: 'cro2', visibleTo: ['spo', 'cro2'], lateByMs: 600_000, dueMs: 60_000 }),
    ]);
  });
  afterAll(() => api.close());

  const get = async (by: SignedIn, path: string) => (await by.send('get', path)).body;

  test('E6 each line says count, p50, p95 and maximum of due to fired and of due to told, by the formula that comes along', async () => {
    const body = await get(bound, `/lateness?${RANGE}&groupBy=severity,organisationId`);
    expect(body.formula).toMatchObject({ name: 'nearest-rank', version: 1 });
    expect(body.groups).toEqual([
      { severity: 'critical', organisationId: 'spo', fired: { count: 1, p50: { ms: 5000, deadlineId: 'critical' }, p95: { ms: 5000, deadlineId: 'critical' }, max: { ms: 5000, deadlineId: 'critical' } }, told: null, overtaken: 0 },
      {
        severity: 'major', organisationId: 'cro', overtaken: 1,
        fired: { count: 4, p50: { ms: 20, deadlineId: 'ack-1' }, p95: { ms: 40, deadlineId: 'ack-3' }, max: { ms: 40, deadlineId: 'ack-3' } },
        told: { count: 3, p50: { ms: 120, deadlineId: 'ack-1' }, p95: { ms: 130, deadlineId: 'ack-2' }, max: { ms: 130, deadlineId: 'ack-2' } },
      },
    ]);
    const rows = await get(bound, String(body.rows).replace('/api/v1', ''));
    expect(rows.items.map((row: { id: string }) => row.id)).toEqual(['critical', 'ack-3', 'ack-2', 'ack-1', 'missed', 'ack-0']);
    expect(rows.items[0]).not.toHaveProperty('visibleTo');
  });

  test('P14 nobody sees the lateness of records that are not theirs', async () => {
    const idsOf = async (by: SignedIn) => (await get(by, `/lateness/deadlines?${RANGE}`)).items.map((row: { id: string }) => row.id) as string[];
    expect(await idsOf(other)).toEqual(['other-cro']);
    expect(await idsOf(bound)).not.toContain('other-cro');
    expect(await idsOf(lead)).toHaveLength(7);
    expect(await idsOf(root)).toEqual([]);
    expect((await get(other, `/lateness?${RANGE}`)).groups).toMatchObject([{ capability: 'escalation', organisationId: 'cro2', severity: 'major', fired: { count: 1 } }]);
    expect((await get(root, `/lateness?${RANGE}`)).groups).toEqual([]);
  });

  test('E6 filters narrow rows and figures alike; warnings are asked for by name', async () => {
    expect((await get(lead, `/lateness?${RANGE}&severity=critical&groupBy=kind`)).groups).toMatchObject([{ kind: 'ack', fired: { count: 1 } }]);
    expect((await get(lead, `/lateness?${RANGE}&organisationId=cro2&groupBy=kind`)).groups).toMatchObject([{ fired: { max: { ms: 600_000 } } }]);
    expect((await get(lead, `/lateness?${RANGE}&capability=escalation&kind=progress`)).groups).toEqual([]);
    expect((await get(lead, `/lateness/deadlines?${RANGE}&warnings=true`)).items).toMatchObject([{ id: 'warned', warning: 0.8 }]);
    expect((await get(lead, `/lateness?from=${T0}&to=${plusMs(T0, 2)}&groupBy=kind`)).groups).toMatchObject([{ fired: { count: 2 } }]);
  });

  test('E6 pages of rows meet without gap or repeat', async () => {
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const body: { items: { id: string }[]; next: string | null } = await get(lead, `/lateness/deadlines?${RANGE}&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
      ids.push(...body.items.map(({ id }) => id));
      cursor = body.next;
    }
    expect(ids).toEqual(['critical', 'other-cro', 'ack-3', 'ack-2', 'ack-1', 'missed', 'ack-0']);
  });

  test('E6 an empty or endless range breaks a rule, a malformed one is named', async () => {
    expect(await get(lead, `/lateness?from=${T0}&to=${T0}`)).toMatchObject({ status: 422, errors: [{ field: 'from' }] });
    expect(await get(lead, '/lateness?from=2020-01-01T00:00:00Z&to=2026-01-01T00:00:00Z')).toMatchObject({ status: 422 });
    expect(await get(lead, '/lateness?from=yesterday&groupBy=mood')).toMatchObject({ status: 400, errors: [{ field: 'from' }, { field: 'groupBy.0' }] });
  });

  test('E6 an outage lists the deadlines that it delayed, to each reader their own; who runs the installation sees kinds and numbers only', async () => {
    const { store } = api.deps;
    const beat = (ms: number) => recordBeat(store, 'sentinel', { at: plusMs(T0, ms), everyMs: 1000, workerStartedAt: plusMs(T0, 65_500), turns: null });
    await beat(50_000);
    await beat(66_000);
    await beat(71_000);
    const { items, ongoing } = await get(lead, '/outages');
    expect(items).toMatchObject([{ from: plusMs(T0, 66_000), lastedMs: 5000 }, { from: plusMs(T0, 50_000), until: plusMs(T0, 66_000), cause: 'worker', process: 'sentinel' }]);
    expect(ongoing).toEqual([{ process: 'sentinel', from: plusMs(T0, 71_000) }]);
    const path = `/outages/${String(items[1].id)}/deadlines`;
    expect(await get(lead, path)).toMatchObject({ outage: { id: items[1].id }, items: [{ id: 'other-cro', number: 'ISS-other-cro', name: 'ack/accountable', lateByMs: 600_000, toldLateByMs: null }], totals: null, next: null });
    expect(await get(bound, path)).toMatchObject({ items: [], totals: null });
    expect(await get(root, path)).toMatchObject({ items: [], totals: [{ capability: 'escalation', kind: 'ack', count: 1, maxLateByMs: 600_000 }] });
    expect(await get(lead, '/outages/sentinel-nothing/deadlines')).toMatchObject({ status: 404 });
    const first = await get(lead, '/outages?limit=1');
    expect((await get(lead, `/outages?limit=1&cursor=${String(first.next)}`)).items).toMatchObject([{ id: items[1].id }]);
  });
});
