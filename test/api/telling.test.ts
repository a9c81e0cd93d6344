import { DEFAULT_POLICIES } from '../../domain/escalation/defaults';
import { ensureDefaultPolicies } from '../../store/defaultPolicies';
import { verifyStore } from '../support/verified';
import { adminApi, PEOPLE, type AdminApi, type SignedIn } from '../support/adminApi';
import { addApprovers, matrixRow } from '../support/matrixRows';
import { approveProposal, makeSigners, publishDraft, type PostAs } from '../support/signedActs';

interface Told { readonly what: string; readonly about: string; readonly organisationId: string; readonly byName: string; readonly until: string | null }

describe('what concerns an organisation is told to it', () => {
  let api: AdminApi;
  const sessions = new Map<string, SignedIn>();
  const as = (who: string): SignedIn => {
    const session = sessions.get(who);
    if (!session) throw new Error(who);
    return session;
  };
  const post: PostAs = (who, path, body) => as(who).send('post', path, body);
  /** What somebody was told about one thing, newest first. */
  const told = async (who: string, about: string) => ((await as(who).send('get', '/announcements')).body.items as Told[]).filter((one) => one.about === about).map(({ what }) => what);
  const everybody = [...PEOPLE.map(({ id }) => id), 'spo-executive', 'cro-executive'];
  const toldOf = async (about: string, what: string) => (await Promise.all(everybody.map(async (who) => ((await told(who, about)).includes(what) ? [who] : [])))).flat();
  const trailOf = async (who: string, path: string) => ((await as(who).send('get', path)).body.items as { action: string }[] | undefined)?.map(({ action }) => action);

  beforeAll(async () => {
    api = await adminApi();
    await addApprovers(api);
    await makeSigners(api.fresh.store, ['spo-lead', 'cro-lead', 'cro-manager']);
    for (const id of everybody) sessions.set(id, await api.signIn(id));
    await ensureDefaultPolicies(api.fresh.store, api.deps.now());
  });
  afterAll(() => api.close());

  test('P14 E5 a calendar version is told to everybody whose deadlines it counts, with its beginning, and stands on a trail that they read', async () => {
    const week = Object.fromEntries(['1', '2', '3', '4', '5'].map((day) => [day, [{ from: '09:00', to: '17:00' }]]));
    const add = (who: string, body: object = {}) => post(who, '/organisations/cro/calendars', { zone: 'Europe/Zurich', week, reason: 'yearly', ...body });
    const first = await add('cro-admin');
    expect([first.status, await toldOf('calendar/cro', 'calendar_changed')]).toEqual([201, ['spo-admin', 'spo-admin2', 'cro-admin', 'cro-admin2']]);
    const second = await add('cro-admin2', { week: { ...week, 5: [{ from: '09:00', to: '12:00' }] } });
    const [newest] = (await as('spo-admin').send('get', '/announcements')).body.items as Told[];
    expect(newest).toMatchObject({ what: 'calendar_changed', about: 'calendar/cro', organisationId: 'spo', byName: 'The cro-admin2', until: second.body.effectiveFrom });
    expect(await trailOf('spo-admin', '/organisations/cro/calendar/audit')).toEqual(expect.arrayContaining(['calendar.version_added', 'calendar.changed']));
    // Refused: nobody is told of what did not happen.
    expect((await add('cro-admin', { week: { 1: [{ from: '09:00', to: '10:00' }] } })).status).toBe(422);
    expect(await told('spo-admin', 'calendar/cro')).toHaveLength(2);
  });

  test('P14 P19 a policy that waits for the other side is told to it and to whoever signs there; what became of it to both', async () => {
    const [ladder] = DEFAULT_POLICIES;
    const draft = async (basis: string) => String((await post('spo-quality', '/policies/default/drafts', { basis, ladders: ladder?.ladders, scope: { kind: 'pair', organisationIds: ['spo', 'cro'] } })).body.id);
    const [id, declined, discarded] = [await draft('one'), await draft('two'), await draft('three')];
    const about = `policy-draft/${id}`;
    expect(await toldOf(about, 'policy_waiting')).toEqual([]);
    for (const one of [id, declined, discarded]) expect((await publishDraft(post, 'spo-lead', { path: `/policies/default/drafts/${one}` })).status).toBe(200);
    // The lead's seat is bound to one study: a pair's policy is not theirs to sign.
    expect(await toldOf(about, 'policy_waiting')).toEqual(['cro-admin', 'cro-admin2', 'cro-executive']);
    expect(await trailOf('cro-executive', `/policies/default/drafts/${id}/audit`)).toContain('policy-draft.changed');
    expect((await publishDraft(post, 'cro-executive', { path: `/policies/default/drafts/${id}` })).status).toBe(201);
    expect(await toldOf(about, 'policy_counts')).toEqual(['spo-admin', 'spo-admin2', 'cro-admin', 'cro-admin2']);
    expect((await post('cro-executive', `/policies/default/drafts/${declined}/decline`, { reason: 'too tight' })).status).toBe(200);
    expect(await toldOf(`policy-draft/${declined}`, 'policy_declined')).toEqual(['spo-admin', 'spo-admin2', 'cro-admin', 'cro-admin2']);
    expect((await post('spo-quality', `/policies/default/drafts/${discarded}/discard`, { reason: 'another comes' })).status).toBe(200);
    expect(await told('cro-admin', `policy-draft/${discarded}`)).toEqual(['policy_discarded', 'policy_waiting']);
  });

  test('P14 E1 a matrix row that waits is told to the other side; a draft is nobody else\'s', async () => {
    const proposed = async (body: object) => String((await post('spo-lead', '/matrix/proposals', matrixRow(body))).body.id);
    const drafted = await proposed({ topic: 'duties' });
    expect(await toldOf(`matrix-proposal/${drafted}`, 'row_waiting')).toEqual([]);
    expect((await post('spo-lead', `/matrix/proposals/${drafted}/propose`, {})).status).toBe(200);
    const asked = await proposed({ topic: 'visits', propose: true });
    for (const id of [drafted, asked]) expect(await toldOf(`matrix-proposal/${id}`, 'row_waiting')).toEqual(expect.arrayContaining(['spo-executive', 'cro-admin', 'cro-admin2', 'cro-lead', 'cro-executive']));
    expect(await told('cro2-admin', `matrix-proposal/${asked}`)).toEqual([]);
    expect(await trailOf('cro-admin', `/matrix/proposals/${asked}/audit`)).toContain('matrix-proposal.created');
    for (const who of ['spo-executive', 'cro-executive']) expect((await approveProposal(post, who, asked)).status).toBe(200);
    expect(await toldOf(`matrix-proposal/${asked}`, 'row_counts')).toEqual(['spo-admin', 'spo-admin2', 'cro-admin', 'cro-admin2']);
    expect((await post('spo-lead', `/matrix/proposals/${drafted}/withdraw`, {})).status).toBe(200);
    expect(await told('cro-lead', `matrix-proposal/${drafted}`)).toEqual(['row_waiting']);
    expect(await told('cro-admin', `matrix-proposal/${drafted}`)).toEqual(['row_withdrawn', 'row_waiting']);
  });

  test('P14 S1.2 a topic that waits is told to the side that agrees to it, and the agreement to the one that asked', async () => {
    const made = await post('spo-lead', '/topics', { organisationIds: ['spo', 'cro'], topic: 'biomarkers', label: 'Biomarkers', description: 'Samples' });
    const about = `topic/${String(made.body.id)}`;
    expect(await toldOf(about, 'topic_waiting')).toEqual(['cro-admin', 'cro-admin2', 'cro-executive']);
    expect((await post('cro-executive', `/topics/${String(made.body.id)}/agree`, { reason: 'agreed' })).status).toBe(200);
    expect(await toldOf(about, 'topic_agreed')).toEqual(['spo-admin', 'spo-admin2']);
    expect(await trailOf('cro-admin', `/topics/${String(made.body.id)}/audit`)).toEqual(['topic.created', 'topic.changed']);
  });

  test('P14 whom others take a role, or a study, from is told; the trail is theirs to read', async () => {
    const made = await post('root', '/studies', { code: 'ENDING', title: 'To be ended', organisationIds: ['spo', 'cro'] });
    const study = String(made.body.id);
    expect((await post('root', `/studies/${study}/deactivate`, { reason: 'stopped' })).status).toBe(200);
    expect(await toldOf(`study/${study}`, 'study_ended')).toEqual(['spo-admin', 'spo-admin2', 'cro-admin', 'cro-admin2']);
    expect(await trailOf('cro-admin', `/studies/${study}/audit`)).toEqual(['study.created', 'study.deactivated']);
    expect((await post('cro-admin', '/organisations/cro/admissions', { personId: 'root', acts: ['give_role'], hours: 4, reason: 'asked for help' })).status).toBe(201);
    expect((await post('root', '/memberships/m-cro-admin2/deactivate', { reason: 'left' })).status).toBe(200);
    expect(await told('cro-admin', 'membership/m-cro-admin2')).toEqual(['role_ended']);
    expect(await trailOf('cro-admin', '/memberships/m-cro-admin2/audit')).toContain('membership.deactivated');
    expect(await verifyStore(api.fresh.store)).toMatchObject({ intact: true });
  });
});
