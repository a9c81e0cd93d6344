import { Client, Connection } from '@temporalio/client';
import { createTemporalGateway } from '../../api/temporalGateway';
import { instantOf } from '../../contracts/instant';
import type { CapaOpening } from '../../contracts/capaState';
import { emptyChain } from '../../domain/audit/chain';
import { CAPA_DEFAULT } from '../../domain/capa/defaults';
import { capa } from '../../domain/capa/machine';
import { project } from '../../domain/capa/projection';
import { actorInterceptors } from '../../platform/clientInterceptors';
import { jsonOf } from '../../store/commands';
import type { RecordDoc } from '../../store/schemas/records';
import { CRO, OTHER_CRO, OTHER_SPONSOR, personOf, seedCast, SPONSOR, STUDY } from '../support/cast';
import { issuesApi, type IssuesApi, type Requests } from '../support/issuesApi';
import { freshStore, type FreshStore } from '../support/mongo';

const T0 = instantOf(Date.UTC(2026, 9, 1, 8));
const problem = { what: 'the restore failed', where: 'eTMF', when: 'in the quarterly test', extent: 'all documents' };
const body = (more: object = {}) => ({
  studyId: STUDY, topic: 'backup', title: 'Restore failed', description: 'See the test', severity: 'major', classification: 'corrective', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO,
  source: { type: 'audit_finding', reference: 'AUD-7' }, problem, ...more,
});

/** A stored CAPA as its opening leaves it. */
function capaDoc(id: string, more: Partial<CapaOpening['request']> = {}): RecordDoc {
  const { title: _title, description: _description, ...request } = body();
  const opening = { id, number: `CAPA-${id}`, policy: CAPA_DEFAULT, sponsorOrganisationId: SPONSOR, raisedBy: null, request: { ...request, ...more } } as CapaOpening;
  const { state } = capa.open(opening, T0);
  const rule = { name: 'stage/plan', from: T0, after: CAPA_DEFAULT.timings.major.plan, organisationId: CRO };
  return {
    _id: id, capability: 'capa', rev: 1, number: `CAPA-${id}`, stateVersion: capa.version, state: jsonOf(state), armed: [{ name: 'stage/plan', due: instantOf(Date.UTC(2026, 9, 29, 8)), armedAt: T0, rule }],
    content: { title: 'Restore failed', description: 'See the test' }, ...project(state), listedUnder: [], nextDueAt: null, openedAt: T0, updatedAt: T0, done: false, chain: emptyChain(''),
  };
}

describe('CAPA routes with Temporal out of reach', () => {
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
    await fresh.store.models.records.insertMany([capaDoc('k1'), capaDoc('k2'), capaDoc('k3', { raisingOrganisationId: OTHER_SPONSOR, accountableOrganisationId: OTHER_CRO })]);
  });
  afterAll(async () => {
    await connection.close();
    await fresh.drop();
  });

  test('Q1 Q2 Q10 an opening is checked, its sponsor found, its timings pinned, numbered once', async () => {
    const response = await lead.post('/capas', body(), { key: 'opened' });
    expect(response.status).toBe(202);
    const command = await fresh.store.models.commands.findById((response.body as { id: string }).id).lean();
    expect(command).toMatchObject({
      capability: 'capa', act: 'open', opening: { opening: { number: 'CAPA-ST-1-1', sponsorOrganisationId: SPONSOR, policy: { key: 'default', version: 1 }, request: { source: { type: 'audit_finding' } } }, content: { title: 'Restore failed' } },
    });
    expect((await lead.post('/capas', body(), { key: 'opened' })).status).toBe(202);
    expect(await fresh.store.models.counters.findById(`study/${STUDY}`).lean()).toMatchObject({ drawn: { CAPA: 1 } });
  });

  test('Q1 Q2 Q10 what is refused at opening: half a problem that is no draft, a study without its sponsor, a source that says nothing', async () => {
    expect(fieldsOf(await lead.post('/capas', body({ problem: { ...problem, extent: '' } }), { key: 'half' }))).toEqual(['problem']);
    expect((await lead.post('/capas', body({ problem: { what: 'something' }, draft: true }), { key: 'draft' })).status).toBe(202);
    expect(fieldsOf(await manager.post('/capas', body({ raisingOrganisationId: CRO }), { key: 'alone' }))).toEqual(['raisingOrganisationId']);
    expect((await lead.post('/capas', body({ source: { type: 'other' } }), { key: 'nothing' })).status).toBe(400);
  });

  test('Q2 parties read and list theirs; another CRO\'s is 404', async () => {
    const one = await manager.get('/capas/k1');
    expect(one.body).toMatchObject({ id: 'k1', status: 'triage', iteration: 1, correctiveActions: [], preventiveActions: [], signatories: [SPONSOR, CRO], sponsorImpact: 'affected', policy: 'default/1' });
    expect((one.body as { stages: { name: string; due: string | null }[] }).stages.find(({ name }) => name === 'plan')?.due).toBe('2026-10-29T08:00:00.000Z');
    expect((await manager.get('/capas/k3')).status).toBe(404);
    const list = await manager.get('/capas?status=triage');
    expect((list.body as { items: { id: string }[] }).items.map(({ id }) => id)).toEqual(['k2', 'k1']);
    const waiting = await manager.get('/capas/k1/waiting');
    expect(waiting.body).toMatchObject({ waiting: [{ for: 'triage' }, { for: 'stage/plan' }] });
  });

  test('Q8 a request for more time carries the due date as it was seen; nobody patches a date', async () => {
    const response = await manager.post('/capas/k1/request-extension', { deadline: 'stage/plan', newDue: '2026-11-20T08:00:00Z', justification: 'j', interimControl: 'i' }, { key: 'more' });
    expect(response.status).toBe(202);
    expect(await fresh.store.models.commands.findById((response.body as { id: string }).id).lean()).toMatchObject({ body: { currentDue: '2026-10-29T08:00:00.000Z' } });
  });

  test('P1 what was submitted before is changed with a reason: without one it is 422 and names the field, with one it is a command; what stays as it is needs none', async () => {
    const { state } = (await fresh.store.models.records.findById('k2').lean()) ?? {};
    expect(state).toMatchObject({ status: 'triage', problem });
    const changed = { ...problem, extent: 'half of the documents' };
    const refused = await lead.post('/capas/k2/save', { problem: changed }, { key: 'unexplained' });
    expect([refused.status, typeOf(refused), fieldsOf(refused)]).toEqual([422, '/problems/rule_broken', ['reason']]);
    expect(await fresh.store.models.commands.find({ recordId: 'k2' }).lean()).toMatchObject([{ status: 'answered', answer: { status: 422 } }]);
    expect((await lead.post('/capas/k2/save', { problem: changed, reason: 'counted again' }, { key: 'explained' })).status).toBe(202);
    expect(await fresh.store.models.commands.findOne({ recordId: 'k2', status: 'received' }).lean()).toMatchObject({ act: 'save', body: { problem: changed, reason: 'counted again' } });
    expect((await lead.post('/capas/k2/save', { problem }, { key: 'the-same' })).status).toBe(202);
  });

  test('Q11 Q16 quality of the accountable side does not accept what that side stated itself', async () => {
    await fresh.admin.main.collection<{ _id: string }>('records').updateOne({ _id: 'k2' }, { $set: { 'state.statedBy': { problem: CRO } } });
    const quality = await api.as(personOf(CRO, 'quality'));
    const refused = await quality.post('/capas/k2/accept', { ownerId: personOf(CRO, 'project_manager'), seriousBreach: { answer: 'no', reason: 'r' } }, { key: 'own-account' });
    expect([refused.status, (refused.body as { detail: string }).detail]).toEqual([403, expect.stringContaining('has not stated the problem itself')]);
    await fresh.admin.main.collection<{ _id: string }>('records').updateOne({ _id: 'k2' }, { $unset: { 'state.statedBy': '' } });
  });

  test('P10 Q9 rights by role: a project manager owns, and neither triages nor grants', async () => {
    const accept = await manager.post('/capas/k1/accept', { ownerId: personOf(CRO, 'project_manager') }, { key: 'accept' });
    expect([accept.status, typeOf(accept)]).toEqual([403, '/problems/not_permitted']);
    const quality = await api.as(personOf(CRO, 'quality'));
    expect((await quality.post('/capas/k1/grant-further-extension', { no: 1 }, { key: 'grant' })).status).toBe(403);
    expect((await quality.post('/capas/k1/grant-extension', { no: 1 }, { key: 'grant-first' })).status).toBe(202);
  });
});
