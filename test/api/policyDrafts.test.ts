import { instantOf } from '../../contracts/instant';
import type { Ladders } from '../../contracts/policy';
import { DEFAULT_POLICIES } from '../../domain/escalation/defaults';
import { INSTALLATION } from '../../domain/policy/scope';
import { addPolicy, ladderPolicies, policyInForce } from '../../store/policies';
import { verifyStore } from '../support/verified';
import { adminApi, PEOPLE, type AdminApi, type SignedIn } from '../support/adminApi';
import { publishDraft, type PostAs } from '../support/signedActs';
import { makeSigner } from '../support/signing';

const HOUR_MS = 3_600_000;
const seeded = DEFAULT_POLICIES.find(({ key }) => key === 'default');
if (!seeded) throw new Error('no default policy');
const { ladders } = seeded;

/** The default ladders with something else at a place of the critical one. */
const changed = (critical: object): Ladders => ({ ...ladders, critical: { ...ladders.critical, ...critical } });

describe('policies as drafts', () => {
  let api: AdminApi;
  const sessions = new Map<string, SignedIn>();
  const send = (...[who, method, path, body]: [who: string, method: 'get' | 'post' | 'patch', path: string, body?: object]) => {
    const session = sessions.get(who);
    if (!session) throw new Error(who);
    return session.send(method, path, body);
  };
  const post: PostAs = (who, path, body) => send(who, 'post', path, body);
  const publish = (path: string, reason = 'r') => publishDraft(post, 'root', { path, reason });
  const drafted = async (body: object = {}, who = 'spo-quality', key = 'default') => send(who, 'post', `/policies/${key}/drafts`, { basis: 'SOP 7', ladders: changed({ repeats: 1 }), scope: { kind: 'installation' }, ...body });
  const policyVersions = (key: string) => ladderPolicies.versions(api.fresh.store, { key, scope: INSTALLATION });

  beforeAll(async () => {
    api = await adminApi();
    await makeSigner(api.fresh.store, { personId: 'root', organisationId: 'spo', at: instantOf(Date.now()) });
    for (const { id } of PEOPLE) sessions.set(id, await api.signIn(id));
    for (const policy of DEFAULT_POLICIES) await addPolicy(api.fresh.store, { policy, reason: 'installation', by: { actor: { kind: 'system', name: 'provisioning' }, at: instantOf(0), correlationId: 'seed' } });
  });
  afterAll(() => api.close());

  test('P19 a draft starts from the version in force, is changed, shows what it would change, and is published by somebody else as the next version', async () => {
    const first = await send('spo-quality', 'post', '/policies/default/drafts', { basis: 'SOP 7', scope: { kind: 'installation' } });
    expect([first.status, first.body.baseVersion, first.body.ladders]).toEqual([201, 1, ladders]);
    const path = `/policies/default/drafts/${String(first.body.id)}`;
    const second = await send('spo-quality', 'patch', path, { ladders: changed({ repeats: 1 }), reason: 'fewer rounds' });
    expect([second.status, second.body.rev, second.body.changes]).toEqual([200, 2, [
      { path: 'basis', old: seeded.basis, new: 'SOP 7' }, { path: 'ladders.critical.repeats', old: 2, new: 1 },
    ]]);
    expect((await send('spo-lead', 'get', '/policies/default/drafts')).body.items.map(({ id }: { id: string }) => id)).toContain(first.body.id);

    const published = await publish(path, 'agreed on 20 November');
    expect(published.status).toBe(201);
    expect(published.body.policy).toMatchObject({ key: 'default', version: 2, basis: 'SOP 7', ladders: { critical: { repeats: 1 } } });
    expect(published.body.changes).toHaveLength(2);
    expect((await policyInForce(api.fresh.store, 'default', api.deps.now()))?.version).toBe(2);
    expect((await send('cro-lead', 'get', '/policies/default/versions/2')).body.basis).toBe('SOP 7');
    expect((await send('spo-lead', 'get', path)).body).toMatchObject({ status: 'published', version: 2, active: false });

    // P1: every step of it is on the trail, in the draft's stream and in the policy's.
    const trail = api.fresh.admin.audit.collection('audit');
    expect(await trail.find({ streamId: `policy-draft/${String(first.body.id)}` }).sort({ seq: 1 }).toArray()).toMatchObject([
      { action: 'policy-draft.created', actor: { personId: 'spo-quality' } }, { action: 'policy-draft.changed', field: 'ladders/critical/repeats', reason: 'fewer rounds' }, { field: 'contentVersion', old: 1, new: 2 },
      { action: 'signature.applied', field: 'signatures.policy', actor: { personId: 'root' }, detail: { act: 'publish', version: 2, meaning: 'approval', printedName: 'The root' } },
      { field: 'approvals/0' }, { field: 'status', old: 'draft', new: 'published', actor: { personId: 'root', role: 'instance_admin' } }, { field: 'version' }, { action: 'policy-draft.deactivated' },
    ]);
    expect(await trail.find({ streamId: 'policy/default', action: 'policy.version_added' }).sort({ seq: 1 }).toArray()).toMatchObject([{ rev: 1 }, { rev: 2, reason: 'agreed on 20 November', detail: { basis: 'SOP 7' } }]);
    expect(await trail.find({ streamId: 'policy/default', action: 'policy.changed', field: 'ladders/critical/repeats' }).toArray()).toMatchObject([{ rev: 2, reason: 'agreed on 20 November' }]);
    expect((await verifyStore(api.fresh.store)).intact).toBe(true);
  });

  test('P19 P14 who wrote on a draft cannot publish it', async () => {
    const { body } = await drafted();
    const path = `/policies/default/drafts/${String(body.id)}`;
    await send('root', 'patch', path, { basis: 'SOP 8', reason: 'my words' });
    const refused = await publish(path);
    expect([refused.status, refused.body.type]).toEqual([409, '/problems/separation_of_duties']);
    const [refusal] = await api.fresh.admin.audit.collection('audit').find({ streamId: `refusals/policy-draft/${String(body.id)}` }).toArray();
    expect(refusal).toMatchObject({ action: 'act.refused', actor: { personId: 'root' }, detail: { type: 'separation_of_duties' } });
  });

  test('P14 the installation\'s default is suggested by anybody who drafts, and published by an administrator of the instance; nobody else sees the draft', async () => {
    const { body } = await drafted({ basis: 'SOP 9' }, 'cro-manager');
    expect(body.organisationId).toBe('cro');
    const path = `/policies/default/drafts/${String(body.id)}`;
    for (const [who, status] of [['cro2-lead', 404], ['spo-quality', 404], ['spo-lead', 404], ['cro-manager', 403]] as const) expect((await send(who, 'post', `${path}/publish`, { reason: 'r' })).status).toBe(status);
    expect((await send('spo-admin', 'get', path)).status).toBe(403);
    expect((await drafted({}, 'spo-admin')).status).toBe(403);
    expect((await send('root', 'get', `/policies/security/drafts/${String(body.id)}`)).status).toBe(404);
    expect((await publish(path)).status).toBe(201);
  });

  test('P19 a draft is given up with a reason and stays readable; nothing more happens to it', async () => {
    const { body } = await drafted();
    const path = `/policies/default/drafts/${String(body.id)}`;
    expect((await send('spo-quality', 'post', `${path}/discard`, {})).status).toBe(400);
    expect((await send('spo-quality', 'post', `${path}/discard`, { reason: 'overtaken' })).body).toMatchObject({ status: 'discarded', active: false });
    for (const [method, act, more] of [['patch', '', { basis: 'x', reason: 'r' }], ['post', '/publish', { reason: 'r' }], ['post', '/discard', { reason: 'r' }]] as const) {
      expect((await send(act === '/publish' ? 'root' : 'spo-quality', method, `${path}${act}`, more)).status).toBe(409);
    }
    expect((await send('spo-quality', 'get', path)).body.status).toBe('discarded');
  });

  test('P19 an older revision does not overwrite a newer one', async () => {
    const { body } = await drafted();
    const session = sessions.get('spo-quality');
    const patch = (rev: number) => session?.send('patch', `/policies/default/drafts/${String(body.id)}`, { basis: `at ${String(rev)}`, reason: 'r' }).set('If-Match', `"${String(rev)}"`);
    expect([(await patch(1))?.status, (await patch(1))?.status]).toEqual([200, 409]);
  });

  test('P19 a version may be published ahead; until its date the one before counts', async () => {
    const from = instantOf(Date.now() + HOUR_MS);
    const { body } = await drafted({ effectiveFrom: from, ladders: changed({ repeats: 3 }) });
    const before = (await policyInForce(api.fresh.store, 'default', api.deps.now()))?.version;
    const { body: published } = await publish(`/policies/default/drafts/${String(body.id)}`, 'from next hour');
    expect(published.policy).toMatchObject({ effectiveFrom: from, ladders: { critical: { repeats: 3 } } });
    expect((await policyInForce(api.fresh.store, 'default', api.deps.now()))?.version).toBe(before);
    expect((await policyInForce(api.fresh.store, 'default', from))?.version).toBe(published.policy.version);
    expect((await drafted({ effectiveFrom: instantOf(Date.now() - HOUR_MS) })).body.errors).toEqual([{ field: 'effectiveFrom', message: 'lies in the past' }]);
  });

  test('P19 a new key needs its ladders and becomes version 1', async () => {
    expect((await drafted({ ladders: undefined }, 'spo-quality', 'temperature')).body.errors[0].field).toBe('ladders');
    const { body } = await drafted({ ladders }, 'spo-quality', 'temperature');
    expect(body).toMatchObject({ baseVersion: null, changes: [{ path: '', old: null }] });
    expect((await publish(`/policies/temperature/drafts/${String(body.id)}`, 'shipments')).body.policy).toMatchObject({ key: 'temperature', version: 1 });
    expect((await drafted({}, 'spo-quality', 'Not a key')).status).toBe(400);
  });

  const [l1, l2, l3, l4] = ladders.critical.levels;
  test.each<readonly [string, object, string]>([
    ['a vacant level', { levels: [l1, { acknowledgeWithin: l2?.acknowledgeWithin }, l3] }, 'ladders.critical.levels.1.role'],
    ['no bound', { repeats: null }, 'ladders.critical.repeats'],
    ['an absurd bound', { repeats: 5000 }, 'ladders.critical.repeats'],
    ['no review', { reviewWithin: null }, 'ladders.critical.reviewWithin'],
    ['a cycle', { levels: [l1, l2, l3, l4, l1] }, 'ladders.critical.levels.4.role'],
    ['more time to acknowledge than to resolve', { levels: [l1, l2, { ...l3, acknowledgeWithin: { kind: 'calendar', ms: 72 * HOUR_MS } }] }, 'ladders.critical.levels.2.acknowledgeWithin'],
  ])('P19 %s is 422 with the path to the fault, saved or only checked', async (_, critical, field) => {
    const count = async () => api.fresh.store.models.policyDrafts.countDocuments({});
    const before = await count();
    const body = { ladders: { ...ladders, critical: { ...ladders.critical, ...critical } } };
    for (const answer of [await drafted(body), await send('spo-quality', 'post', '/policies/default/check', body)]) {
      expect([answer.status, answer.body.type, answer.body.errors.map((error: { field: string }) => error.field)]).toEqual([422, '/problems/rule_broken', expect.arrayContaining([field])]);
    }
    expect(await count()).toBe(before);
  });

  test('P19 a check says what is doubtful and what would change, and saves nothing', async () => {
    const before = await policyVersions('default');
    const answer = await send('spo-quality', 'post', '/policies/default/check', { ladders, scopes: [{ organisationId: 'spo', studyId: 'st1' }] });
    expect(answer.status).toBe(200);
    // Nobody at the sponsor is quality head or executive; the study lead stands in at level 1.
    expect(answer.body.warnings.filter(({ field }: { field: string }) => field.startsWith('ladders.critical')).map(({ field, message }: { field: string; message: string }) => [field, message.split(';')[0]])).toEqual([
      ['ladders.critical.levels.2.role', 'vacant: nobody holds quality_head in SPO on study st1'], ['ladders.critical.levels.3.role', 'vacant: nobody holds executive in SPO on study st1'],
    ]);
    expect(answer.body.changes.map(({ path }: { path: string }) => path)).toContain('basis');
    expect(await policyVersions('default')).toEqual(before);
    expect((await send('cro-lead', 'post', '/policies/default/check', { ladders, scopes: [{ organisationId: 'spo' }] })).status).toBe(422);
  });

  test('P19 of two who publish at once one wins, and no version is written twice', async () => {
    const ids = await Promise.all([drafted(), drafted({ ladders: changed({ repeats: 0 }) })]).then((answers) => answers.map(({ body }) => String(body.id)));
    const before = (await policyVersions('default')).length;
    const answers = await Promise.all(ids.map((id) => publish(`/policies/default/drafts/${id}`)));
    const won = answers.filter(({ status }) => status === 201);
    expect(won.length).toBeGreaterThanOrEqual(1);
    expect(answers.map(({ status }) => status).filter((status) => ![201, 409].includes(status))).toEqual([]);
    const versions = await policyVersions('default');
    expect(versions).toHaveLength(before + won.length);
    // Whoever lost still has the draft.
    const statuses = await Promise.all(ids.map(async (id) => (await api.fresh.store.models.policyDrafts.findById(id).lean())?.status));
    expect(statuses.filter((status) => status === 'published')).toHaveLength(won.length);
  });
});
