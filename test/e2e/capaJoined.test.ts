import { MockActivityEnvironment } from '@temporalio/testing';
import { createEffectActivities } from '../../activities/effects';
import { openDerived, type DerivedOpening } from '../../activities/openDerived';
import { createTemporalGateway } from '../../api/temporalGateway';
import { seconds } from '../../contracts/spans';
import { instantOf } from '../../contracts/instant';
import { openKeyRing } from '../../platform/keyRing';
import { createPayloadCodec } from '../../platform/payloadCodec';
import { resendUnanswered } from '../../store/commandResending';
import { verifyStore } from '../support/verified';
import { CRO, OTHER_CRO, personOf, SPONSOR, STUDY } from '../support/cast';
import { issueBody, issuesApi, type IssuesApi, type Requests } from '../support/issuesApi';
import { playerOf } from '../support/capaPlayer';
import { recordsOf } from '../support/pathways';
import { putEvidence } from '../support/storedRecords';
import { entriesOf } from '../support/story';
import { eventually, openWorld, type World } from '../support/world';

interface Shown {
  readonly id: string;
  readonly number: string;
  readonly status: string;
  readonly links: readonly { readonly recordId: string; readonly kind: string }[];
  readonly source: object;
  readonly joined?: boolean;
  readonly evidenceHashes: object;
  readonly capa: { readonly id: string; readonly number: string; readonly status: string | null };
}
const shown = ({ body }: { body: unknown }): Shown => body as Shown;
const problem = { what: 'a', where: 'b', when: 'c', extent: 'd' };
const finding = (findingNo: string) => ({
  auditReference: 'AUD-1', auditDate: '2026-09-30', findingNo, category: 'backup_and_recovery', title: 'Never restored', description: 'No restore was ever tried.', severity: 'major',
  studyId: STUDY, raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO,
});

describe('what opens a CAPA, through the API on real engines', () => {
  let world: World;
  let api: IssuesApi;
  let lead: Requests;
  let manager: Requests;
  let quality: Requests;
  const gateway = () => createTemporalGateway({ client: world.client, taskQueue: world.taskQueue, codec: createPayloadCodec(openKeyRing(world.keysFile)) });
  const linksOf = async (path: string) => shown(await lead.get(path)).links;

  beforeAll(async () => {
    world = await openWorld();
    await world.startWorker();
    api = issuesApi(world.fresh.store, gateway());
    lead = await api.as(personOf(SPONSOR, 'study_lead'));
    manager = await api.as(personOf(CRO, 'project_manager'));
    quality = await api.as(personOf(CRO, 'quality'));
  });
  afterAll(() => world.close());

  test('Q2 an issue opens its CAPA, linked on both sides, once, also when asked twice and by two', async () => {
    const issue = shown(await lead.post('/issues', issueBody()));
    const opened = await lead.post(`/issues/${issue.id}/capa`, { problem }, { key: 'opened' });
    const { id, links, source } = shown(opened);
    expect([opened.status, opened.headers['location'], links, source]).toEqual([201, `/api/v1/capas/${id}`, [{ recordId: issue.id, kind: 'caused_by' }], { type: 'issue', recordId: issue.id, reference: issue.number }]);
    await eventually('the issue has the link', async () => (await linksOf(`/issues/${issue.id}`)).length > 0);
    const again = await lead.post(`/issues/${issue.id}/capa`, { problem }, { key: 'opened' });
    expect([again.status, shown(again).id]).toEqual([201, id]);
    const another = await manager.post(`/issues/${issue.id}/capa`, {});
    expect([another.status, shown(another).id, shown(another).joined]).toEqual([200, id, true]);
    // As after a crash between performing and its receipt.
    const sent = await world.fresh.store.models.commands.find({ recordId: issue.id, act: 'linked' }).lean();
    expect(sent).toHaveLength(1);
    await resendUnanswered({ store: world.fresh.store, send: world.send, now: () => instantOf(Date.now()) }, { olderThanMs: 0, onError: (error) => { throw error; } });
    expect(await linksOf(`/issues/${issue.id}`)).toEqual([{ recordId: id, kind: 'causes' }]);
    expect(await entriesOf(world, issue.id, 'issue.linked')).toHaveLength(1);
    expect(await recordsOf(world, 'capa')).toHaveLength(1);
  });

  test('Q2 the same dedupeKey is one CAPA, which notes the repeat', async () => {
    const body = (title: string) => ({
      studyId: STUDY, topic: 'backup', title, description: 'd', severity: 'minor', classification: 'corrective', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, problem,
      source: { type: 'kri', reference: 'KRI 4 above 5 %' }, dedupeKey: 'kri-4',
    });
    const { id } = shown(await lead.post('/capas', body('first')));
    const second = await lead.post('/capas', body('second'));
    expect([second.status, second.body]).toMatchObject([200, { id, joined: true, title: 'first' }]);
    expect(await entriesOf(world, id, 'trigger.repeated')).toMatchObject([{ detail: { dedupeKey: 'kri-4', title: 'second' } }]);
  });

  test('Q2 a control that was missed so often opens a CAPA by itself, linked on both sides', async () => {
    const rule = { every: seconds(1), grace: seconds(1), organisationId: CRO, capaAfter: 1 };
    const control = shown(await lead.post('/controls', { kind: 'contact', studyId: STUDY, topic: 'data', organisationIds: [SPONSOR, CRO], rule }));
    const capa = await eventually('its CAPA', async () => (await recordsOf(world, 'capa')).find(({ state }) => (state as { source: { recordId: string | null } }).source.recordId === control.id));
    expect(capa).toMatchObject({ severity: 'minor', status: 'triage', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, state: { raisedBy: null, links: [{ recordId: control.id, kind: 'caused_by' }] } });
    await eventually('the control hears of it', async () => (await entriesOf(world, control.id, 'capa.raised')).length === 1);
    expect((await linksOf(`/controls/${control.id}`)).filter(({ recordId }) => recordId === capa._id)).toEqual([{ recordId: capa._id, kind: 'causes' }]);
    await lead.post(`/controls/${control.id}/log-contact`, { how: 'call', note: 'n' });
    await (await api.as(personOf(SPONSOR, 'quality_head'))).post(`/controls/${control.id}/stop`, { reason: 'enough' });
    expect(await entriesOf(world, control.id, 'capa.raised')).toHaveLength(1);
    // By hand, too: another CAPA of the same control, which is over by now and shows it all the same.
    const byHand = await lead.post(`/controls/${control.id}/capa`, { problem, classification: 'preventive' });
    expect([byHand.status, byHand.body]).toMatchObject([201, { classification: 'preventive', severity: 'minor', source: { type: 'control', recordId: control.id } }]);
    expect(await linksOf(`/controls/${control.id}`)).toContainEqual({ recordId: shown(byHand).id, kind: 'causes' });
  });

  test('Q2 the same opening effect again opens nothing and draws no number', async () => {
    const step = (await world.fresh.store.models.steps.find({ capability: 'control' }).lean()).find(({ effects }) => effects.some((effect) => effect['capability'] === 'capa'));
    if (!step) throw new Error('no control opened a CAPA');
    const { store } = world.fresh;
    const before = [await store.models.counters.find({}).lean(), await store.models.records.countDocuments({ capability: 'capa' })];
    // As after a crash between performing and its receipt.
    await store.models.steps.updateOne({ _id: step._id }, { $set: { effectsDone: false, effects: step.effects.filter((effect) => effect['capability'] === 'capa') } });
    const deps = { store, send: world.send, now: () => instantOf(Date.now()) };
    const { performEffects } = createEffectActivities({ ...deps, openRecord: (opening: DerivedOpening) => openDerived(deps, opening) } as never);
    const outcomes = await new MockActivityEnvironment().run(performEffects, { capability: 'control', recordId: step.recordId, revs: [step.rev] });
    expect(outcomes).toMatchObject([{ outcome: 'done', detail: 'opened' }]);
    expect([await store.models.counters.find({}).lean(), await store.models.records.countDocuments({ capability: 'capa' })]).toEqual(before);
  });

  test('Q2 a CAPA that may not be opened is said on the control, which goes on', async () => {
    // On a study the sponsor is one of the two organisations of a CAPA.
    const rule = { every: seconds(1), grace: seconds(1), organisationId: CRO, capaAfter: 1 };
    const control = shown(await manager.post('/controls', { kind: 'contact', studyId: STUDY, topic: 'data', organisationIds: [OTHER_CRO, CRO], rule }));
    const [entry] = await eventually('it is said', async () => { const said = await entriesOf(world, control.id, 'capa.not_opened'); return said.length > 0 && said; });
    expect(entry?.reason).toContain('the sponsor is one of the two organisations');
    expect(shown(await manager.get(`/controls/${control.id}`)).status).not.toBe('stopped');
    await (await api.as(personOf(CRO, 'quality_head'))).post(`/controls/${control.id}/stop`, { reason: 'enough' });
  });

  test('Q2 a closed issue opens its CAPA too, and shows it', async () => {
    const { id } = shown(await lead.post('/issues', issueBody({ topic: 'data' })));
    for (const [who, act, body] of [[manager, 'acknowledge', {}], [manager, 'resolve', { resolution: 'r' }], [lead, 'confirm', {}]] as const) expect((await who.post(`/issues/${id}/${act}`, body)).status).toBe(200);
    const opened = await manager.post(`/issues/${id}/capa`, { problem });
    expect(opened.status).toBe(201);
    expect(shown(await lead.get(`/issues/${id}`))).toMatchObject({ status: 'closed', links: [{ recordId: shown(opened).id, kind: 'causes' }] });
  });

  test('Q2 an audit finding opens its CAPA at once; each names the other', async () => {
    const recorded = await lead.post('/findings', finding('1'), { key: 'finding' });
    expect([recorded.status, shown(recorded).capa.status]).toEqual([201, 'triage']);
    const { id, capa } = shown(recorded);
    expect(shown(await manager.get(`/capas/${capa.id}`))).toMatchObject({ number: capa.number, status: 'triage', source: { type: 'audit_finding', recordId: id, reference: 'AUD-1, finding 1' }, links: [{ recordId: id, kind: 'caused_by' }] });
    expect(shown(await lead.post('/findings', finding('1'), { key: 'finding' })).capa).toEqual(capa);
  });

  test('Q2 P3 recorded while no worker runs: the finding stands, and its CAPA is opened once when one does', async () => {
    await world.stopWorker();
    const patient = await issuesApi(world.fresh.store, gateway(), 300).as(personOf(SPONSOR, 'study_lead'));
    const recorded = shown(await patient.post('/findings', finding('2'), { key: 'away' }));
    expect(recorded.capa.status).toBeNull();
    await world.startWorker();
    const deps = { store: world.fresh.store, send: world.send, now: () => instantOf(Date.now()) };
    for (let turn = 0; turn < 2; turn += 1) await resendUnanswered(deps, { olderThanMs: 0, onError: (error) => { throw error; } });
    expect(shown(await lead.get(`/findings/${recorded.id}`)).capa).toEqual({ ...recorded.capa, status: 'triage' });
    expect((await recordsOf(world, 'capa')).filter(({ number }) => number === recorded.capa.number)).toHaveLength(1);
  });

  test('B11 Q9 an accepted CAPA keeps the hash of the evidence that it names', async () => {
    const { id } = shown(await lead.post('/capas', {
      studyId: STUDY, topic: 'backup', title: 't', description: 'd', severity: 'minor', classification: 'corrective', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, problem, source: { type: 'other', reference: 'r' },
    }));
    expect((await quality.post(`/capas/${id}/accept`, { ownerId: personOf(SPONSOR, 'study_lead'), seriousBreach: { answer: 'no', reason: 'r' } })).status).toBe(422);
    expect((await quality.post(`/capas/${id}/accept`, { ownerId: personOf(CRO, 'project_manager'), seriousBreach: { answer: 'no', reason: 'r' } })).status).toBe(403);
    await playerOf(world, id).act(personOf(CRO, 'quality'), 'accept', { ownerId: personOf(CRO, 'project_manager'), seriousBreach: { answer: 'no', reason: 'r' } });
    const evidence = await putEvidence(world.fresh.store, id);
    const submitted = await manager.post(`/capas/${id}/save`, { containment: { measures: [{ text: 'a second copy', evidenceIds: [evidence.id] }] } });
    expect([submitted.status, shown(submitted).status, shown(submitted).evidenceHashes]).toEqual([200, 'containment', { [evidence.id]: evidence.sha256 }]);
    expect((await verifyStore(world.fresh.store, { recordId: id })).intact).toBe(true);
  });
});
