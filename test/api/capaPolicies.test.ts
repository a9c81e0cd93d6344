import type { OpenCapa } from '../../contracts/capa';
import { openCapaSchema } from '../../contracts/capa';
import type { CapaOpening } from '../../contracts/capaState';
import { instantOf } from '../../contracts/instant';
import { businessDays, calendarDays, minutes } from '../../contracts/spans';
import { CAPA_DEFAULT } from '../../domain/capa/defaults';
import { bindsWhom } from '../../domain/policy/because';
import { INSTALLATION } from '../../domain/policy/scope';
import { prepareCapa } from '../../store/capaOpening';
import { ensureDefaultPolicies } from '../../store/defaultPolicies';
import { capaPolicyInForce } from '../../store/policies';
import { organisationsOfStreams } from '../../store/streamOwners';
import { verifyStore } from '../support/verified';
import { adminApi, PEOPLE, type AdminApi, type SignedIn } from '../support/adminApi';
import { makeSigners, publishDraft, type PostAs } from '../support/signedActs';

const HOUR_MS = 3_600_000;
const { timings } = CAPA_DEFAULT;
const changed = (major: object): object => ({ ...timings, major: { ...timings.major, ...major } });

describe('CAPA policies', () => {
  let api: AdminApi;
  const sessions = new Map<string, SignedIn>();
  let asked = 0;
  const send = (...[who, method, path, body]: [who: string, method: 'get' | 'post' | 'patch', path: string, body?: object]) => {
    const session = sessions.get(who);
    if (!session) throw new Error(who);
    return session.send(method, `/capa-policies${path}`, body);
  };
  const post: PostAs = (who, path, body) => {
    const session = sessions.get(who);
    if (!session) throw new Error(who);
    return session.send('post', path, body);
  };
  const drafted = (body: object = {}, key = 'default') => send('cro-manager', 'post', `/${key}/drafts`, { basis: 'SOP 7', scope: { kind: 'study', studyId: 'st1', organisationIds: ['spo', 'cro'] }, ...body });
  /** The CRO, whose draft it is, signs first: from then on the sponsor reads it. */
  const publish = async (key: string, id: unknown) => {
    const path = `/capa-policies/${key}/drafts/${String(id)}`;
    await publishDraft(post, 'cro-lead', { path, reason: 'agreed' });
    return publishDraft(post, 'spo-lead', { path, reason: 'agreed' });
  };
  /** The timings that a CAPA of a topic would pin now. */
  const pinned = async (topic: string, at = api.deps.now()): Promise<CapaOpening['policy']> => {
    const request: OpenCapa = openCapaSchema.parse({
      topic, severity: 'major', classification: 'corrective', studyId: 'st1', raisingOrganisationId: 'spo', accountableOrganisationId: 'cro', title: 'T', description: 'D', draft: true, source: { type: 'other', reference: 'r' },
    });
    const prepared = await prepareCapa(api.fresh.store, { request, actor: { kind: 'system', name: 'effect', correlationId: 'c' }, commandId: `c-${String((asked += 1))}`, at });
    if (!('fresh' in prepared)) throw new Error('known');
    return (prepared.fresh.opening as unknown as { opening: CapaOpening }).opening.policy;
  };

  beforeAll(async () => {
    api = await adminApi();
    await makeSigners(api.fresh.store, ['spo-lead', 'cro-lead']);
    for (const { id } of PEOPLE) sessions.set(id, await api.signIn(id));
    expect((await ensureDefaultPolicies(api.fresh.store, api.deps.now())).timings).toEqual(['default']);
  });
  afterAll(() => api.close());

  test('P19 Q11 the default is provisioned once, readable by everybody, and says that nobody signed it', async () => {
    expect(await ensureDefaultPolicies(api.fresh.store, api.deps.now())).toEqual({ ladders: [], timings: [] });
    const { body } = await send('cro-lead', 'get', '');
    expect(body.items).toEqual([{ ...CAPA_DEFAULT, scope: INSTALLATION, scopeKey: null, binds: bindsWhom(INSTALLATION), signatures: [] }]);
    expect((await send('cro-lead', 'get', '/default')).body.timings.major.response).toEqual(businessDays(3));
    expect((await send('cro-lead', 'get', '/nothing')).status).toBe(404);
    // The ladders' policy of the same key is another.
    expect((await sessions.get('cro-lead')?.send('get', '/policies/default'))?.body.ladders).toBeDefined();
  });

  test('P19 Q11 what binds two is signed by both; a CAPA of theirs opened after it pins it and says why, the one before keeps its own', async () => {
    const before = await pinned('monitoring');
    const first = await drafted();
    expect([first.status, first.body.timings, first.body.baseVersion, first.body.changes.map(({ path }: { path: string }) => path)]).toEqual([201, timings, null, ['basis']]);
    const path = `/default/drafts/${String(first.body.id)}`;
    const second = await send('cro-manager', 'patch', path, { timings: changed({ closure: businessDays(8) }), reason: 'faster' });
    expect([second.body.rev, second.body.contentVersion, second.body.changes[1]]).toEqual([2, 2, { path: 'timings.major.closure', old: businessDays(10), new: businessDays(8) }]);
    expect((await publishDraft(post, 'cro-manager', { path: `/capa-policies${path}` })).status).toBe(403);
    const published = await publish('default', first.body.id);
    expect([published.status, published.body.policy, published.headers['location']]).toEqual([201, expect.objectContaining({ key: 'default', version: 1 }), '/api/v1/capa-policies/default/versions/1?scope=st1%2Fcro%2Bspo']);
    const history = (await send('cro-lead', 'get', '/default/versions')).body.items;
    expect(history).toMatchObject([{ version: 1, scopeKey: null, signatures: [] }, { version: 1, scopeKey: 'st1/cro+spo', basis: 'SOP 7', signatures: [{ printedName: 'The cro-lead' }, { printedName: 'The spo-lead', meaning: 'approval', standing: 'this_version' }] }]);
    expect((await send('cro-lead', 'get', '/default/versions/1')).body).toMatchObject({ ...CAPA_DEFAULT, signatures: [] });
    const after = await pinned('monitoring');
    expect([before.version, after.version, after.timings.major.closure, Object.keys(after).sort()]).toEqual([1, 1, businessDays(8), ['basis', 'effectiveFrom', 'key', 'named', 'scope', 'timings', 'version']]);
    expect([after.scope?.kind, after.named, before.scope]).toEqual(['study', 'default', undefined]);
    const trail = api.fresh.admin.audit.collection('audit');
    expect(await trail.find({ streamId: 'capa-policy/default@st1/cro+spo' }).sort({ seq: 1 }).toArray()).toMatchObject([{ action: 'capa-policy.version_added', rev: 1, reason: 'agreed', detail: { draftId: first.body.id, basis: 'SOP 7' } }]);
    expect((await organisationsOfStreams(api.fresh.store, [`capa-policy-draft/${String(first.body.id)}`])).get(`capa-policy-draft/${String(first.body.id)}`)).toEqual(['cro', 'spo']);
    expect((await organisationsOfStreams(api.fresh.store, ['capa-policy/default@st1/cro+spo'])).get('capa-policy/default@st1/cro+spo')).toEqual(['cro', 'spo']);
    expect((await verifyStore(api.fresh.store)).findings).toEqual([]);
  });

  test('P19 Q11 a policy named like a topic answers for it alone, from its date on', async () => {
    const from = instantOf(Date.now() + HOUR_MS);
    expect((await drafted({}, 'laboratory')).body.errors).toEqual([{ field: 'timings', message: 'is missing: no version is in force to start from' }]);
    const { body } = await drafted({ timings: changed({ response: businessDays(2) }), effectiveFrom: from }, 'laboratory');
    expect((await publish('laboratory', body.id)).body.policy).toMatchObject({ key: 'laboratory', version: 1, effectiveFrom: from });
    expect([(await pinned('laboratory')).key, (await pinned('laboratory', from)).key, (await pinned('other', from)).key]).toEqual(['default', 'laboratory', 'default']);
    await expect(capaPolicyInForce(api.fresh.store, { topic: 'laboratory', organisationIds: ['spo', 'cro'], studyId: 'st1', at: instantOf(0) })).rejects.toMatchObject({ type: 'rule_broken', extra: { errors: [{ field: 'topic' }] } });
  });

  test.each<readonly [string, object, string]>([
    ['no time at all', changed({ response: minutes(0) }), 'timings.major.response'],
    ['a stage of years', changed({ closure: calendarDays(1000) }), 'timings.major.closure'],
    ['a plan before its root cause', changed({ plan: businessDays(10) }), 'timings.major.plan'],
  ])('P19 Q11 %s is 422 with the path to the fault, saved or only checked', async (...[, given, field]) => {
    const count = () => api.fresh.store.models.capaPolicyDrafts.countDocuments({});
    const before = await count();
    for (const answer of [await drafted({ timings: given }), await send('cro-manager', 'post', '/default/check', { timings: given })]) {
      expect([answer.status, answer.body.errors.map((error: { field: string }) => error.field)]).toEqual([422, [field]]);
    }
    expect(await count()).toBe(before);
  });

  test('P19 Q11 critical slower than major is said and may be published; a malformed body is named', async () => {
    const given = { ...timings, critical: { ...timings.critical, closure: businessDays(20) } };
    expect((await send('cro-manager', 'post', '/default/check', { timings: given })).body.warnings).toMatchObject([{ severity: 'warning', field: 'timings.critical.closure' }]);
    expect((await drafted({ ladders: timings })).body.errors).toEqual([{ field: 'ladders', message: 'unknown field' }]);
    expect((await send('cro-manager', 'post', '/default/check', {})).body.errors).toEqual([{ field: 'timings', message: 'is missing' }]);
    expect((await drafted({ timings: { ...timings, minor: {} } })).body.errors[0]).toEqual({ field: 'timings.minor.response', message: 'is missing' });
  });

  test('P19 drafts are listed, given up with a reason, and publish no more', async () => {
    const { body } = await drafted({ timings: changed({ decision: businessDays(2) }) });
    expect((await send('cro-manager', 'get', '/default/drafts')).body.items.map(({ id }: { id: string }) => id)).toContain(body.id);
    expect((await send('spo-lead', 'get', '/default/drafts')).body.items).toEqual([]);
    expect((await send('spo-admin', 'get', '/default/drafts')).status).toBe(403);
    expect((await send('cro-manager', 'post', `/default/drafts/${String(body.id)}/discard`, { reason: 'overtaken' })).body).toMatchObject({ status: 'discarded', active: false });
    expect((await publishDraft(post, 'cro-lead', { path: `/capa-policies/default/drafts/${String(body.id)}` })).body.type).toBe('/problems/wrong_state');
    expect((await send('cro-manager', 'get', '/default/drafts')).body.items).toEqual([]);
  });
});
