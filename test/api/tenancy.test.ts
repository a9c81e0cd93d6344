import { allRoutes } from '../../api/routes';
import { instantOf } from '../../contracts/instant';
import { ROLES } from '../../contracts/people';
import { createRecord } from '../../store/administration';
import { membershipKind } from '../../store/memberships';
import type { Models } from '../../store/models';
import { organisationKind } from '../../store/organisations';
import { personKind } from '../../store/people';
import { studyKind } from '../../store/studies';
import { adminApi, emailOf, PASSWORD, type AdminApi, type SignedIn } from '../support/adminApi';
import { everyGet, type Tenant } from '../support/everyGet';
import { quickHash } from '../support/passwords';
import { NOT_PLANTED, plantEveryKind } from '../support/plantedKinds';

const [MINE, THEIRS, MORE] = ['MARKOFSPONSORB', 'MARKOFSPONSORA', 'MOREOFSPONSORA'];
/** Sponsor `spb` and sponsor `spo`, who know nothing of each other, and `cro2`, which works for both. */
const TENANTS: readonly Tenant[] = [{ studyId: 'stb', organisationIds: ['spb', 'cro2'] }, { studyId: 'st2', organisationIds: ['spo', 'cro2'] }, { studyId: 'st3', organisationIds: ['spo', 'cro2'] }];
/** Of the own things, and of what is to come. */
const COMPARED = TENANTS.filter(({ studyId }) => studyId !== 'st2');
/** What comes anew with each answer. */
const FRESH = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/gu;
const NOW = instantOf(Date.now());
const WHO = ['spb-all', 'cro2-bound'] as const;

/** One person in every role of an organisation, but the one that runs the installation: rules only permit, so they see what any of them sees. */
describe('two sponsors and a CRO that works for both', () => {
  let api: AdminApi;
  let theirIds: readonly string[] = [];
  const readers: Record<string, SignedIn> = {};
  const before = new Map<string, string>();
  const after = new Map<string, string>();
  /** A PDF is the JSON beside it, which is read. */
  const paths = (tenants = TENANTS) => everyGet(allRoutes(api.deps), tenants).filter((path) => !path.endsWith('.pdf'));
  const answer = async (who: string, path: string): Promise<string> => {
    const { status, text } = await (readers[who] as SignedIn).send('get', path);
    return `${String(status)} ${text}`;
  };
  const keepAnswers = async (into: Map<string, string>, tenants = TENANTS): Promise<void> => {
    const waiting = WHO.flatMap((who) => paths(tenants).map((path) => ({ who, path })));
    const lane = async (): Promise<void> => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) into.set(`${one.who} ${one.path}`, (await answer(one.who, one.path)).replaceAll(FRESH, ''));
    };
    await Promise.all(Array.from({ length: 4 }, lane));
  };

  beforeAll(async () => {
    api = await adminApi({}, { now: () => NOW });
    const { store } = api.fresh;
    const by = { actor: { kind: 'system', name: 'provisioning' }, at: api.deps.now(), correlationId: 'seed' } as const;
    await createRecord(store, { kind: organisationKind, id: 'spb', fields: { name: 'SPB', kind: 'sponsor', zone: 'Europe/Zurich', receiptAddress: null }, by });
    await createRecord(store, { kind: studyKind, id: 'stb', fields: { code: 'stb', title: 'Study B', organisationIds: ['spb', 'cro2'] }, by });
    const passwordHash = await quickHash(PASSWORD);
    for (const [id, organisationId, studyId] of [['spb-all', 'spb', null], ['cro2-bound', 'cro2', 'stb'], ['spo-all', 'spo', null]] as const) {
      await createRecord(store, { kind: personKind, id, fields: { email: emailOf(id), name: id, organisationId, passwordHash }, by });
      for (const role of ROLES.filter((one) => one !== 'instance_admin')) {
        await createRecord(store, { kind: membershipKind, id: `m-${id}-${role}`, by, fields: { personId: id, organisationId, role, studyId, systemIds: [], from: by.at, until: null } });
      }
    }
    await plantEveryKind(api.fresh, { organisationId: 'spb', otherId: 'cro2', studyId: 'stb', mark: MINE, linkedId: 'issue-st2' });
    for (const id of [...WHO, 'spo-all']) readers[id] = await api.signIn(id);
    theirIds = await plantEveryKind(api.fresh, { organisationId: 'spo', otherId: 'cro2', studyId: 'st2', mark: THEIRS, linkedId: 'issue-stb' });
    await keepAnswers(before, COMPARED);
    await createRecord(store, { kind: studyKind, id: 'st3', fields: { code: 'st3', title: 'Study 3', organisationIds: ['spo', 'cro2'] }, by });
    theirIds = [...theirIds, ...await plantEveryKind(api.fresh, { organisationId: 'spo', otherId: 'cro2', studyId: 'st3', mark: MORE, linkedId: 'issue-stb' })];
    await keepAnswers(after);
  }, 300_000);
  afterAll(() => api.close());

  test('P14 one thing of every kind is there to be read: a new collection is planted, or says why not', async () => {
    const { models } = api.fresh.store;
    const missing: string[] = [];
    for (const name of Object.keys(models) as (keyof Models)[]) {
      const held = JSON.stringify(await models[name].collection.find({}).toArray());
      const planted = held.includes(THEIRS) || held.includes('issue-st2');
      if (planted === (name in NOT_PLANTED)) missing.push(name);
    }
    expect(missing).toEqual([]);
  });

  test.each(WHO)('P14 %s reads no word and no id of the other sponsor, whatever is asked for', (who) => {
    const forbidden = [THEIRS, MORE, ...theirIds.filter((id) => id !== 'cro2').map((id) => `"${id}"`)];
    const leaks = paths().flatMap((path) => {
      // What is asked for by its id may be said to have been asked for.
      const read = forbidden.filter((word) => after.get(`${who} ${path}`)?.includes(word) === true && !path.includes(word.replaceAll('"', '')));
      return read.length > 0 ? [`${path}: ${read.join(', ')}`] : [];
    });
    expect(leaks).toEqual([]);
  });

  test.each(WHO)('P14 %s cannot tell how much the other sponsor has: with more of it every answer is what it was', (who) => {
    // What the CRO's reader is refused by asking all this is kept for the organisation that it works with.
    const changed = paths(COMPARED).filter((path) => !path.endsWith('/refusals')).filter((path) => before.get(`${who} ${path}`) !== after.get(`${who} ${path}`));
    expect(changed.map((path) => ({ path, then: before.get(`${who} ${path}`), now: after.get(`${who} ${path}`) }))).toEqual([]);
    expect([...before.keys()].filter((asked) => asked.startsWith(who)).length).toBeGreaterThan(200);
  });

  test('P14 what is planted is read by whose it is', async () => {
    const unread: string[] = [];
    const shown = /^\/(?:(?:issues|capas|controls|drills|evidence|findings|consents|topics|matrix\/proposals|capa-imports|channels|sources|legal-holds|delegations|memberships|admissions)\/[a-z]+-st2|issues|capas|capas\.csv|controls|drills|matrix|topics\/own|policies\/default\/versions|policies\/default\/drafts|agenda-items|controls\/control-st2\/slots|records\/issue-st2\/signatures)$/u;
    for (const path of everyGet(allRoutes(api.deps), TENANTS.slice(1, 2)).filter((one) => shown.test(one))) if (!(await answer('spo-all', path)).includes(THEIRS)) unread.push(path);
    expect(unread).toEqual([]);
  });

  test('P14 a link is shown by id to those who may know of both records, and to others as one of a record that is none of theirs', async () => {
    const links = JSON.parse((await answer('spb-all', '/issues/issue-stb')).slice(4)) as { readonly links: unknown };
    expect(links.links).toEqual([{ recordId: null, kind: 'causes' }]);
    const capa = JSON.parse((await answer('spb-all', '/capas/capa-stb')).slice(4)) as { readonly source: unknown; readonly links: unknown };
    expect([capa.source, capa.links]).toEqual([{ type: 'issue', recordId: null, reference: null }, [{ recordId: null, kind: 'causes' }]]);
    const trail = JSON.parse((await answer('spb-all', '/audit?record=issue-stb')).slice(4)) as { readonly items: readonly object[] };
    expect(trail.items[1]).toMatchObject({ action: 'issue.linked', new: null, detail: { kind: 'causes' }, withheld: true });
    const ofFile = JSON.parse((await answer('spb-all', '/evidence/evidence-stb/audit')).slice(4)) as { readonly items: readonly object[] };
    expect(ofFile.items).toMatchObject([{ action: 'evidence.linked', detail: { recordId: null }, withheld: true }]);
    expect(await answer('spb-all', '/capas.csv')).not.toContain('issue-st2');
    // Of the CRO, which is a party of both.
    const manager = await api.signIn('cro2-lead');
    expect((await manager.send('get', '/issues/issue-stb')).body.links).toEqual([{ recordId: 'issue-st2', kind: 'causes' }]);
    expect((await manager.send('get', '/capas/capa-stb')).body.source).toEqual({ type: 'issue', recordId: 'issue-st2', reference: 'ISS-issue-st2' });
  });
});
