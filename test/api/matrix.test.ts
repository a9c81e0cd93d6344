import { instantOf } from '../../contracts/instant';
import { DEFAULT_POLICIES } from '../../domain/escalation/defaults';
import { matrixRowInForce } from '../../store/matrix';
import { addPolicy, policyInForce } from '../../store/policies';
import { adminApi, PEOPLE, type AdminApi, type SignedIn } from '../support/adminApi';
import { addApprovers, approveRow, matrixRow, SPONSOR_CONTACT, CRO_CONTACT, contactOf } from '../support/matrixRows';

const HOUR_MS = 3_600_000;

describe('communication matrix and policies', () => {
  let api: AdminApi;
  const sessions = new Map<string, SignedIn>();
  const send = (...[who, method, path, body]: [who: string, method: 'get' | 'post' | 'put' | 'patch', path: string, body?: object]) => {
    const session = sessions.get(who);
    if (!session) throw new Error(who);
    return session.send(method, path, body);
  };
  const effective = (more: object = {}) => approveRow(send, more);

  beforeAll(async () => {
    api = await adminApi();
    await addApprovers(api);
    for (const id of [...PEOPLE.map((person) => person.id), 'spo-executive', 'cro-executive']) sessions.set(id, await api.signIn(id));
    for (const policy of DEFAULT_POLICIES) {
      await addPolicy(api.fresh.store, { policy, reason: 'installation', by: { actor: { kind: 'system', name: 'provisioning' }, at: instantOf(0), correlationId: 'seed' } });
    }
  });
  afterAll(() => api.close());

  test('E2 a version counts from its date; before it the one before, and the topic\'s row comes before the row for all', async () => {
    const [soon, later] = [Date.now() + HOUR_MS, Date.now() + 2 * HOUR_MS];
    expect((await effective({ topic: '*', effectiveFrom: instantOf(soon) })).body.version).toBe(1);
    expect((await effective({ effectiveFrom: instantOf(later) })).body).toMatchObject({ status: 'effective', version: 1, rowKey: 'st1/monitoring/cro+spo' });
    const swapped = [contactOf('spo', 'spo-quality', 'spo-lead'), CRO_CONTACT];
    expect((await effective({ effectiveFrom: instantOf(later + HOUR_MS), contacts: swapped })).body.version).toBe(2);
    await effective({ topic: '*', effectiveFrom: instantOf(later + 2 * HOUR_MS) });
    const at = async (ms: number, topic = 'monitoring') => {
      const found = await matrixRowInForce(api.fresh.store, { studyId: 'st1', topic, organisationIds: ['cro', 'spo'], at: instantOf(ms) });
      return found && [found.topic, found.version];
    };
    expect([await at(soon - 1), await at(soon), await at(later), await at(later + HOUR_MS), await at(later, 'other')]).toEqual([undefined, ['*', 1], ['monitoring', 1], ['monitoring', 2], ['*', 1]]);
    // Although the row for all is younger.
    expect(await at(later + 2 * HOUR_MS)).toEqual(['monitoring', 2]);
    expect(await matrixRowInForce(api.fresh.store, { studyId: 'st2', topic: 'monitoring', organisationIds: ['cro', 'spo'], at: instantOf(later) })).toBeUndefined();
  });

  test('P1 E1 each version leaves an entry with who approved it, and the proposal one for every change', async () => {
    const trail = async (streamId: string) => api.fresh.admin.audit.collection('audit').find({ streamId }).sort({ seq: 1 }).toArray();
    const entries = await trail('matrix/st1/monitoring/cro+spo');
    expect(entries.filter(({ action }) => action === 'matrix.version_added')).toMatchObject([
      { action: 'matrix.version_added', rev: 1, reason: 'approve', actor: { personId: 'cro-executive', organisationId: 'cro' }, detail: { version: 1, approvals: [{ personId: 'spo-executive' }, { personId: 'cro-executive' }] } },
      { action: 'matrix.version_added', rev: 2, detail: { row: { contacts: [{ personId: 'spo-quality' }, { personId: 'cro-lead' }] } } },
    ]);
    const proposal = await trail(`matrix-proposal/${String(entries[0]?.['detail'].proposalId)}`);
    expect(proposal.map((entry) => [entry['action'], entry['field'] ?? null, entry['rev']])).toEqual([
      ['matrix-proposal.created', null, 1], ['signature.applied', 'signatures.row', 2], ['matrix-proposal.changed', 'approvals/0', 2],
      ['signature.applied', 'signatures.row', 3], ['matrix-proposal.changed', 'approvals/1', 3], ['matrix-proposal.changed', 'status', 3], ['matrix-proposal.changed', 'version', 3],
    ]);
  });

  const { deputyId: _deputy, ...without } = CRO_CONTACT;
  test.each([
    ['a contact without a deputy', { contacts: [SPONSOR_CONTACT, without] }, 'contacts.1.deputyId'],
    ['a deputy who is the contact', { contacts: [SPONSOR_CONTACT, contactOf('cro', 'cro-lead', 'cro-lead')] }, 'contacts.1.deputyId'],
    ['a contact who is not of the organisation', { contacts: [SPONSOR_CONTACT, contactOf('cro', 'spo-lead', 'cro-lead')] }, 'contacts.1.personId'],
    ['an organisation without a contact', { contacts: [SPONSOR_CONTACT] }, 'contacts'],
    ['a policy that does not exist', { policyKey: 'nothing' }, 'policyKey'],
    ['a study that one of them does not work on', { studyId: 'st2' }, 'organisationIds'],
    ['a PHI topic on mail that nobody approved', { phi: true }, 'contacts.0.channel'],
    ['a date in the past', { effectiveFrom: instantOf(Date.now() - HOUR_MS) }, 'effectiveFrom'],
  ])('E1 E2 E10 %s is 422', async (_, change, field) => {
    const answer = await send('spo-lead', 'post', '/matrix/proposals', matrixRow(change));
    expect([answer.status, answer.body.type, answer.body.errors?.[0]?.field]).toEqual([422, '/problems/rule_broken', field]);
  });

  test('a field that is not known is 400, and a version is put by no other way', async () => {
    const answer = await send('spo-lead', 'post', '/matrix/proposals', matrixRow({ contacts: [{ ...SPONSOR_CONTACT, phone: '1' }, CRO_CONTACT] }));
    expect([answer.status, answer.body.errors]).toEqual([400, [{ field: 'contacts.0.phone', message: 'unknown field' }]]);
    expect((await send('spo-lead', 'put', '/matrix', matrixRow())).status).toBe(404);
  });

  test('P14 who drafts for neither side is 404, who may not draft is 403, a study-bound lead drafts for the own study only', async () => {
    const create = async (body: object, who: string) => (await send(who, 'post', '/matrix/proposals', body)).status;
    expect(await create(matrixRow(), 'cro2-lead')).toBe(404);
    expect(await create(matrixRow(), 'cro-admin')).toBe(403);
    expect(await create(matrixRow(), 'cro-lead')).toBe(201);
    expect(await create(matrixRow({ studyId: null }), 'cro-lead')).toBe(403);
  });

  test('P14 rows in force are listed to their organisations, within the study, page by page and by filters', async () => {
    for (const topic of ['budget', 'safety', 'visits']) await effective({ topic });
    const topics = async (who: string, query = '') => (await send(who, 'get', `/matrix${query}`)).body.items.map(({ topic }: { topic: string }) => topic);
    expect(await topics('cro-lead')).toEqual(['budget', 'safety', 'visits']);
    expect(await topics('spo-inspector')).toEqual(['budget', 'safety', 'visits']);
    expect(await topics('cro2-lead')).toEqual([]);
    expect([await topics('spo-lead', '?topic=safety'), await topics('spo-lead', '?studyId=st2'), await topics('spo-lead', '?organisationId=cro2')]).toEqual([['safety'], [], []]);
    const first = await send('spo-lead', 'get', '/matrix?limit=2');
    expect([first.body.items.length, (await topics('spo-lead', `?limit=2&cursor=${String(first.body.next)}`))]).toEqual([2, ['visits']]);
    const versions = (who: string, query = '') => send(who, 'get', `/matrix/versions?rowKey=st1/monitoring/cro%2Bspo${query}`);
    expect((await versions('cro-lead')).body.items.map(({ version }: { version: number }) => version)).toEqual([2, 1]);
    const newest = await versions('cro-lead', '&limit=1');
    expect((await versions('cro-lead', `&cursor=${String(newest.body.next)}`)).body).toMatchObject({ items: [{ version: 1 }], next: null });
    expect((await versions('cro2-lead')).status).toBe(404);
    const one = async (who: string, version: number) => send(who, 'get', `/matrix/versions/${String(version)}?rowKey=st1/monitoring/cro%2Bspo`);
    expect((await one('cro-lead', 1)).body.approvals.map(({ organisationId }: { organisationId: string }) => organisationId)).toEqual(['spo', 'cro']);
    expect([(await one('cro-lead', 3)).status, (await one('cro2-lead', 1)).status]).toEqual([404, 404]);
  });

  test('P19 a policy is read in the version in force; a version to come waits for its date', async () => {
    const [policy] = DEFAULT_POLICIES;
    if (!policy) throw new Error('no policies');
    const from = instantOf(Date.now() + HOUR_MS);
    await addPolicy(api.fresh.store, { policy: { ...policy, version: 2, effectiveFrom: from }, reason: 'SOP 7', by: { actor: { kind: 'system', name: 'provisioning' }, at: instantOf(0), correlationId: 'seed' } });
    expect((await send('cro-lead', 'get', `/policies/${policy.key}`)).body.version).toBe(policy.version);
    expect((await policyInForce(api.fresh.store, policy.key, from))?.version).toBe(2);
    expect((await send('cro-lead', 'get', `/policies/${policy.key}/versions`)).body.items).toHaveLength(2);
    expect((await send('cro-lead', 'get', '/policies')).body.items).toHaveLength(DEFAULT_POLICIES.length);
    expect((await send('cro-lead', 'get', '/policies/nothing')).status).toBe(404);
  });
});
