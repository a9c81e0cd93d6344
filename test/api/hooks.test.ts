import { randomUUID } from 'node:crypto';
import type request from 'supertest';
import { createApp } from '../../api/app';
import { seedSources } from '../../dev/demo/sources';
import { FAILURES } from '../../contracts/failures';
import { instantOf } from '../../contracts/instant';
import { DEFAULT_POLICIES } from '../../domain/escalation/defaults';
import { openStore } from '../../store/connection';
import { testSealer } from '../support/sealer';
import { adminApi, type AdminApi, type SignedIn } from '../support/adminApi';
import { firing, postRaw, postSigned, raisesFor, signatureHeaders } from '../support/hookSources';

interface Source { readonly id: string; readonly path: string; readonly secret: string }
const allClear = {
  version: '4', groupKey: 'g', status: 'resolved', receiver: 'r', groupLabels: {}, commonLabels: {}, commonAnnotations: {},
  alerts: [{ status: 'resolved', labels: {}, startsAt: '2026-11-22T07:00:00Z', endsAt: '2026-11-22T07:10:00Z' }],
};
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

describe('inbound sources', () => {
  let api: AdminApi;
  let admin: SignedIn;
  beforeAll(async () => {
    api = await adminApi({ deliveredPerMinute: 15 });
    admin = await api.signIn('spo-admin');
    await api.fresh.store.models.policies.create(DEFAULT_POLICIES.map((policy) => ({ ...policy, _id: `${policy.key}/${String(policy.version)}`, createdAt: instantOf(0) })));
  });
  afterAll(() => api.close());

  const add = async (more: object = {}): Promise<Source> => {
    const answer = await admin.send('post', '/sources', { organisationId: 'spo', name: 'Backups', kind: 'event', raises: raisesFor('cro', { studyId: 'st1' }), ...more });
    expect(answer.status).toBe(201);
    return answer.body as Source;
  };
  const trail = (streamId: string) => api.fresh.admin.audit.collection('audit').find({ streamId }).sort({ seq: 1 }).toArray();
  const refusals = async ({ id }: { id: string }) => (await trail(`refusals/source/${id}`)).map(({ reason }) => String(reason));
  /** Nothing was stored, so nothing was sent. */
  const commands = () => api.fresh.store.models.commands.countDocuments({});
  // The engine is out of reach here: what gets as far as a command is accepted, and pending.
  const accepting = () => createApp({ ...api.deps, gateway: { ...api.deps.gateway, send: () => Promise.resolve('pending' as const) } });

  describe('administration', () => {
    test('P12 the secret is shown once, kept sealed or as a hash, and reaches neither trail nor log nor a later answer', async () => {
      const event = await add();
      expect(event).toMatchObject({ kind: 'event', strength: 'hmac', path: `/api/v1/hooks/${event.id}`, rev: 1, active: true, secrets: [{ until: null }] });
      expect(event.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
      const bearer = await add({ kind: 'alertmanager', name: 'Prometheus' });
      expect(bearer).toMatchObject({ strength: 'bearer' });
      const stored = JSON.stringify(await api.fresh.store.models.sources.find({}).lean());
      const seen = JSON.stringify([await trail(`source/${event.id}`), await trail(`source/${bearer.id}`), (await admin.send('get', '/sources')).body, (await admin.send('get', `/sources/${event.id}`)).body]);
      for (const { secret } of [event, bearer]) {
        expect(stored + seen + api.log.join('')).not.toContain(secret);
        expect(stored).not.toContain(Buffer.from(secret.replace('whsec_', ''), 'base64').toString('base64url'));
      }
      expect(seen).not.toContain('"kept"');
      expect(await trail(`source/${event.id}`)).toMatchObject([{ action: 'source.created', actor: { personId: 'spo-admin', role: 'organisation_admin' }, detail: { name: 'Backups', organisationId: 'spo' } }]);
    });

    test('only the raising organisation\'s administrator administers them; others learn nothing', async () => {
      const { id } = await add();
      const [other, lead] = [await api.signIn('cro-admin'), await api.signIn('spo-lead')];
      expect((await other.send('get', `/sources/${id}`)).status).toBe(404);
      expect((await other.send('post', `/sources/${id}/deactivate`, { reason: 'x' })).status).toBe(404);
      expect((await lead.send('get', `/sources/${id}`)).status).toBe(200);
      expect((await lead.send('post', `/sources/${id}/rotate-secret`, { reason: 'x' })).status).toBe(403);
      expect((await other.send('get', '/sources')).body.items).toEqual([]);
      expect((await other.send('post', '/sources', { organisationId: 'spo', name: 'x', kind: 'event', raises: raisesFor('cro') })).status).toBe(404);
    });

    test.each([
      ['a study of others', { studyId: 'st2' }, 'accountableOrganisationId'], ['no such study', { studyId: 'none' }, 'studyId'],
      ['a stranger', { accountableOrganisationId: 'none' }, 'accountableOrganisationId'],
    ])('what it raises must be raisable: %s', async (_, more, field) => {
      const answer = await admin.send('post', '/sources', { organisationId: 'spo', name: 'x', kind: 'event', raises: raisesFor('cro', more) });
      expect([answer.status, answer.body.errors[0].field]).toEqual([422, field]);
    });

    test('P1 a change is audited with old and new', async () => {
      const { id } = await add();
      const answer = await admin.send('patch', `/sources/${id}`, { raises: raisesFor('cro', { topic: 'backup' }), reason: 'own topic' });
      expect([answer.status, answer.body.raises.topic, answer.body.rev]).toEqual([200, 'backup', 2]);
      const changed = { action: 'source.changed', reason: 'own topic' };
      expect((await trail(`source/${id}`)).slice(-2).sort((a, b) => (String(a['field']) < String(b['field']) ? -1 : 1))).toMatchObject([
        { ...changed, field: 'raises/studyId', old: 'st1', new: null }, { ...changed, field: 'raises/topic', old: 'monitoring', new: 'backup' },
      ]);
    });
  });

  describe('P12 what is not authentic changes nothing and is written down', () => {
    let source: Source;
    let bearer: Source;
    beforeAll(async () => {
      source = await add();
      bearer = await add({ kind: 'alertmanager', name: 'Prometheus' });
    });
    const body = JSON.stringify(firing());
    const wrong = `whsec_${Buffer.alloc(32).toString('base64')}`;
    const good = () => signatureHeaders(body, { secret: source.secret });

    test.each<[string, () => Promise<request.Response>, RegExp]>([
      ['a wrong secret', () => postSigned(api.app, source.path, { event: firing(), secret: wrong }), /signature does not verify/],
      ['an altered body', () => postRaw(api.app, source.path, { body: body.replace('EDC', 'ABC'), headers: good() }), /signature does not verify/],
      ['another id', () => postRaw(api.app, source.path, { body, headers: { ...good(), 'webhook-id': 'other' } }), /signature does not verify/],
      ['another time', () => postRaw(api.app, source.path, { body, headers: { ...good(), 'webhook-timestamp': String(Math.floor(Date.now() / 1000) - 7) } }), /signature does not verify/],
      ['another version of signature', () => postRaw(api.app, source.path, { body, headers: { ...good(), 'webhook-signature': `v2,${good()['webhook-signature']?.slice(3) ?? ''}` } }), /signature does not verify/],
      ['no signature', () => postRaw(api.app, source.path, { body, headers: { 'content-type': 'application/json' } }), /headers are missing/],
      ['a malformed time', () => postRaw(api.app, source.path, { body, headers: { ...good(), 'webhook-timestamp': '1e9' } }), /headers are malformed/],
      ['an old message', () => postSigned(api.app, source.path, { event: firing(), secret: source.secret, at: Date.now() - 6 * MINUTE_MS }), /more than 5 minutes away/],
      ['a message from the future', () => postSigned(api.app, source.path, { event: firing(), secret: source.secret, at: Date.now() + 6 * MINUTE_MS }), /more than 5 minutes away/],
      ['its secret as a bearer token', () => postRaw(api.app, source.path, { body, headers: { 'content-type': 'application/json', authorization: `Bearer ${source.secret}` } }), /headers are missing/],
    ])('%s', async (_, send, why) => {
      const [before, stored] = [await refusals(source), await commands()];
      api.pass(MINUTE_MS / 6);
      const answer = await send();
      expect([answer.status, answer.body.type, answer.body.detail]).toEqual([401, '/problems/bad_signature', FAILURES.bad_signature.meaning]);
      const after = await refusals(source);
      expect(after).toHaveLength(before.length + 1);
      expect(after.at(-1)).toMatch(why);
      expect(await commands()).toBe(stored);
      api.pass(-MINUTE_MS / 6);
    });

    test('a wrong bearer token, and none', async () => {
      for (const [authorization, why] of [['Bearer src_wrong', 'token is wrong'], ['Basic eDp5', 'token is missing'], ['', 'token is missing']] as const) {
        const answer = await postRaw(api.app, bearer.path, { body: '{}', headers: { 'content-type': 'application/json', authorization } });
        expect([answer.status, answer.body.type]).toEqual([401, '/problems/bad_signature']);
        expect((await refusals(bearer)).at(-1)).toContain(why);
      }
    });

    test('an unknown source answers like a bad signature, whatever is sent to it', async () => {
      const unknown = `/api/v1/hooks/${randomUUID()}`;
      const shape = ({ status, body: { instance: _instance, ...rest }, headers: { 'x-correlation-id': _id, date: _date, ...headers } }: request.Response) => ({ status, rest, headers });
      const same = async (send: (path: string) => Promise<request.Response>, known: Source) => {
        expect(shape(await send(unknown))).toEqual(shape(await send(known.path)));
      };
      await same((path) => postSigned(api.app, path, { event: firing(), secret: wrong }), source);
      await same((path) => postRaw(api.app, path, { body: '{', headers: { 'content-type': 'application/json' } }), source);
      await same((path) => postRaw(api.app, path, { body, headers: { 'content-type': 'application/json', authorization: 'Bearer src_x' } }), bearer);
      await same((path) => postRaw(api.app, path, { body, headers: { 'content-type': 'text/plain' } }), source);
      expect(await trail('refusals/source/unknown')).not.toHaveLength(0);
      // A stranger's text is not evidence.
      expect(JSON.stringify(await trail('refusals/source/unknown'))).not.toContain(unknown.slice(-36));
    });

    test.each<[string, () => Promise<request.Response>, string, string]>([
      ['larger than 256 kB', () => postSigned(api.app, source.path, { event: firing({ description: 'x'.repeat(300_000) }), secret: source.secret }), 'body', 'larger than 256 kB'],
      ['not JSON by its type', () => postRaw(api.app, source.path, { body, headers: { ...good(), 'content-type': 'text/plain' } }), 'Content-Type', 'must be application/json'],
      ['not JSON', () => postRaw(api.app, source.path, { body: 'x{', headers: signatureHeaders('x{', { secret: source.secret }) }), 'body', 'not readable as JSON'],
      ['an event with an unknown field', () => postSigned(api.app, source.path, { event: firing({ raisingOrganisationId: 'cro' }), secret: source.secret }), 'raisingOrganisationId', 'unknown field'],
    ])('%s is 400, and written down', async (...[, send, field, message]) => {
      api.pass(2 * MINUTE_MS);
      const stored = await commands();
      const answer = await send();
      expect([answer.status, answer.body.errors]).toEqual([400, [{ field, message }]]);
      expect((await refusals(source)).at(-1)).toContain(`${field}: ${message}`);
      expect(await commands()).toBe(stored);
      api.pass(-2 * MINUTE_MS);
    });

    test('a flood is not recorded one by one: ten a minute, and then how many were left out', async () => {
      const flooded = await add();
      for (let n = 0; n < 25; n += 1) expect((await postSigned(api.app, flooded.path, { event: firing(), secret: wrong })).status).toBe(401);
      expect(await refusals(flooded)).toHaveLength(10);
      api.pass(MINUTE_MS);
      await postSigned(api.app, flooded.path, { event: firing(), secret: wrong });
      expect((await refusals(flooded)).at(-1)).toMatch(/; 15 more since the last entry$/);
      api.pass(-MINUTE_MS);
      const page = await admin.send('get', `/sources/${flooded.id}/refusals?limit=11`);
      expect(page.body.items).toHaveLength(11);
      expect(page.body.items[0]).toMatchObject({ action: 'act.refused', actor: { kind: 'system', name: 'unproven sender' }, detail: { act: 'deliver', type: 'bad_signature' } });
    });

    test('an inactive source is refused like an unknown one', async () => {
      const ended = await add();
      expect((await admin.send('post', `/sources/${ended.id}/deactivate`, { reason: 'replaced' })).body).toMatchObject({ active: false });
      const answer = await postSigned(api.app, ended.path, { event: firing(), secret: ended.secret });
      expect([answer.status, answer.body.type]).toEqual([401, '/problems/bad_signature']);
      expect(await refusals(ended)).toEqual([expect.stringMatching(/^the source is inactive; from /)]);
      expect((await admin.send('post', `/sources/${ended.id}/rotate-secret`, { reason: 'x' })).status).toBe(422);
    });
  });

  describe('P12 what is authentic', () => {
    test('the same signed bytes again are a replay; signed anew they are the same command', async () => {
      const source = await add();
      const app = accepting();
      const event = firing({ key: 'replayed' });
      const body = JSON.stringify(event);
      const stored = await commands();
      const headers = signatureHeaders(body, { secret: source.secret, id: 'm1' });
      const first = await postRaw(app, source.path, { body, headers });
      expect([first.status, first.body]).toEqual([202, { issueId: null, number: null, outcome: 'accepted' }]);
      const replay = await postRaw(app, source.path, { body, headers });
      expect([replay.status, replay.body.type]).toEqual([401, '/problems/replayed']);
      expect(await refusals(source)).toEqual([expect.stringMatching(/^This signed message came before/)]);
      const resend = await postSigned(app, source.path, { event, secret: source.secret, id: 'm1', at: Date.now() + 2000 });
      expect(resend.status).toBe(202);
      expect(await commands()).toBe(stored + 1);
      const other = await postSigned(app, source.path, { event: firing({ key: 'else' }), secret: source.secret, id: 'm1', at: Date.now() + 4000 });
      expect([other.status, other.body.type]).toEqual([422, '/problems/idempotency_key_reused']);
      const [command] = await api.fresh.store.models.commands.find({}).sort({ receivedAt: -1 }).limit(1).lean();
      expect(command).toMatchObject({ act: 'open', actor: { kind: 'system', name: `source/${source.id}` }, opening: { opening: { sourceId: source.id, raisedBy: null, request: { dedupeKey: `source/${source.id}/replayed` } } } });
      // While its own trouble waits to be opened, an all-clear must come again: 503, and the same bytes may.
      const clear = JSON.stringify({ type: 'resolved', key: 'replayed', title: 'ok' });
      const clearing = { body: clear, headers: signatureHeaders(clear, { secret: source.secret }) };
      for (const attempt of [await postRaw(app, source.path, clearing), await postRaw(app, source.path, clearing)]) expect([attempt.status, attempt.headers['retry-after']]).toEqual([503, '10']);
      const nothing = await postSigned(app, source.path, { event: { type: 'resolved', key: 'never fired', title: 'ok' }, secret: source.secret });
      expect([nothing.status, nothing.body]).toEqual([200, { issueId: null, number: null, outcome: 'nothing_open' }]);
    });

    test('two deliveries of one message at once are one command', async () => {
      const source = await add();
      const stored = await commands();
      const event = firing({ key: 'twice' });
      const at = Date.now();
      const answers = await Promise.all([0, 1000, 2000, 3000].map((later) => postSigned(accepting(), source.path, { event, secret: source.secret, id: 'same', at: at + later })));
      expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
      expect(await commands()).toBe(stored + 1);
    });

    test('after a rotation both secrets work for a day, or as long as said', async () => {
      const source = await add();
      const rotated = (await admin.send('post', `/sources/${source.id}/rotate-secret`, { reason: 'yearly' })).body as Source & { secrets: unknown[] };
      expect(rotated.secret).not.toBe(source.secret);
      expect(rotated.secrets).toHaveLength(2);
      const tries = async (secret: string, laterMs: number) => {
        api.pass(laterMs);
        const answer = await postSigned(accepting(), source.path, { event: { type: 'resolved', key: 'k', title: 't' }, secret, at: Date.now() + laterMs });
        api.pass(-laterMs);
        return answer.status;
      };
      expect([await tries(source.secret, 0), await tries(rotated.secret, 0)]).toEqual([200, 200]);
      expect([await tries(source.secret, 24 * HOUR_MS + 1000), await tries(rotated.secret, 24 * HOUR_MS + 1000)]).toEqual([401, 200]);
      const leaked = (await admin.send('post', `/sources/${source.id}/rotate-secret`, { reason: 'leaked', overlapHours: 0 })).body as Source;
      expect([await tries(rotated.secret, 0), await tries(source.secret, 0), await tries(leaked.secret, 0)]).toEqual([401, 401, 200]);
      expect((await trail(`source/${source.id}`)).map(({ action, field, old }) => [action, field, old])).toEqual([['source.created', undefined, undefined], ['source.changed', 'secrets', undefined], ['source.changed', 'secrets', undefined]]);
    });

    test('one source that delivers too much is slowed, another is not', async () => {
      const [loud, calm] = [await add(), await add()];
      const app = accepting();
      const clear = (source: Source) => postSigned(app, source.path, { event: { type: 'resolved', key: 'k', title: 't' }, secret: source.secret });
      const statuses: number[] = [];
      for (let n = 0; n < 16; n += 1) statuses.push((await clear(loud)).status);
      expect(statuses).toEqual([...Array.from({ length: 15 }, () => 200), 429]);
      expect((await clear(calm)).status).toBe(200);
      expect(await refusals(loud)).toEqual([]);
    });

    test('MongoDB away: 503 with Retry-After, and the same bytes may come again', async () => {
      const source = await add();
      const body = JSON.stringify(firing({ key: 'outage' }));
      const headers = signatureHeaders(body, { secret: source.secret });
      const store = await openStore({ sealer: testSealer(), uri: api.fresh.uri, selectionTimeoutMs: 300 });
      await store.close();
      const answer = await postRaw(createApp({ ...api.deps, store }), source.path, { body, headers });
      expect([answer.status, answer.body.type, answer.headers['retry-after']]).toEqual([503, '/problems/unavailable', '5']);
      expect((await postRaw(accepting(), source.path, { body, headers })).status).toBe(202);
    });

    test('the demo has a source of each kind whose secret works', async () => {
      const sources = await seedSources({ store: api.fresh.store, ring: api.deps.ring, at: api.deps.now() });
      expect(sources.map(({ kind }) => kind)).toEqual(['event', 'alertmanager']);
      for (const { kind, path, secret } of sources) {
        const answer = kind === 'event'
          ? await postSigned(accepting(), path, { event: { type: 'resolved', key: 'k', title: 't' }, secret })
          : await postRaw(accepting(), path, { body: JSON.stringify(allClear), headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` } });
        expect([answer.status, answer.body.outcome]).toEqual([200, 'nothing_open']);
      }
    });

    test('no token, signature or text of an event reaches the log', () => {
      const lines = api.log.join('');
      expect(lines).toContain('/api/v1/hooks/');
      for (const secret of ['whsec_', 'src_', 'v1,', 'Backup of EDC']) expect(lines).not.toContain(secret);
    });
  });
});
