import { instantOf } from '../../contracts/instant';
import { DEFAULT_POLICIES } from '../../domain/escalation/defaults';
import { matrixRowInForce } from '../../store/matrix';
import { addPolicy, policyInForce } from '../../store/policies';
import { adminApi, PEOPLE, type AdminApi, type SignedIn } from '../support/adminApi';

const HOUR_MS = 3_600_000;
const contact = (organisationId: string, personId: string, deputyId: string) => ({ organisationId, level: 1, personId, deputyId, channel: 'email' });
const SPONSOR_CONTACT = contact('spo', 'spo-lead', 'spo-quality');
const CRO_CONTACT = contact('cro', 'cro-lead', 'cro-manager');
const row = (more: object = {}) => ({
  studyId: 'st1', topic: 'monitoring', organisationIds: ['spo', 'cro'], policyKey: DEFAULT_POLICIES[0]?.key, contacts: [SPONSOR_CONTACT, CRO_CONTACT], reason: 'kick-off', ...more,
});

describe('communication matrix and policies', () => {
  let api: AdminApi;
  const sessions = new Map<string, SignedIn>();
  const send = (...[who, method, path, body]: [who: string, method: 'get' | 'put', path: string, body?: object]) => {
    const session = sessions.get(who);
    if (!session) throw new Error(who);
    return session.send(method, path, body);
  };
  const put = (body: object, who = 'spo-lead') => send(who, 'put', '/matrix', body);

  beforeAll(async () => {
    api = await adminApi();
    for (const { id } of PEOPLE) sessions.set(id, await api.signIn(id));
    for (const policy of DEFAULT_POLICIES) {
      await addPolicy(api.fresh.store, { policy, reason: 'installation', by: { actor: { kind: 'system', name: 'provisioning' }, at: instantOf(0), correlationId: 'seed' } });
    }
  });
  afterAll(() => api.close());

  test('E2 a version counts from its date; before it the one before, and the topic\'s row comes before the row for all', async () => {
    const [soon, later] = [Date.now() + HOUR_MS, Date.now() + 2 * HOUR_MS];
    expect((await put(row({ topic: '*', effectiveFrom: instantOf(soon) }))).body.version).toBe(1);
    expect((await put(row({ effectiveFrom: instantOf(later) }))).body).toMatchObject({ version: 1, rowKey: 'st1/monitoring/cro+spo' });
    const swapped = [contact('spo', 'spo-quality', 'spo-lead'), CRO_CONTACT];
    expect((await put(row({ effectiveFrom: instantOf(later + HOUR_MS), contacts: swapped }))).body.version).toBe(2);
    await put(row({ topic: '*', effectiveFrom: instantOf(later + 2 * HOUR_MS) }));
    const at = async (ms: number, topic = 'monitoring') => {
      const found = await matrixRowInForce(api.fresh.store, { studyId: 'st1', topic, organisationIds: ['cro', 'spo'], at: instantOf(ms) });
      return found && [found.topic, found.version];
    };
    expect([await at(soon - 1), await at(soon), await at(later), await at(later + HOUR_MS), await at(later, 'other')]).toEqual([undefined, ['*', 1], ['monitoring', 1], ['monitoring', 2], ['*', 1]]);
    // Although the row for all is younger.
    expect(await at(later + 2 * HOUR_MS)).toEqual(['monitoring', 2]);
    expect(await matrixRowInForce(api.fresh.store, { studyId: 'st2', topic: 'monitoring', organisationIds: ['cro', 'spo'], at: instantOf(later) })).toBeUndefined();
  });

  test('P1 each version leaves an entry with its reason and its contacts', async () => {
    const entries = await api.fresh.admin.audit.collection('audit').find({ streamId: 'matrix/st1/monitoring/cro+spo' }).sort({ seq: 1 }).toArray();
    expect(entries).toMatchObject([
      { action: 'matrix.version_added', rev: 1, reason: 'kick-off', actor: { personId: 'spo-lead', role: 'study_lead' }, detail: { contacts: [SPONSOR_CONTACT, CRO_CONTACT] } }, { rev: 2, seq: 2 },
    ]);
  });

  const { deputyId: _deputy, ...without } = CRO_CONTACT;
  test.each([
    ['a contact without a deputy', { contacts: [SPONSOR_CONTACT, without] }, 'contacts.1.deputyId'],
    ['a deputy who is the contact', { contacts: [SPONSOR_CONTACT, contact('cro', 'cro-lead', 'cro-lead')] }, 'contacts.1.deputyId'],
    ['a deputy of the other side', { contacts: [SPONSOR_CONTACT, contact('cro', 'cro-lead', 'spo-lead')] }, 'contacts.1.deputyId'],
    ['a contact who is not of the organisation', { contacts: [SPONSOR_CONTACT, contact('cro', 'spo-lead', 'cro-lead')] }, 'contacts.1.personId'],
    ['an organisation that is not of the row', { contacts: [SPONSOR_CONTACT, CRO_CONTACT, contact('cro2', 'cro2-lead', 'cro2-admin')] }, 'contacts.2.organisationId'],
    ['an organisation without a contact', { contacts: [SPONSOR_CONTACT] }, undefined],
    ['a policy that does not exist', { policyKey: 'nothing' }, undefined],
    ['a study that one of them does not work on', { studyId: 'st2' }, undefined],
    ['a date in the past', { effectiveFrom: instantOf(Date.now() - HOUR_MS) }, undefined],
  ])('E2 %s is 422', async (_, change, field) => {
    const answer = await put(row(change));
    expect([answer.status, answer.body.type, answer.body.errors?.[0]?.field]).toEqual([422, '/problems/rule_broken', field]);
  });

  test('a field that is not known is 400', async () => {
    const answer = await put(row({ contacts: [{ ...SPONSOR_CONTACT, phone: '1' }, CRO_CONTACT] }));
    expect([answer.status, answer.body.errors]).toEqual([400, [{ field: 'contacts.0.phone', message: 'unknown field' }]]);
  });

  test('P14 who approves for neither side is 404, who may not approve is 403, a study-bound lead approves for the own study only', async () => {
    expect((await put(row(), 'cro2-lead')).status).toBe(404);
    expect((await put(row(), 'cro-manager')).status).toBe(403);
    expect((await put(row(), 'cro-lead')).status).toBe(200);
    expect((await put(row({ studyId: null }), 'cro-lead')).status).toBe(403);
  });

  test('P14 rows are listed to their organisations, within the study', async () => {
    const topics = async (who: string) => (await send(who, 'get', '/matrix')).body.items.map(({ topic }: { topic: string }) => topic);
    expect(await topics('cro-lead')).toEqual(['monitoring']);
    expect(await topics('cro2-lead')).toEqual([]);
    const versions = (who: string) => send(who, 'get', '/matrix/versions?rowKey=st1/monitoring/cro%2Bspo');
    expect((await versions('cro-lead')).body.items.map(({ version }: { version: number }) => version)).toEqual([3, 2, 1]);
    expect((await versions('cro2-lead')).status).toBe(404);
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
