import { unansweredCommands } from '../../store/commands';
import { organisationsOfStreams } from '../../store/streamOwners';
import { verifyStore } from '../support/verified';
import { instantOf } from '../../contracts/instant';
import { CRO, OTHER_CRO, personOf, seedCast, SPONSOR, STUDY } from '../support/cast';
import type { Requests } from '../support/issuesApi';
import { freshStore, type FreshStore } from '../support/mongo';
import { apiWithoutEngine } from '../support/storedRecords';

const finding = (more: object = {}) => ({
  auditReference: 'AUD-2026-7', auditDate: '2026-09-30', findingNo: '3', category: 'backup_and_recovery', title: 'Backup was never restored', description: 'No restore of the eTMF backup was ever tried.', severity: 'major',
  studyId: STUDY, systemId: 'etmf', topic: 'backup', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, ...more,
});
interface Shown { readonly id: string; readonly rev: number; readonly findingNo: string; readonly capa: { readonly id: string; readonly number: string; readonly status: string | null } }
const shown = ({ body }: { body: unknown }): Shown => body as Shown;
const itemsOf = ({ body }: { body: unknown }): readonly Shown[] => (body as { items: readonly Shown[] }).items;

describe('audit findings with Temporal out of reach', () => {
  let fresh: FreshStore;
  let api: ReturnType<typeof apiWithoutEngine>;
  let quality: Requests;
  let manager: Requests;
  let first: Shown;

  beforeAll(async () => {
    fresh = await freshStore();
    await seedCast(fresh.store);
    api = apiWithoutEngine(fresh.store);
    quality = await api.as(personOf(SPONSOR, 'quality'));
    manager = await api.as(personOf(CRO, 'project_manager'));
  });
  afterAll(async () => {
    await api.close();
    await fresh.drop();
  });

  test('Q2 P1 recorded: kept with its audit entry and the command that opens its CAPA, which names it as its source', async () => {
    const response = await quality.post('/findings', finding(), { key: 'one' });
    expect(response.status).toBe(201);
    first = shown(response);
    expect(response.headers).toMatchObject({ location: `/api/v1/findings/${first.id}`, etag: '"1"' });
    expect(first).toMatchObject({ rev: 1, category: 'backup_and_recovery', recordedBy: personOf(SPONSOR, 'quality'), capa: { number: 'CAPA-ST-1-1', status: null } });
    expect(first).not.toHaveProperty('requestHash');
    const [waiting] = await unansweredCommands(fresh.store, { olderThan: instantOf(Date.now() + 1000), limit: 10 });
    expect(waiting).toMatchObject({
      capability: 'capa', act: 'open', recordId: first.capa.id, actor: { kind: 'system', correlationId: `finding/${first.id}` },
      opening: { opening: { number: 'CAPA-ST-1-1', request: { source: { type: 'audit_finding', recordId: first.id, reference: 'AUD-2026-7, finding 3' }, systemId: 'etmf', severity: 'major', problem: { what: 'No restore of the eTMF backup was ever tried.' } } } },
    });
    expect((await quality.get(`/findings/${first.id}/audit`)).body).toMatchObject({ items: [{ action: 'finding.created', rev: 1, actor: { personId: personOf(SPONSOR, 'quality'), role: 'quality' } }] });
  });

  test('Q2 P3 a repetition is the same finding and the same CAPA; another body under the key is refused; so is the same number again', async () => {
    const again = await quality.post('/findings', finding(), { key: 'one' });
    expect([again.status, again.headers['idempotency-replayed'], shown(again).capa]).toEqual([201, 'true', first.capa]);
    expect((await quality.post('/findings', finding({ title: 'Another' }), { key: 'one' })).status).toBe(422);
    const twice = await Promise.all([quality.post('/findings', finding({ findingNo: '4' }), { key: 'two' }), quality.post('/findings', finding({ findingNo: '4' }), { key: 'two' })]);
    expect(new Set(twice.map((response) => shown(response).capa.id)).size).toBe(1);
    const taken = await quality.post('/findings', finding(), { key: 'three' });
    expect([taken.status, (taken.body as { type: string }).type]).toEqual([409, '/problems/exists']);
    // The opening of the refused one is not stored either.
    expect(await fresh.store.models.commands.countDocuments({ act: 'open' })).toBe(2);
    expect(await fresh.store.models.findings.countDocuments({})).toBe(2);
  });

  test('Q2 what is refused: organisations that do not work together, a day to come, a body with gaps, a role that opens no CAPA', async () => {
    const fields = async (more: object) => ((await quality.post('/findings', finding({ findingNo: '9', ...more }))).body as { errors: { field: string }[] }).errors.map(({ field }) => field);
    expect(await fields({ accountableOrganisationId: 'nobody' })).toEqual(['accountableOrganisationId']);
    expect(await fields({ auditDate: '2199-01-01' })).toEqual(['auditDate']);
    expect(await fields({ description: '', category: 'colour' })).toEqual(['category', 'description']);
    expect((await (await api.as(personOf(CRO, 'executive'))).post('/findings', finding({ findingNo: '9' }))).status).toBe(403);
    expect((await (await api.as(personOf(OTHER_CRO, 'quality'))).post('/findings', finding({ findingNo: '9' }))).status).toBe(403);
  });

  test('Q2 Q11 P14 the side that was audited records nothing in the name of the one that audited, and takes none of its numbers', async () => {
    for (const accused of [manager, await api.as(personOf(CRO, 'quality'))]) {
      const refused = await accused.post('/findings', finding({ findingNo: '5', severity: 'minor', title: 'A form was filed late' }));
      expect([refused.status, (refused.body as { type: string }).type]).toEqual([403, '/problems/not_permitted']);
    }
    expect(await fresh.store.models.findings.countDocuments({ findingNo: '5' })).toBe(0);
  });

  test('Q2 P10 both sides read and list it, others do not, an inspector never', async () => {
    expect((await manager.get(`/findings/${first.id}`)).body).toMatchObject({ id: first.id, title: 'Backup was never restored' });
    expect((await (await api.as(personOf(OTHER_CRO, 'quality'))).get(`/findings/${first.id}`)).status).toBe(404);
    await fresh.store.models.memberships.updateOne({ personId: personOf(SPONSOR, 'contributor') }, { $set: { role: 'inspector', studyId: STUDY } });
    const inspector = await api.as(personOf(SPONSOR, 'contributor'));
    expect((await inspector.get(`/findings/${first.id}`)).status).toBe(404);
    expect(itemsOf(await inspector.get('/findings'))).toEqual([]);
    expect((await inspector.get('/issues')).status).toBe(200);
  });

  test('Q2 the list: latest first, in pages, by audit, category, severity, organisation and day', async () => {
    const other = await api.as(personOf(CRO, 'quality'));
    await other.post('/findings', finding({ auditReference: 'AUD-2026-8', auditDate: '2026-10-15', findingNo: '1', category: 'training', severity: 'minor', raisingOrganisationId: CRO, accountableOrganisationId: SPONSOR }));
    const page = await quality.get('/findings?limit=2');
    const { next } = page.body as { next: string };
    expect([...itemsOf(page), ...itemsOf(await quality.get(`/findings?limit=2&cursor=${encodeURIComponent(next)}`))].map(({ findingNo }) => findingNo)).toEqual(['1', '4', '3']);
    for (const [query, expected] of [
      ['auditReference=AUD-2026-8', ['1']], ['category=training', ['1']], ['severity=major', ['4', '3']], [`organisationId=${CRO}`, ['1', '4', '3']], [`organisationId=${OTHER_CRO}`, []],
      ['from=2026-10-01', ['1']], ['to=2026-10-15', ['4', '3']], [`capaId=${first.capa.id}`, ['3']], ['studyId=other', []],
    ] as const) expect([query, itemsOf(await quality.get(`/findings?${query}`)).map(({ findingNo }) => findingNo)]).toEqual([query, expected]);
  });

  test('Q2 P1 a correction is a new version with its reason, by quality of the side that audited; nothing is edited silently', async () => {
    const to = `/findings/${first.id}/correct`;
    expect((await manager.post(to, { severity: 'minor', reason: 'too hard' })).status).toBe(403);
    expect((await (await api.as(personOf(CRO, 'quality'))).post(to, { severity: 'minor', reason: 'too hard' })).status).toBe(403);
    expect((await quality.post(to, { severity: 'critical' })).status).toBe(400);
    expect((await quality.post(to, { reason: 'nothing else' })).status).toBe(400);
    const corrected = await quality.post(to, { severity: 'critical', title: 'No backup was ever restored', reason: 'patient data are concerned' }, { ifMatch: '"1"' });
    expect([corrected.status, corrected.body]).toMatchObject([200, { rev: 2, severity: 'critical', title: 'No backup was ever restored', capa: first.capa }]);
    expect((await quality.post(to, { severity: 'major', reason: 'again' }, { ifMatch: '"1"' })).status).toBe(409);
    expect((await quality.post(to, { findingNo: '4', reason: 'renumbered' })).status).toBe(409);
    const { items } = (await manager.get(`/findings/${first.id}/audit`)).body as { items: { action: string; field?: string; old?: string; new?: string; reason?: string }[] };
    expect(items.filter(({ action }) => action === 'finding.changed').map(({ field, old, new: value, reason }) => [field, old, value, reason])).toEqual([
      ['title', 'Backup was never restored', 'No backup was ever restored', 'patient data are concerned'], ['severity', 'major', 'critical', 'patient data are concerned'],
    ].toSorted((a, b) => items.findIndex(({ field }) => field === a[0]) - items.findIndex(({ field }) => field === b[0])));
  });

  test('P2 its chain is intact, remembers its end, and belongs to both organisations', async () => {
    expect((await verifyStore(fresh.store)).intact).toBe(true);
    const owners = await organisationsOfStreams(fresh.store, [`finding/${first.id}`]);
    expect([...owners.values()]).toEqual([[SPONSOR, CRO]]);
    await fresh.admin.main.collection('findings').updateOne({ _id: first.id as never }, { $set: { 'chain.length': 99 } });
    expect((await verifyStore(fresh.store)).intact).toBe(false);
  });

  test('Q2 a CAPA may name a finding that its raiser may see, as an audit finding only', async () => {
    const body = (type: string, recordId: string) => ({ ...finding(), auditReference: undefined, auditDate: undefined, findingNo: undefined, category: undefined, classification: 'preventive', problem: { what: 'a', where: 'b', when: 'c', extent: 'd' }, source: { type, recordId } });
    const fields = async (by: Requests, type: string) => ((await by.post('/capas', body(type, first.id))).body as { errors?: { field: string }[] }).errors?.map(({ field }) => field);
    expect(await fields(quality, 'issue')).toEqual(['source.type']);
    expect((await quality.post('/capas', body('audit_finding', first.id))).status).toBe(202);
    expect(await fields(quality, 'audit_finding')).toBeUndefined();
  });
});
