import type { CapaState } from '../../contracts/capaState';
import { calendarDays } from '../../contracts/spans';
import { CRO, OTHER_CRO, OTHER_SPONSOR, personOf, seedCast, SPONSOR, STUDY } from '../support/cast';
import type { Requests } from '../support/issuesApi';
import { freshStore, type FreshStore } from '../support/mongo';
import { apiWithoutEngine, capaDoc, controlDoc, issueDoc, putEvidence } from '../support/storedRecords';

const problem = { what: 'the restore failed', where: 'eTMF', when: 'in the quarterly test', extent: 'all documents' };
const body = (source: object) => ({
  studyId: STUDY, topic: 'backup', title: 'Restore failed', description: 'See the test', severity: 'major', classification: 'corrective', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, problem, source,
});
interface Errors { readonly errors: readonly { readonly field: string; readonly message: string }[] }
const fieldsOf = (response: { body: unknown }): string[] => ((response.body as Partial<Errors>).errors ?? []).map(({ field }) => field);

describe('a CAPA and what it names', () => {
  let fresh: FreshStore;
  let api: ReturnType<typeof apiWithoutEngine>;
  let lead: Requests;
  let manager: Requests;
  let quality: Requests;
  const commandOf = async (response: { body: unknown }) => fresh.store.models.commands.findById((response.body as { id: string }).id).lean();
  const openedBy = async (response: { body: unknown }) => ((await commandOf(response))?.opening as { opening: { request: Record<string, unknown> }; content: object } | undefined);

  beforeAll(async () => {
    fresh = await freshStore();
    await seedCast(fresh.store);
    api = apiWithoutEngine(fresh.store);
    lead = await api.as(personOf(SPONSOR, 'study_lead'));
    manager = await api.as(personOf(CRO, 'project_manager'));
    quality = await api.as(personOf(CRO, 'quality'));
    const owner = personOf(CRO, 'project_manager');
    await fresh.store.models.records.insertMany([
      issueDoc('i1'), issueDoc('foreign', { raisingOrganisationId: OTHER_SPONSOR, accountableOrganisationId: OTHER_CRO }), controlDoc('c1'),
      capaDoc('k1'), capaDoc('inv', { status: 'investigation', ownerId: owner }), capaDoc('impl', {
        status: 'implementation', ownerId: owner,
        actions: [{ id: 'a1', kind: 'corrective', description: 'd', ownerId: owner, organisationId: CRO, originalDue: '2026-12-01T08:00:00.000Z', due: '2026-12-01T08:00:00.000Z', status: 'open', evidenceIds: [], reported: null, verified: null, missedAt: null }] as unknown as CapaState['actions'],
      }),
    ]);
  });
  afterAll(async () => {
    await api.close();
    await fresh.drop();
  });

  test('Q2 the record named as source is there, the caller may know of it, and it is what the source says; else 422 with the field', async () => {
    const fields = async (source: object) => fieldsOf(await lead.post('/capas', body(source)));
    expect(await fields({ type: 'issue', recordId: 'nothing' })).toEqual(['source.recordId']);
    expect(await fields({ type: 'issue', recordId: 'foreign' })).toEqual(['source.recordId']);
    expect(await fields({ type: 'issue', recordId: 'c1' })).toEqual(['source.type']);
    expect(await fields({ type: 'audit_finding', recordId: 'i1' })).toEqual(['source.type']);
    // What is kept elsewhere needs no record.
    expect((await lead.post('/capas', body({ type: 'restoration_test', reference: 'RT-3' }))).status).toBe(202);
    for (const source of [{ type: 'issue', recordId: 'i1' }, { type: 'control', recordId: 'c1' }, { type: 'other', recordId: 'k1' }]) expect((await lead.post('/capas', body(source))).status).toBe(202);
  });

  test('Q2 from an issue: what is not said is taken from it, a draft until the problem is told; what is said wins', async () => {
    const plain = await manager.post('/issues/i1/capa', {}, { key: 'plain' });
    expect(plain.status).toBe(202);
    expect(await openedBy(plain)).toMatchObject({
      opening: { request: {
        studyId: STUDY, topic: 'backup', severity: 'critical', systemId: 'etmf', classification: 'corrective', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, draft: true, dedupeKey: 'from/i1',
        source: { type: 'issue', recordId: 'i1', reference: 'ISS-i1' },
      } },
      content: { title: 'Backup was lost', description: 'Nothing since May' },
    });
    const said = await lead.post('/issues/i1/capa', { problem, classification: 'preventive', severity: 'major', title: 'Never again', dedupeKey: 'other' });
    expect(await openedBy(said)).toMatchObject({ opening: { request: { draft: false, classification: 'preventive', severity: 'major', dedupeKey: 'other', problem } }, content: { title: 'Never again' } });
  });

  test('Q2 P14 the accountable side makes no less of an issue by opening a CAPA from it, by either route; the raising side may say it anew', async () => {
    const softer = { problem, severity: 'minor', title: 'One form was filed late' };
    expect(fieldsOf(await manager.post('/issues/i1/capa', softer))).toEqual(['title', 'severity']);
    expect(fieldsOf(await manager.post('/issues/i1/capa', { raisingOrganisationId: CRO, accountableOrganisationId: SPONSOR }))).toEqual(['raisingOrganisationId', 'accountableOrganisationId']);
    expect(fieldsOf(await manager.post('/capas', body({ type: 'other', recordId: 'i1' })))).toEqual(['title', 'severity']);
    expect((await manager.post('/issues/i1/capa', { problem, severity: 'critical', dedupeKey: 'as-stated' })).status).toBe(202);
    expect((await lead.post('/issues/i1/capa', { ...softer, dedupeKey: 'anew' })).status).toBe(202);
  });

  test('Q7 a CAPA whose watch is over is not reopened: the answer says what to do instead', async () => {
    await fresh.store.models.records.insertMany([{ ...capaDoc('over', { status: 'closed', watchOver: true, closedAt: '2025-01-01T08:00:00.000Z' } as object), done: true }]);
    const answer = await (await api.as(personOf(SPONSOR, 'quality'))).post('/capas/over/reopen', { reason: 'it came back', signature: 's' });
    expect([answer.status, (answer.body as { detail: string }).detail]).toEqual([409, expect.stringMatching(/watch of .* is over.*new CAPA.*relates_to/)]);
  });

  test('Q2 P3 the same key again is the same CAPA, even if the issue has moved on; another body is refused', async () => {
    await fresh.store.models.records.updateOne({ _id: 'i1' }, { $set: { severity: 'minor' } });
    const count = await fresh.store.models.counters.findById(`study/${STUDY}`).lean();
    expect((await manager.post('/issues/i1/capa', {}, { key: 'plain' })).status).toBe(202);
    expect(await fresh.store.models.counters.findById(`study/${STUDY}`).lean()).toEqual(count);
    expect((await manager.post('/issues/i1/capa', { title: 'Another' }, { key: 'plain' })).status).toBe(422);
  });

  test('Q2 from a control likewise; a record that is not yours, or of another kind, is 404', async () => {
    expect(await openedBy(await lead.post('/controls/c1/capa', { problem }))).toMatchObject({
      opening: { request: { topic: 'communication', severity: 'minor', source: { type: 'control', recordId: 'c1', reference: 'CTL-c1' } } }, content: { title: 'Agreed contact: all topics', description: 'Agreed contact: all topics' },
    });
    expect((await lead.post('/issues/c1/capa', {})).status).toBe(404);
    expect((await lead.post('/issues/foreign/capa', {})).status).toBe(404);
    const inspector = await api.as(personOf(OTHER_CRO, 'quality'));
    expect((await inspector.post('/issues/i1/capa', {})).status).toBe(404);
  });

  test('Q9 the owner is an active person of the accountable side who may work on it', async () => {
    const accept = (ownerId: string) => quality.post('/capas/k1/accept', { ownerId });
    const left = personOf(CRO, 'study_lead');
    await fresh.store.models.people.updateOne({ _id: left }, { $set: { active: false } });
    for (const nobody of ['nobody', personOf(SPONSOR, 'study_lead'), personOf(OTHER_CRO, 'project_manager'), personOf(CRO, 'executive'), left]) {
      const refused = await accept(nobody);
      expect([refused.status, fieldsOf(refused)]).toEqual([422, ['ownerId']]);
    }
    await fresh.store.models.people.updateOne({ _id: left }, { $set: { active: true } });
    expect((await accept(left)).status).toBe(202);
  });

  test('Q9 a plan names people of the organisations that owe the duties, each fault by its place', async () => {
    const action = (id: string, ownerId: string, organisationId: string | null = CRO) => ({ id, kind: 'corrective', description: 'd', ownerId, organisationId, due: '2027-01-01T08:00:00Z' });
    const effectiveness = (assessorId: string, assessorOrganisationId: string) => ({ metric: 'm', baseline: 'b', target: 't', window: calendarDays(30), sampleSize: 3, source: 's', assessorId, assessorOrganisationId });
    const plan = (assessor: string, actions: readonly object[]) => ({ plan: { actions, effectiveness: effectiveness(assessor, CRO), documents: [] } });
    const wrong = await manager.post('/capas/inv/save', plan(personOf(CRO, 'contributor'), [action('a', personOf(CRO, 'contributor')), action('b', 'ghost'), action('c', personOf(SPONSOR, 'quality'))]));
    expect([wrong.status, fieldsOf(wrong)]).toEqual([422, ['plan.actions.1.ownerId', 'plan.actions.2.ownerId', 'plan.effectiveness.assessorId']]);
    const right = plan(personOf(CRO, 'quality_head'), [action('a', personOf(CRO, 'contributor')), action('b', personOf(SPONSOR, 'quality'), SPONSOR), action('c', personOf(SPONSOR, 'quality'), null)]);
    expect((await manager.post('/capas/inv/save', right)).status).toBe(202);
  });

  test('Q9 a duty is given to a person who may have it; P12 a membership that has ended counts no more', async () => {
    const assign = (personId: string) => manager.post('/capas/impl/assign', { duty: 'action', actionId: 'a1', personId, reason: 'r' });
    const who = personOf(CRO, 'contributor');
    expect((await assign(who)).status).toBe(202);
    await fresh.store.models.memberships.updateOne({ personId: who }, { $set: { until: '2026-10-01T00:00:00.000Z' } });
    expect(fieldsOf(await assign(who))).toEqual(['personId']);
    await fresh.store.models.memberships.updateOne({ personId: who }, { $set: { until: null } });
  });

  test('B11 Q3 evidence is complete and linked to this CAPA; its hash goes with the command', async () => {
    const { store } = fresh;
    const [own, elsewhere, loose] = [await putEvidence(store, 'inv'), await putEvidence(store, 'k1'), await putEvidence(store, null)];
    const rootCause = (...evidenceIds: string[]) => ({ rootCause: { method: 'five_why', chain: [{ why: 'w', because: 'b', evidenceIds }], cause: { statement: 's', categories: ['procedure'] } } });
    const refused = await manager.post('/capas/inv/save', rootCause(own.id, elsewhere.id, loose.id, 'nothing'));
    expect([refused.status, fieldsOf(refused)]).toEqual([422, [1, 2, 3].map((index) => `rootCause.chain.0.evidenceIds.${String(index)}`)]);
    expect((await commandOf(await manager.post('/capas/inv/save', rootCause(own.id))))?.body).toMatchObject({ pinned: [own] });
    // Nobody pins a hash of their own.
    expect((await manager.post('/capas/inv/save', { ...rootCause(own.id), pinned: [{ id: own.id, sha256: 'f'.repeat(64) }] })).status).toBe(400);
    expect(fieldsOf(await manager.post('/capas/impl/report-action', { actionId: 'a1', evidenceIds: [own.id] }))).toEqual(['evidenceIds.0']);
    const reported = await putEvidence(store, 'impl');
    expect((await commandOf(await manager.post('/capas/impl/report-action', { actionId: 'a1', evidenceIds: [reported.id] })))?.body).toMatchObject({ evidenceIds: [reported.id], pinned: [reported] });
  });

  test('Q2 a link, and the CAPA that another duplicates, are records that the caller may know of', async () => {
    expect(fieldsOf(await lead.post('/capas/k1/link', { recordId: 'foreign', kind: 'relates_to' }))).toEqual(['recordId']);
    expect((await lead.post('/capas/k1/link', { recordId: 'i1', kind: 'relates_to' })).status).toBe(202);
    expect(fieldsOf(await lead.post('/capas/k1/propose', { what: 'rejection', reason: 'r', duplicateOf: 'i1' }))).toEqual(['duplicateOf']);
    expect((await lead.post('/capas/k1/propose', { what: 'rejection', reason: 'r', duplicateOf: 'inv' })).status).toBe(202);
  });
});
