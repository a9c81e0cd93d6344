import request from 'supertest';
import type { Express } from 'express';
import { tellAnnouncements } from '../../activities/tellAnnouncements';
import type { Letter } from '../../platform/mail';
import { adminApi, emailOf, OWN_PASSWORD, PASSWORD, type AdminApi, type SignedIn } from '../support/adminApi';
import { makeSigners } from '../support/signedActs';
import { putPlanned, sendAs, signingApp } from '../support/signingApi';

const HOUR_MS = 3_600_000;

describe('who makes whom', () => {
  let api: AdminApi;
  let app: Express;
  const sessions = new Map<string, SignedIn>();
  const as = async (personId: string): Promise<SignedIn> => {
    const session = sessions.get(personId) ?? (await api.signIn(personId));
    sessions.set(personId, session);
    return session;
  };
  const post = async (who: string, path: string, body: object) => sendAs(app, await as(who), 'post', path, body);
  /** A person whom somebody adds and who sets a password of their own. */
  const added = async (by: string, id: string, organisationId: string): Promise<void> => {
    expect((await post(by, '/people', { id, email: emailOf(id), name: `Person ${id}`, organisationId, password: PASSWORD })).status).toBe(201);
    const answer = await request(app).post('/api/v1/sessions').send({ email: emailOf(id), password: PASSWORD, newPassword: OWN_PASSWORD });
    expect(answer.status).toBe(201);
    const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
    sessions.set(id, { cookie, csrfToken: String(answer.body.csrfToken), send: () => { throw new Error('not here'); } });
  };
  const giveIn = (organisationId: string) => (by: string, personId: string, role: string) => post(by, '/memberships', { personId, organisationId, role });
  const give = giveIn('spo');
  /** Somebody who stands before the administrator, signed in, and says the code that they see. */
  const vouch = async (by: string, personId: string) => {
    const { body } = await post(personId, '/me/identity-code', {});
    return post(by, `/people/${personId}/verify-identity`, { documentKind: 'passport', code: String((body as { code?: string }).code) });
  };
  const sign = (who: string) => post(who, '/signing-grants', { recordId: 'rec-1', act: 'approve', meaning: 'approval', zone: 'Europe/Zurich', email: emailOf(who), password: OWN_PASSWORD });
  const told = async (who: string) => (await sendAs(app, await as(who), 'get', '/announcements')).body.items as { what: string; about: string; role: string | null; until: string | null; byName: string }[];

  beforeAll(async () => {
    api = await adminApi();
    app = signingApp(api);
    await makeSigners(api.fresh.store, ['spo-admin', 'spo-admin2', 'cro-admin', 'cro-admin2']);
    await putPlanned(api, 'rec-1');
  });
  afterAll(() => api.close());

  test('P8 one administrator alone makes no quality signer through a second account of their own making', async () => {
    await added('spo-admin', 'sock-admin', 'spo');
    const refused = await give('spo-admin', 'sock-admin', 'organisation_admin');
    expect([refused.status, refused.body.type]).toEqual([409, '/problems/separation_of_duties']);
    // Even where somebody was talked into giving the role: the account is held by whoever made it.
    expect((await give('spo-admin2', 'sock-admin', 'organisation_admin')).status).toBe(201);
    await added('sock-admin', 'sock-quality', 'spo');
    expect((await give('sock-admin', 'sock-quality', 'quality')).status).toBe(409);
    expect((await give('spo-admin', 'sock-quality', 'quality')).status).toBe(409);
    for (const who of ['spo-admin', 'sock-admin']) expect((await vouch(who, 'sock-quality')).body.type).toBe('/problems/separation_of_duties');
    expect((await vouch('spo-admin', 'sock-admin')).body.type).toBe('/problems/separation_of_duties');
    expect((await sign('sock-quality')).status).not.toBe(201);
  });

  test('P8 P14 the administrator of the instance alone makes nobody inside an organisation that has an administrator', async () => {
    const tried = await post('root', '/people', { email: 'like-quality@example.org', name: 'The spo quality', organisationId: 'cro', password: PASSWORD });
    expect([tried.status, tried.body.type]).toEqual([403, '/problems/not_permitted']);
    expect((await giveIn('cro')('root', 'cro-lead', 'organisation_admin')).status).toBe(403);
    expect((await vouch('root', 'cro-lead')).status).toBe(403);
    expect((await sendAs(app, await as('root'), 'post', '/people/cro-lead/verify-identity', { documentKind: 'passport', code: 'none' })).status).toBe(403);
  });

  test('P14 with that one\'s consent: for hours, for the acts named, each use said; withdrawn, no more', async () => {
    const consent = await post('cro-admin', '/organisations/cro/admissions', { personId: 'root', acts: ['add_person'], hours: 2, reason: 'on leave next week' });
    expect([consent.status, consent.body]).toMatchObject([201, { organisationId: 'cro', personId: 'root', acts: ['add_person'], givenBy: 'cro-admin', uses: [] }]);
    expect((await post('root', '/people', { id: 'helped', email: emailOf('helped'), name: 'Helped', organisationId: 'cro', password: PASSWORD })).status).toBe(201);
    expect((await giveIn('cro')('root', 'cro-lead', 'organisation_admin')).status).toBe(403);
    const read = await sendAs(app, await as('cro-admin2'), 'get', '/admissions');
    expect(read.body.items).toMatchObject([{ uses: [{ act: 'add_person', about: 'person/helped' }] }]);
    expect(await told('cro-admin2')).toEqual(expect.arrayContaining([expect.objectContaining({ what: 'person_added', about: 'person/helped', byName: 'The root' }), expect.objectContaining({ what: 'admitted' })]));
    expect((await post('cro-admin2', `/admissions/${String(consent.body.id)}/withdraw`, { reason: 'done' })).status).toBe(200);
    expect((await post('root', '/people', { email: 'late@example.org', name: 'Late', organisationId: 'cro', password: PASSWORD })).status).toBe(403);
    expect([(await post('spo-admin', '/organisations/cro/admissions', { personId: 'root', acts: ['add_person'], reason: 'x' })).status, (await post('cro-lead', '/organisations/cro/admissions', { personId: 'root', acts: ['add_person'], reason: 'x' })).status]).toEqual([404, 403]);
    expect((await post('cro-admin', '/organisations/cro/admissions', { personId: 'cro-admin2', acts: ['add_person'], reason: 'x' })).status).toBe(422);
  });

  test('P8 P14 the first administrator of an organisation is begun by one person, is marked so, and makes no signer with them', async () => {
    expect((await post('root', '/organisations', { id: 'newcro', name: 'Newcomer', kind: 'cro', zone: 'Europe/Zurich' })).status).toBe(201);
    await added('root', 'newcro-admin', 'newcro');
    const first = await giveIn('newcro')('root', 'newcro-admin', 'organisation_admin');
    expect([first.status, first.body.bootstrap]).toEqual([201, true]);
    const [entry] = await api.fresh.admin.audit.collection('audit').find({ streamId: `membership/${String(first.body.id)}` }).toArray();
    expect(entry).toMatchObject({ action: 'membership.created', actor: { personId: 'root', role: 'instance_admin' }, detail: { bootstrap: true, givenBy: 'root' } });
    // Now it has one: the instance stays outside, and whom it made lets it in only after somebody independent has verified them.
    expect((await post('root', '/people', { email: 'second@example.org', name: 'Second', organisationId: 'newcro', password: PASSWORD })).status).toBe(403);
    expect((await post('newcro-admin', '/organisations/newcro/admissions', { personId: 'root', acts: ['verify_identity'], reason: 'x' })).body.type).toBe('/problems/separation_of_duties');
    await added('newcro-admin', 'newcro-quality', 'newcro');
    expect((await giveIn('newcro')('newcro-admin', 'newcro-quality', 'quality')).status).toBe(409);
    expect((await vouch('newcro-admin', 'newcro-quality')).status).toBe(409);
  });

  test('P8 P11 two make a signer: told at once, no signature before the window is over or a second one consents', async () => {
    await added('spo-admin', 'honest', 'spo');
    expect((await give('spo-admin', 'honest', 'quality')).status).toBe(409);
    const given = await give('spo-admin2', 'honest', 'quality');
    expect(given.status).toBe(201);
    expect((await vouch('spo-admin', 'honest')).status).toBe(409);
    expect((await vouch('spo-admin2', 'honest')).status).toBe(200);
    for (const who of ['spo-admin', 'spo-admin2', 'sock-admin']) {
      expect(await told(who)).toEqual(expect.arrayContaining([
        expect.objectContaining({ what: 'role', about: `membership/${String(given.body.id)}`, role: 'quality', until: expect.any(String) as string }),
        expect.objectContaining({ what: 'signer', about: 'signer/honest', byName: 'The spo-admin2' }),
      ]));
    }
    expect(await told('spo-lead')).toEqual([]);
    expect(await told('cro-admin')).not.toEqual(expect.arrayContaining([expect.objectContaining({ about: 'signer/honest' })]));
    expect((await sign('honest')).body.type).toBe('/problems/signature_window');
    const consent = (who: string, what: string) => post(who, what, { reason: 'known to me' });
    // Not by whoever verified, nor by whoever made the account, nor by an account of theirs.
    for (const who of ['spo-admin2', 'spo-admin', 'sock-admin']) expect([who, [403, 409].includes((await consent(who, '/people/honest/verify-identity/consent')).status)]).toEqual([who, true]);
    expect((await post('honest', '/accountability-statement/acceptances', { version: 1 })).status).toBe(200);
    api.pass(23 * HOUR_MS);
    sessions.clear();
    const again = async () => {
      const answer = await request(app).post('/api/v1/sessions').send({ email: emailOf('honest'), password: OWN_PASSWORD });
      sessions.set('honest', { cookie: String(answer.headers['set-cookie']).split(';')[0] ?? '', csrfToken: String(answer.body.csrfToken), send: () => { throw new Error('not here'); } });
    };
    await again();
    expect((await sign('honest')).body.type).toBe('/problems/signature_window');
    api.pass(2 * HOUR_MS);
    await again();
    expect((await sign('honest')).status).toBe(201);
    // Objecting ends it at any time.
    expect((await post('spo-admin', '/people/honest/verify-identity/withdraw', { reason: 'unknown at reception' })).body).toMatchObject({ identity: null });
    expect((await sign('honest')).body.type).toBe('/problems/identity_not_verified');
    api.pass(-25 * HOUR_MS);
    sessions.clear();
  });

  test('P8 a role that was given a moment ago signs nothing, also for somebody long verified', async () => {
    const { models } = api.fresh.store;
    await makeSigners(api.fresh.store, ['spo-lead']);
    const lead = (more: object = {}) => post('spo-lead', '/signing-grants', { recordId: 'rec-1', act: 'approve', meaning: 'approval', zone: 'Europe/Zurich', email: emailOf('spo-lead'), password: PASSWORD, ...more });
    expect((await lead()).body.type).toBe('/problems/not_permitted');
    const { body: { id } } = await give('spo-admin', 'spo-lead', 'quality');
    expect((await lead()).body).toMatchObject({ type: '/problems/signature_window', until: expect.any(String) as string });
    for (const who of ['spo-admin', 'spo-lead']) expect([409, 403]).toContain((await post(who, `/memberships/${String(id)}/consent`, { reason: 'x' })).status);
    const consented = await post('spo-admin2', `/memberships/${String(id)}/consent`, { reason: 'covers for Q' });
    expect(consented.status).toBe(200);
    expect((await lead()).status).toBe(201);
    expect((await post('spo-admin2', `/memberships/${String(id)}/consent`, { reason: 'x' })).status).toBe(409);
    expect(await models.memberships.findById(id).lean()).toMatchObject({ givenBy: 'spo-admin' });
  });

  test('P8 nobody is given a name that is taken for another\'s, of the own organisation or of the parties; a suffix tells them apart', async () => {
    const add = async (by: string, name: string) => (await post(by, '/people', { email: `n-${String(Math.abs(name.length))}-${by}@example.org`, name, organisationId: by.split('-')[0], password: PASSWORD })).body as { status?: number; name?: string; errors?: { field: string }[] };
    for (const name of ['The spo-qua1ity', 'THE SPO QUALITY', 'The spo\u2010quality.']) {
      expect(await add('spo-admin', name)).toMatchObject({ status: 422, errors: [{ field: 'name' }] });
      expect(await add('cro-admin', name)).toMatchObject({ status: 422, errors: [{ field: 'name' }] });
    }
    expect(await add('cro-admin', 'The spo\u202Equality')).toMatchObject({ status: 400, errors: [{ field: 'name' }] });
    expect((await sendAs(app, await as('cro-admin'), 'post', '/people', { email: 'suffix@example.org', name: 'The spo-quality (Meridian)', organisationId: 'cro', password: PASSWORD })).status).toBe(201);
    expect([(await post('root', '/organisations', { name: 'SP0', kind: 'cro', zone: 'UTC' })).status, (await post('root', '/studies', { code: 'ST-1', title: 'Like the first', organisationIds: ['spo'] })).status]).toEqual([422, 422]);
  });

  test('P11 P14 another address for receipts is told to both and to the administrators, and waits for a second, independent person', async () => {
    const patch = (who: string, receiptAddress: string | null) => as(who).then((session) => request(app).patch('/api/v1/organisations/cro').set('Cookie', session.cookie).set('X-CSRF-Token', session.csrfToken).send({ receiptAddress, reason: 'moved' }));
    expect((await patch('cro-admin', 'first@cro.example')).body.receiptAddress).toBe('first@cro.example');
    const asked = await patch('cro-admin', 'mine@cro.example');
    expect([asked.status, asked.body.receiptAddress, asked.body.receiptChange]).toMatchObject([200, 'first@cro.example', { address: 'mine@cro.example', askedBy: 'cro-admin' }]);
    const letters = await api.fresh.store.models.announcements.find({ what: 'receipts_asked' }).lean();
    expect(letters.map(({ address }) => address).toSorted()).toEqual([emailOf('cro-admin'), emailOf('cro-admin2'), 'first@cro.example', 'mine@cro.example'].toSorted());
    const consent = (who: string) => post(who, '/organisations/cro/receipt-address/consent', { reason: 'agreed' });
    expect([(await consent('cro-admin')).status, (await consent('cro-manager')).status, (await consent('spo-admin')).status]).toEqual([409, 403, 404]);
    expect((await consent('cro-admin2')).body).toMatchObject({ receiptAddress: 'mine@cro.example', receiptChange: null });
    expect((await consent('cro-admin2')).status).toBe(409);
    expect((await patch('root', 'root@example.org')).status).toBe(403);
  });

  test('P14 a study that others end or change is told to the administrators of its organisations, and stands on its trail', async () => {
    const made = await post('root', '/studies', { code: 'ENDING', title: 'To be ended', organisationIds: ['spo', 'cro'] });
    const id = String(made.body.id);
    expect((await post('root', `/studies/${id}/deactivate`, { reason: 'stopped' })).status).toBe(200);
    for (const who of ['spo-admin', 'cro-admin']) expect(await told(who)).toEqual(expect.arrayContaining([expect.objectContaining({ what: 'study_ended', about: `study/${id}`, byName: 'The root' })]));
    expect(await api.fresh.admin.audit.collection('audit').countDocuments({ streamId: `notices/study/${id}`, action: 'announcement.made' })).toBe(1);
  });

  test('P8 what was announced is mailed once, says who, what and until when, and nothing secret', async () => {
    const letters: Letter[] = [];
    const mail = { send: (letter: Letter) => { letters.push(letter); return Promise.resolve({ outcome: 'accepted' as const }); }, close: () => undefined };
    const deps = { store: api.fresh.store, mail, publicUrl: 'http://oversight.example', now: () => api.deps.now() } as never;
    const { sent } = await tellAnnouncements(deps);
    expect(sent).toBe(letters.length);
    expect(letters.find(({ to, text }) => to === emailOf('spo-admin') && text.includes('signer/honest'))?.text).toMatch(/What: Person honest was verified as a signer\nBy: The spo-admin2\nAt: .*\nUntil: /);
    expect(JSON.stringify(letters)).not.toMatch(/argon2|password/);
    expect(await tellAnnouncements(deps)).toEqual({ sent: 0, failed: 0 });
  });
});
