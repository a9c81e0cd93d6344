import request from 'supertest';
import type { Express } from 'express';
import { requireOwnName } from '../../api/commands/printedNames';
import { addPerson } from '../../store/people';
import { adminApi, emailOf, OWN_PASSWORD, PASSWORD, type AdminApi, type SignedIn } from '../support/adminApi';
import { makeSigners } from '../support/signedActs';
import { sendAs, signingApp } from '../support/signingApi';

/** A password that an administrator gives. */
const GIVEN = 'given by an administrator';

describe('what is done to an account', () => {
  let api: AdminApi;
  let app: Express;
  const sessions = new Map<string, SignedIn>();
  const as = async (personId: string): Promise<SignedIn> => {
    const session = sessions.get(personId) ?? (await api.signIn(personId));
    sessions.set(personId, session);
    return session;
  };
  const send = async (who: string, ...[method, path, body]: readonly ['get' | 'post' | 'put' | 'patch', string, object?]) => (await as(who)).send(method, path, body);
  const post = async (who: string, path: string, body: object) => sendAs(app, await as(who), 'post', path, body);
  const told = async (who: string) => (await send(who, 'get', '/announcements')).body.items as { what: string; about: string; subject: string; byName: string }[];
  const signerOf = async (by: string, personId: string) => (await send(by, 'get', `/people/${personId}/signer`)).body as { identity: object | null; unsettledSince: string | null };
  /** Signs in with the password that somebody gave, and sets one of one's own. */
  const takeOver = async (personId: string): Promise<void> => {
    const answer = await request(app).post('/api/v1/sessions').send({ email: emailOf(personId), password: GIVEN, newPassword: OWN_PASSWORD });
    expect(answer.status).toBe(201);
    const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
    const csrfToken = String(answer.body.csrfToken);
    sessions.set(personId, { cookie, csrfToken, send: (method, path, body) => {
      const sent = request(app)[method](`/api/v1${path}`).set('Cookie', cookie).set('X-CSRF-Token', csrfToken);
      return body === undefined ? sent : sent.send(body);
    } });
  };

  beforeAll(async () => {
    api = await adminApi();
    app = signingApp(api);
    await makeSigners(api.fresh.store, ['spo-admin', 'spo-admin2', 'spo-quality', 'cro-admin', 'cro-admin2']);
  });
  afterAll(() => api.close());

  test('P8 11.50 another printed name ends the verification, is told to the person, too, and nobody gives it to themselves', async () => {
    const rename = (by: string, personId: string, name: string) => send(by, 'patch', `/people/${personId}`, { name, reason: 'asked for' });
    expect((await rename('spo-admin', 'spo-quality', 'David Evans')).status).toBe(200);
    expect(await signerOf('spo-admin', 'spo-quality')).toMatchObject({ identity: null });
    for (const who of ['spo-admin2', 'spo-quality']) {
      expect(await told(who)).toEqual(expect.arrayContaining([expect.objectContaining({ what: 'renamed', about: 'person/spo-quality', subject: 'David Evans (until now The spo-quality)', byName: 'The spo-admin' })]));
    }
    expect([(await rename('spo-admin', 'spo-admin', 'Somebody Else')).body.type, (await rename('spo-admin', 'spo-lead', 'David\uFE0F Evans')).status]).toEqual(['/problems/separation_of_duties', 400]);
    // Whoever gives the name is not the one who says whose it is.
    expect((await post('spo-admin', '/people/spo-quality/verify-identity', { documentKind: 'passport', code: 'none' })).body.type).toBe('/problems/separation_of_duties');
  });

  test('P8 a name that two give at the same moment goes to one; nobody else is made by the instance where somebody is', async () => {
    // Both are written before either is looked for: the second one is asked again, and sees the first.
    const arrived: (() => void)[] = [];
    const meeting = new Promise<void>((resolve) => { arrived.push(resolve); });
    let here = 0;
    const add = (who: string) => addPerson(api.fresh.store, {
      fields: { email: `${who}@example.org`, name: 'Walter Zweig', organisationId: 'spo', passwordHash: 'none' }, givenBy: 'spo-admin',
      by: { actor: { kind: 'system', name: 'test' }, at: api.deps.now(), correlationId: 'race' },
      also: async (session, { _id, name, organisationId }) => {
        here += 1;
        if (here >= 2) arrived[0]?.();
        await meeting;
        await requireOwnName(api.deps, { name, organisationId, personId: _id }, session);
      },
    });
    const answers = await Promise.allSettled(['a', 'b'].map(add));
    expect(answers.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect((await send('spo-admin', 'post', '/people', { email: 'c@example.org', name: 'WALTER ZWEIG', organisationId: 'spo', password: PASSWORD })).status).toBe(422);
    expect((await post('root', '/organisations', { id: 'begun', name: 'Begun', kind: 'cro', zone: 'UTC' })).status).toBe(201);
    const begin = (name: string) => post('root', '/people', { email: `${name.at(-1) ?? ''}@begun.example`, name, organisationId: 'begun', password: PASSWORD });
    expect([(await begin('Walter Zweig')).status, (await begin('Somebody Else')).status]).toEqual([201, 403]);
    // Made where nobody knows them, they are not brought in beside their double.
    const study = await post('root', '/studies', { code: 'NEW-1', title: 'Another', organisationIds: ['spo', 'begun'] });
    expect([study.status, study.body]).toMatchObject([422, { errors: [{ field: 'organisationIds' }], names: [['Walter Zweig', 'Walter Zweig']] }]);
    expect((await send('root', 'patch', '/studies/st1', { organisationIds: ['spo', 'cro', 'begun'], reason: 'joins' })).status).toBe(422);
    expect((await post('root', '/studies', { code: 'NEW-1', title: 'Another', organisationIds: ['cro', 'begun'] })).status).toBe(201);
  });

  test('P8 11.100 whoever verifies somebody is told the code that they see in their session after their last password', async () => {
    const own = (who: string) => post(who, '/me/identity-code', {});
    const vouch = (code: unknown) => post('cro-admin', '/people/cro-manager/verify-identity', { documentKind: 'passport', code: String(code) });
    // A password that was never set by its person shows nothing.
    expect((await own('cro-manager')).body.type).toBe('/problems/wrong_state');
    expect((await send('cro-manager', 'put', '/people/cro-manager/password', { currentPassword: PASSWORD, newPassword: GIVEN, reason: 'mine' })).status).toBe(204);
    const again = await request(app).post('/api/v1/sessions').send({ email: emailOf('cro-manager'), password: GIVEN });
    const held = { cookie: String(again.headers['set-cookie']).split(';')[0] ?? '', csrfToken: String(again.body.csrfToken), send: () => { throw new Error('not here'); } };
    const { body: { code } } = await sendAs(app, held, 'post', '/me/identity-code', {});
    const refused = await vouch('2222-2222-2222');
    expect([refused.status, refused.body.errors]).toEqual([422, [{ field: 'code', message: 'not the person\'s code' }]]);
    expect((await vouch(code)).status).toBe(200);
    // Once.
    expect((await vouch(code)).status).toBe(422);
    const signIns = await sendAs(app, held, 'get', '/people/cro-manager/sign-ins');
    expect([signIns.status, signIns.body.next, (signIns.body.items as { action: string }[]).map(({ action }) => action)]).toEqual([200, null, ['session.started', 'session.started', 'identity_code.shown']]);
    // Of the person, and of whoever administers them.
    expect(await Promise.all(['cro-admin', 'cro-lead', 'spo-admin'].map(async (who) => (await send(who, 'get', '/people/cro-manager/sign-ins')).status))).toEqual([200, 403, 404]);
  });

  test('P8 P14 another name of an organisation waits for a second, independent person, and is told to whoever works with it', async () => {
    const rename = (by: string, name: string) => send(by, 'patch', '/organisations/cro', { name, reason: 'merger' });
    const consent = (who: string) => post(who, '/organisations/cro/name/consent', { reason: 'agreed' });
    // CRO knows SPO, and SPO knows CRO2: whoever knows both could take one for the other.
    expect((await rename('cro-admin', 'CR02')).status).toBe(422);
    const asked = await rename('cro-admin', 'Meridian');
    expect([asked.status, asked.body]).toMatchObject([200, { name: 'CRO', nameChange: { name: 'Meridian', askedBy: 'cro-admin' } }]);
    expect((await send('spo-quality', 'get', '/organisations/cro')).body).not.toHaveProperty('nameChange');
    expect([(await consent('cro-admin')).status, (await consent('cro-lead')).status, (await consent('spo-admin')).status]).toEqual([409, 403, 404]);
    expect((await consent('cro-admin2')).body).toMatchObject({ name: 'Meridian', nameChange: null });
    for (const who of ['cro-admin', 'spo-admin']) expect(await told(who)).toEqual(expect.arrayContaining([expect.objectContaining({ what: 'organisation_renamed', about: 'organisation/cro', subject: 'Meridian (until now CRO)' })]));
    expect(await told('cro2-admin')).not.toEqual(expect.arrayContaining([expect.objectContaining({ what: 'organisation_renamed' })]));
  });

  test('P14 the second person beside whoever asks is settled, independent, and of the whole organisation', async () => {
    expect((await send('spo-admin', 'patch', '/organisations/spo', { receiptAddress: 'receipts@spo.example', reason: 'first' })).status).toBe(200);
    expect((await send('spo-admin', 'patch', '/organisations/spo', { receiptAddress: 'elsewhere@spo.example', reason: 'moved' })).body.receiptChange).toMatchObject({ askedBy: 'spo-admin' });
    const consent = (who: string) => post(who, '/organisations/spo/receipt-address/consent', { reason: 'agreed' });
    const give = async (by: string, studyId: string | null) => (await post(by, '/memberships', { personId: 'spo-lead', organisationId: 'spo', role: 'quality_head', studyId })).body as { id: string };
    await makeSigners(api.fresh.store, ['spo-lead']);
    const { id: bound } = await give('spo-admin', 'st1');
    expect((await consent('spo-lead')).status).toBe(403);
    // Of the whole organisation, but a moment old, and given by whoever asks.
    const { id: whole } = await give('spo-admin', null);
    expect((await consent('spo-lead')).status).toBe(403);
    await api.fresh.store.models.memberships.updateMany({ _id: { $in: [bound, whole] } }, { $unset: { signsFrom: 1 } });
    expect((await consent('spo-lead')).body.type).toBe('/problems/separation_of_duties');
    expect((await consent('spo-admin2')).body).toMatchObject({ receiptAddress: 'elsewhere@spo.example' });
  });

  test('P8 11.300 whose password somebody else set administers and signs nothing until somebody independent verifies them; told to the person, too', async () => {
    expect((await send('cro-admin', 'put', '/people/cro-admin2/password', { newPassword: GIVEN, reason: 'forgotten' })).status).toBe(204);
    sessions.delete('cro-admin2');
    await takeOver('cro-admin2');
    expect(await signerOf('cro-admin', 'cro-admin2')).toMatchObject({ identity: null, unsettledSince: expect.any(String) as string });
    for (const who of ['cro-admin', 'cro-admin2']) expect(await told(who)).toEqual(expect.arrayContaining([expect.objectContaining({ what: 'password_given', about: 'person/cro-admin2', byName: 'The cro-admin' })]));
    expect((await send('cro-admin2', 'get', '/sessions')).body).toMatchObject({ memberships: [], unsettledSince: expect.any(String) as string });
    expect((await post('cro-admin2', '/people', { email: 'x@example.org', name: 'X', organisationId: 'cro', password: PASSWORD })).status).toBe(403);
    expect((await post('cro-admin', '/people/cro-admin2/verify-identity', { documentKind: 'passport', code: 'none' })).body.type).toBe('/problems/separation_of_duties');
    // The administrator of the instance, whom the organisation lets in, knows them.
    await makeSigners(api.fresh.store, ['cro-admin2']);
    expect(await signerOf('cro-admin', 'cro-admin2')).toMatchObject({ unsettledSince: null });
    expect((await send('cro-admin2', 'get', '/people/cro-lead')).status).toBe(200);
  });

  test('P8 P14 an administrator of one organisation gets no hold of the instance: the credentials of its administrators are replaced by another of them', async () => {
    const reset = (by: string) => send(by, 'put', '/people/root/password', { newPassword: GIVEN, reason: 'forgotten' });
    expect([(await reset('spo-admin')).status, (await post('spo-admin', '/people/root/end-second-factor', { reason: 'lost' })).status]).toEqual([403, 403]);
    expect((await send('root', 'get', '/organisations')).status).toBe(200);
    const { models } = api.fresh.store;
    await models.memberships.create({ ...(await models.memberships.findById('m-root').lean()), _id: 'm-root2', personId: 'cro2-admin', organisationId: 'cro2' });
    expect((await reset('cro2-admin')).status).toBe(204);
    sessions.delete('root');
    await takeOver('root');
    expect([(await post('root', '/organisations', { name: 'Mine', kind: 'cro', zone: 'UTC' })).status, (await send('root', 'get', '/people/cro-lead')).status]).toEqual([403, 404]);
    expect(await told('spo-admin')).toEqual(expect.arrayContaining([expect.objectContaining({ what: 'password_given', about: 'person/root', byName: 'The cro2-admin' })]));
  });

  test('P8 P14 the end of a second factor and a deactivation are told to the person, too', async () => {
    expect((await post('spo-admin', '/people/spo-lead/end-second-factor', { reason: 'lost' })).status).toBe(200);
    expect(await told('spo-lead')).toEqual(expect.arrayContaining([expect.objectContaining({ what: 'second_factor_ended', about: 'signer/spo-lead' })]));
    expect((await post('spo-admin', '/people/spo-lead/deactivate', { reason: 'left' })).status).toBe(200);
    expect(await api.fresh.store.models.announcements.find({ what: 'deactivated' }, { personId: 1, _id: 0 }).sort({ personId: 1 }).lean()).toEqual(['spo-admin', 'spo-admin2', 'spo-lead'].map((personId) => ({ personId })));
  });
});
