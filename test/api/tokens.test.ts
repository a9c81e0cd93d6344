import request from 'supertest';
import { expireUploads } from '../../activities/expireUploads';
import { noteFailedSignIn } from '../../api/commands/noteAccess';
import { instantOf, plusMs } from '../../contracts/instant';
import { adminApi, emailOf, type AdminApi } from '../support/adminApi';

const HOUR_MS = 60 * 60_000;

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

  test('S2.2 ten at a time also of thirty that are asked for at once', async () => {
    const session = await api.signIn('spo-admin2');
    const answers = await Promise.all(Array.from({ length: 30 }, () => session.send('post', '/tokens', { name: 'ci', scopes: ['read'], expiresInDays: 1 })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
    expect(answers.filter(({ status }) => status !== 201 && status !== 422)).toEqual([]);
  });

  test('S2.2 P11 what a token makes while it is revoked does not work', async () => {
    const session = await api.signIn('cro-admin2');
    const parent = (await session.send('post', '/tokens', { name: 'parent', scopes: ['read', 'administer'], expiresInDays: 1 })).body as { id: string; secret: string };
    const [revoked, ...children] = await Promise.all([session.send('delete', `/tokens/${parent.id}`), ...Array.from({ length: 8 }, () => minting(parent.secret, { expiresInDays: 1 }))]);
    expect(revoked.status).toBe(204);
    const secrets = children.flatMap(({ body }) => (body as { secret?: string }).secret ?? []);
    for (const secret of secrets) expect((await using(secret).get('/people')).status).toBe(401);
    expect(children.map(({ status }) => status).filter((status) => status !== 201 && status !== 401)).toEqual([]);
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
