import request from 'supertest';
import { expireUploads } from '../../activities/expireUploads';
import { createApp } from '../../api/app';
import { noteFailedSignIn } from '../../api/commands/noteAccess';
import { instantOf, plusMs } from '../../contracts/instant';
import { hashPassword } from '../../platform/passwords';
import { adminApi, emailOf, PASSWORD, type AdminApi } from '../support/adminApi';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe('signing in', () => {
  let api: AdminApi;
  beforeAll(async () => { api = await adminApi(); });
  afterAll(() => api.close());
  const whoAmI = (cookie: string) => request(api.app).get('/api/v1/sessions').set('Cookie', cookie);

  test('the cookie is HttpOnly and SameSite=Strict, and only its hash is stored', async () => {
    const answer = await request(api.app).post('/api/v1/sessions').send({ email: emailOf('cro-lead').toUpperCase(), password: PASSWORD });
    expect(answer.status).toBe(201);
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toMatch(/^session=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
    const secret = /session=([\w-]+)/.exec(cookie)?.[1] ?? '-';
    expect(JSON.stringify(await api.fresh.admin.main.collection('credentials').find().toArray())).not.toContain(secret);
  });

  test('who am I names the person, the memberships and the CSRF token, no secret', async () => {
    const session = await api.signIn('cro-lead');
    const { body } = await whoAmI(session.cookie);
    expect(body.person).toEqual({ id: 'cro-lead', name: 'The cro-lead', email: 'cro-lead@example.org', organisationId: 'cro' });
    expect(body.memberships).toMatchObject([{ role: 'study_lead', studyId: 'st1', organisationId: 'cro' }]);
    expect(body.csrfToken).toBe(session.csrfToken);
    expect(JSON.stringify(body)).not.toMatch(/argon2|passwordHash/);
  });

  test.each([['a wrong password', { email: emailOf('cro-lead'), password: 'wrong' }], ['an unknown address', { email: 'nobody@example.org', password: PASSWORD }]])('%s is 401 bad_credentials', async (_, body) => {
    const answer = await request(api.app).post('/api/v1/sessions').send(body);
    expect([answer.status, answer.body.type]).toEqual([401, '/problems/bad_credentials']);
  });

  test('an unknown address takes as long as a wrong password', async () => {
    const timed = async (email: string) => {
      const began = performance.now();
      await request(api.app).post('/api/v1/sessions').send({ email, password: 'wrong' });
      return performance.now() - began;
    };
    await api.fresh.store.models.people.updateOne({ _id: 'spo-inspector' }, { $set: { passwordHash: await hashPassword(PASSWORD) } });
    const known = await timed(emailOf('spo-inspector'));
    const unknown = await timed('no-one@example.org');
    // argon2id dominates by a factor of ten or more; half of it leaves room for a busy machine.
    expect(unknown).toBeGreaterThan(known / 4);
  });

  test('five bad attempts lock person and address for 15 minutes, also for the right password, and are kept as evidence', async () => {
    const attempt = (password: string) => request(api.app).post('/api/v1/sessions').send({ email: emailOf('cro2-lead'), password });
    for (let bad = 1; bad <= 5; bad += 1) expect((await attempt('wrong')).status).toBe(401);
    const locked = await attempt(PASSWORD);
    expect([locked.status, locked.body.type]).toEqual([429, '/problems/locked_out']);
    expect(Number(locked.headers['retry-after'])).toBeGreaterThan(14 * 60);
    expect((await attempt(PASSWORD)).status).toBe(429);
    expect((await request(api.app).post('/api/v1/sessions').send({ email: emailOf('cro2-admin'), password: PASSWORD })).status).toBe(201);
    const kept = await api.fresh.admin.audit.collection('audit').find({ streamId: 'refusals/person/cro2-lead' }).toArray();
    expect(kept).toMatchObject([{ action: 'act.refused', detail: { type: 'locked_out' } }]);
  });

  test('a lock survives a restart of the API', async () => {
    const answer = await request(createApp(api.deps)).post('/api/v1/sessions').send({ email: emailOf('cro2-lead'), password: PASSWORD });
    expect(answer.status).toBe(429);
  });

  test.each([
    ['the address that a trusted proxy names: another address is not locked', ['127.0.0.0/8'], 'spo-lead', 201],
    ['whoever connects where no proxy is trusted: nobody talks themselves out of it', [], 'spo-quality', 429],
  ] as const)('a lock goes by %s', async (...[, trustedProxies, personId, status]) => {
    const app = createApp({ ...api.deps, settings: { ...api.deps.settings, trustedProxies } });
    const attempt = (from: string, password: string) => request(app).post('/api/v1/sessions').set('X-Forwarded-For', from).send({ email: emailOf(personId), password });
    for (let bad = 1; bad <= 5; bad += 1) expect((await attempt('203.0.113.1', 'wrong')).status).toBe(401);
    expect((await attempt('203.0.113.1', PASSWORD)).status).toBe(429);
    expect((await attempt('203.0.113.2', PASSWORD)).status).toBe(status);
    // As a proxy says it that adds to what it was sent.
    expect((await attempt('203.0.113.3, 203.0.113.1', PASSWORD)).status).toBe(429);
    await api.fresh.store.connection.collection('sign_in_attempts').deleteMany({});
  });

  test('a good attempt forgets the bad ones before it', async () => {
    const attempt = (password: string) => request(api.app).post('/api/v1/sessions').send({ email: emailOf('spo-quality'), password });
    for (let round = 1; round <= 2; round += 1) {
      for (let bad = 1; bad <= 4; bad += 1) await attempt('wrong');
      expect((await attempt(PASSWORD)).status).toBe(201);
    }
  });

  test('signing out ends the session at once', async () => {
    const session = await api.signIn('spo-lead');
    expect((await session.send('delete', '/sessions')).status).toBe(204);
    expect((await whoAmI(session.cookie)).status).toBe(401);
  });

  test('a session left alone for 30 minutes has ended, a used one lives, 12 hours end it anyway', async () => {
    const used = await api.signIn('spo-lead');
    const idle = await api.signIn('cro-lead');
    for (let quarters = 1; quarters <= 4; quarters += 1) {
      api.pass(15 * MINUTE_MS);
      expect((await whoAmI(used.cookie)).status).toBe(200);
    }
    expect((await whoAmI(idle.cookie)).status).toBe(401);
    for (let slices = 1; slices <= 27; slices += 1) {
      api.pass(25 * MINUTE_MS);
      await whoAmI(used.cookie);
    }
    expect((await whoAmI(used.cookie)).status).toBe(401);
    api.pass(-28 * 15 * MINUTE_MS - 12 * HOUR_MS);
  });

  test.each([['no cookie', ''], ['a made-up session', `session=${'a'.repeat(43)}`], ['rubbish', 'session=%00']])('%s is 401', async (_, cookie) => {
    expect((await whoAmI(cookie)).status).toBe(401);
  });
});

describe('what a browser may be made to send', () => {
  let api: AdminApi;
  beforeAll(async () => { api = await adminApi(); });
  afterAll(() => api.close());
  const change = { name: 'X', reason: 'test' };

  test('an unsafe method with a cookie needs the session\'s own CSRF token; the refusal is recorded', async () => {
    const [session, other] = [await api.signIn('spo-admin'), await api.signIn('cro-admin')];
    const send = (csrf?: string) => {
      const sent = request(api.app).patch('/api/v1/organisations/spo').set('Cookie', session.cookie);
      return (csrf === undefined ? sent : sent.set('X-CSRF-Token', csrf)).send(change);
    };
    for (const csrf of [undefined, '', other.csrfToken, `${session.csrfToken}x`]) {
      const answer = await send(csrf);
      expect([answer.status, answer.body.type]).toEqual([403, '/problems/csrf']);
    }
    expect((await send(session.csrfToken)).status).toBe(200);
    expect(await api.fresh.admin.audit.collection('audit').countDocuments({ streamId: 'refusals/organisation/spo', 'detail.type': 'csrf' })).toBe(4);
  });

  test('a request from another origin is refused even with the token; our own origin passes', async () => {
    const session = await api.signIn('spo-admin');
    const from = (origin: string) => session.send('patch', '/organisations/spo', change).set('Origin', origin);
    expect((await from('https://evil.example')).status).toBe(403);
    expect((await from('null')).status).toBe(403);
    // Who makes a name lead here, or a proxy pass it on, also chooses the Host header.
    expect((await from('http://rebound.example').set('Host', 'rebound.example')).status).toBe(403);
    expect((await from('http://oversight.example').set('Host', 'inside:8080')).status).toBe(200);
  });

  test('no answer allows another origin to read it', async () => {
    const answer = await request(api.app).get('/healthz').set('Origin', 'https://evil.example');
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(answer.headers['content-security-policy']).toBe("default-src 'none';frame-ancestors 'none';base-uri 'none';form-action 'none'");
  });

  test('a form is not JSON: 400', async () => {
    const session = await api.signIn('spo-admin');
    const answer = await session.send('post', '/people/spo-quality/deactivate').type('form').send('reason=x');
    expect([answer.status, answer.body.errors]).toEqual([400, [{ field: 'Content-Type', message: 'must be application/json' }]]);
  });
});

describe('API tokens', () => {
  let api: AdminApi;
  beforeAll(async () => { api = await adminApi(); });
  afterAll(() => api.close());
  const make = async (scopes: string[], personId = 'spo-admin') => {
    const answer = await (await api.signIn(personId)).send('post', '/tokens', { name: 'ci', scopes, expiresInDays: 30 });
    expect(answer.status).toBe(201);
    return answer.body as { id: string; secret: string };
  };
  const using = (secret: string) => ({
    get: (path: string) => request(api.app).get(`/api/v1${path}`).set('Authorization', `Bearer ${secret}`),
    patch: (path: string, body: object) => request(api.app).patch(`/api/v1${path}`).set('Authorization', `Bearer ${secret}`).send(body),
  });

  test('a token needs no CSRF token, and its secret is shown once and stored nowhere', async () => {
    const { secret } = await make(['read', 'administer']);
    expect(secret).toMatch(/^cro_[\w-]{43}_[0-9a-f]{8}$/);
    expect((await using(secret).patch('/organisations/spo', { name: 'Y', reason: 'r' })).status).toBe(200);
    expect(JSON.stringify((await using(secret).get('/tokens')).body)).not.toContain(secret);
    expect(JSON.stringify(await api.fresh.admin.main.collection('credentials').find().toArray())).not.toContain(secret);
    expect(api.log.join('')).not.toContain(secret);
  });

  test('a token does what its scopes say, no more; the refusal is recorded', async () => {
    const { secret } = await make(['read']);
    expect((await using(secret).get('/people')).status).toBe(200);
    const refused = await using(secret).patch('/people/spo-lead', { name: 'Z', reason: 'r' });
    expect([refused.status, refused.body.scope]).toEqual([403, 'administer']);
    expect(await api.fresh.admin.audit.collection('audit').countDocuments({ streamId: 'refusals/person/spo-lead' })).toBe(1);
  });

  test('a token cannot make a token that gives more than itself', async () => {
    const { secret } = await make(['read', 'administer']);
    const answer = await request(api.app).post('/api/v1/tokens').set('Authorization', `Bearer ${secret}`).send({ name: 'more', scopes: ['act'], expiresInDays: 1 });
    expect(answer.status).toBe(403);
  });

  test('a revoked, an expired and a mistyped token are 401; another person\'s cannot be revoked', async () => {
    const [revoked, expired] = [await make(['read']), await make(['read'])];
    const mistyped = `${revoked.secret.slice(0, -1)}${revoked.secret.endsWith('0') ? '1' : '0'}`;
    expect((await using(mistyped).get('/people')).status).toBe(401);
    expect((await (await api.signIn('cro-admin')).send('delete', `/tokens/${revoked.id}`)).status).toBe(404);
    expect((await (await api.signIn('spo-admin')).send('delete', `/tokens/${revoked.id}`)).status).toBe(204);
    expect((await using(revoked.secret).get('/people')).status).toBe(401);
    api.pass(31 * 24 * HOUR_MS);
    expect((await using(expired.secret).get('/people')).status).toBe(401);
    api.pass(-31 * 24 * HOUR_MS);
  });

  const accesses = (personId: string) => api.fresh.admin.audit.collection('audit').find({ streamId: `sign-ins/person/${personId}` }).sort({ seq: 1 }).toArray();
  const minting = (secret: string, body: object) => request(api.app).post('/api/v1/tokens').set('Authorization', `Bearer ${secret}`).send({ name: 'child', scopes: ['read'], expiresInDays: 365, ...body });

  test('S2.2 P11 a token that a token made neither outlives it nor survives it, over generations', async () => {
    const { id, secret } = await make(['read', 'administer'], 'cro-admin');
    const child = await minting(secret, { scopes: ['read', 'administer'] });
    const grandchild = await minting(String(child.body.secret), {});
    const { expiresAt } = (await api.fresh.store.models.credentials.findOne({ publicId: id }).lean()) ?? {};
    expect([child.body.expiresAt, grandchild.body.expiresAt]).toEqual([expiresAt, expiresAt]);
    expect((await using(String(grandchild.body.secret)).get('/people')).status).toBe(200);
    expect((await (await api.signIn('cro-admin')).send('delete', `/tokens/${id}`)).status).toBe(204);
    for (const dead of [secret, String(child.body.secret), String(grandchild.body.secret)]) expect((await using(dead).get('/people')).status).toBe(401);
  });

  test('S2.2 a person has ten tokens that work at most', async () => {
    const session = await api.signIn('cro2-admin');
    const more = () => session.send('post', '/tokens', { name: 'ci', scopes: ['read'], expiresInDays: 1 });
    for (let n = 1; n <= 10; n += 1) expect((await more()).status).toBe(201);
    const refused = await more();
    expect([refused.status, refused.body.type, refused.body.most]).toEqual([422, '/problems/rule_broken', 10]);
    api.pass(25 * HOUR_MS);
    expect((await (await api.signIn('cro2-admin')).send('post', '/tokens', { name: 'ci', scopes: ['read'], expiresInDays: 1 })).status).toBe(201);
    api.pass(-25 * HOUR_MS);
  });

  test('S2.2 P1 signing in, failing to, making, using first, revoking and signing out are entries of the person', async () => {
    const who = 'cro2-lead';
    const wrong = () => request(api.app).post('/api/v1/sessions').send({ email: emailOf(who), password: 'wrong' });
    expect((await wrong()).status).toBe(401);
    const session = await api.signIn(who);
    const { id, secret } = (await session.send('post', '/tokens', { name: 'ci', scopes: ['read'], expiresInDays: 1 })).body as { id: string; secret: string };
    for (const _ of [1, 2]) expect((await using(secret).get('/people')).status).toBe(200);
    expect((await session.send('delete', `/tokens/${id}`)).status).toBe(204);
    expect((await session.send('delete', '/sessions')).status).toBe(204);
    const entries = await accesses(who);
    expect(entries.map(({ action }) => String(action))).toEqual(['session.refused', 'session.started', 'token.made', 'token.first_used', 'token.revoked', 'session.ended']);
    expect(entries[2]).toMatchObject({ actor: { personId: who }, detail: { token: id, scopes: ['read'] } });
    expect(entries[0]).toMatchObject({ actor: { kind: 'system', name: 'sign-in' } });
    expect(JSON.stringify(entries)).not.toContain(secret);
  });

  test('S2.2 P1 a token that ends by its date is an entry of the person, once; one that was revoked is not', async () => {
    const who = 'spo-quality';
    const session = await api.signIn(who);
    const made = async (name: string) => ((await session.send('post', '/tokens', { name, scopes: ['read'], expiresInDays: 1 })).body as { id: string }).id;
    const [ends, ended] = [await made('ends'), await made('revoked')];
    expect((await session.send('delete', `/tokens/${ended}`)).status).toBe(204);
    const hour = async (hours: number) => {
      await expireUploads({ store: api.fresh.store, now: () => plusMs(instantOf(Date.now()), hours * HOUR_MS) });
      return (await accesses(who)).filter(({ action }) => action === 'token.expired').map(({ detail }) => detail as object);
    };
    expect(await hour(23)).toEqual([]);
    expect(await hour(25)).toEqual([expect.objectContaining({ token: ends, name: 'ends' })]);
    expect(await hour(26)).toHaveLength(1);
  });

  test('S2.2 strangers cannot fill somebody\'s trail: twenty failures an hour are written, the others counted and said', async () => {
    const at = (minute: number, hour = 9) => instantOf(Date.parse(`2026-03-02T${String(hour).padStart(2, '0')}:00:00Z`) + minute * 1000);
    const person = await api.fresh.store.models.people.findById('cro-lead').lean();
    if (!person) throw new Error('nobody');
    const fail = (now: ReturnType<typeof at>) => noteFailedSignIn({ store: api.fresh.store, now: () => now }, { person, correlationId: 'c' });
    for (let n = 0; n < 25; n += 1) await fail(at(n));
    expect(await accesses('cro-lead')).toHaveLength(20);
    await fail(at(0, 10));
    expect((await accesses('cro-lead')).at(-1)).toMatchObject({ action: 'session.refused', detail: { unwrittenBefore: 5 } });
  });

  test('a token lives a year at most', async () => {
    const answer = await (await api.signIn('spo-admin')).send('post', '/tokens', { name: 'x', scopes: ['read'], expiresInDays: 366 });
    expect([answer.status, answer.body.errors[0].field]).toEqual([400, 'expiresInDays']);
  });
});

describe('request limits', () => {
  let api: AdminApi;
  beforeAll(async () => { api = await adminApi({ requestsPerMinute: { signedIn: 5, anonymous: 8 } }); });
  afterAll(() => api.close());

  test('S2.2 a person\'s tokens and sessions share one limit', async () => {
    const session = await api.signIn('cro-admin');
    const made = async () => ((await session.send('post', '/tokens', { name: 'ci', scopes: ['read'], expiresInDays: 1 })).body as { secret: string }).secret;
    const secrets = [await made(), await made()];
    const answers = [];
    for (const secret of [...secrets, ...secrets]) answers.push((await request(api.app).get('/api/v1/people').set('Authorization', `Bearer ${secret}`)).status);
    expect(answers).toEqual([200, 200, 200, 429]);
  });

  test('a person and an anonymous address each have their own, 429 with Retry-After; probes have none', async () => {
    const session = await api.signIn('spo-lead');
    const answers = [];
    for (let n = 1; n <= 6; n += 1) answers.push((await session.send('get', '/sessions')).status);
    expect(answers).toEqual([200, 200, 200, 200, 200, 429]);
    expect((await (await api.signIn('spo-quality')).send('get', '/sessions')).status).toBe(200);
    let last = await request(api.app).get('/api/v1/people');
    for (let n = 1; n <= 8; n += 1) last = await request(api.app).get('/api/v1/people');
    expect([last.status, last.body.type]).toEqual([429, '/problems/too_many_requests']);
    expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
    expect((await request(api.app).get('/healthz')).status).toBe(200);
  });
});
