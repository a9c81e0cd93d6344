import { allRoutes } from '../../api/routes';
import { createRecord } from '../../store/administration';
import { membershipKind } from '../../store/memberships';
import { verifyStore } from '../support/verified';
import { CRO, OTHER_CRO, personOf, SPONSOR, STUDY } from '../support/cast';
import { openEvidenceSite, textOf, type EvidenceSite, type Uploader } from '../support/evidenceSite';

const YEAR_MS = 366 * 86_400_000;

describe('legal holds and disposal', () => {
  let site: EvidenceSite;
  let head: Uploader;
  let quality: Uploader;
  let sponsor: Uploader;
  let stranger: Uploader;
  let instance: Uploader;
  beforeAll(async () => {
    site = await openEvidenceSite();
    [head, quality, sponsor, stranger] = [await site.as(personOf(CRO, 'quality_head')), await site.as(personOf(CRO, 'quality')), await site.as(personOf(SPONSOR, 'quality_head')), await site.as(personOf(OTHER_CRO, 'quality_head'))];
    const by = { actor: { kind: 'system', name: 'provisioning' }, at: site.deps.now(), correlationId: 'seed' } as const;
    // Somebody who runs the installation and holds no right on records.
    await site.fresh.admin.models.memberships.deleteMany({ personId: personOf(CRO, 'contributor') });
    await createRecord(site.fresh.store, { kind: membershipKind, by, fields: { personId: personOf(CRO, 'contributor'), organisationId: CRO, role: 'instance_admin', studyId: null, systemIds: [], from: by.at, until: null } });
    instance = await site.as(personOf(CRO, 'contributor'));
  });
  afterAll(() => site.close());
  const dispose = async (who: Uploader, id: string) => (await who.post(`/evidence/${id}/disposal`, { reason: 'space' })).body as { status: number; detail: string; holdIds?: string[]; retainUntil?: string | null };

  test('P17 disposing under hold is 409 and names the hold; released, it is the retention date; both refusals are recorded', async () => {
    const recordId = await site.record();
    const { id } = await quality.upload(textOf(20), { recordId, retentionClass: 'quality_record' });
    const set = await head.post('/legal-holds', { recordId, reason: 'litigation 17/2026' });
    expect(set.status).toBe(201);
    const holdId = (set.body as { id: string }).id;
    expect((await quality.get(`/evidence/${id}`)).body.legalHold).toBe(true);
    // Thirty years on the retention is over, the hold is not.
    site.pass(30 * YEAR_MS);
    const later = await site.as(personOf(CRO, 'contributor'));
    expect(await dispose(later, id)).toMatchObject({ status: 409, holdIds: [holdId], detail: expect.stringContaining(holdId) as string });
    site.pass(-30 * YEAR_MS);
    expect((await head.post(`/legal-holds/${holdId}/release`, { reason: 'settled' })).body).toMatchObject({ active: false, released: { reason: 'settled', by: { personId: personOf(CRO, 'quality_head') } } });
    const refused = await dispose(instance, id);
    expect(refused).toMatchObject({ status: 409, holdIds: [] });
    expect(refused.detail).toContain(`Kept until ${String(refused.retainUntil)}`);
    const refusals = await site.fresh.admin.audit.collection('audit').find({ streamId: `refusals/evidence/${id}` }).sort({ seq: 1 }).toArray();
    expect(refusals.map(({ reason }) => String(reason).slice(0, 10))).toEqual(['Under lega', 'Kept until']);
    expect((await quality.download(id)).status).toBe(200);
  });

  test('P17 setting and releasing are in the trail with person, role and reason; releasing twice is 409', async () => {
    const recordId = await site.record();
    const { id } = (await head.post('/legal-holds', { recordId, reason: 'inspection' })).body as { id: string };
    await head.post(`/legal-holds/${id}/release`, { reason: 'inspection over' });
    expect((await head.post(`/legal-holds/${id}/release`, { reason: 'again' })).status).toBe(409);
    const entries = await site.fresh.admin.audit.collection('audit').find({ streamId: `legal-hold/${id}` }).sort({ seq: 1 }).toArray();
    expect(entries.map(({ action, reason, actor }) => [action, reason, actor.personId, actor.role])).toEqual([
      ['legal-hold.created', undefined, personOf(CRO, 'quality_head'), 'quality_head'], ['legal-hold.deactivated', 'inspection over', personOf(CRO, 'quality_head'), 'quality_head'], ['legal-hold.changed', 'inspection over', personOf(CRO, 'quality_head'), 'quality_head'],
    ]);
    expect(entries[0]).toMatchObject({ detail: { recordId, reason: 'inspection' } });
    expect(await verifyStore(site.fresh.store)).toMatchObject({ intact: true });
  });

  test('P17 a hold on a study covers what belongs to its records', async () => {
    const { id } = await quality.upload(textOf(20), { recordId: await site.record() });
    const elsewhere = await quality.upload(textOf(20), { recordId: await site.record({ studyId: null }) });
    const hold = await sponsor.post('/legal-holds', { studyId: STUDY, reason: 'authority asks' });
    expect((await dispose(instance, id)).holdIds).toEqual([(hold.body as { id: string }).id]);
    expect((await dispose(instance, elsewhere.id)).holdIds).toEqual([]);
    await sponsor.post(`/legal-holds/${String(hold.body.id)}/release`, { reason: 'answered' });
    expect((await dispose(instance, id)).detail).toMatch(/25 years after the end of the study/);
  });

  test('P17 only a quality head sets one, on what is shared; only the organisation that set it knows and releases it', async () => {
    const recordId = await site.record();
    expect((await quality.post('/legal-holds', { recordId, reason: 'x' })).status).toBe(403);
    expect((await stranger.post('/legal-holds', { recordId, reason: 'x' })).status).toBe(404);
    expect((await head.post('/legal-holds', { studyId: 'study-none', reason: 'x' })).status).toBe(404);
    expect((await head.post('/legal-holds', { recordId, studyId: STUDY, reason: 'x' })).status).toBe(400);
    expect((await head.post('/legal-holds', { recordId })).status).toBe(400);
    const { id } = (await head.post('/legal-holds', { recordId, reason: 'mine' })).body as { id: string };
    expect([(await sponsor.get(`/legal-holds/${id}`)).status, (await sponsor.post(`/legal-holds/${id}/release`, { reason: 'x' })).status]).toEqual([404, 404]);
    expect((await quality.post(`/legal-holds/${id}/release`, { reason: 'x' })).status).toBe(403);
    const listed = async (who: Uploader) => ((await who.get(`/legal-holds?recordId=${recordId}&active=true`)).body as { items: { id: string }[] }).items.map((hold) => hold.id);
    expect([await listed(quality), await listed(sponsor)]).toEqual([[id], []]);
  });

  test('P17 asking for disposal is the instance administrator\'s; others learn no more than they may', async () => {
    const { id } = await quality.upload(textOf(20), { recordId: await site.record() });
    expect([(await dispose(quality, id)).status, (await dispose(stranger, id)).status, (await dispose(instance, 'none')).status]).toEqual([403, 404, 404]);
    expect((await instance.download(id)).status).toBe(404);
  });

  test('P17 no route deletes a record, evidence or a hold', () => {
    const deleting = allRoutes(site.deps).filter(({ method }) => method === 'delete').map(({ path }) => path);
    expect(deleting.filter((path) => /evidence|hold|record|issue|control|drill|capa|signature|audit/.test(path))).toEqual([]);
  });

  test('P17 no collection of records expires by itself: an index with an end exists only where nothing is a record', async () => {
    const expiring: string[] = [];
    for (const database of [site.fresh.admin.main, site.fresh.admin.audit]) {
      for (const { name } of await database.listCollections({}, { nameOnly: true }).toArray()) {
        const indexes = await database.collection(name).indexes();
        if (indexes.some((index) => index.expireAfterSeconds !== undefined)) expiring.push(name);
      }
    }
    // Replay protection and the counting of bad sign-ins; what came of either is in the trail.
    expect(expiring.filter((name) => !['nonces', 'sign_in_attempts', 'tallies'].includes(name))).toEqual([]);
    expect(expiring).toContain('nonces');
  });
});
