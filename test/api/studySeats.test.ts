import { allRoutes } from '../../api/routes';
import { createRecord } from '../../store/administration';
import { announce } from '../../store/announcements';
import { inTransaction } from '../../store/connection';
import { membershipKind } from '../../store/memberships';
import { organisationKind } from '../../store/organisations';
import { personKind } from '../../store/people';
import { studyKind } from '../../store/studies';
import { topicKind } from '../../store/topics';
import { adminApi, emailOf, PASSWORD, type AdminApi, type SignedIn } from '../support/adminApi';
import { quickHash } from '../support/passwords';
import { plant } from '../support/planted';

const ELSEWHERE = 'MARKOFSTUDYTWO';
const THEIRS = 'MARKOFSPONSORB';
const OWN = 'MARKOFSTUDYONE';

/** Sponsor `spo` has studies `st1` and `st2`; sponsor `spb` has `stb`. Everything of `st2` and of `stb` bears a mark. */
describe('seats that are bound to a study, and another sponsor', () => {
  let api: AdminApi;
  const readers: Record<string, SignedIn> = {};
  beforeAll(async () => {
    api = await adminApi();
    const { store } = api.fresh;
    const by = { actor: { kind: 'system', name: 'provisioning' }, at: api.deps.now(), correlationId: 'seed' } as const;
    await createRecord(store, { kind: organisationKind, id: 'spb', fields: { name: 'SPB', kind: 'sponsor', zone: 'Europe/Zurich', receiptAddress: null }, by });
    await createRecord(store, { kind: studyKind, id: 'stb', fields: { code: 'stb', title: 'Study B', organisationIds: ['spb', 'cro2'] }, by });
    const passwordHash = await quickHash(PASSWORD);
    for (const [id, organisationId, role, studyId] of [['spo-vendor', 'spo', 'vendor_user', 'st1'], ['spb-quality', 'spb', 'quality', null], ['spo-bound', 'spo', 'quality_head', 'st1']] as const) {
      await createRecord(store, { kind: personKind, id, fields: { email: emailOf(id), name: id, organisationId, passwordHash }, by });
      await createRecord(store, { kind: membershipKind, id: `m-${id}`, by, fields: { personId: id, organisationId, role, studyId, systemIds: [], from: by.at, until: null } });
    }
    await Promise.all([
      plant(api.fresh, { organisationId: 'spo', otherId: 'cro2', studyId: 'st2', mark: ELSEWHERE }), plant(api.fresh, { organisationId: 'spb', otherId: 'cro2', studyId: 'stb', mark: THEIRS }),
      plant(api.fresh, { organisationId: 'spo', otherId: 'cro', studyId: 'st1', mark: OWN }),
    ]);
    for (const id of ['spo-inspector', 'spo-vendor', 'spb-quality', 'spo-quality']) readers[id] = await api.signIn(id);
  });
  afterAll(() => api.close());

  test('P14 S1.2 a quality head who is bound to one study neither reads nor adds to registers, tries nothing out on another study, and is told of the own study only', async () => {
    const bound = await api.signIn('spo-bound');
    const about = { label: 'Biomarkers', description: 'd', organisationIds: ['spo', 'cro'] };
    expect((await bound.send('post', '/topics', { ...about, topic: 'biomarkers' })).status).toBe(403);
    const whole = await api.signIn('spo-quality');
    await createRecord(api.fresh.store, { kind: topicKind, fields: { ...about, topic: 'assays', pairKey: 'cro|spo', agreedBy: null, proposedBy: { personId: 'spo-quality', name: 'n', role: 'quality', organisationId: 'spo' } }, by: { actor: { kind: 'system', name: 'test' }, at: api.deps.now(), correlationId: 'c' } });
    expect([(await whole.send('get', '/topics/own')).text.includes('assays'), (await bound.send('get', '/topics/own')).text.includes('assays')]).toEqual([true, false]);
    const trial = (studyId?: string) => ({ policy: { key: 'default' }, raisingOrganisationId: 'spo', accountableOrganisationId: 'cro2', studyId, topic: 'data', severity: 'major', at: '2026-05-04T08:00:00Z' });
    for (const studyId of ['st2', undefined]) expect([studyId, (await bound.send('post', '/simulations', trial(studyId))).status]).toEqual([studyId, 403]);
    const by = { actor: { kind: 'system', name: 'test' }, at: api.deps.now(), correlationId: 'c' } as const;
    for (const studyId of ['st1', 'st2', undefined]) await inTransaction(api.fresh.store, (session) => announce(api.fresh.store, { what: 'study_changed', about: `study/${String(studyId)}`, organisationIds: ['spo'], ...(studyId !== undefined && { studyId }), subject: 's', by }, session));
    const told = (await bound.send('get', '/announcements')).body as { items: { about: string }[] };
    expect(told.items.map((one) => one.about)).toEqual(['study/st1']);
  });

  /** What can stand for the id behind a word of the path; behind any other, one thing of each kind. */
  const KINDS: Readonly<Record<string, readonly string[]>> = {
    issues: ['issue'], capas: ['capa'], controls: ['issue'], drills: ['issue'], records: ['issue', 'capa'], people: ['person'], memberships: ['membership'], delegations: ['delegation'], channels: ['channel'],
    sources: ['source'], 'legal-holds': ['hold', 'held'], consents: ['consent'], findings: ['finding'], 'capa-imports': ['import'], evidence: ['evidence'], matrix: ['row', 'proposal'], proposals: ['proposal'], studies: [''], organisations: ['org'],
  };
  const idsFor = (path: string): readonly string[] => {
    const kinds = KINDS[/([a-z-]+)\/\{/u.exec(path)?.[1] ?? ''];
    if (!kinds) return ['st2', 'issue-st2', 'source-st2', 'row-st2'];
    return kinds.flatMap((kind) => (kind === 'org' ? ['spb', 'cro2'] : ['st2', 'stb'].map((study) => (kind === '' ? study : `${kind}-${study}`))));
  };
  /** Every GET of the product, with whatever can stand for its parameters. */
  const paths = (): readonly string[] => [...new Set(allRoutes(api.deps).filter(({ method, access }) => method === 'get' && access === 'signed_in').flatMap(({ path }) => {
    const names = [...path.matchAll(/\{(\w+)\}/gu)].map(([whole]) => whole);
    const [first, ...others] = names;
    const filled = (text: string): string => others.reduce((rest, name) => rest.replace(name, '1'), text).replace('/api/v1', '');
    const asked = first === undefined ? [filled(path)] : [...new Set(idsFor(path))].map((id) => filled(path.replace(first, id)));
    const records = ['issue-st2', 'capa-st2', 'issue-stb', 'capa-stb', 'issue-st1'];
    if (path === '/api/v1/audit') return records.flatMap((id) => ['record', 'refusals', 'notices'].map((stream) => `/audit?record=${id}&stream=${stream}`));
    if (path === '/api/v1/audit/verify') return records.map((id) => `/audit/verify?record=${id}`);
    return asked;
  }))];
  const read = async (who: string, path: string): Promise<string> => (await readers[who]?.send('get', path))?.text ?? '';

  test.each(['spo-inspector', 'spo-vendor', 'spb-quality'])('P14 %s reads nothing of another study or organisation, whatever is asked for', async (who) => {
    const forbidden = who === 'spb-quality' ? [ELSEWHERE, OWN] : [ELSEWHERE, THEIRS];
    const leaks: string[] = [];
    const waiting = [...paths()];
    expect(waiting.length).toBeGreaterThan(60);
    const lane = async (): Promise<void> => {
      for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
        const text = await read(who, path);
        if (forbidden.some((mark) => text.includes(mark))) leaks.push(path);
      }
    };
    await Promise.all(Array.from({ length: 6 }, lane));
    expect(leaks).toEqual([]);
  });

  test('P14 the marks are where they would be read: the sponsor\'s quality finds those of its studies, the inspector those of the own', async () => {
    for (const path of ['/people?limit=200', '/memberships', '/delegations', '/channels', '/sources', '/legal-holds', '/consents', '/findings', '/matrix', '/matrix/proposals', '/agenda-items', '/issues', '/capas', '/studies', '/capa-imports', '/evidence/evidence-st2', '/audit?record=issue-st2']) {
      const text = await read('spo-quality', path);
      if (path !== '/studies') expect([path, text.includes(ELSEWHERE)]).toEqual([path, true]);
      expect([path, text.includes(THEIRS)]).toEqual([path, false]);
    }
    for (const path of ['/issues', '/capas', '/legal-holds', '/consents', '/evidence/evidence-st1', '/people?limit=200']) expect([path, (await read('spo-inspector', path)).includes(OWN)]).toEqual([path, true]);
    for (const path of ['/channels', '/sources', '/delegations']) expect([path, (await read('spo-inspector', path)).includes(OWN)]).toEqual([path, false]);
  });
});
