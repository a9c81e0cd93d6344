import request from 'supertest';
import { createApp } from '../../api/app';
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
