import { adminApi, type AdminApi, type SignedIn } from '../support/adminApi';
import { DEFAULT_POLICIES } from '../../domain/escalation/defaults';
import { addPolicy } from '../../store/policies';
import { prepareOpening } from '../../store/issueOpening';
import { addMatrixVersion } from '../../store/matrix';
import { verifyStore } from '../../store/verify';
import { addApprovers, contactOf, matrixRow } from '../support/matrixRows';

describe('topics of a pair of organisations', () => {
  let api: AdminApi;
  let spo: SignedIn;
  let cro: SignedIn;
  let stranger: SignedIn;
  const by = { actor: { kind: 'system', name: 'provisioning' }, at: '2026-01-01T00:00:00.000Z', correlationId: 'seed' } as const;
  beforeAll(async () => {
    api = await adminApi();
    [spo, cro, stranger] = await Promise.all([api.signIn('spo-lead'), api.signIn('cro-manager'), api.signIn('cro2-lead')]);
    for (const policy of DEFAULT_POLICIES) await addPolicy(api.fresh.store, { policy, reason: 'installation', by: by as never });
  });
  afterAll(() => api.close());

  const issue = (topic: string) => ({ studyId: 'st1', topic, title: 'A visit missed', description: 'Site 12', severity: 'critical' as const, raisingOrganisationId: 'spo', accountableOrganisationId: 'cro' });
  const raise = async (topic: string, actor: object = { kind: 'person', personId: 'spo-lead', organisationId: 'spo', role: 'study_lead', correlationId: 'c' }) =>
    prepareOpening(api.fresh.store, { request: issue(topic), actor: actor as never, commandId: `c-${topic}-${JSON.stringify(actor).length}`, at: api.deps.now() });
  const openingOf = (prepared: Awaited<ReturnType<typeof raise>>) => ('fresh' in prepared ? (prepared.fresh.opening as unknown as { opening: object }).opening : {});

  test('E1 S1.2 a critical issue with a slip in its topic is refused with the nearest, and falls on no row', async () => {
    await expect(raise('saftey')).rejects.toMatchObject({ type: 'rule_broken', extra: { nearest: ['safety'], errors: [{ field: 'topic', message: expect.stringContaining('did you mean safety') }] } });
    await expect(raise('safety')).resolves.toBeDefined();
  });

  test('E14 a machine\'s issue is not lost for its topic', async () => {
    const machine = { kind: 'system', name: 'source', correlationId: 'c' };
    // It keeps the topic that was sent, and says that nobody chose it.
    expect(openingOf(await raise('saftey', machine))).toMatchObject({ topicUnknown: true, request: { topic: 'saftey' } });
    expect(openingOf(await raise('safety', machine))).not.toHaveProperty('topicUnknown');
    // That a source or a record bears it is no choice of the two organisations.
    const admin = await api.signIn('spo-admin');
    const raises = { studyId: 'st1', topic: 'supply', accountableOrganisationId: 'cro', severities: { otherwise: 'major' } };
    const { body: { id } } = await admin.send('post', '/sources', { organisationId: 'spo', name: 'Old', kind: 'event', raises });
    await api.fresh.admin.main.collection('sources').updateOne({ _id: id }, { $set: { 'raises.topic': 'suply' } });
    expect(openingOf(await raise('suply', machine))).toMatchObject({ topicUnknown: true });
    await api.fresh.admin.main.collection('sources').updateOne({ _id: id }, { $set: { 'raises.topic': 'supply' } });
  });

  test('E1 an issue that fell on the row for every other topic says so', async () => {
    const row = { ...matrixRow({ topic: '*', contacts: [contactOf('spo', 'spo-lead', 'spo-quality'), contactOf('cro', 'cro-lead', 'cro-manager')] }), phi: false, phiChannels: ['inbox'] };
    await addMatrixVersion(api.fresh.store, { row: row as never, effectiveFrom: by.at as never, approvals: [], proposalId: null, reason: 'r', by: by as never });
    expect(openingOf(await raise('supply'))).toMatchObject({ matrixVersion: 1, matrixTopic: '*' });
    await addMatrixVersion(api.fresh.store, { row: { ...row, topic: 'training' } as never, effectiveFrom: by.at as never, approvals: [], proposalId: null, reason: 'r', by: by as never });
    expect(openingOf(await raise('training'))).not.toHaveProperty('matrixTopic');
  });

  test('S1.2 P14 a pair adds its own: proposed by one, agreed by the other, on the trail, unseen by others', async () => {
    const made = await spo.send('post', '/topics', { organisationIds: ['spo', 'cro'], topic: 'biomarkers', label: 'Biomarkers', description: 'Samples for biomarkers' });
    expect([made.status, made.body.agreedBy, made.body.proposedBy?.organisationId]).toEqual([201, null, 'spo']);
    await expect(raise('biomarkers')).rejects.toMatchObject({ type: 'rule_broken' });
    expect((await spo.send('post', `/topics/${made.body.id}/agree`, { reason: 'ours' })).status).toBe(403);
    expect((await stranger.send('post', `/topics/${made.body.id}/agree`, { reason: 'ours' })).status).toBe(404);
    expect((await cro.send('get', '/topics/own')).text).toContain('biomarkers');
    expect((await stranger.send('get', '/topics/own')).text).not.toContain('biomarkers');
    expect((await stranger.send('get', '/topics?organisationId=spo&with=cro')).status).toBe(422);
    await addApprovers(api);
    expect((await (await api.signIn('cro-executive')).send('post', `/topics/${made.body.id}/agree`, { reason: 'agreed on the phone' })).body).toMatchObject({ agreedBy: { organisationId: 'cro' } });
    await expect(raise('biomarkers')).resolves.toBeDefined();
    const known = (await spo.send('get', '/topics?organisationId=spo&with=cro')).body as { items: { topic: string; from: string }[] };
    expect(known.items).toEqual(expect.arrayContaining([expect.objectContaining({ topic: 'biomarkers', from: 'agreed' }), expect.objectContaining({ topic: 'safety', from: 'seeded' })]));
    expect((await spo.send('post', '/topics', { organisationIds: ['spo', 'cro'], topic: 'safety', label: 'Safety', description: 'again' })).status).toBe(409);
    expect(await verifyStore(api.fresh.store)).toMatchObject({ intact: true });
  });

  test('E1 S1.2 a row of the matrix and a source name topics that the pair has; `*` is a choice', async () => {
    const admin = await api.signIn('spo-admin');
    const raises = { studyId: 'st1', topic: 'monitering', accountableOrganisationId: 'cro', severities: { otherwise: 'major' } };
    expect((await admin.send('post', '/sources', { organisationId: 'spo', name: 'EDC', kind: 'event', raises })).body.errors).toMatchObject([{ field: 'raises.topic', message: expect.stringContaining('monitoring') }]);
    expect((await spo.send('post', '/matrix/proposals', matrixRow({ topic: 'monitering' }))).body.errors).toMatchObject([{ field: 'topic' }]);
    for (const kind of ['policies', 'capa-policies']) {
      const policy = await spo.send('post', `/${kind}/saftey/drafts`, { scope: { kind: 'pair', organisationIds: ['spo', 'cro'] }, basis: 'contract' });
      expect([kind, policy.status, policy.body.errors, policy.body.nearest]).toMatchObject([kind, 422, [{ field: 'key', message: expect.stringContaining('safety') }], ['safety']]);
    }
    const quality = await api.signIn('spo-quality');
    const finding = { auditReference: 'A-1', auditDate: '2026-09-30', findingNo: '3', category: 'backup_and_recovery', title: 'F', description: 'D', severity: 'major', studyId: 'st1', topic: 'bakup', raisingOrganisationId: 'spo', accountableOrganisationId: 'cro' };
    expect((await quality.send('post', '/findings', finding).set('Idempotency-Key', 'finding-of-no-topic')).body).toMatchObject({ errors: [{ field: 'topic' }], nearest: ['backup'] });
    const drafted = await spo.send('post', '/matrix/proposals', matrixRow({ topic: 'supply' }));
    expect([drafted.status, drafted.body.gaps?.map(({ field }: { field: string }) => field)]).toEqual([201, ['filing', 'frequency', 'contacts']]);
  });

});
