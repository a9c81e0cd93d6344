import request from 'supertest';
import { instantOf, type Instant } from '../../contracts/instant';
import { calendarInForce } from '../../store/calendars';
import { delegatesOf } from '../../store/delegations';
import { personInForce } from '../../store/authority';
import { adminApi, OWN_PASSWORD, PASSWORD, PEOPLE, type AdminApi, type SignedIn } from '../support/adminApi';

describe('seats and hours', () => {
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

  describe('memberships', () => {
    const give = (who: string, body: object) => as(who).send('post', '/memberships', body);
    test.each([
      ['a person of another organisation', { personId: 'spo-lead', organisationId: 'cro', role: 'quality' }],
      ['a study that the organisation does not work on', { personId: 'cro-lead', organisationId: 'cro', role: 'quality', studyId: 'st2' }],
      ['an inspector of every study', { personId: 'cro-lead', organisationId: 'cro', role: 'inspector' }],
      ['a system owner of nothing', { personId: 'cro-lead', organisationId: 'cro', role: 'system_owner' }],
      ['an end before the beginning', { personId: 'cro-lead', organisationId: 'cro', role: 'quality', from: '2026-02-01T00:00:00Z', until: '2026-01-01T00:00:00Z' }],
    ])('%s is 422', async (_, body) => {
      const answer = await give('cro-admin', body);
      expect([answer.status, answer.body.type]).toEqual([422, '/problems/rule_broken']);
    });

    test('P11 of those who give one role at the same moment one does, and an end that is moved meets no other membership', async () => {
      const held = { personId: 'spo-lead', organisationId: 'spo', role: 'contributor', studyId: 'st2', from: '2090-01-01T00:00:00Z', until: '2091-01-01T00:00:00Z' };
      const once = (more: object = {}) => give('spo-admin', { ...held, ...more });
      const answers = await Promise.all(Array.from({ length: 6 }, async () => (await once()).status));
      expect(answers.toSorted()).toEqual([201, 409, 409, 409, 409, 409]);
      expect(await api.fresh.store.models.memberships.countDocuments({ personId: 'spo-lead', role: 'contributor' })).toBe(1);
      const later = await once({ from: '2091-01-01T00:00:00Z', until: '2092-01-01T00:00:00Z' });
      const [first] = (await as('spo-admin').send('get', '/memberships?personId=spo-lead&role=contributor')).body.items.filter(({ id }: { id: string }) => id !== later.body.id);
      const moved = (until: string) => as('spo-admin').send('patch', `/memberships/${String(first.id)}`, { until, reason: 'x' });
      expect((await moved('2091-06-01T00:00:00Z')).body).toMatchObject({ type: '/problems/exists', membershipId: later.body.id });
      expect((await moved('2090-12-01T00:00:00Z')).status).toBe(200);
    });

    test('P14 an id is made by the product: nobody learns by one of their own that a membership elsewhere has it', async () => {
      const tried = (id: string) => as('spo-admin').send('post', '/memberships', { id, personId: 'spo-lead', organisationId: 'spo', role: 'executive' });
      const [taken, free] = [await tried('m-cro-lead'), await tried('never-given')];
      expect([taken.status, taken.body.errors]).toEqual([400, [{ field: 'id', message: 'unknown field' }]]);
      expect([free.status, free.body.errors]).toEqual([taken.status, taken.body.errors]);
    });

    test('nobody gives themselves a role', async () => {
      expect((await give('cro-admin', { personId: 'cro-admin', organisationId: 'cro', role: 'quality_head' })).body.type).toBe('/problems/separation_of_duties');
    });

    test('an organisation makes no administrator of the instance, the instance gives no content rights', async () => {
      expect((await give('spo-admin', { personId: 'spo-lead', organisationId: 'spo', role: 'instance_admin' })).status).toBe(403);
      expect((await give('root', { personId: 'cro-lead', organisationId: 'cro', role: 'quality' })).status).toBe(403);
      expect((await give('root', { personId: 'cro-lead', organisationId: 'cro', role: 'organisation_admin' })).status).toBe(403);
    });

    test('a membership with an end stops counting at that instant, without anybody acting', async () => {
      const id = await addPerson('cro', { email: 'temp@example.org' });
      const until = instantOf(Date.now() + 20 * 60_000);
      expect((await give('cro-admin2', { personId: id, organisationId: 'cro', role: 'organisation_admin', until })).status).toBe(201);
      const signedIn = await request(api.app).post('/api/v1/sessions').send({ email: 'temp@example.org', password: PASSWORD, newPassword: OWN_PASSWORD });
      const create = (n: number) => request(api.app).post('/api/v1/people').set('Cookie', String(signedIn.headers['set-cookie']).split(';')[0] ?? '')
        .set('X-CSRF-Token', signedIn.body.csrfToken).send({ email: `temp-${String(n)}@example.org`, name: 'x', organisationId: 'cro', password: PASSWORD });
      expect((await create(1)).status).toBe(201);
      api.pass(25 * 60_000);
      expect((await create(2)).status).toBe(403);
      api.pass(-25 * 60_000);
    });

    test('P11 ending a membership, or changing it, passes on what the person may do no more, also when a crash left it', async () => {
      const id = await addPerson('cro');
      const membership = (await give('cro-admin2', { personId: id, organisationId: 'cro', role: 'quality' })).body as { id: string };
      const relieved = () => api.relieved.filter((one) => one === id).length;
      expect((await as('cro-admin2').send('patch', `/memberships/${membership.id}`, { until: '2099-01-01T00:00:00Z', reason: 'contract' })).status).toBe(200);
      expect(relieved()).toBe(1);
      for (const times of [2, 3]) {
        expect((await as('cro-admin').send('post', `/memberships/${membership.id}/deactivate`, { reason: 'another study' })).status).toBe(200);
        expect(relieved()).toBe(times);
      }
    });

    test('a membership in force is found, one to come is not yet', async () => {
      const id = await addPerson('cro');
      await give('cro-admin2', { personId: id, organisationId: 'cro', role: 'quality', from: instantOf(Date.now() + 60_000) });
      const heldAt = async (ms: number) => (await personInForce(api.fresh.store, { personId: id, at: instantOf(ms) }))?.memberships;
      expect(await heldAt(Date.now())).toEqual([]);
      expect(await heldAt(Date.now() + 61_000)).toMatchObject([{ personId: id, role: 'quality', studyId: null }]);
    });
  });

  describe('delegations', () => {
    test('E9 one lets a colleague stand in from–to; outside it nobody does', async () => {
      const [from, until] = [Date.now() + 60_000, Date.now() + 120_000];
      const answer = await as('cro-lead').send('post', '/delegations', { personId: 'cro-lead', delegateId: 'cro-manager', from: instantOf(from), until: instantOf(until), reason: 'leave' });
      expect(answer.status).toBe(201);
      const at = async (ms: number) => (await delegatesOf(api.fresh.store, ['cro-lead'], instantOf(ms))).get('cro-lead');
      expect([await at(from - 1), await at(from), await at(until - 1), await at(until)]).toEqual([undefined, 'cro-manager', 'cro-manager', undefined]);
      expect((await as('cro-lead').send('post', `/delegations/${String(answer.body.id)}/deactivate`, { reason: 'back' })).status).toBe(200);
      expect(await at(from)).toBeUndefined();
    });

    test.each([
      ['somebody else\'s', 'cro-manager', { personId: 'cro-lead', delegateId: 'cro-manager' }, 403],
      ['across organisations', 'cro-lead', { personId: 'cro-lead', delegateId: 'spo-lead' }, 422],
      ['to oneself', 'cro-lead', { personId: 'cro-lead', delegateId: 'cro-lead' }, 422],
      ['for another organisation\'s person', 'cro-admin', { personId: 'spo-lead', delegateId: 'spo-quality' }, 404],
      ['by the administrator', 'cro-admin', { personId: 'cro-lead', delegateId: 'cro-manager' }, 201],
    ])('E9 a delegation %s is answered as it should be', async (...[, who, body, status]) => {
      expect((await as(who).send('post', '/delegations', { ...body, until: instantOf(Date.now() + 60_000), reason: 'leave' })).status).toBe(status);
    });

    test('P1 nobody stood in, or held a role, before somebody said so', async () => {
      const from = '2001-01-01T00:00:00Z';
      const answers = [
        await as('cro-lead').send('post', '/delegations', { personId: 'cro-lead', delegateId: 'cro-manager', from, until: instantOf(Date.now() + 60_000), reason: 'leave' }),
        await as('cro-admin2').send('post', '/memberships', { personId: 'cro-manager', organisationId: 'cro', role: 'contributor', from }),
      ];
      for (const { status, body } of answers) expect([status, (body as { errors?: { field: string }[] }).errors?.[0]?.field]).toEqual([422, 'from']);
    });
  });

  describe('calendars', () => {
    const week = Object.fromEntries(['1', '2', '3', '4', '5'].map((day) => [day, [{ from: '09:00', to: '17:30' }]]));
    const add = (body: object, who = 'cro-admin') => as(who).send('post', '/organisations/cro/calendars', { zone: 'Europe/Zurich', week, reason: 'yearly', ...body });

    test('E5 without any, the default hours in the organisation\'s zone count, and say so', async () => {
      const { status, body } = await as('spo-lead').send('get', '/organisations/cro/calendar');
      expect([status, body]).toEqual([200, { organisationId: 'cro', version: 0, zone: 'Europe/Zurich', week: Object.fromEntries(['1', '2', '3', '4', '5'].map((day) => [day, [{ from: '09:00', to: '17:30' }]])), holidays: [], holidaySource: 'none: default hours' }]);
    });

    test('E5 versions are immutable and numbered; public holidays are frozen in, own ones win', async () => {
      const first = await add({ publicHolidays: { country: 'CH', region: 'ZH', fromYear: 2026, toYear: 2027 }, holidays: [{ date: '2026-12-25', name: 'Own Christmas' }, { date: '2026-12-28', name: 'Closed' }] });
      expect([first.status, first.body.version]).toEqual([201, 1]);
      const names = new Map<string, string>(first.body.holidays.map(({ date, name }: { date: string; name: string }) => [date, name]));
      expect([names.get('2026-12-25'), names.get('2026-12-28'), names.has('2027-01-01')]).toEqual(['Own Christmas', 'Closed', true]);
      expect([first.body.concerned, first.body.warnings]).toEqual([['spo'], []]);
      const second = await add({ zone: 'Europe/Berlin', halfDays: [{ date: '2026-12-24', until: '12:00', name: 'Christmas Eve' }] });
      expect(second.body.version).toBe(2);
      const { concerned: _concerned, warnings: _warnings, ...stored } = first.body as Record<string, unknown>;
      expect((await as('spo-lead').send('get', '/organisations/cro/calendars/1')).body).toEqual(stored);
      // The second concerns the sponsor, too: it begins after notice, and can be read until then.
      const zoneAt = async (at: string) => (await calendarInForce(api.fresh.store, 'cro', at as Instant))?.zone;
      expect([await zoneAt(api.deps.now()), await zoneAt(String(second.body.effectiveFrom))]).toEqual(['Europe/Zurich', 'Europe/Berlin']);
      expect(Date.parse(String(second.body.effectiveFrom)) - Date.now()).toBeGreaterThan(9 * 86_400_000);
      expect((await as('spo-lead').send('get', '/organisations/cro/calendars')).body.items).toMatchObject([{ version: 2, zone: 'Europe/Berlin', halfDays: [{ until: '12:00' }] }]);
      expect((await as('cro2-lead').send('get', '/organisations/cro/calendars')).status).toBe(404);
      expect((await trail('calendar/cro')).filter(({ action }) => action !== 'calendar.changed').map(({ action, rev, reason }) => [action, rev, reason])).toEqual([['calendar.version_added', 1, 'yearly'], ['calendar.version_added', 2, 'yearly']]);
    });

    test('E5 what a list of public holidays is known to lack is kept with the version, for whoever counts on it', async () => {
      const made = await add({ publicHolidays: { country: 'IN', fromYear: 2026, toYear: 2027 } });
      expect(made.body.holidayGaps).toEqual(made.body.warnings);
      expect((await as('spo-lead').send('get', `/organisations/cro/calendars/${String(made.body.version)}`)).body.holidayGaps).toMatchObject([expect.stringContaining('35 regions'), expect.stringContaining('days a year')]);
    });

    test('a version on a version that is no longer the last is 409', async () => {
      expect((await add({}).set('If-Match', '"1"')).body.type).toBe('/problems/rev_mismatch');
    });

    test.each([
      ['an unknown zone', { zone: 'Mars/Olympus' }, 'zone'], ['a week without hours', { week: {} }, 'week'], ['an hour a week, which stretches what is owed to others', { week: { 1: [{ from: '09:00', to: '10:00' }] } }, 'week'],
      ['a start before the end of the notice', { effectiveFrom: instantOf(Date.now() + 86_400_000) }, 'effectiveFrom'], ['a start in the past', { effectiveFrom: '2026-01-01T00:00:00Z' }, 'effectiveFrom'],
    ])('E5 %s is 422 naming the field', async (_, body, field) => {
      const answer = await add(body);
      expect([answer.status, answer.body.errors[0].field]).toEqual([422, field]);
    });

    test('only the organisation\'s administrator adds one', async () => {
      expect((await add({}, 'cro-manager')).status).toBe(403);
      expect((await add({}, 'spo-admin')).status).toBe(404);
    });
  });
});
