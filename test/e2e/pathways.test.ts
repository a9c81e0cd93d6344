import { createTemporalGateway } from '../../api/temporalGateway';
import { calendarDays, hours } from '../../contracts/spans';
import { instantOf } from '../../contracts/instant';
import { openKeyRing } from '../../platform/keyRing';
import { createPayloadCodec } from '../../platform/payloadCodec';
import { verifyStore } from '../support/verified';
import { CRO, personOf, SPONSOR, STUDY } from '../support/cast';
import { issueBody, issuesApi, type IssuesApi, type Requests } from '../support/issuesApi';
import { putRow } from '../support/pathways';
import { eventually, openWorld, type World } from '../support/world';

interface Shown { readonly id: string; readonly rev: number; readonly status: string; readonly issueId: string | null; readonly links: readonly object[] }
const shown = ({ body }: { body: unknown }): Shown => body as Shown;

describe('controls and drills through the API, on real engines', () => {
  let world: World;
  let api: IssuesApi;
  let lead: Requests;
  let manager: Requests;
  beforeAll(async () => {
    world = await openWorld();
    await world.startWorker();
    const gateway = createTemporalGateway({ client: world.client, taskQueue: world.taskQueue, codec: createPayloadCodec(openKeyRing(world.keysFile)) });
    api = issuesApi(world.fresh.store, gateway);
    lead = await api.as(personOf(SPONSOR, 'study_lead'));
    manager = await api.as(personOf(CRO, 'project_manager'));
    await putRow(world, {}, instantOf(Date.now()));
  });
  afterAll(() => world.close());

  test('E16 a control by hand: opened, a contact logged, a slot waived, stopped; an issue may be linked to it', async () => {
    const rule = { every: calendarDays(7), grace: calendarDays(1), organisationId: CRO };
    const opened = await lead.post('/controls', { kind: 'contact', studyId: STUDY, topic: 'data', organisationIds: [SPONSOR, CRO], rule });
    expect(opened.status).toBe(201);
    const { id } = shown(opened);
    expect(opened.headers).toMatchObject({ location: `/api/v1/controls/${id}`, etag: '"1"' });
    const logged = await manager.post(`/controls/${id}/log-contact`, { how: 'call', note: 'open points' });
    expect([logged.status, logged.body]).toMatchObject([200, { counts: { held: 0 }, slot: { no: 1, stated: { by: { organisationId: CRO }, waitsFor: [SPONSOR] } } }]);
    expect((await manager.post(`/controls/${id}/confirm-contact`, { slot: 1 })).status).toBe(409);
    const confirmed = await lead.post(`/controls/${id}/confirm-contact`, { slot: 1 });
    expect([confirmed.status, confirmed.body]).toMatchObject([200, { counts: { held: 1 }, slot: { no: 2, late: false, stated: null } }]);
    expect((await manager.post(`/controls/${id}/log-contact`, { how: 'call', note: 'n', at: '2020-01-01T00:00:00Z' })).status).toBe(422);
    const waived = await (await api.as(personOf(SPONSOR, 'quality'))).post(`/controls/${id}/waive`, { reason: 'holiday' }, { ifMatch: '"3"' });
    expect([waived.status, waived.body]).toMatchObject([200, { slot: { waived: { reason: 'holiday' } } }]);
    const issue = shown(await lead.post('/issues', issueBody()));
    expect((await lead.post(`/issues/${issue.id}/link`, { recordId: id, kind: 'caused_by' })).status).toBe(200);
    await eventually('the control has the link', async () => shown(await lead.get(`/controls/${id}`)).links.length === 1);
    expect(shown(await lead.get(`/controls/${id}`)).links).toEqual([{ recordId: issue.id, kind: 'causes' }]);
    const stopped = await lead.post(`/controls/${id}/stop`, { reason: 'study closed' });
    expect([stopped.status, stopped.body]).toMatchObject([200, { status: 'stopped', slot: null, counts: { held: 1, waived: 1 } }]);
    expect((await manager.post(`/controls/${id}/log-contact`, { how: 'call', note: 'n' })).status).toBe(409);
    expect(((await lead.get(`/controls/${id}/slots`)).body as { items: object[] }).items).toMatchObject([{ no: 2, fate: 'waived', reason: 'study closed' }, { no: 1, fate: 'held', contact: { witness: { standing: 'confirmed' } } }]);
  });

  test('E15 a reachability drill: told, opened by one, confirmed by another, ended, reported', async () => {
    const started = await lead.post('/drills', { kind: 'reachability', studyId: STUDY, topic: 'data', organisationIds: [SPONSOR, CRO], window: hours(1) });
    expect(started.status).toBe(201);
    const { id } = shown(started);
    await eventually('everybody is told', async () => (await world.fresh.store.models.notices.countDocuments({ recordId: id, status: 'told', reason: 'reachability' })) >= 5);
    expect((await manager.post(`/drills/${id}/confirm`, {})).status).toBe(200);
    expect((await manager.post(`/drills/${id}/confirm`, {})).status).toBe(409);
    expect((await (await api.as(personOf(CRO, 'study_lead'))).get(`/drills/${id}`)).status).toBe(200);
    expect((await lead.post(`/drills/${id}/end`, { reason: 'enough' })).body).toMatchObject({ status: 'reported', endReason: 'enough' });
    const report = (await lead.get(`/drills/${id}/report`)).body as { people: { personId: string; by: string | null }[] };
    expect(report).toMatchObject({ final: true, organisations: [{ organisationId: CRO, people: 3, told: 3, reached: 2 }, { organisationId: SPONSOR, people: 2, told: 2, reached: 0 }] });
    expect(report.people.flatMap(({ personId, by }) => (by ? [[personId, by]] : []))).toEqual([[personOf(CRO, 'project_manager'), 'confirmed'], [personOf(CRO, 'study_lead'), 'opened']]);
  });

  test('E15 a fire drill: its issue is in no list, and both acknowledgements end it', async () => {
    const before = ((await lead.get('/issues')).body as { items: object[] }).items.length;
    const { id } = shown(await lead.post('/drills', { ...issueBody({ topic: 'data' }), kind: 'escalation', window: hours(1) }));
    const issueId = await eventually('its issue', async () => shown(await lead.get(`/drills/${id}`)).issueId ?? undefined);
    expect(((await lead.get('/issues')).body as { items: object[] }).items).toHaveLength(before);
    expect(((await lead.get('/issues?drill=true')).body as { items: Shown[] }).items.map((issue) => issue.id)).toEqual([issueId]);
    for (const who of [lead, manager]) expect((await who.post(`/issues/${issueId}/acknowledge`, {})).status).toBe(200);
    await eventually('the drill is over', async () => shown(await lead.get(`/drills/${id}`)).status === 'reported');
    await eventually('its issue too', async () => shown(await lead.get(`/issues/${issueId}`)).status === 'closed');
    expect((await lead.get(`/drills/${id}/report`)).body).toMatchObject({ kind: 'escalation', final: true, sides: [{ acknowledged: true }, { acknowledged: true }] });
    expect((await lead.get(`/drills/${id}/timeline`)).status).toBe(200);
    expect(await verifyStore(world.fresh.store)).toMatchObject({ intact: true });
  });
});
