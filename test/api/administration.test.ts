import request from 'supertest';
import { instantOf } from '../../contracts/instant';
import { verifyPassword } from '../../platform/passwords';
import { personInForce } from '../../store/authority';
import { inForceAt } from '../../store/memberships';
import { adminApi, emailOf, OWN_PASSWORD, PASSWORD, PEOPLE, type AdminApi, type SignedIn } from '../support/adminApi';

describe('administration', () => {
  let api: AdminApi;
  const sessions = new Map<string, SignedIn>();
  const as = (personId: string): SignedIn => {
    const session = sessions.get(personId);
    if (!session) throw new Error(`${personId} is not signed in`);
    return session;
  };
  const trail = (streamId: string) => api.fresh.admin.audit.collection('audit').find({ streamId }).sort({ seq: 1 }).toArray();
  let number = 0;
  const addPerson = async (organisationId: string, more: object = {}): Promise<string> => {
    const email = `new-${String((number += 1))}@example.org`;
    const answer = await as(`${organisationId}-admin`).send('post', '/people', { email, name: `New ${email}`.replaceAll('@', ' '), organisationId, password: PASSWORD, ...more });
    expect(answer.status).toBe(201);
    return String(answer.body.id);
  };

  beforeAll(async () => {
    api = await adminApi();
    for (const { id } of PEOPLE) sessions.set(id, await api.signIn(id));
  });
  afterAll(() => api.close());

  describe('what is kept', () => {
    test('P1 two fields edited make two entries, each with actor, role, organisation, field, old, new, reason, UTC instant', async () => {
      const id = String((await as('root').send('post', '/studies', { code: 'P1', title: 'Before', organisationIds: ['spo'] })).body.id);
      const answer = await as('root').send('patch', `/studies/${id}`, { code: 'P1b', title: 'After', reason: 'protocol amendment 2' });
      expect([answer.status, answer.body.rev, answer.headers['etag']]).toEqual([200, 2, '"2"']);
      const [created, ...changes] = await trail(`study/${id}`);
      expect(created).toMatchObject({ seq: 1, action: 'study.created', detail: { code: 'P1', title: 'Before' } });
      expect(changes).toHaveLength(2);
      const actor = { kind: 'person', personId: 'root', name: 'The root', role: 'instance_admin', organisationId: 'spo' };
      const common = { action: 'study.changed', actor, reason: 'protocol amendment 2', zone: 'UTC', rev: 2, correlationId: answer.headers['x-correlation-id'] };
      expect(changes).toMatchObject([
        { ...common, field: 'code', old: 'P1', new: 'P1b', seq: 2 }, { ...common, field: 'title', old: 'Before', new: 'After', seq: 3 },
      ]);
      expect(changes.every(({ at }) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(at)))).toBe(true);
    });

    test.each([
      ['patch', '/organisations/spo', { name: 'X' }], ['patch', '/people/spo-lead', { name: 'X' }], ['patch', '/memberships/m-spo-lead', { until: null }],
      ['post', '/people/spo-lead/deactivate', {}], ['patch', '/organisations/spo', { name: 'X', reason: '   ' }],
    ] as const)('P1 a change without a reason is 400 naming it: %s %s', async (method, path, body) => {
      const answer = await as('spo-admin').send(method, path, body);
      expect([answer.status, answer.body.errors.map(({ field }: { field: string }) => field)]).toEqual([400, ['reason']]);
    });

    test('P1 nothing is written when nothing differs', async () => {
      const before = await trail('organisation/cro');
      const answer = await as('cro-admin').send('patch', '/organisations/cro', { name: 'CRO', reason: 'none' });
      expect([answer.status, answer.body.rev]).toEqual([200, 1]);
      expect(await trail('organisation/cro')).toHaveLength(before.length);
    });

    test.each([['"1"', 200], ['W/"1"', 200], ['1', 200], ['*', 200], ['"9"', 409], ['yesterday', 400]])('If-Match %s is understood here as on records', async (given, status) => {
      const answer = await as('cro-admin').send('patch', `/people/${await addPerson('cro')}`, { name: `Other ${String(number)}`, reason: 'r' }).set('If-Match', given);
      expect(answer.status).toBe(status);
    });

    test('P1 two changes at once of the same revision: one wins, the other is 409 with the current revision, the chain is whole', async () => {
      const id = await addPerson('cro');
      const answers = await Promise.all(['A', 'B', 'C'].map((name) => as('cro-admin').send('patch', `/people/${id}`, { name, reason: 'race' }).set('If-Match', '"1"')));
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409]);
      expect(answers.find(({ status }) => status === 409)?.body).toMatchObject({ type: '/problems/rev_mismatch', rev: 2 });
      expect((await trail(`person/${id}`)).map(({ seq }) => seq)).toEqual([1, 2]);
    });

    test('P2 the chain end on the record is the head of its stream', async () => {
      const person = await api.fresh.store.models.people.findById('spo-lead').lean();
      expect((await trail('person/spo-lead')).at(-1)).toMatchObject({ hash: person?.chain.head, seq: person?.chain.length });
    });

    test('passwords reach neither trail, log nor answer', async () => {
      const secret = 'a very secret password';
      const id = await addPerson('spo', { password: secret });
      const stored = await api.fresh.store.models.people.findById(id).lean();
      expect(stored?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=65536,/);
      const changed = await as('spo-admin').send('put', `/people/${id}/password`, { newPassword: `${secret} 2`, reason: 'forgotten' });
      expect(changed.status).toBe(204);
      const entries = await trail(`person/${id}`);
      expect(entries.at(-1)).toMatchObject({ field: 'passwordHash', reason: 'forgotten' });
      const everything = JSON.stringify([entries, (await as('spo-admin').send('get', `/people/${id}`)).body, api.log]);
      expect(everything).not.toMatch(/a very secret|argon2id/);
    });

    test('there is no way to delete', async () => {
      for (const path of ['/organisations/spo', '/studies/st1', '/people/spo-lead', '/memberships/m-spo-lead', '/policies/x', '/matrix']) {
        expect((await as('root').send('delete', path)).status).toBe(404);
      }
    });
  });

  describe('people', () => {
    test('P8 id and address of a deactivated person are never given again', async () => {
      const id = await addPerson('cro', { id: 'once', email: 'once@example.org' });
      expect((await as('cro-admin').send('post', `/people/${id}/deactivate`, { reason: 'left' })).status).toBe(200);
      const again = (body: object) => as('cro-admin').send('post', '/people', { name: 'Again', organisationId: 'cro', password: PASSWORD, ...body });
      for (const body of [{ email: 'ONCE@example.org' }, { id: 'once', email: 'fresh@example.org' }]) {
        const answer = await again(body);
        expect([answer.status, answer.body.type]).toEqual([409, '/problems/exists']);
      }
      expect((await as('cro2-admin').send('post', '/people', { email: 'once@example.org', name: 'Again', organisationId: 'cro2', password: PASSWORD })).status).toBe(409);
    });

    test('P8 an address cannot be changed away and so become free', async () => {
      const answer = await as('cro-admin').send('patch', '/people/cro-lead', { email: 'other@example.org', reason: 'marriage' });
      expect([answer.status, answer.body.errors[0]]).toEqual([400, { field: 'email', message: 'unknown field' }]);
    });

    test('P11 deactivating ends sessions, tokens and memberships at once and passes duties on, all with a record', async () => {
      const id = await addPerson('cro', { email: 'leaver@example.org' });
      const given = await as('cro-admin2').send('post', '/memberships', { personId: id, organisationId: 'cro', role: 'quality' });
      expect(given.status).toBe(201);
      const signedIn = await request(api.app).post('/api/v1/sessions').send({ email: 'leaver@example.org', password: PASSWORD, newPassword: OWN_PASSWORD });
      const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
      const token = await request(api.app).post('/api/v1/tokens').set('Cookie', cookie).set('X-CSRF-Token', signedIn.body.csrfToken).send({ name: 'ci', scopes: ['read'], expiresInDays: 1 });
      const works = async () => [
        (await request(api.app).get('/api/v1/people').set('Cookie', cookie)).status,
        (await request(api.app).get('/api/v1/people').set('Authorization', `Bearer ${String(token.body.secret)}`)).status,
      ];
      expect(await works()).toEqual([200, 200]);
      const answer = await as('cro-admin').send('post', `/people/${id}/deactivate`, { reason: 'left the company' });
      expect(answer.body).toMatchObject({ id, active: false, rev: 3 });
      expect(await works()).toEqual([401, 401]);
      expect(await api.fresh.store.models.credentials.countDocuments({ personId: id, revokedAt: null })).toBe(0);
      // Not only because they are revoked: what a race left unrevoked does not work either.
      await api.fresh.store.models.credentials.updateMany({ personId: id }, { $set: { revokedAt: null } });
      expect(await works()).toEqual([401, 401]);
      expect((await request(api.app).post('/api/v1/sessions').send({ email: 'leaver@example.org', password: OWN_PASSWORD })).status).toBe(401);
      expect(api.relieved).toContain(id);
      expect(await personInForce(api.fresh.store, { personId: id, at: instantOf(Date.now() + 60_000) })).toBeUndefined();
      expect(await api.fresh.store.models.memberships.countDocuments({ personId: id, ...inForceAt(instantOf(Date.now() + 60_000)) })).toBe(0);
      expect(await trail(`person/${id}`)).toMatchObject([{}, { field: 'passwordHash' }, { action: 'person.deactivated', old: true, new: false, reason: 'left the company' }]);
      expect((await trail(`membership/${String(given.body.id)}`)).map(({ action, field }) => [action, field])).toEqual([
        ['membership.created', undefined], ['membership.deactivated', 'active'], ['membership.changed', 'until'],
      ]);
    });

    test('P11 passing duties on again after a crash needs only the same request', async () => {
      const id = await addPerson('cro');
      for (const _ of [1, 2]) expect((await as('cro-admin').send('post', `/people/${id}/deactivate`, { reason: 'left' })).status).toBe(200);
      expect(api.relieved.filter((relieved) => relieved === id)).toHaveLength(2);
      expect(await trail(`person/${id}`)).toHaveLength(2);
    });

    test('nobody deactivates themselves', async () => {
      expect((await as('cro-admin').send('post', '/people/cro-admin/deactivate', { reason: 'x' })).status).toBe(409);
    });

    test('one\'s own password needs the old one, and ends what was signed in', async () => {
      const id = await addPerson('spo', { email: 'own@example.org' });
      await as('spo-admin2').send('post', '/memberships', { personId: id, organisationId: 'spo', role: 'contributor' });
      const signedIn = await request(api.app).post('/api/v1/sessions').send({ email: 'own@example.org', password: PASSWORD, newPassword: OWN_PASSWORD });
      const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
      const put = (body: object) => request(api.app).put(`/api/v1/people/${id}/password`).set('Cookie', cookie).set('X-CSRF-Token', signedIn.body.csrfToken).send(body);
      expect((await put({ newPassword: 'another long one', reason: 'r' })).status).toBe(401);
      expect((await put({ currentPassword: 'wrong', newPassword: 'another long one', reason: 'r' })).status).toBe(401);
      expect((await put({ currentPassword: OWN_PASSWORD, newPassword: 'another long one', reason: 'r' })).status).toBe(204);
      expect((await request(api.app).get('/api/v1/people').set('Cookie', cookie)).status).toBe(401);
      const stored = await api.fresh.store.models.people.findById(id).lean();
      expect(await verifyPassword(stored?.passwordHash, 'another long one')).toBe(true);
    });
  });

  describe('P14 two organisations', () => {
    test('P14 what is another organisation\'s is 404, for reading and changing, and the attempt is recorded unseen by it', async () => {
      const attempts = [
        as('cro2-admin').send('get', '/people/cro-lead'), as('cro2-admin').send('patch', '/people/cro-lead', { name: 'x', reason: 'x' }),
        as('cro2-admin').send('post', '/people/cro-lead/deactivate', { reason: 'x' }), as('cro2-admin').send('get', '/organisations/cro'),
        as('cro2-admin').send('get', '/organisations/cro/calendar'), as('cro2-lead').send('get', '/studies/st1'),
        as('cro2-admin').send('get', '/memberships/m-cro-lead'), as('cro2-admin').send('post', '/people', { email: 'sneak@example.org', name: 'S', organisationId: 'cro', password: PASSWORD }),
      ];
      expect((await Promise.all(attempts)).map(({ status }) => status)).toEqual(attempts.map(() => 404));
      const refused = await trail('refusals/person/cro2-admin');
      const about = refused.filter(({ detail }) => (detail as { about?: string }).about === 'person/cro-lead');
      expect(about).toHaveLength(3);
      expect(about[0]).toMatchObject({ action: 'act.refused', actor: { personId: 'cro2-admin', organisationId: 'cro2' }, visibleTo: ['cro2'] });
      // Not even a place in their own stream: whoever reads it could count the attempts of others.
      expect(await trail('refusals/person/cro-lead')).toEqual([]);
    });

    test('P14 an address or id of somebody else is refused in the same words, and few of them can be tried', async () => {
      const tried = (fields: object) => as('cro-admin').send('post', '/people', { email: 'fresh@example.org', name: 'S', organisationId: 'cro', password: OWN_PASSWORD, ...fields });
      const [own, foreign, id] = [await tried({ email: emailOf('cro-lead') }), await tried({ email: emailOf('spo-lead') }), await tried({ id: 'spo-lead' })];
      expect([own, foreign, id].map(({ status, body }) => [status, (body as { detail: string }).detail])).toEqual([own, foreign, id].map(() => [409, own.body.detail]));
      let last = 409;
      for (let n = 0; n < 6 && last === 409; n += 1) last = (await tried({ email: emailOf('spo-quality') })).status;
      expect(last).toBe(429);
      // Then nothing is looked up at all, taken or not.
      for (const email of [emailOf('spo-admin'), 'nobody@example.org']) expect((await tried({ email })).status).toBe(429);
    });

    test('P9 a password that is easily guessed is 422 with the reason, given to somebody or chosen', async () => {
      const given = await as('spo-admin').send('post', '/people', { email: 'guess@example.org', name: 'Dana Whitfield', organisationId: 'spo', password: 'Dana.Whitfield' });
      expect([given.status, given.body.errors]).toEqual([422, [{ field: 'password', message: expect.stringContaining('too easily guessed') }]]);
      const chosen = await as('spo-quality').send('put', '/people/spo-quality/password', { currentPassword: PASSWORD, newPassword: '            ', reason: 'r' });
      expect([chosen.status, chosen.body.errors?.[0]?.field]).toEqual([422, 'newPassword']);
    });

    test('P11 nobody has one role twice at a time: the one that is there is changed instead', async () => {
      const give = (more: object = {}) => as('spo-admin').send('post', '/memberships', { personId: 'spo-quality', organisationId: 'spo', role: 'contributor', studyId: 'st1', from: '2090-01-01T00:00:00Z', until: '2091-01-01T00:00:00Z', ...more });
      const first = await give();
      expect(first.status).toBe(201);
      for (const again of [{}, { from: '2090-06-01T00:00:00Z', until: null }, { from: '2080-01-01T00:00:00Z' }]) expect((await give(again)).body).toMatchObject({ type: '/problems/exists', membershipId: first.body.id });
      // Before it, after it, and when it has ended.
      for (const other of [{ from: '2091-01-01T00:00:00Z', until: '2092-01-01T00:00:00Z' }, { from: '2089-01-01T00:00:00Z', until: '2090-01-01T00:00:00Z' }, { role: 'study_lead' }]) expect((await give(other)).status).toBe(201);
      await as('spo-admin').send('post', `/memberships/${String(first.body.id)}/deactivate`, { reason: 'x' });
      expect((await give()).status).toBe(201);
    });

    test('P14 lists hold what is one\'s own; two CROs of one sponsor do not learn of each other', async () => {
      const ids = async (who: string, path: string) => (await as(who).send('get', path)).body.items.map(({ id }: { id: string }) => id).toSorted();
      expect(await ids('cro-lead', '/organisations')).toEqual(['cro', 'spo']);
      expect(await ids('cro2-lead', '/organisations')).toEqual(['cro2', 'spo']);
      expect(await ids('spo-lead', '/organisations')).toEqual(['cro', 'cro2', 'spo']);
      expect(await ids('cro-lead', '/studies')).toEqual(['st1']);
      expect(await ids('spo-inspector', '/studies')).toEqual(['st1']);
      expect((await ids('cro-lead', '/people?limit=200')).some((id: string) => id.startsWith('spo'))).toBe(false);
      expect(await ids('cro2-lead', '/memberships?organisationId=cro')).toEqual([]);
    });

    test('P14 a seat that is bound to a study shows that study\'s organisations and people, not those of another', async () => {
      const ids = async (path: string) => (await as('spo-inspector').send('get', path)).body.items.map(({ id }: { id: string }) => id).toSorted();
      const given = await as('spo-admin').send('post', '/memberships', { personId: 'spo-quality', organisationId: 'spo', role: 'contributor', studyId: 'st2' });
      expect(await ids('/organisations')).toEqual(['cro', 'spo']);
      expect((await as('spo-inspector').send('get', '/organisations/cro2')).status).toBe(404);
      expect(await ids('/memberships?limit=200')).not.toContain(given.body.id);
      expect(await ids('/memberships?limit=200')).toEqual(expect.arrayContaining(['m-spo-inspector', 'm-spo-lead']));
      const read = async (who: string) => (await as(who).send('get', `/memberships/${String(given.body.id)}`)).status;
      expect([await read('spo-inspector'), await read('spo-quality'), await read('spo-lead')]).toEqual([404, 200, 200]);
    });

    test('P14 a study names to a CRO the sponsor and itself, no other CRO', async () => {
      const study = await as('root').send('post', '/studies', { code: 'JOINT', title: 'Joint', organisationIds: ['spo', 'cro', 'cro2'] });
      const seen = await as('cro-manager').send('get', `/studies/${String(study.body.id)}`);
      expect(seen.body.organisationIds.toSorted()).toEqual(['cro', 'spo']);
      await as('root').send('patch', `/studies/${String(study.body.id)}`, { organisationIds: ['spo'], reason: 'clean-up' });
    });

    test('one\'s own organisation without the right is 403, and recorded for it to read', async () => {
      for (const [method, path, body] of [
        ['patch', '/organisations/cro', { name: 'x', reason: 'x' }], ['post', '/people', { email: 'q@example.org', name: 'q', organisationId: 'cro', password: PASSWORD }],
        ['post', '/memberships', { personId: 'cro-manager', organisationId: 'cro', role: 'quality' }], ['post', '/people/cro-manager/deactivate', { reason: 'x' }],
        ['post', '/organisations', { name: 'x', kind: 'cro', zone: 'UTC' }], ['post', '/studies', { code: 'x', title: 'x', organisationIds: ['cro'] }],
      ] as const) {
        const answer = await as('cro-lead').send(method, path, body);
        expect([path, answer.status, answer.body.type]).toEqual([path, 403, '/problems/not_permitted']);
      }
      expect((await trail('refusals/person/cro-manager')).at(-1)).not.toHaveProperty('visibleTo');
    });

    test('without signing in everything is 401 and nothing is recorded', async () => {
      const before = await api.fresh.admin.audit.collection('audit').countDocuments();
      for (const path of ['/organisations', '/people', '/memberships', '/delegations', '/policies', '/matrix', '/tokens', '/organisations/cro/calendar']) {
        expect((await request(api.app).get(`/api/v1${path}`)).status).toBe(401);
      }
      expect(await api.fresh.admin.audit.collection('audit').countDocuments()).toBe(before);
    });
  });

  describe('lists', () => {
    test('a list is walked by its cursor, each record once, in a stable order', async () => {
      const all = (await as('spo-lead').send('get', '/people?limit=200')).body.items.map(({ id }: { id: string }) => id);
      const walked: string[] = [];
      let cursor = '';
      do {
        const page = await as('spo-lead').send('get', `/people?limit=2${cursor && `&cursor=${cursor}`}`);
        walked.push(...page.body.items.map(({ id }: { id: string }) => id));
        cursor = page.body.next ?? '';
      } while (cursor !== '');
      expect(walked).toEqual(all);
      expect(new Set(walked).size).toBe(walked.length);
    });

    test.each([['limit=0', 'limit'], ['limit=201', 'limit'], ['limit=x', 'limit'], ['cursor=rubbish', 'cursor'], ['sort=name', 'sort'], ['active=maybe', 'active']])('%s is 400 naming the field', async (query, field) => {
      const answer = await as('spo-lead').send('get', `/people?${query}`);
      expect([answer.status, answer.body.errors[0].field]).toEqual([400, field]);
    });

    test('filters narrow', async () => {
      const { body } = await as('spo-lead').send('get', `/people?email=${emailOf('spo-quality').toUpperCase()}`);
      expect(body.items.map(({ id }: { id: string }) => id)).toEqual(['spo-quality']);
    });
  });
});
