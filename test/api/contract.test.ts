import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import request from 'supertest';
import { createApp } from '../../api/app';
import { allRoutes } from '../../api/routes';
import { createApiServer } from '../../api/server';
import { FAILURES } from '../../contracts/failures';
import { ALLOWED_MEDIA_TYPES } from '../../domain/evidence/mediaTypes';
import { openStore } from '../../store/connection';
import { testSealer } from '../support/sealer';
import { authenticate } from '../../store/credentials';
import { instantOf } from '../../contracts/instant';
import { adminApi, type AdminApi, type SignedIn } from '../support/adminApi';

describe('the contract', () => {
  let api: AdminApi;
  let admin: SignedIn;
  beforeAll(async () => {
    api = await adminApi();
    admin = await api.signIn('spo-admin');
  });
  afterAll(() => api.close());

  describe('OpenAPI', () => {
    const described = async () => (await request(api.app).get('/api/v1/openapi.json')).body as {
      openapi: string; paths: Record<string, Record<string, { operationId: string; security: unknown[]; responses: Record<string, unknown>; parameters?: { name: string; in: string; required?: boolean }[]; requestBody?: { required?: boolean; content: Record<string, { schema: { required?: string[]; additionalProperties?: boolean } }> } }>>;
    };

    test('every route is described, and nothing else', async () => {
      const { openapi, paths } = await described();
      expect(openapi).toBe('3.1.0');
      const listed = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
      expect(listed.toSorted()).toEqual(allRoutes(api.deps).map(({ method, path }) => `${method} ${path}`).toSorted());
    });

    test('operations have an id of their own, every path parameter is described, every answer has a problem', async () => {
      const { paths } = await described();
      const operations = Object.entries(paths).flatMap(([path, methods]) => Object.values(methods).map((operation) => ({ path, ...operation })));
      expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
      for (const { path, parameters = [], responses } of operations) {
        const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        expect(parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name)).toEqual(named);
        expect(Object.keys(responses)).toContain('default');
      }
    });

    test('bodies say what is required and that unknown fields are refused', async () => {
      const schema = (await described()).paths['/api/v1/people']?.['post']?.requestBody?.content['application/json']?.schema;
      expect(schema?.required).toEqual(['email', 'name', 'organisationId', 'password']);
      expect(schema?.additionalProperties).toBe(false);
    });

    test('it says what a caller needs: a body only where one must say something, the CSRF token beside the cookie, keys', async () => {
      const { paths } = await described();
      const required = (path: string) => paths[path]?.['post']?.requestBody?.required;
      expect([required('/api/v1/people'), required('/api/v1/issues/{id}/acknowledge'), required('/api/v1/issues/{id}/comment')]).toEqual([true, false, true]);
      expect(paths['/api/v1/people']?.['post']?.security).toEqual([{ session: [], csrf: [] }, { token: [] }]);
      expect(paths['/api/v1/people']?.['get']?.security).toEqual([{ session: [] }, { token: [] }]);
      const keyOf = (path: string) => paths[path]?.['post']?.parameters?.find(({ name }) => name === 'idempotency-key');
      expect([keyOf('/api/v1/issues'), keyOf('/api/v1/capa-imports')]).toEqual([expect.objectContaining({ required: true }), expect.not.objectContaining({ required: true })]);
    });

    test('every type in which a route answers is described', async () => {
      const { paths } = await described();
      const typesOf = (path: string) => Object.keys((paths[path]?.['get']?.responses['200'] as { content?: object } | undefined)?.content ?? {});
      expect(typesOf('/api/v1/evidence/{id}/content')).toEqual([...ALLOWED_MEDIA_TYPES]);
      expect(typesOf('/api/v1/issues/{id}/filing')).toEqual(['application/json', 'text/csv']);
      expect(typesOf('/api/v1/capas/{id}/report')).toEqual(['application/json', 'application/pdf']);
    });

    test('every reference inside the document resolves', async () => {
      const document = await described();
      const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
      expect(references.length).toBeGreaterThan(0);
      const resolve = (path: string) => path.split('/').reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
      expect(references.filter((path) => resolve(path) === undefined)).toEqual([]);
    });

    test('a browser finds a page at the printed address and behind the link of a notice, which shows nothing of the record', async () => {
      const start = await request(api.app).get('/');
      expect([start.status, start.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(start.text).toContain('href="/docs"');
      const link = await request(api.app).get('/issues/736baff0-09c5');
      expect(link.text).toContain('GET  /api/v1/issues/736baff0-09c5\n');
      for (const path of ['controls', 'drills', 'capas']) expect((await request(api.app).get(`/${path}/736baff0-09c5`)).text).toContain(`GET  /api/v1/${path}/736baff0-09c5/waiting`);
      const script = await request(api.app).get('/issues/%3Cscript%3E');
      expect([script.status, script.text.includes('<script>')]).toEqual([400, false]);
    });

    test('the page needs nothing from elsewhere', async () => {
      const page = await request(api.app).get('/docs');
      expect(page.headers['content-type']).toMatch(/^text\/html/);
      expect(page.text).not.toMatch(/https?:\/\//);
      expect(page.headers['content-security-policy']).toMatch(/script-src 'self'/);
      const script = await request(api.app).get('/docs/redoc.standalone.js');
      expect([script.status, script.headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
      expect(script.text.length).toBeGreaterThan(500_000);
    });
  });

  describe('bad requests', () => {
    const post = (body: string | object) => admin.send('post', '/people').set('Content-Type', 'application/json').send(body);

    test('every field at fault is named at once, unknown ones too', async () => {
      const answer = await post({ email: 'no', name: '', organisationId: 'spo', password: 'short', colour: 'red' });
      expect(answer.status).toBe(400);
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(answer.body).toMatchObject({ type: '/problems/invalid', title: FAILURES.invalid.meaning, status: 400, instance: answer.headers['x-correlation-id'] });
      expect(answer.body.errors.map(({ field }: { field: string }) => field).toSorted()).toEqual(['colour', 'email', 'name', 'password']);
      expect((await post({ email: 'a@spo.example' })).body.errors).toContainEqual({ field: 'name', message: 'is missing' });
    });

    test.each([
      ['no JSON', '{"email":', 'body'], ['a bare value', '"text"', 'body'], ['over 256 kB', JSON.stringify({ name: 'x'.repeat(300_000) }), 'body'],
    ])('%s is 400', async (_, body, field) => {
      const answer = await post(body);
      expect([answer.status, answer.body.type, answer.body.errors[0].field]).toEqual([400, '/problems/invalid', field]);
    });

    test('P1 half a character and a name that shows nothing are refused by their fields, wherever they stand', async () => {
      const fieldsOf = async (method: 'post' | 'patch', path: string, body: string) => {
        const answer = await admin.send(method, path).set('Content-Type', 'application/json').send(body);
        return [answer.status, ((answer.body as { errors?: { field: string }[] }).errors ?? []).map(({ field }) => field)];
      };
      expect(await fieldsOf('patch', '/people/spo-lead', '{"name":"A\\ud800","reason":"r"}')).toEqual([400, ['name']]);
      expect(await fieldsOf('patch', '/people/spo-lead', '{"name":"\\u200b\\u200b","reason":"\\u0301"}')).toEqual([400, ['reason', 'name']]);
      expect(await fieldsOf('post', '/delegations', '{"personId":"spo-lead","delegateId":"spo-quality","until":"2099-01-01T00:00:00Z","reason":"\\udfff"}')).toEqual([400, ['reason']]);
      expect(await fieldsOf('post', '/people', '{"a\\ud800":1}')).toEqual([400, expect.arrayContaining(['a\ufffd'])]);
    });

    test.each(['gzip', 'br', 'rot13'])('a body that is not %s as it says is 400', async (coding) => {
      const answer = await request(api.app).post('/api/v1/sessions').set({ 'Content-Type': 'application/json', 'Content-Encoding': coding }).send('{}');
      expect([answer.status, answer.body.errors?.[0]?.field]).toEqual([400, 'body']);
    });

    test.each([
      ['no HTTP', 'nonsense\r\n\r\n', 'request'], ['more than 16 kB of address', `GET /?${'x'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 'headers'],
    ])('%s is answered with a problem, too', async (_, sent, field) => {
      const server = createApiServer(api.app);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => { resolve(); }));
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1', () => socket.write(sent));
      const answer = (await text(socket)).split('\r\n\r\n');
      await new Promise<void>((resolve) => server.close(() => { resolve(); }));
      expect(answer[0]).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/problem\+json/);
      expect(JSON.parse(answer[1] ?? '')).toMatchObject({ type: '/problems/invalid', status: 400, errors: [{ field }] });
    });

    test('a field without a name is named by where it stands', async () => {
      expect((await admin.send('get', '/people?=x')).body.errors).toEqual([{ field: 'query', message: 'unknown field' }]);
      expect((await post({ '': 1, email: 'a@spo.example', name: 'A', organisationId: 'spo', password: 'long enough text' })).body.errors).toEqual([{ field: 'body', message: 'unknown field' }]);
    });

    test('an empty body names each required field', async () => {
      const answer = await admin.send('post', '/people');
      expect(answer.body.errors.map(({ field }: { field: string }) => field).toSorted()).toEqual(['email', 'name', 'organisationId', 'password']);
    });

    test.each(['__proto__', 'constructor', 'prototype'])('a field named %s changes nothing', async (field) => {
      const answer = await post(`{"email":"p@example.org","name":"p","organisationId":"spo","password":"long enough text","${field}":{"active":true}}`);
      expect([400, 409]).toContain(answer.status === 201 ? 409 : answer.status);
      expect(({} as Record<string, unknown>)['active']).toBeUndefined();
    });

    test('operators of the database in a query are texts, not operators', async () => {
      const answer = await admin.send('get', '/people?email[$ne]=x');
      expect([answer.status, answer.body.errors[0].field]).toEqual([400, 'email[$ne]']);
    });

    test.each(['/nothing', '/api/v1/people/', '/api/v1/PEOPLE', '/api/v1/people/%zz', '/api/v1/people/..%2F..%2Fetc'])('%s is no place: a problem, not a page', async (path) => {
      const answer = await request(api.app).get(path).set('Cookie', admin.cookie);
      expect([400, 404]).toContain(answer.status);
      expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    });
  });

  test('a harmless correlation id is kept, another replaced', async () => {
    const given = async (id: string) => (await request(api.app).get('/healthz').set('X-Correlation-Id', id)).headers['x-correlation-id'];
    expect(await given('my-request-0001')).toBe('my-request-0001');
    expect(await given('a b "c"')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('no secret reaches the log: neither password, cookie, CSRF token nor query', async () => {
    await request(api.app).get('/api/v1/people?cursor=query-secret').set('Cookie', admin.cookie);
    const lines = api.log.join('');
    expect(lines).toContain('/api/v1/people');
    for (const secret of ['correct horse', admin.cookie.slice('session='.length), admin.csrfToken, 'query-secret', 'argon2']) expect(lines).not.toContain(secret);
  });

  test('who is signed in, with what rights, is one question to the database', async () => {
    const commands: string[] = [];
    const store = await openStore({ sealer: testSealer(), uri: api.fresh.uri });
    try {
      await store.connection.getClient().db().admin().ping();
      const { mongo } = await import('mongoose');
      const watched = await mongo.MongoClient.connect(api.fresh.uri, { monitorCommands: true });
      watched.on('commandStarted', ({ commandName }) => commands.push(commandName));
      const spied = { ...store, models: { ...store.models, credentials: { aggregate: (pipeline: object[]) => watched.db(store.connection.name).collection('credentials').aggregate(pipeline).toArray(), updateOne: () => { throw new Error('a second question'); } } } };
      const found = await authenticate(spied as never, admin.cookie.slice('session='.length), instantOf(Date.now()));
      expect(found?.memberships).toHaveLength(1);
      expect(commands.filter((name) => name !== 'endSessions')).toEqual(['aggregate']);
      await watched.close();
    } finally {
      await store.close();
    }
  });

  describe('probes', () => {
    test('readiness names each check; a missing worker makes it 503', async () => {
      const answer = await request(api.app).get('/readyz');
      expect(answer.status).toBe(503);
      expect(answer.body.checks).toMatchObject({ mongo: { ok: true }, temporal: { ok: true }, worker: { ok: false }, clock: { ok: true } });
    });

    test('with all of them it is 200, while stopping it is 503', async () => {
      const gateway = { ...api.deps.gateway, workerPolls: () => Promise.resolve(true) };
      expect((await request(createApp({ ...api.deps, gateway })).get('/readyz')).status).toBe(200);
      expect((await request(createApp({ ...api.deps, gateway, isStopping: () => true })).get('/readyz')).status).toBe(503);
    });

    test('metrics count requests by route, never by path', async () => {
      await admin.send('get', '/people/spo-lead');
      const { text } = await request(api.app).get('/metrics');
      expect(text).toMatch(/route="\/api\/v1\/people\/\{id\}"/);
      expect(text).not.toContain('spo-lead');
    });
  });

  test('MongoDB away: 503 with Retry-After, sooner than anybody gives up', async () => {
    const store = await openStore({ sealer: testSealer(), uri: api.fresh.uri, selectionTimeoutMs: 300 });
    await store.close();
    const answer = await request(createApp({ ...api.deps, store })).get('/api/v1/people').set('Cookie', admin.cookie);
    expect([answer.status, answer.body.type, answer.headers['retry-after']]).toEqual([503, '/problems/unavailable', '5']);
  });

  test('a defect is 500 and says nothing of itself', async () => {
    const store = { ...api.deps.store, models: { ...api.deps.store.models, credentials: { aggregate: () => { throw new TypeError('secret detail'); } } } };
    const answer = await request(createApp({ ...api.deps, store: store as never })).get('/api/v1/people').set('Cookie', admin.cookie);
    expect([answer.status, answer.body.type]).toEqual([500, '/problems/internal']);
    expect(answer.text).not.toContain('secret detail');
  });

  describe('the demo\'s mailbox', () => {
    const mails = [{ id: '1', receivedAt: '2026-01-01T00:00:00.000Z', to: ['a@example.org'], subject: '<script>alert(1)</script>', text: 'x & "y"', from: 'f' }];
    const mailbox = createServer((_req, res) => res.setHeader('content-type', 'application/json').end(JSON.stringify(mails)));
    beforeAll(() => new Promise<void>((resolve) => mailbox.listen(0, '127.0.0.1', () => { resolve(); })));
    afterAll(() => new Promise<void>((resolve) => mailbox.close(() => { resolve(); })));
    const app = (demo: boolean) => createApp({ ...api.deps, settings: { ...api.deps.settings, demo, mailboxUrl: `http://127.0.0.1:${String((mailbox.address() as AddressInfo).port)}` } });

    test('JSON for machines, an escaped page for people, 404 outside the demo', async () => {
      expect((await request(app(true)).get('/dev/mail?to=a@example.org')).body).toEqual(mails);
      const page = await request(app(true)).get('/dev/mail').set('Accept', 'text/html');
      expect(page.headers['content-type']).toMatch(/^text\/html/);
      expect(page.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
      expect(page.text).not.toContain('<script>');
      expect((await request(app(false)).get('/dev/mail')).status).toBe(404);
    });
  });
});
