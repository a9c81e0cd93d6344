import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { mongo } from 'mongoose';
import { runCommand } from '../../api/commands/commandPath';
import { createTemporalGateway } from '../../api/temporalGateway';
import { instantOf, plusMs } from '../../contracts/instant';
import { emptyChain } from '../../domain/audit/chain';
import { listedUnder } from '../../domain/lists/listedUnder';
import { actorInterceptors } from '../../platform/clientInterceptors';
import type { RecordDoc } from '../../store/schemas/records';
import { CRO, OTHER_CRO, OTHER_SPONSOR, personOf, seedCast, SPONSOR, STUDY } from '../support/cast';
import { escalation } from '../../domain/escalation/machine';
import { readChain } from '../../store/auditLog';
import { jsonOf } from '../../store/commands';
import { plannedQueries, runPlanned } from '../../store/issues';
import { issueBody, issuesApi, type IssuesApi, type Requests } from '../support/issuesApi';
import { freshStore, type FreshStore } from '../support/mongo';
import { actorFor, policyOf } from '../support/world';

const T0 = instantOf(Date.UTC(2026, 10, 22, 8));
const ANSWER_WITHIN_MS = 1500;

const issueDoc = (n: number, more: Partial<RecordDoc> = {}): RecordDoc => listed({
  _id: `issue-${String(n).padStart(3, '0')}`, rev: 1, number: `ISS-${String(1000 + n)}`, stateVersion: 1, state: { shares: [] }, armed: [],
  content: { title: `Issue ${String(n)}`, description: 'what happened' }, status: 'open', severity: 'major', topic: 'monitoring', level: 1,
  studyId: STUDY, systemId: null, raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, assigneeIds: [], visibleTo: [SPONSOR, CRO],
  capability: 'escalation', nextDueAt: null, openedAt: plusMs(T0, n * 1000), updatedAt: T0, done: false, drill: false, chain: emptyChain(''), ...more,
});
const listed = (doc: Omit<RecordDoc, 'listedUnder'>): RecordDoc => ({ ...doc, listedUnder: listedUnder(doc) });

describe('issue routes with Temporal out of reach', () => {
  let fresh: FreshStore;
  let connection: Connection;
  let api: IssuesApi;
  let lead: Requests;

  beforeAll(async () => {
    fresh = await freshStore();
    await seedCast(fresh.store);
    // Nobody listens on port 1. Without the SDK's own retries, whose timers outlive a closed connection and then throw.
    connection = Connection.lazy({ address: '127.0.0.1:1', interceptors: [] });
    const client = new Client({ connection, interceptors: actorInterceptors });
    api = issuesApi(fresh.store, createTemporalGateway({ client, taskQueue: 'nobody', codec: { encode: async (p) => Promise.resolve(p), decode: async (p) => Promise.resolve(p) } }), ANSWER_WITHIN_MS);
    lead = await api.as(personOf(SPONSOR, 'study_lead'));
  });
  afterAll(async () => {
    await connection.close();
    await fresh.drop();
  });

  const typeOf = (response: { body: unknown }): unknown => (response.body as { type?: unknown }).type;
  const fieldsOf = (response: { body: unknown }): string[] => (response.body as { errors: { field: string }[] }).errors.map(({ field }) => field);

  test('an accepted request is 202 with a readable command, its opening pinned, when the engine is away', async () => {
    const started = Date.now();
    const response = await lead.post('/issues', issueBody({ dedupeKey: 'k', happenedAt: '2026-01-01T10:00:00+02:00' }));
    expect(response.status).toBe(202);
    expect(Date.now() - started).toBeLessThan(ANSWER_WITHIN_MS + 2000);
    const { id, location } = response.body as { id: string; location: string };
    expect(response.headers['location']).toBe(location);
    expect((await lead.get(`/commands/${id}`)).body).toMatchObject({ id, status: 'received', answer: null, act: 'open' });
    const command = await fresh.store.models.commands.findById(id).lean();
    expect(command?.opening).toMatchObject({
      openKey: id, opening: { policy: { key: 'default', version: 1 }, matrixVersion: null, request: { dedupeKey: 'k' } }, content: { title: 'Missed visit', happenedAt: '2026-01-01T08:00:00.000Z' },
    });
    // Free text is content, not state: it must not reach what travels with every step.
    expect(JSON.stringify((command?.opening as { opening: object }).opening)).not.toContain('Missed visit');
    expect(command?.attempts).toBe(1);
    expect(await api.deps.gateway.healthy()).toBe(false);
    expect(await api.deps.gateway.workerPolls()).toBe(false);
  });

  test('the history of an issue is 503 while the engine is away', async () => {
    await fresh.store.models.records.insertOne(issueDoc(900));
    expect((await lead.get('/issues/issue-900/history')).status).toBe(503);
    await fresh.admin.models.records.deleteOne({ _id: 'issue-900' });
  }, 30_000);

  test.each([
    ['a field that is missing', { title: undefined }, ['title']],
    ['an unknown field', { colour: 'red' }, ['colour']],
    ['a topic out of its alphabet', { topic: 'Sp aced' }, ['topic']],
    ['a title beyond its bound and a severity beyond the list', { title: 'x'.repeat(201), severity: 'huge' }, ['severity', 'title']],
    ['a time without a zone', { happenedAt: '2026-01-01T10:00:00' }, ['happenedAt']],
    ['a year that has five digits in UTC', { happenedAt: '9999-12-31T23:59:59-14:00' }, ['happenedAt']],
  ])('%s is 400 naming the field', async (_what, more, fields) => {
    const response = await lead.post('/issues', issueBody(more));
    expect([response.status, typeOf(response)]).toEqual([400, '/problems/invalid']);
    expect(fieldsOf(response).sort()).toEqual(fields);
  });

  test.each([
    ['unknown accountable organisation', { accountableOrganisationId: 'nobody' }, 'accountableOrganisationId'],
    ['unknown study', { studyId: 'study-9' }, 'studyId'],
    ['happening in the future', { happenedAt: '2099-01-01T00:00:00Z' }, 'happenedAt'],
    ['awareness before the happening', { happenedAt: '2026-03-02T00:00:00Z', awareAt: '2026-03-01T00:00:00Z' }, 'awareAt'],
  ])('%s is 422 naming the field', async (_what, more, field) => {
    const response = await lead.post('/issues', issueBody(more));
    expect([response.status, typeOf(response)]).toEqual([422, '/problems/rule_broken']);
    expect(fieldsOf(response)).toEqual([field]);
  });

  test('P14 nobody raises in the name of another organisation', async () => {
    const response = await lead.post('/issues', issueBody({ raisingOrganisationId: CRO, accountableOrganisationId: SPONSOR }));
    expect([response.status, typeOf(response)]).toEqual([403, '/problems/not_permitted']);
  });

  describe('what is refused before it is sent', () => {
    const trail = async (recordId: string) => (await readChain(fresh.store, `refusals/${recordId}`, { limit: 10 })).map(({ detail }) => detail);
    const stored = () => fresh.store.models.commands.find({ recordId: 'issue-910' }).lean();
    const outdated = (key: string) => lead.post('/issues/issue-910/comment', { text: 'late' }, { ifMatch: '"7"', key });
    beforeAll(() => fresh.store.models.records.insertOne(issueDoc(910)));
    beforeEach(() => fresh.admin.models.commands.deleteMany({ recordId: 'issue-910' }));
    afterAll(() => fresh.admin.models.records.deleteOne({ _id: 'issue-910' }));

    test('P10 its answer and its evidence come together or not at all', async () => {
      const obstacle = { _id: 'refusals/issue-910/1' };
      const audit = fresh.admin.audit.collection<{ _id: string }>('audit');
      await audit.insertOne({ ...obstacle, streamId: 'obstacle', seq: 1 } as never);
      const key = randomUUID();
      expect((await outdated(key)).status).toBe(500);
      expect(await stored()).toEqual([]);
      await audit.deleteOne(obstacle);
      const [first, again] = [await outdated(key), await outdated(key)];
      expect([first.status, typeOf(first), again.body]).toEqual([409, '/problems/rev_mismatch', first.body]);
      expect(await trail('issue-910')).toEqual([{ act: 'comment', type: 'rev_mismatch' }]);
      expect(await stored()).toMatchObject([{ status: 'answered', attempts: 0, answer: { status: 409 } }]);
    });

    test('an act whose check was cut short is not stored, so that nobody ever sends it unchecked', async () => {
      const command = { _id: 'f'.repeat(64), capability: 'escalation', recordId: 'issue-910', act: 'comment', body: {}, bodyHash: 'h', receivedAt: T0, actor: actorFor(personOf(SPONSOR, 'study_lead')) } as const;
      await expect(runCommand(api.deps, command, () => Promise.reject(new Error('killed')))).rejects.toThrow('killed');
      expect(await stored()).toEqual([]);
    });

    test('MongoDB that goes away after it has stored the act: 202, for it will run', async () => {
      const command = { _id: 'e'.repeat(64), capability: 'escalation', recordId: 'issue-910', act: 'comment', body: {}, bodyHash: 'h', receivedAt: T0, actor: actorFor(personOf(SPONSOR, 'study_lead')) } as const;
      const send = () => Promise.reject(new mongo.MongoNetworkError('connection closed'));
      const answer = await runCommand({ ...api.deps, gateway: { ...api.deps.gateway, send } }, command, () => Promise.resolve());
      expect(answer).toMatchObject({ status: 202, headers: { Location: `/api/v1/commands/${command._id}` } });
      expect(await stored()).toMatchObject([{ status: 'received' }]);
    });
  });

  test('an act without an Idempotency-Key is 400', async () => {
    const response = await lead.post('/issues', issueBody(), { key: '' });
    expect([response.status, typeOf(response)]).toEqual([400, '/problems/idempotency_key_missing']);
  });

  test('P14 linking to a record that is not shared, or assigning to another organisation, is 422 and tells no more', async () => {
    await fresh.store.models.records.insertMany([
      issueDoc(901), issueDoc(902, { raisingOrganisationId: OTHER_SPONSOR, accountableOrganisationId: OTHER_CRO, visibleTo: [OTHER_SPONSOR, OTHER_CRO] }),
    ]);
    const [foreign, unknown] = await Promise.all(['issue-902', 'issue-999'].map(async (recordId) => lead.post('/issues/issue-901/link', { recordId, kind: 'relates_to' })));
    expect([foreign?.status, unknown?.status]).toEqual([422, 422]);
    const { instance: _one, ...seen } = foreign?.body as { instance: string };
    const { instance: _two, ...unseen } = unknown?.body as { instance: string };
    expect(seen).toEqual(unseen);
    for (const personId of [personOf(CRO, 'quality'), 'nobody']) {
      expect(fieldsOf(await lead.post('/issues/issue-901/assign', { personId }))).toEqual(['personId']);
    }
    expect(fieldsOf(await lead.post('/issues/issue-901/hand-over', { toPersonId: 'nobody', note: 'n' }))).toEqual(['toPersonId']);
    expect(fieldsOf(await lead.post('/issues/issue-901/share', { organisationId: 'nobody', extent: 'whole', reason: 'r' }))).toEqual(['organisationId']);
    await fresh.admin.models.records.deleteMany({ _id: { $in: ['issue-901', 'issue-902'] } });
  });

  test('opening an issue reaches whoever was told of it, once, and nobody else', async () => {
    const { models } = fresh.store;
    const { state } = escalation.open({
      id: 'issue-905', number: 'ISS-1905', policy: policyOf('demo'), matrixVersion: null, raisedBy: null,
      request: { topic: 'monitoring', severity: 'major', studyId: STUDY, raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO },
    }, T0);
    await models.records.insertMany([issueDoc(905, { state: jsonOf(state) })]);
    const notice = (personId: string, status: 'told' | 'failed') => ({
      _id: `reach/${personId}/${status}`, recordId: 'issue-905', rev: 1, reason: 'level', side: 'raising', level: 2, organisationId: SPONSOR, personId, as: 'contact',
      channel: 'email', address: 'a@example.org', messageId: `<${personId}/${status}>`, contentHash: 'h', deadline: null, due: null, status, attempts: 1,
      possiblyRepeated: false, createdAt: T0, toldAt: status === 'told' ? T0 : null, failedAt: null, failure: null, reachedAt: null,
    });
    await models.notices.insertMany([notice(personOf(SPONSOR, 'study_lead'), 'told'), notice(personOf(SPONSOR, 'study_lead'), 'failed'), notice(personOf(SPONSOR, 'executive'), 'told')]);
    const reached = async () => (await models.notices.find({ recordId: 'issue-905' }).sort({ _id: 1 }).lean()).map(({ reachedAt }) => reachedAt);
    expect((await lead.get('/issues/issue-905')).status).toBe(200);
    const first = await reached();
    expect(first.map((at) => at !== null)).toEqual([false, false, true]);
    expect((await lead.get('/issues/issue-905')).status).toBe(200);
    expect(await reached()).toEqual(first);
    await fresh.admin.models.notices.deleteMany({ recordId: 'issue-905' });
    await fresh.admin.models.records.deleteMany({ _id: 'issue-905' });
  });

  test('a record of another capability is no issue: not read, not listed, not linked to', async () => {
    await fresh.store.models.records.insertMany([issueDoc(903), { ...issueDoc(904), capability: 'another' as never }]);
    const tried = await Promise.all(['', '/timeline', '/waiting', '/history'].map(async (part) => lead.get(`/issues/issue-904${part}`)));
    expect(tried.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect((await lead.post('/issues/issue-904/comment', { text: 't' })).status).toBe(404);
    const { items } = (await lead.get('/issues?limit=200')).body as { items: readonly { id: string }[] };
    expect(items.map(({ id }) => id).filter((id) => ['issue-903', 'issue-904'].includes(id))).toEqual(['issue-903']);
    expect((await lead.post('/issues/issue-903/link', { recordId: 'issue-904', kind: 'relates_to' })).status).toBe(422);
    await fresh.admin.models.records.deleteMany({ _id: { $in: ['issue-903', 'issue-904'] } });
  });

  test('P14 a command of somebody else is 404', async () => {
    const response = await lead.post('/issues', issueBody());
    const { id } = response.body as { id: string };
    const other = await api.as(personOf(SPONSOR, 'quality'));
    expect((await other.get(`/commands/${id}`)).status).toBe(404);
    expect((await other.get('/commands/none')).status).toBe(400);
  });

  describe('lists', () => {
    beforeAll(async () => {
      await fresh.store.models.records.insertMany([
        ...Array.from({ length: 7 }, (_, n) => issueDoc(n, { openedAt: plusMs(T0, Math.floor(n / 3) * 1000) })),
        issueDoc(50, { status: 'closed', severity: 'minor', topic: 'safety', level: 3, assigneeIds: ['somebody'], openedAt: plusMs(T0, 50_000) }),
        issueDoc(51, { status: 'resolved', severity: 'critical', nextDueAt: plusMs(T0, 100), openedAt: plusMs(T0, 51_000), accountableOrganisationId: OTHER_CRO, visibleTo: [SPONSOR, OTHER_CRO] }),
        issueDoc(52, { raisingOrganisationId: OTHER_SPONSOR, accountableOrganisationId: OTHER_CRO, visibleTo: [OTHER_SPONSOR, OTHER_CRO] }),
      ]);
    });

    const page = async (query: string, who = lead) => (await who.get(`/issues?${query}`)).body as { items: { id: string }[]; next: string | null };
    const ids = async (query: string, who = lead) => (await page(query, who)).items.map(({ id }) => id);

    test('pages hold every visible issue once, latest first, also where openings coincide', async () => {
      const all: string[] = [];
      for (let next: string | null = ''; next !== null;) {
        const { items, next: following } = await page(`limit=2${next === '' ? '' : `&cursor=${next}`}`);
        all.push(...items.map(({ id }) => id));
        next = following;
      }
      expect(all).toEqual(['issue-051', 'issue-050', 'issue-006', 'issue-005', 'issue-004', 'issue-003', 'issue-002', 'issue-001', 'issue-000']);
      expect((await lead.get('/issues?cursor=abc')).status).toBe(400);
    });

    test.each([
      ['status=closed,resolved', ['issue-051', 'issue-050']],
      ['severity=critical', ['issue-051']],
      ['topic=safety', ['issue-050']],
      ['level=3', ['issue-050']],
      ['assigneeId=somebody', ['issue-050']],
      [`organisationId=${OTHER_CRO}`, ['issue-051']],
      [`openedFrom=${plusMs(T0, 50_000)}&openedTo=${plusMs(T0, 51_000)}`, ['issue-050']],
      [`dueBefore=${plusMs(T0, 101)}`, ['issue-051']],
      [`dueBefore=${plusMs(T0, 100)}`, []],
      ['studyId=study-9', []],
    ])('filter %s', async (query, expected) => {
      expect(await ids(query)).toEqual(expected);
    });

    test('P14 each organisation lists its own only, and no filter reaches further', async () => {
      expect(await ids('', await api.as(personOf(OTHER_SPONSOR, 'study_lead')))).toEqual(['issue-052']);
      expect(await ids('', await api.as(personOf(OTHER_CRO, 'study_lead')))).toEqual(['issue-052', 'issue-051']);
      expect(await ids(`organisationId=${OTHER_SPONSOR}`)).toEqual([]);
    });

    test.each(['status=lost', 'limit=0', 'limit=201', 'level=9', 'colour=red', 'openedFrom=yesterday'])('%s is 400', async (query) => {
      expect((await lead.get(`/issues?${query}`)).status).toBe(400);
    });

    test('a page is read from an index, newest first, without sorting', async () => {
      const [query] = plannedQueries({ visibility: { $or: [{ visibleTo: SPONSOR }] }, filter: { status: ['open'] }, limit: 10 });
      if (!query) throw new Error('nothing is asked');
      expect(JSON.stringify(await runPlanned(fresh.store, query).explain('queryPlanner'))).not.toContain('"SORT"');
    });
  });
});
