import type { EscalationOpening, OpenIssue } from '../../contracts/escalation';
import { instantOf } from '../../contracts/instant';
import type { Ladders } from '../../contracts/policy';
import type { Role } from '../../contracts/people';
import { becauseOf } from '../../domain/policy/because';
import { DEFAULT_POLICIES } from '../../domain/escalation/defaults';
import { createRecord } from '../../store/administration';
import { ensureDefaultPolicies } from '../../store/defaultPolicies';
import { prepareOpening } from '../../store/issueOpening';
import { membershipKind } from '../../store/memberships';
import { organisationKind } from '../../store/organisations';
import { personKind } from '../../store/people';
import { policyForParties } from '../../store/policies';
import { organisationsOfStreams } from '../../store/streamOwners';
import { studyKind } from '../../store/studies';
import { verifyStore } from '../../store/verify';
import { adminApi, emailOf, PASSWORD, PEOPLE, type AdminApi, type SignedIn } from '../support/adminApi';
import { quickHash } from '../support/passwords';
import { askToSign, makeSigners, publishDraft, type PostAs } from '../support/signedActs';

const seeded = DEFAULT_POLICIES.find(({ key }) => key === 'default');
if (!seeded) throw new Error('no default policy');
const ladders: Ladders = { ...seeded.ladders, critical: { ...seeded.ladders.critical, repeats: 1 } };
const pair = { kind: 'pair', organisationIds: ['spo', 'cro'] } as const;
const SECRET = 'Master services agreement 4711, annex C';

/** A second sponsor, `spo2`, on study `st3` with the same CRO. */
const OTHERS: readonly { id: string; organisationId: string; role: Role }[] = [
  { id: 'spo2-lead', organisationId: 'spo2', role: 'study_lead' }, { id: 'spo2-quality', organisationId: 'spo2', role: 'quality' },
];

describe('policies of two sponsors on one installation', () => {
  let api: AdminApi;
  let asked = 0;
  const sessions = new Map<string, SignedIn>();
  const as = (who: string): SignedIn => {
    const session = sessions.get(who);
    if (!session) throw new Error(who);
    return session;
  };
  const post: PostAs = (who, path, body) => as(who).send('post', path, body);
  const get = (who: string, path: string) => as(who).send('get', path);
  const draft = async (who: string, body: object, key = 'default') => post(who, `/policies/${key}/drafts`, { basis: SECRET, ladders, ...body });
  const sign = (who: string, id: unknown, key = 'default') => publishDraft(post, who, { path: `/policies/${key}/drafts/${String(id)}`, reason: 'agreed' });
  const pinned = async (...[raising, studyId, accountable = 'cro', topic = 'monitoring']: [raising: string, studyId: string | undefined, accountable?: string, topic?: string]) => {
    const request: OpenIssue = { topic, title: 'T', description: 'D', severity: 'critical', raisingOrganisationId: raising, accountableOrganisationId: accountable, ...(studyId !== undefined && { studyId }) };
    const prepared = await prepareOpening(api.fresh.store, { request, actor: { kind: 'system', name: 'effect', correlationId: 'c' }, commandId: `o-${String((asked += 1))}`, at: api.deps.now() });
    if (!('fresh' in prepared)) throw new Error('known');
    return (prepared.fresh.opening as unknown as { opening: EscalationOpening }).opening.policy;
  };

  beforeAll(async () => {
    api = await adminApi();
    const { store } = api.fresh;
    const by = { actor: { kind: 'system', name: 'provisioning' }, at: api.deps.now(), correlationId: 'seed' } as const;
    await createRecord(store, { kind: organisationKind, id: 'spo2', fields: { name: 'SPO2', kind: 'sponsor', zone: 'Europe/Zurich', receiptAddress: null }, by });
    await createRecord(store, { kind: studyKind, id: 'st3', fields: { code: 'st3', title: 'Study st3', organisationIds: ['spo2', 'cro'] }, by });
    for (const { id, organisationId, role } of OTHERS) {
      await createRecord(store, { kind: personKind, id, fields: { email: emailOf(id), name: `The ${id}`, organisationId, passwordHash: await quickHash(PASSWORD) }, by });
      await createRecord(store, { kind: membershipKind, id: `m-${id}`, by, fields: { personId: id, organisationId, role, studyId: null, systemIds: [], from: by.at, until: null } });
    }
    await createRecord(store, { kind: membershipKind, id: 'm-cro-whole', by, fields: { personId: 'cro-lead', organisationId: 'cro', role: 'study_lead', studyId: null, systemIds: [], from: by.at, until: null } });
    await makeSigners(store, ['spo-lead', 'cro-lead', 'spo2-lead']);
    for (const { id } of [...PEOPLE, ...OTHERS]) sessions.set(id, await api.signIn(id));
    await ensureDefaultPolicies(store, api.deps.now());
  });
  afterAll(() => api.close());

  test('P14 P19 one sponsor\'s signature binds nobody else: what binds two is signed by both, and neither draft, name, basis nor count reaches the other sponsor', async () => {
    const before = (await get('spo2-quality', '/policies')).body;
    const drafted = await draft('spo-quality', { scope: pair });
    expect([drafted.status, drafted.body.awaiting, drafted.body.binds]).toEqual([201, ['cro', 'spo'], 'issues and CAPAs between cro and spo, where they agreed on nothing for the study']);
    const path = `/policies/default/drafts/${String(drafted.body.id)}`;

    // Until its own side has signed, a draft is its own side's.
    for (const who of ['cro-lead', 'spo2-lead', 'cro2-lead'] as const) expect([who, (await get(who, path)).status, (await get(who, '/policies/default/drafts')).body.items]).toEqual([who, 404, []]);
    const first = await sign('spo-lead', drafted.body.id);
    expect([first.status, first.body.status, first.body.awaiting, first.body.version]).toEqual([200, 'proposed', ['cro'], null]);
    expect((await pinned('spo', 'st1')).version).toBe(1);
    expect([(await pinned('spo', 'st1')).scope, (await get('cro-lead', path)).status, (await get('spo2-lead', path)).status]).toEqual([undefined, 200, 404]);
    expect((await sign('spo-lead', drafted.body.id)).body.type).toBe('/problems/separation_of_duties');
    expect((await as('spo-quality').send('patch', path, { basis: 'another', reason: 'r' })).body.type).toBe('/problems/wrong_state');
    expect((await askToSign(post, 'spo2-lead', { recordId: `policy-draft/${String(drafted.body.id)}`, act: 'publish' })).status).toBe(404);

    const second = await sign('cro-lead', drafted.body.id);
    expect([second.status, second.body.policy.version, second.body.policy.scope.kind]).toEqual([201, 1, 'pair']);
    const mine = await pinned('spo', 'st1');
    expect([mine.scope?.kind, mine.version, becauseOf(mine)]).toEqual(['pair', 1, 'no policy is named for the topic; it binds issues and CAPAs between cro and spo, where they agreed on nothing for the study']);
    for (const theirs of [await pinned('spo2', 'st3'), await pinned('spo', 'st2', 'cro2'), await pinned('spo', undefined, 'spo')]) expect(theirs).toMatchObject({ version: 1, basis: seeded.basis });

    // Lists, every route with a key or an id, simulations: nothing of it is there for the other sponsor, and no number tells.
    expect((await get('spo2-quality', '/policies')).body).toEqual(before);
    const scope = encodeURIComponent('-/cro+spo');
    for (const url of [path, `/policies/default?scope=${scope}`, `/policies/default/versions/1?scope=${scope}`]) expect([url, (await get('spo2-quality', url)).status]).toEqual([url, 404]);
    for (const url of ['/policies', '/policies/default', '/policies/default/versions', '/policies/default/drafts?all=true', `/policies/default/versions?scope=${scope}`]) {
      const { text } = await get('spo2-quality', url);
      expect([url, text.includes(SECRET), text.includes('spo-lead'), text.includes('cro+spo')]).toEqual([url, false, false, false]);
    }
    expect((await get('cro-lead', `/policies/default/versions/1?scope=${scope}`)).body).toMatchObject({ basis: SECRET, signatures: [{ printedName: 'The spo-lead' }, { printedName: 'The cro-lead' }] });
    const simulated = { severity: 'critical', at: '2026-12-01T10:00:00Z', raisingOrganisationId: 'spo2', accountableOrganisationId: 'cro', studyId: 'st3' };
    for (const policy of [{ draftId: String(drafted.body.id) }, { key: 'default', version: 1, scope: '-/cro+spo' }]) expect((await post('spo2-lead', '/simulations', { ...simulated, policy })).status).toBe(422);
    expect((await post('spo2-lead', '/backtests', { policy: { draftId: String(drafted.body.id) } })).status).toBe(422);
    const streams = [`policy-draft/${String(drafted.body.id)}`, 'policy/default@-/cro+spo'];
    expect([...(await organisationsOfStreams(api.fresh.store, streams)).values()].map((ids) => [...ids].sort())).toEqual([['cro', 'spo'], ['cro', 'spo']]);
    expect((await verifyStore(api.fresh.store)).findings).toEqual([]);
  });

  test('P19 the study\'s counts before the pair\'s, the key before the scope; a later signature before an earlier date', async () => {
    const ofStudy = await draft('spo-quality', { scope: { kind: 'study', studyId: 'st1', organisationIds: ['cro', 'spo'] }, basis: 'for the study' });
    await sign('spo-lead', ofStudy.body.id);
    expect((await sign('cro-lead', ofStudy.body.id)).status).toBe(201);
    expect([(await pinned('spo', 'st1')).scope?.kind, (await pinned('spo', 'st1', 'cro', 'security')).key]).toEqual(['study', 'security']);

    const ahead = await draft('spo-quality', { scope: pair, basis: 'next month', effectiveFrom: instantOf(Date.now() + 30 * 86_400_000) });
    await sign('spo-lead', ahead.body.id);
    expect((await sign('cro-lead', ahead.body.id)).body.policy.version).toBe(2);
    const younger = await draft('spo-quality', { scope: pair, basis: 'signed last' });
    expect(younger.body.warnings.filter(({ field }: { field: string }) => field === 'effectiveFrom')).toMatchObject([{ message: expect.stringContaining('version 2') as string }]);
    await sign('spo-lead', younger.body.id);
    expect((await sign('cro-lead', younger.body.id)).body.policy.version).toBe(3);
    const inTwoMonths = instantOf(Date.now() + 60 * 86_400_000);
    expect((await policyForParties(api.fresh.store, 'default', { organisationIds: ['spo', 'cro'], studyId: null, at: inTwoMonths }))?.basis).toBe('signed last');
  });

  test('P19 identical content is not a new version, and the refusal says so', async () => {
    const again = await draft('spo-quality', { scope: pair, basis: 'signed last' });
    const refused = await sign('spo-lead', again.body.id);
    expect([refused.status, refused.body.errors]).toEqual([422, [{ field: 'ladders', message: 'identical to version 3: nothing would change' }]]);
  });

  test('P14 P19 the other party may decline, with a reason; nobody else can', async () => {
    const asking = await draft('spo-quality', { scope: pair, basis: 'too much' });
    const path = `/policies/default/drafts/${String(asking.body.id)}`;
    expect((await post('spo-lead', `${path}/decline`, { reason: 'r' })).body.type).toBe('/problems/wrong_state');
    await sign('spo-lead', asking.body.id);
    expect([(await post('cro-manager', `${path}/decline`, { reason: 'r' })).status, (await post('spo2-lead', `${path}/decline`, { reason: 'r' })).status]).toEqual([403, 404]);
    expect((await post('cro-lead', `${path}/decline`, { reason: 'not feasible' })).body).toMatchObject({ status: 'declined', declined: { organisationId: 'cro', reason: 'not feasible' } });
    expect((await sign('cro-lead', asking.body.id)).body.type).toBe('/problems/wrong_state');
  });

  test.each<readonly [string, object]>([
    ['organisations that one is not of', { kind: 'pair', organisationIds: ['spo', 'cro'] }], ['an organisation that one does not work with', { kind: 'pair', organisationIds: ['spo2', 'cro2'] }],
    ['an organisation that there is not', { kind: 'pair', organisationIds: ['spo2', 'nobody'] }], ['a study of others', { kind: 'study', studyId: 'st1', organisationIds: ['spo2', 'cro'] }],
    ['a study that there is not', { kind: 'study', studyId: 'none', organisationIds: ['spo2', 'cro'] }], ['a pair of one', { kind: 'pair', organisationIds: ['spo2', 'spo2'] }],
  ])('P14 a scope of %s is 422, in words that tell nothing', async (_, scope) => {
    const refused = await draft('spo2-quality', { scope });
    expect([refused.status, refused.body.errors[0].field]).toEqual([422, 'scope']);
    expect(refused.text).not.toMatch(/SPO\b|Study st1/u);
  });

  test('P14 P19 an organisation\'s own policy binds what concerns nobody else, by its own signature', async () => {
    const own = await draft('spo2-quality', { scope: { kind: 'organisation', organisationId: 'spo2' }, basis: 'house rules' });
    expect((await sign('spo2-lead', own.body.id)).status).toBe(201);
    expect([(await pinned('spo2', undefined, 'spo2')).basis, (await pinned('spo2', 'st3')).basis, (await pinned('spo', undefined, 'spo')).basis]).toEqual(['house rules', seeded.basis, seeded.basis]);
    expect((await get('spo-lead', '/policies')).text).not.toContain('house rules');
    // Nobody gets round the administrator of the instance by calling it the installation's.
    const everybodys = await draft('spo2-quality', { scope: { kind: 'installation' } });
    expect((await sign('spo2-lead', everybodys.body.id)).status).toBe(403);
  });
});
