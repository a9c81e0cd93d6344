import { readFileSync } from 'node:fs';
import path from 'node:path';
import request, { type Response } from 'supertest';
import { createApp } from '../../api/app';
import { instantOf } from '../../contracts/instant';
import { STUDIES } from '../../dev/demo/cast';
import { seedDemo } from '../../dev/seed';
import { DEFAULT_POLICIES } from '../../domain/escalation/defaults';
import { addPolicy } from '../../store/policies';
import { adminApi, type AdminApi } from '../support/adminApi';
import { approveProposals, type PostAs } from '../support/signedActs';

const example = (name: string): string => readFileSync(path.join(__dirname, '../../docs/examples', name), 'utf8');
const CLEAN = 'communication-matrix.csv';
const FAULTY = 'communication-matrix-with-mistakes.csv';

/** What the faulty example has wrong, as its reader is to be told. */
const PLANTED = [
  'row 3, study', 'row 5, topic', 'row 7, organisation', 'row 9, level', 'row 11, contact', 'row 13, deputy', 'row 15, deputy', 'row 17, channel', 'row 19, fallback',
  'row 20, channel', 'row 22, frequency', 'row 24, effective_from', 'row 26, effective_from', 'row 29, policy', 'row 30, tmf_reference', 'row 32, filing_location', 'row 34, policy',
  'row 37, contact', 'row 38, level', 'row 41, with', 'row 43, organisation', 'row 44, phi', 'row 47, study', 'row 48, frequency_organisation',
];

describe('the matrix as a table', () => {
  let api: AdminApi;
  let app: ReturnType<typeof createApp>;
  const sessions = new Map<string, { cookie: string; csrf: string; email: string; password: string }>();

  beforeAll(async () => {
    api = await adminApi();
    app = createApp(api.deps);
    for (const policy of DEFAULT_POLICIES) {
      await addPolicy(api.fresh.store, { policy, reason: 'installation', by: { actor: { kind: 'system', name: 'provisioning' }, at: instantOf(0), correlationId: 'seed' } });
    }
    const people = (await seedDemo(api.fresh.store, api.deps.now())) ?? [];
    for (const id of ['alpine-study-lead', 'alpine-executive', 'alpine-contributor', 'meridian-study-lead', 'northstar-executive', 'harbor-executive']) {
      const { email = '', password = '' } = people.find((person) => person.id === id) ?? {};
      const answer = await request(app).post('/api/v1/sessions').send({ email, password });
      sessions.set(id, { cookie: String(answer.headers['set-cookie']).split(';')[0] ?? '', csrf: answer.body.csrfToken, email, password });
      expect((await post(id, '/accountability-statement/acceptances', { version: 1 })).status).toBe(200);
    }
    // The demo hashes some forty passwords.
  }, 180_000);
  afterAll(() => api.close());

  const of = (who: string, method: 'get' | 'post', to: string) => {
    const { cookie = '', csrf = '' } = sessions.get(who) ?? {};
    return request(app)[method](`/api/v1${to}`).set('Cookie', cookie).set('X-CSRF-Token', csrf);
  };
  const as = (who: string, method: 'get' | 'post', to: string) => of(who, method, `/matrix${to}`);
  const post: PostAs = (who, to, body) => of(who, 'post', to).send(body);
  const approve = (who: string, ids: readonly string[]) => {
    const { email = '', password = '' } = sessions.get(who) ?? {};
    return approveProposals(post, who, { ids, email, password });
  };
  const send = (text: string | Buffer, { dryRun = false, who = 'alpine-study-lead' } = {}): Promise<Response> =>
    as(who, 'post', `/import?dryRun=${String(dryRun)}`).type('text/csv').send(text as string);
  const fields = ({ body }: Response): string[] => (body.errors ?? []).map(({ field }: { field: string }) => field);
  const outcomes = ({ body }: Response): string[] => body.rows.map(({ outcome, rowKey }: Record<string, string>) => `${outcome ?? ''} ${rowKey ?? ''}`);
  const everything = async (): Promise<string> => {
    const { matrix, matrixProposals, audit } = api.fresh.store.models;
    return JSON.stringify([await matrix.countDocuments(), await matrixProposals.countDocuments(), await audit.countDocuments({ streamId: /^matrix/ })]);
  };

  test('E1 the example with planted mistakes: each is reported with row and column, and nothing changes', async () => {
    const before = await everything();
    for (const dryRun of [true, false]) {
      const answer = await send(example(FAULTY), { dryRun });
      expect([answer.status, answer.body.type, fields(answer)]).toEqual([422, '/problems/rule_broken', PLANTED]);
    }
    expect(await everything()).toBe(before);
    const messages = new Map((await send(example(FAULTY))).body.errors.map(({ field, message }: { field: string; message: string }) => [field, message]));
    expect([messages.get('row 13, deputy'), messages.get('row 20, channel'), messages.get('row 38, level')]).toEqual([
      'is empty: somebody must stand in', 'email is not approved for protected health information (phiChannels)', 'meridian has nobody at level 1',
    ]);
  });

  test('E1 S1.2 S1.4 a dry run of the clean example says what would happen and does nothing; the import proposes each row once', async () => {
    const before = await everything();
    const expected = ['new alp-101/monitoring/alpine+meridian', 'new alp-101/safety/alpine+meridian', 'new alp-202/data-management/alpine+northstar'];
    const dry = await send(example(CLEAN), { dryRun: true });
    expect([dry.status, outcomes(dry), dry.body.rows[0].warnings, dry.body.rows[1].lines]).toEqual([200, expected, [], [10, 11, 12, 13, 14, 15, 16, 17]]);
    expect(await everything()).toBe(before);
    const real = await send(example(CLEAN));
    expect(outcomes(real)).toEqual(expected);
    const again = await send(example(CLEAN));
    expect([outcomes(again).every((outcome) => outcome.startsWith('proposed')), again.body.rows.map(({ proposalId }: { proposalId: string }) => proposalId)])
      .toEqual([true, real.body.rows.map(({ proposalId }: { proposalId: string }) => proposalId)]);

    const ids: string[] = real.body.rows.map(({ proposalId }: { proposalId: string }) => proposalId);
    await approve('alpine-executive', ids);
    expect((await approve('meridian-study-lead', ids)).status).toBe(404);
    expect((await approve('meridian-study-lead', ids.slice(0, 2))).status).toBe(200);
    expect((await approve('northstar-executive', ids.slice(2))).status).toBe(200);
    const after = await send(example(CLEAN));
    expect(outcomes(after).every((outcome) => outcome.startsWith('unchanged'))).toBe(true);
    const stored = await api.fresh.store.models.matrix.findById('alp-101/safety/alpine+meridian/1').lean();
    expect(stored).toMatchObject({ phi: true, phiChannels: ['inbox'], frequency: { every: { kind: 'business', unit: 'days', amount: 5 }, organisationId: 'meridian' }, filing: { tmfReference: '07.01', responsibleOrganisationId: 'alpine' } });
  });

  test('E1 an export imports as unchanged, for each organisation that sees it, and an edited line changes its row only', async () => {
    for (const who of ['alpine-study-lead', 'meridian-study-lead', 'northstar-executive', 'harbor-executive']) {
      const exported = await as(who, 'get', '/export');
      expect([exported.status, exported.headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8']);
      const back = await send(exported.text, { who });
      expect([back.status, back.body.errors]).toEqual([200, undefined]);
      expect(outcomes(back).filter((outcome) => !outcome.startsWith('unchanged'))).toEqual([]);
      expect(outcomes(back).length).toBeGreaterThanOrEqual(STUDIES.length);
    }
    const { text: signedText } = await as('alpine-study-lead', 'get', '/export?studyId=alp-101');
    // Rows that the demo's seed put in say that nobody signed them; those of this test name both signers.
    expect(signedText).toContain('alpine-executive, executive: approved without a signature; meridian-executive, executive: approved without a signature');
    expect(signedText).toMatch(/"[A-Z]\w+ \w+, executive of Alpine Therapeutics: approval, [^;"]+\[Europe\/Zurich\]; [A-Z]\w+ \w+, study_lead of Meridian Clinical Research: approval, [^;"]+"/);
    const { text } = await as('alpine-study-lead', 'get', '/export?studyId=alp-101&topic=monitoring');
    const edited = text.replace('project.manager@alpine.example,study.lead@alpine.example', 'study.lead@alpine.example,quality@alpine.example');
    const report = await send(edited, { dryRun: true });
    expect(report.body.rows).toMatchObject([{ outcome: 'changed', baseVersion: 1, effectiveFrom: null, changes: [{ field: 'contacts/alpine/1' }] }]);
  });

  test('E1 a row that one may not propose is a mistake of the table; who shares no study with the people learns nothing of them', async () => {
    expect(fields(await send(example(CLEAN), { who: 'alpine-contributor' }))).toEqual([]);
    const changed = example(CLEAN).replaceAll('default', 'security');
    expect(fields(await send(changed, { who: 'alpine-contributor' }))).toEqual(['row 2, organisation', 'row 10, organisation', 'row 18, organisation']);
    const stranger = await send(example(CLEAN), { who: 'harbor-executive' });
    expect([stranger.status, new Set(fields(stranger).map((field) => field.split(', ')[1]))]).toEqual([422, new Set(['study'])]);
  });

  test.each([
    ['another type', async () => as('alpine-study-lead', 'post', '/import').type('text/plain').send('x'), 400, 'Content-Type'],
    ['JSON', async () => as('alpine-study-lead', 'post', '/import').send({}), 400, 'Content-Type'],
    ['nothing', async () => as('alpine-study-lead', 'post', '/import').type('text/csv'), 422, 'row 1, study'],
    ['bytes that are not UTF-8', async () => send(Buffer.from([0x73, 0xfc, 0x64])), 400, 'body'],
    ['too much', async () => send('x'.repeat(1_100_000)), 400, 'body'],
    ['a picture', async () => send('\u0089PNG\r\n\u001a\n'), 422, 'row 1'],
    ['an open quotation mark', async () => send('study,topic\n"x,y'), 422, 'row 2'],
    ['a header alone', async () => send(example(CLEAN).split('\r\n')[0] ?? ''), 422, 'row 1'],
    ['a missing column', async () => send(example(CLEAN).replace('deputy', '')), 422, 'row 1, deputy'],
  ])('%s is refused', async (...[, answer, status, field]) => {
    const got = await answer();
    expect([got.status, fields(got)[0]]).toEqual([status, field]);
  });

  test('CSV is taken on its one route only', async () => {
    expect((await as('alpine-study-lead', 'post', '/proposals').type('text/csv').send('x')).status).toBe(400);
    expect((await request(app).post('/api/v1/matrix/import').type('text/csv').send('x')).status).toBe(401);
  });
});
