import { Client, Connection } from '@temporalio/client';
import { createTemporalGateway } from '../../api/temporalGateway';
import { hours } from '../../contracts/spans';
import { instantOf } from '../../contracts/instant';
import { matrixRowSchema } from '../../contracts/matrix';
import { emptyChain } from '../../domain/audit/chain';
import { drill } from '../../domain/drill/machine';
import { peopleOf } from '../../domain/drill/people';
import { project } from '../../domain/drill/projection';
import { listedUnder } from '../../domain/lists/listedUnder';
import { actorInterceptors } from '../../platform/clientInterceptors';
import { jsonOf } from '../../store/commands';
import { addMatrixVersion } from '../../store/matrix';
import type { RecordDoc } from '../../store/schemas/records';
import { CRO, OTHER_CRO, personOf, seedCast, SPONSOR, STUDY } from '../support/cast';
import { issueBody, issuesApi, type IssuesApi, type Requests } from '../support/issuesApi';
import { freshStore, type FreshStore } from '../support/mongo';
import { ROW } from '../support/pathways';
import { giveTrails } from '../support/trailOfPlaced';

const T0 = instantOf(Date.UTC(2026, 9, 1, 8));
const reachability = (more: object = {}) => ({ kind: 'reachability', studyId: STUDY, topic: 'data', organisationIds: [SPONSOR, CRO], window: hours(24), ...more });
const fire = (more: object = {}) => ({ ...issueBody(), kind: 'escalation', window: hours(4), ...more });

function drillDoc(id: string): RecordDoc {
  const { state } = drill.open({
    id, number: `DRL-${id}`, kind: 'reachability', drill: true, request: { severity: 'minor' }, topic: 'data', studyId: STUDY, raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO,
    startedBy: personOf(SPONSOR, 'study_lead'), startedFor: SPONSOR, window: hours(24), matrixVersion: 1, people: peopleOf(matrixRowSchema.parse(ROW).contacts), issue: null,
  }, T0);
  return {
    _id: id, capability: 'drill', rev: 1, number: `DRL-${id}`, stateVersion: drill.version, state: jsonOf(state), armed: [], content: { title: 'Reachability drill: data', description: '' },
    ...project(state), listedUnder: [], nextDueAt: null, openedAt: T0, updatedAt: T0, done: false, chain: emptyChain(''),
  };
}

describe('drill routes with Temporal out of reach', () => {
  let fresh: FreshStore;
  let connection: Connection;
  let api: IssuesApi;
  let lead: Requests;
  const fieldsOf = (response: { body: unknown }): string[] => (response.body as { errors: { field: string }[] }).errors.map(({ field }) => field);

  beforeAll(async () => {
    fresh = await freshStore();
    await seedCast(fresh.store);
    const by = { actor: { kind: 'system', name: 'provisioning' }, at: T0, correlationId: 'test' } as const;
    await addMatrixVersion(fresh.store, { row: matrixRowSchema.parse(ROW), effectiveFrom: T0, approvals: [], proposalId: null, reason: 'test', by });
    connection = Connection.lazy({ address: '127.0.0.1:1', interceptors: [] });
    const client = new Client({ connection, interceptors: actorInterceptors });
    api = issuesApi(fresh.store, createTemporalGateway({ client, taskQueue: 'nobody', codec: { encode: async (p) => Promise.resolve(p), decode: async (p) => Promise.resolve(p) } }), 800);
    lead = await api.as(personOf(SPONSOR, 'study_lead'));
    await fresh.store.models.records.insertMany([drillDoc('d1')]);
    await giveTrails(fresh.store);
  });
  afterAll(async () => {
    await connection.close();
    await fresh.drop();
  });

  const openingOf = async (response: { body: unknown }) => (await fresh.store.models.commands.findById((response.body as { id: string }).id).lean())?.opening as { opening: Record<string, unknown>; content: object };

  test('E15 a reachability drill names every contact and deputy of the row in force, each once', async () => {
    const response = await lead.post('/drills', reachability());
    expect(response.status).toBe(202);
    const { opening } = await openingOf(response);
    expect(opening).toMatchObject({ kind: 'reachability', drill: true, matrixVersion: 1, issue: null, startedFor: SPONSOR, number: 'DRL-ST-1-1' });
    expect((opening['people'] as { personId: string }[]).map(({ personId }) => personId)).toHaveLength(5);
  });

  test('E15 a fire drill pins what it raises', async () => {
    const response = await lead.post('/drills', fire({ note: 'quarterly' }));
    expect(response.status).toBe(202);
    const { opening, content } = await openingOf(response);
    expect(opening).toMatchObject({ kind: 'escalation', people: [], request: { severity: 'major' }, issue: { topic: 'monitoring', title: 'Missed visit', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO } });
    expect(Object.keys(opening['issue'] as object)).not.toContain('window');
    expect(content).toEqual({ title: 'Escalation fire drill: monitoring', description: 'quarterly' });
  });

  test.each([
    ['a row that nobody agreed on', reachability({ topic: 'safety' }), 'topic'],
    ['an unknown accountable organisation', fire({ accountableOrganisationId: 'nobody' }), 'accountableOrganisationId'],
    ['an unknown study', fire({ studyId: 'study-9' }), 'studyId'],
  ])('%s is 422 naming the field', async (_what, body, field) => {
    const response = await lead.post('/drills', body);
    expect([response.status, fieldsOf(response)]).toEqual([422, [field]]);
  });

  test('a kind that there is not, or the fields of the other kind, are 400', async () => {
    for (const body of [reachability({ kind: 'fire' }), reachability({ title: 't' }), fire({ organisationIds: [] }), fire({ dedupeKey: 'k' })]) expect((await lead.post('/drills', body)).status).toBe(400);
  });

  test('P14 nobody drills others, and a contributor starts none', async () => {
    expect((await (await api.as(personOf(SPONSOR, 'contributor'))).post('/drills', reachability())).status).toBe(403);
    const stranger = await api.as(personOf(OTHER_CRO, 'study_lead'));
    expect((await stranger.post('/drills', reachability())).status).toBe(403);
    for (const path of ['/drills/d1', '/drills/d1/report', '/drills/d1/timeline']) expect([path, (await stranger.get(path)).status]).toEqual([path, 404]);
    expect((await stranger.get('/drills')).body).toEqual({ items: [], next: null });
  });

  test('E15 opening the drill shows that its notice reached the reader; the report lists the others first', async () => {
    const personId = personOf(CRO, 'project_manager');
    await fresh.store.models.notices.insertMany([{
      _id: `drill/d1/reach/${personId}/${personId}`, recordId: 'd1', rev: 1, reason: 'reachability', side: null, level: null, organisationId: CRO, personId, as: 'named', channel: 'email', address: 'a@example.org',
      messageId: '<m>', contentHash: 'h', deadline: 'window', due: null, status: 'told', attempts: 1, possiblyRepeated: false, createdAt: T0, toldAt: T0, failedAt: null, failure: null, reachedAt: null,
    }] as never);
    const manager = await api.as(personId);
    expect((await manager.get('/drills/d1')).body).toMatchObject({ id: 'd1', drill: true, status: 'running', people: expect.arrayContaining([expect.objectContaining({ personId, confirmedAt: null })]) });
    const report = (await lead.get('/drills/d1/report')).body as { people: { personId: string; by: string | null }[] };
    expect(report).toMatchObject({ kind: 'reachability', final: false, organisations: [{ organisationId: CRO, people: 3, told: 1, reached: 1, reachedPercent: 33.3 }, { organisationId: SPONSOR, reached: 0 }] });
    expect(report.people.at(-1)).toMatchObject({ personId, by: 'opened', attempts: [{ channel: 'email', status: 'told' }] });
    expect((await manager.post('/drills/d1/confirm', {})).status).toBe(202);
  });

  test('E15 no list of issues shows a drill unless it is asked for', async () => {
    const issue = (n: string, isDrill: boolean): RecordDoc => {
      const doc: RecordDoc = { ...drillDoc(n), capability: 'escalation', number: `ISS-${n}`, status: 'open', drill: isDrill };
      return { ...doc, listedUnder: listedUnder(doc) };
    };
    await fresh.store.models.records.insertMany([issue('i1', false), issue('i2', true)]);
    const ids = async (query: string) => ((await lead.get(`/issues${query}`)).body as { items: { id: string }[] }).items.map(({ id }) => id);
    expect([await ids(''), await ids('?drill=true'), await ids('?drill=false')]).toEqual([['i1'], ['i2'], ['i1']]);
    expect((await lead.get('/issues?drill=perhaps')).status).toBe(400);
    expect(((await lead.get('/drills')).body as { items: { id: string }[] }).items.map(({ id }) => id)).toEqual(['d1']);
  });
});
