import { TRAILS } from '../../api/routes/trails';
import { allRoutes } from '../../api/routes';
import { instantOf } from '../../contracts/instant';
import type { MatrixRow } from '../../contracts/matrix';
import { ADMINISTRATIVE_STREAMS, type AdministrativeStream } from '../../domain/audit/streams';
import { rowKeyOf } from '../../domain/matrix/row';
import { addMatrixVersion } from '../../store/matrix';
import { raisesFor } from '../support/hookSources';
import { adminApi, PASSWORD, PEOPLE, type AdminApi, type SignedIn } from '../support/adminApi';

const TIMEOUT_MS = 60_000;
const LONG = 'w'.repeat(48);

describe('trails of what is administered', () => {
  let api: AdminApi;
  const sessions = new Map<string, SignedIn>();
  const as = (personId: string): SignedIn => {
    const session = sessions.get(personId);
    if (!session) throw new Error(`${personId} is not signed in`);
    return session;
  };
  beforeAll(async () => {
    api = await adminApi();
    for (const { id } of PEOPLE) sessions.set(id, await api.signIn(id));
  }, TIMEOUT_MS);
  afterAll(() => api.close(), TIMEOUT_MS);

  const trail = async (personId: string, path: string) => as(personId).send('get', path);
  const made = async (personId: string, path: string, body: object): Promise<string> => {
    const answer = await as(personId).send('post', path, body);
    if (answer.status !== 201) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
    return String(answer.body.id);
  };

  it('P1 P2 every kind has a route that tells its trail, beside the one that shows the thing', () => {
    const gets = allRoutes(api.deps).filter(({ method }) => method === 'get').map(({ path }) => path);
    for (const kind of ADMINISTRATIVE_STREAMS) {
      const { of, path = `${of}/audit` } = TRAILS[kind];
      expect([kind, gets.filter((one) => one === path).length, gets.includes(`${path}/versions`), gets.includes(of)]).toEqual([kind, 1, true, true]);
    }
    expect(Object.keys(TRAILS).toSorted()).toEqual([...ADMINISTRATIVE_STREAMS].toSorted());
  });

  /** A thing of each kind at the CRO, what changes it, where its trail is, and who knows nothing of it. */
  const cases: readonly [kind: AdministrativeStream, make: () => Promise<string>, reader: string, stranger: string | null][] = [
    ['person', async () => {
      const id = await made('cro-admin', '/people', { email: 'trail@example.org', name: 'Before', organisationId: 'cro', password: PASSWORD });
      await as('cro-admin').send('patch', `/people/${id}`, { name: 'After', reason: 'a wedding' });
      return `/people/${id}/audit`;
    }, 'cro-manager', 'cro2-lead'],
    ['organisation', async () => {
      await as('cro-admin').send('patch', '/organisations/cro', { name: 'CRO & Co', reason: 'renamed' });
      return '/organisations/cro/audit';
    }, 'cro-lead', 'cro2-lead'],
    ['study', async () => {
      await as('root').send('patch', '/studies/st1', { title: 'Another', reason: 'amended' });
      return '/studies/st1/audit';
    }, 'cro-lead', 'cro2-lead'],
    ['membership', async () => {
      const id = await made('cro-admin', '/memberships', { personId: 'cro-manager', organisationId: 'cro', role: 'contributor' });
      await as('cro-admin').send('post', `/memberships/${id}/deactivate`, { reason: 'given by mistake' });
      return `/memberships/${id}/audit`;
    }, 'cro-manager', 'cro2-lead'],
    ['delegation', async () => `/delegations/${await made('cro-manager', '/delegations', { personId: 'cro-manager', delegateId: 'cro-lead', until: '2999-01-01T00:00:00Z', reason: 'holiday' })}/audit`, 'cro-manager', 'cro2-lead'],
    ['calendar', async () => {
      const week = Object.fromEntries(['1', '2', '3', '4', '5'].map((day) => [day, [{ from: '09:00', to: '17:00' }]]));
      expect((await as('cro-admin').send('post', '/organisations/cro/calendars', { zone: 'Europe/Zurich', week, reason: 'first' })).status).toBe(201);
      return '/organisations/cro/calendar/audit';
    }, 'spo-lead', 'cro2-lead'],
    ['channel', async () => {
      const id = await made('cro-admin', '/channels', { organisationId: 'cro', name: 'Night desk', channel: 'webhook', target: 'https://desk.example.com/hook' });
      await as('cro-admin').send('patch', `/channels/${id}`, { severities: ['critical'], reason: 'too loud' });
      await as('cro-admin').send('post', `/channels/${id}/rotate-secret`, { reason: 'rotated' });
      return `/channels/${id}/audit`;
    }, 'cro-manager', 'cro2-lead'],
    ['preferences', async () => {
      expect((await as('cro-manager').send('put', '/me/preferences', { quietHours: { from: '22:00', to: '06:00', zone: 'Europe/Zurich' }, digest: null })).status).toBe(200);
      return '/me/preferences/audit';
    }, 'cro-manager', null],
    ['source', async () => {
      const id = await made('cro-admin', '/sources', { organisationId: 'cro', name: 'Monitoring', kind: 'event', raises: raisesFor('spo', { studyId: 'st1' }) });
      await as('cro-admin').send('post', `/sources/${id}/rotate-secret`, { reason: 'rotated' });
      return `/sources/${id}/audit`;
    }, 'cro-manager', 'cro2-lead'],
    ['signer', async () => {
      const { body } = await as('cro-manager').send('get', '/accountability-statement');
      expect((await as('cro-manager').send('post', '/accountability-statement/acceptances', { version: body.version })).status).toBe(200);
      return '/people/cro-manager/signer/audit';
    }, 'cro-manager', 'cro2-lead'],
    ['statement', async () => {
      expect((await as('root').send('post', '/accountability-statement', { text: `I answer for what I sign. ${LONG}`, reason: 'clearer' })).status).toBe(201);
      return '/accountability-statement/audit';
    }, 'cro2-lead', null],
    ['matrix', async () => {
      const row = { studyId: 'st1', topic: 'data', organisationIds: ['spo', 'cro'], policyKey: 'default', contacts: [], phi: false, phiChannels: [] } satisfies Partial<MatrixRow>;
      const by = { actor: { kind: 'system', name: 'provisioning' }, at: instantOf(Date.now()), correlationId: 'test' } as const;
      for (const phi of [false, true]) await addMatrixVersion(api.deps.store, { row: { ...row, phi }, effectiveFrom: by.at, approvals: [], proposalId: null, reason: 'agreed', by });
      return `/matrix/audit?rowKey=${encodeURIComponent(rowKeyOf(row))}`;
    }, 'spo-lead', 'cro2-lead'],
  ];

  it.each(cases)('P1 P2 %s: who, when, what it was and is, and why; nobody else, no secret', async (...[kind, make, reader, stranger]) => {
    const path = await make();
    const answer = await trail(reader, path);
    expect([kind, answer.status]).toEqual([kind, 200]);
    const items = answer.body.items as { streamId: string; seq: number; actor: { name: string }; at: string; action: string; field?: string; old?: unknown; new?: unknown; reason?: string }[];
    expect(items.length).toBeGreaterThan(0);
    expect(items.map(({ seq }) => seq)).toEqual(items.map((_, index) => index + 1));
    expect(items.every(({ streamId, actor, at }) => streamId.startsWith(`${kind}/`) && actor.name !== '' && at !== '')).toBe(true);
    expect(items.filter(({ action }) => /changed|deactivated/u.test(action)).every(({ reason }) => reason !== undefined)).toBe(true);
    expect(JSON.stringify(items)).not.toMatch(/whsec|argon2|passwordHash":"|sealed|"kept"/u);
    if (stranger !== null) expect([kind, (await trail(stranger, path)).status]).toEqual([kind, 404]);
    expect((await api.fresh.admin.audit.collection('audit').countDocuments({ streamId: items[0]?.streamId }))).toBe(items.length);
    await versionsFit(path, reader, stranger);
  }, TIMEOUT_MS);

  /** The versions of a thing are those of its trail, each as the changes say, for the readers of the trail and nobody else. */
  const versionsFit = async (path: string, reader: string, stranger: string | null): Promise<void> => {
    const [place = '', query] = path.split('?');
    const at = (more = '') => `${place}/versions?${[query, more].filter((part) => part !== undefined && part !== '').join('&')}`;
    const { status, body } = await trail(reader, at());
    expect([path, status]).toEqual([path, 200]);
    const versions = body.items as { version: number; changes: unknown[]; missing: string | null }[];
    expect([path, versions.length > 0, versions.filter(({ missing }) => missing !== null)]).toEqual([path, true, []]);
    const last = versions.at(-1)?.version ?? 0;
    const first = versions[0]?.version ?? 0;
    const shown = (await trail(reader, at(`version=${String(last)}&against=${String(first)}`))).body.items[0];
    expect([path, shown.version, shown.difference.against, typeof shown.content]).toEqual([path, last, first, 'object']);
    if (versions.length === 2) expect(shown.difference.changes).toEqual(versions[1]?.changes);
    expect(JSON.stringify([versions, shown])).not.toMatch(/whsec|argon2|sealed|"kept"/u);
    if (stranger !== null) expect([path, (await trail(stranger, at())).status]).toEqual([path, 404]);
  };

  it('P1 P2 versions do not show what the thing does not show, and a version before the first is 404', async () => {
    await as('cro-admin').send('patch', '/organisations/cro', { receiptAddress: 'first-desk@cro.example', reason: 'asked' });
    await as('cro-admin').send('patch', '/organisations/cro', { receiptAddress: 'hidden-desk@cro.example', reason: 'moved' });
    const own = JSON.stringify((await trail('cro-manager', '/organisations/cro/audit/versions')).body);
    expect([own.includes('first-desk'), own.includes('hidden-desk')]).toEqual([true, true]);
    for (const path of ['/organisations/cro/audit/versions', '/organisations/cro/audit/versions?version=99&against=1', '/organisations/cro/audit?limit=500']) {
      expect([path, JSON.stringify((await trail('spo-lead', path)).body).match(/(?:first|hidden)-desk/gu)]).toEqual([path, null]);
    }
    const { body } = await trail('cro-manager', '/people/cro-manager/audit/versions?version=1');
    expect(body.items).toMatchObject([{ version: 1, content: { name: 'The cro-manager', organisationId: 'cro', active: true }, difference: null }]);
    expect((await trail('cro-manager', '/people/cro-manager/audit/versions?version=0')).status).toBe(400);
  }, TIMEOUT_MS);

  it('P2 P3 what was refused about an organisation is read by its administrators alone, in pages', async () => {
    for (const name of ['One', 'Two']) expect((await as('cro-lead').send('patch', '/organisations/cro', { name, reason: 'mine' })).status).toBe(403);
    const { status, body } = await trail('cro-admin', '/organisations/cro/refusals?limit=1');
    expect([status, body.items]).toMatchObject([200, [{ streamId: 'refusals/organisation/cro', action: 'act.refused', actor: { personId: 'cro-lead' }, detail: { act: 'PATCH /api/v1/organisations/{id}', type: 'not_permitted' } }]]);
    const rest = await trail('cro-admin', `/organisations/cro/refusals?cursor=${String(body.next)}`);
    expect([rest.body.items[0].seq, rest.body.next]).toEqual([2, null]);
    for (const [personId, expected] of [['cro-manager', 403], ['spo-admin', 403], ['root', 403], ['cro2-admin', 404]] as const) expect([personId, (await trail(personId, '/organisations/cro/refusals')).status]).toEqual([personId, expected]);
  }, TIMEOUT_MS);

  it('P1 a field that holds more than a value is told leaf by leaf, and a version against the one before it', async () => {
    const row = { studyId: 'st1', topic: 'data', organisationIds: ['spo', 'cro'] };
    const { body } = await trail('cro-manager', `/matrix/audit?rowKey=${encodeURIComponent(rowKeyOf(row))}`);
    expect((body.items as object[]).slice(1)).toMatchObject([
      { action: 'matrix.version_added', field: 'content', rev: 2, reason: 'agreed', new: { phi: true, topic: 'data' } }, { action: 'matrix.changed', rev: 2, field: 'phi', old: false, new: true, reason: 'agreed' },
    ]);
    await as('cro-manager').send('put', '/me/preferences', { quietHours: { from: '21:00', to: '06:00', zone: 'Europe/Zurich' }, digest: null });
    expect((await trail('cro-manager', '/me/preferences/audit')).body.items.at(-1)).toMatchObject({ field: 'quietHours/from', old: '22:00', new: '21:00' });
  }, TIMEOUT_MS);

  it('P2 pages go by the place in the chain', async () => {
    const first = await trail('root', '/studies/st1/audit?limit=1');
    expect([first.body.items.length, typeof first.body.next]).toEqual([1, 'string']);
    const rest = await trail('root', `/studies/st1/audit?cursor=${String(first.body.next)}`);
    expect(rest.body.items[0].seq).toBe(2);
    expect((await trail('root', '/studies/st1/audit?unknown=1')).status).toBe(400);
  }, TIMEOUT_MS);

  it('P2 what the thing does not show its trail does not tell: addresses of receipts, organisations that one does not know', async () => {
    await as('cro-admin').send('patch', '/organisations/cro', { receiptAddress: 'secret-desk@cro.example', reason: 'moved' });
    expect(JSON.stringify((await trail('cro-manager', '/organisations/cro/audit')).body)).toContain('secret-desk');
    const seen = (await trail('spo-lead', '/organisations/cro/audit')).body;
    expect(JSON.stringify(seen)).not.toContain('secret-desk');
    expect(seen.items.length).toBeGreaterThan(0);
  }, TIMEOUT_MS);

  it('P2 a stranger to a study, a seat, a row gets 404, and so does who names none', async () => {
    for (const path of ['/studies/nope/audit', '/people/nope/audit', '/channels/nope/audit', '/consents/nope/audit', '/evidence/nope/audit', '/legal-holds/nope/audit', '/findings/nope/audit', '/capa-imports/nope/audit', '/matrix/proposals/nope/audit', '/matrix/audit?rowKey=nope', '/policies/nope/audit', '/capa-policies/nope/audit']) {
      expect([path, (await trail('cro-manager', path)).status]).toEqual([path, 404]);
    }
  }, TIMEOUT_MS);
});
