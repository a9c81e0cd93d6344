import { Client, Connection } from '@temporalio/client';
import { createTemporalGateway } from '../../api/temporalGateway';
import type { ControlOpening } from '../../contracts/control';
import { calendarDays } from '../../contracts/spans';
import { instantOf, plusMs } from '../../contracts/instant';
import { emptyChain } from '../../domain/audit/chain';
import { control } from '../../domain/control/machine';
import { project } from '../../domain/control/projection';
import { resolveDeadline } from '../../domain/time/deadlines';
import { actorInterceptors } from '../../platform/clientInterceptors';
import { jsonOf } from '../../store/commands';
import type { RecordDoc } from '../../store/schemas/records';
import { CRO, OTHER_CRO, OTHER_SPONSOR, personOf, seedCast, SPONSOR, STUDY } from '../support/cast';
import { issuesApi, type IssuesApi, type Requests } from '../support/issuesApi';
import { freshStore, type FreshStore } from '../support/mongo';

const T0 = instantOf(Date.UTC(2026, 9, 1, 8));
const DAY_MS = 24 * 3_600_000;
const RULE = { every: calendarDays(7), grace: calendarDays(2), organisationId: CRO };
const body = (more: object = {}) => ({ kind: 'contact', studyId: STUDY, topic: 'data', organisationIds: [SPONSOR, CRO], rule: RULE, ...more });

/** A stored control as its opening leaves it. */
function controlDoc(id: string, more: Partial<ControlOpening['request']> = {}): RecordDoc {
  const { state, arm } = control.open({ id, number: `CTL-${id}`, row: null, from: T0, request: { ...body(), kind: 'contact', ...more } }, T0);
  const armed = arm.flatMap((rule) => resolveDeadline({ rule, tzdb: 'test' }));
  return {
    _id: id, capability: 'control', rev: 1, number: `CTL-${id}`, stateVersion: control.version, state: jsonOf(state), armed, content: { title: 'Agreed contact: data', description: '' },
    ...project(state), listedUnder: [], nextDueAt: armed[0]?.due ?? null, openedAt: T0, updatedAt: T0, done: false, chain: emptyChain(''),
  };
}

describe('control routes with Temporal out of reach', () => {
  let fresh: FreshStore;
  let connection: Connection;
  let api: IssuesApi;
  let lead: Requests;
  let manager: Requests;
  const typeOf = (response: { body: unknown }): unknown => (response.body as { type?: unknown }).type;
  const fieldsOf = (response: { body: unknown }): string[] => (response.body as { errors: { field: string }[] }).errors.map(({ field }) => field);

  beforeAll(async () => {
    fresh = await freshStore();
    await seedCast(fresh.store);
    connection = Connection.lazy({ address: '127.0.0.1:1', interceptors: [] });
    const client = new Client({ connection, interceptors: actorInterceptors });
    api = issuesApi(fresh.store, createTemporalGateway({ client, taskQueue: 'nobody', codec: { encode: async (p) => Promise.resolve(p), decode: async (p) => Promise.resolve(p) } }), 800);
    lead = await api.as(personOf(SPONSOR, 'study_lead'));
    manager = await api.as(personOf(CRO, 'project_manager'));
    await fresh.store.models.records.insertMany([
      controlDoc('c1'), controlDoc('c2', { topic: 'safety' }),
      controlDoc('c3', { organisationIds: [OTHER_SPONSOR, OTHER_CRO], rule: { ...RULE, organisationId: OTHER_CRO } }),
    ]);
    await fresh.store.models.slots.insertMany(Array.from({ length: 5 }, (_, index) => ({
      _id: `c1/${String(index + 1)}`, controlId: 'c1', rev: index + 2, no: index + 1, fate: 'held' as const, from: plusMs(T0, index), due: plusMs(T0, index + 1), until: plusMs(T0, index + 1), closedAt: T0,
      contact: { at: T0, how: 'call', evidence: null }, reason: null,
    })));
  });
  afterAll(async () => {
    await connection.close();
    await fresh.drop();
  });

  test('E16 a control by hand is stored and will run: 202, its opening checked and numbered', async () => {
    const response = await lead.post('/controls', body({ note: 'agreed at kick-off' }), { key: 'by-hand' });
    expect(response.status).toBe(202);
    const command = await fresh.store.models.commands.findById((response.body as { id: string }).id).lean();
    expect(command).toMatchObject({ capability: 'control', act: 'open', opening: { opening: { number: 'CTL-ST-1-1', row: null, request: { topic: 'data', rule: { organisationId: CRO } } }, content: { description: 'agreed at kick-off' } } });
    // Free text is content, not state.
    expect(JSON.stringify((command?.opening as { opening: object }).opening)).not.toContain('kick-off');
    expect((await lead.post('/controls', body({ note: 'agreed at kick-off' }), { key: 'by-hand' })).status).toBe(202);
    expect(await fresh.store.models.counters.findById(`study/${STUDY}`).lean()).toMatchObject({ drawn: { CTL: 1 } });
    // The same key may raise an issue of its own.
    expect((await lead.post('/controls', body({ topic: 'safety' }), { key: 'by-hand' })).status).toBe(422);
  });

  test.each([
    ['a stranger as responsible', { rule: { ...RULE, organisationId: OTHER_CRO } }, 'rule.organisationId'],
    ['an unknown study', { studyId: 'study-9' }, 'studyId'],
    ['an organisation nobody knows', { organisationIds: [SPONSOR, 'nobody'], rule: { ...RULE, organisationId: SPONSOR } }, 'organisationIds'],
  ])('%s is 422 naming the field', async (_what, more, field) => {
    const response = await lead.post('/controls', body(more));
    expect([response.status, typeOf(response)]).toEqual([422, '/problems/rule_broken']);
    expect(fieldsOf(response)).toEqual([field]);
  });

  test('P14 who may not draft configuration agrees on nothing; who owes the contact does not waive it', async () => {
    expect((await (await api.as(personOf(SPONSOR, 'contributor'))).post('/controls', body())).status).toBe(403);
    expect((await lead.post('/controls', body({ organisationIds: [OTHER_SPONSOR, OTHER_CRO], rule: { ...RULE, organisationId: OTHER_CRO } }))).status).toBe(403);
    expect((await manager.post('/controls/c1/waive', { reason: 'holiday' })).status).toBe(403);
    expect((await (await api.as(personOf(SPONSOR, 'quality_head'))).post('/controls/c1/waive', { reason: 'holiday' })).status).toBe(202);
    expect((await manager.post('/controls/c1/stop', { reason: 'r' })).status).toBe(403);
    expect((await lead.post('/controls/c1/stop', { reason: 'r' })).status).toBe(202);
  });

  test('E16 a logged contact keeps the instant at which it came, and what was seen of its slot', async () => {
    const before = Date.now();
    const response = await manager.post('/controls/c1/log-contact', { how: 'call', note: 'n' }, { key: 'call' });
    expect(response.status).toBe(202);
    const command = await fresh.store.models.commands.findById((response.body as { id: string }).id).lean();
    const kept = command?.body as { at: string; seen: unknown };
    expect(Date.parse(kept.at)).toBeGreaterThanOrEqual(before);
    expect(kept.seen).toEqual({ slot: 1, due: plusMs(T0, 7 * DAY_MS) });
    // A repetition comes later and is the same.
    expect((await manager.post('/controls/c1/log-contact', { how: 'call', note: 'n' }, { key: 'call' })).body).toMatchObject({ id: command?._id });
    expect((await manager.post('/controls/c1/log-contact', { how: 'pigeon', note: 'n' })).status).toBe(400);
    expect((await manager.post('/controls/c1/change-rule', { rule: RULE, reason: 'r' })).status).toBe(403);
    // Behind a contact that waits for the other side's word: of the slot after it, which is not armed yet.
    const stated = { at: plusMs(T0, DAY_MS), how: 'call', note: 'n', evidence: null, by: { personId: 'p', organisationId: CRO }, due: null };
    await fresh.store.models.records.updateOne({ _id: 'c1' }, { $set: { 'state.slot.stated': stated } });
    const next = await manager.post('/controls/c1/log-contact', { how: 'call', note: 'n' });
    expect((await fresh.store.models.commands.findById((next.body as { id: string }).id).lean())?.body).toMatchObject({ seen: { slot: 2, due: plusMs(T0, 8 * DAY_MS) } });
    await fresh.store.models.records.updateOne({ _id: 'c1' }, { $unset: { 'state.slot.stated': 1 } });
  });

  test('P14 lists and records hold what is shared, each pathway apart', async () => {
    const listed = (await lead.get('/controls')).body as { items: { id: string; slot: object }[]; next: string | null };
    expect(listed).toMatchObject({ items: [{ id: 'c2' }, { id: 'c1', responsibleOrganisationId: CRO, slot: { no: 1, due: plusMs(T0, 7 * DAY_MS), late: false }, status: 'running' }], next: null });
    const page = (await lead.get('/controls?limit=1')).body as { items: { id: string }[]; next: string };
    const rest = (await lead.get(`/controls?limit=1&cursor=${page.next}`)).body as { items: { id: string }[]; next: string | null };
    expect([page.items[0]?.id, rest.items[0]?.id, rest.next]).toEqual(['c2', 'c1', null]);
    expect(((await lead.get('/controls?topic=safety&status=running')).body as { items: { id: string }[] }).items.map(({ id }) => id)).toEqual(['c2']);
    expect((await lead.get('/controls?status=lost')).status).toBe(400);
    for (const path of ['/controls/c3', '/controls/c3/slots', '/controls/c3/waiting', '/issues/c1', '/drills/c1']) expect([path, (await lead.get(path)).status]).toEqual([path, 404]);
    expect((await lead.post('/controls/c3/log-contact', { how: 'call', note: 'n' })).status).toBe(404);
    expect((await lead.get('/controls/c1')).headers['etag']).toBe('"1"');
    expect((await lead.get('/controls/c1/waiting')).body).toMatchObject({ policy: 'by hand', waiting: [{ for: 'slot', movers: [{}, {}] }] });
  });

  test('E16 closed slots come latest first, in pages', async () => {
    const first = (await lead.get('/controls/c1/slots?limit=2')).body as { items: { no: number }[]; next: string };
    const second = (await lead.get(`/controls/c1/slots?limit=200&cursor=${first.next}`)).body as { items: { no: number }[]; next: string | null };
    expect([first.items.map(({ no }) => no), second.items.map(({ no }) => no), second.next]).toEqual([[5, 4], [3, 2, 1], null]);
    expect(first.items[0]).toMatchObject({ fate: 'held', contact: { how: 'call' } });
    expect((await lead.get('/controls/c1/slots?cursor=abc')).status).toBe(400);
  });

  test('a page of controls is read from its index', async () => {
    const found = fresh.store.models.records.find({ capability: 'control', visibleTo: SPONSOR }).sort({ openedAt: -1, _id: -1 });
    const { queryPlanner } = (await found.explain('queryPlanner')) as unknown as { queryPlanner: { winningPlan: object } };
    const plan = JSON.stringify(queryPlanner.winningPlan);
    expect(plan).toContain('capability_1_openedAt_-1__id_-1');
    expect(plan).not.toContain('"SORT"');
  });
});
