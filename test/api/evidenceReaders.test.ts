import { verifyStore } from '../support/verified';
import { CRO, OTHER_CRO, personOf, SPONSOR } from '../support/cast';
import { openEvidenceSite, textOf, type EvidenceSite, type Uploader } from '../support/evidenceSite';

describe('reading evidence', () => {
  let site: EvidenceSite;
  let cro: Uploader;
  let colleague: Uploader;
  let sponsor: Uploader;
  let stranger: Uploader;
  beforeAll(async () => {
    site = await openEvidenceSite();
    cro = await site.as(personOf(CRO, 'quality'));
    colleague = await site.as(personOf(CRO, 'study_lead'));
    sponsor = await site.as(personOf(SPONSOR, 'quality'));
    stranger = await site.as(personOf(OTHER_CRO, 'quality'));
  });
  afterAll(() => site.close());
  const actions = async (who: Uploader, id: string) => ((await who.get(`/evidence/${id}/audit`)).body as { items: { action: string }[] }).items.map(({ action }) => action);

  const consented = async (asking: Uploader, giving: Uploader, about: object): Promise<string> => {
    const asked = await asking.post('/consents', { ...about, reason: 'the audit needs it' });
    const [id = ''] = (asked.body as { items: { id: string }[] }).items.map((one) => one.id);
    expect([asked.status, (await giving.post(`/consents/${id}/give`, { reason: 'agreed on the phone' })).status]).toEqual([201, 200]);
    return id;
  };

  describe('who reads it', () => {
    test('B11 a file of one CRO is 404 to the other, until it is linked to a record that both may read', async () => {
      const bytes = textOf(100, 'who');
      const { id } = await cro.upload(bytes, { recordId: await site.record() });
      const outside = async () => [(await stranger.get(`/evidence/${id}`)).status, (await stranger.download(id)).status];
      expect(await outside()).toEqual([404, 404]);
      const summary = { shares: [{ organisationId: OTHER_CRO, extent: 'summary' }] };
      const partly = await site.record({ visibleTo: [SPONSOR, CRO, OTHER_CRO], state: summary });
      expect((await sponsor.post(`/evidence/${id}/links`, { recordId: partly })).status).toBe(200);
      expect(await outside()).toEqual([404, 404]);
      const shared = await site.record({ visibleTo: [SPONSOR, CRO, OTHER_CRO] });
      expect((await sponsor.post(`/evidence/${id}/links`, { recordId: shared })).body).toMatchObject({ status: 409, type: '/problems/consent_needed', consentOf: [CRO] });
      await consented(sponsor, cro, { subject: 'evidence_link', evidenceId: id, recordId: shared });
      const linked = await sponsor.post(`/evidence/${id}/links`, { recordId: shared });
      expect(linked.body.links.map((link: { recordId: string }) => link.recordId)).toContain(shared);
      expect(await outside()).toEqual([200, 200]);
      // The other records stay unknown to them, in links and in the trail.
      const seen = (await stranger.get(`/evidence/${id}`)).body as { links: { recordId: string }[] };
      expect(seen.links.map(({ recordId }) => recordId)).toEqual([shared]);
      const entries = (await stranger.get(`/evidence/${id}/audit`)).body as { items: { detail: { recordId?: string } }[] };
      expect(entries.items.map(({ detail }) => detail.recordId)).toEqual([undefined, shared]);
    });

    test('B11 linked to nothing it is the uploader\'s alone; then every reader\'s of the record, and the link stays', async () => {
      const { id } = await cro.upload(textOf(50, 'own'));
      expect([(await cro.get(`/evidence/${id}`)).status, (await colleague.get(`/evidence/${id}`)).status]).toEqual([200, 404]);
      const recordId = await site.record();
      expect((await colleague.post(`/evidence/${id}/links`, { recordId })).status).toBe(404);
      expect((await cro.post(`/evidence/${id}/links`, { recordId: await site.record({ visibleTo: [SPONSOR], raisingOrganisationId: SPONSOR, accountableOrganisationId: SPONSOR }) })).status).toBe(404);
      for (const again of [1, 2]) expect([again, (await cro.post(`/evidence/${id}/links`, { recordId })).status]).toEqual([again, 200]);
      expect(await actions(colleague, id)).toEqual(['evidence.stored', 'evidence.linked']);
      const refusals = await site.fresh.admin.audit.collection('audit').find({ streamId: `refusals/person/${personOf(CRO, 'study_lead')}` }).toArray();
      expect(refusals.map(({ detail }) => [detail.act, detail.about])).toContainEqual(['POST /api/v1/evidence/{id}/links', `evidence/${id}`]);
    });

    test('B11 many links at one moment: each once, the chain whole', async () => {
      const { id } = await cro.upload(textOf(50, 'many'));
      const records = await Promise.all(Array.from({ length: 6 }, () => site.record()));
      const answers = await Promise.all([...records, ...records].map((recordId) => cro.post(`/evidence/${id}/links`, { recordId })));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      expect(await actions(cro, id)).toHaveLength(7);
      expect(await verifyStore(site.fresh.store)).toMatchObject({ intact: true });
    });

    test('B11 a record\'s evidence comes in pages, latest link first', async () => {
      const recordId = await site.record();
      const ids: string[] = [];
      for (const seed of ['a', 'b', 'c']) {
        ids.push((await cro.upload(textOf(20, seed), { recordId })).id);
        site.pass(1000);
      }
      const first = (await sponsor.get(`/records/${recordId}/evidence?limit=2`)).body as { items: { id: string; link: object }[]; next: string };
      expect(first.items.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
      expect(first.items[0]?.link).toMatchObject({ recordId, linkedBy: { personId: personOf(CRO, 'quality'), organisationId: CRO } });
      const second = (await sponsor.get(`/records/${recordId}/evidence?limit=2&cursor=${first.next}`)).body as { items: { id: string }[]; next: null };
      expect([second.items.map(({ id }) => id), second.next]).toEqual([[ids[0]], null]);
      expect((await stranger.get(`/records/${recordId}/evidence`)).status).toBe(404);
    });
  });

  describe('versions', () => {
    test('B11 a new version is read by whoever read the old one, which stays; only the latest can be replaced', async () => {
      const recordId = await site.record();
      const old = await cro.upload(textOf(500, 'v1'), { recordId });
      const next = await cro.upload(textOf(600, 'v2'), { replaces: old.id });
      expect(next).toMatchObject({ version: 2, links: [{ recordId, inheritedFrom: old.id }] });
      expect((await cro.get(`/evidence/${old.id}`)).body).toMatchObject({ version: 1, replacedBy: next.id, versions: [{ id: old.id, version: 1 }, { id: next.id, version: 2 }] });
      expect((await cro.download(old.id)).body.equals(textOf(500, 'v1'))).toBe(true);
      expect((await cro.download(next.id)).body.equals(textOf(600, 'v2'))).toBe(true);
      expect(await actions(cro, old.id)).toEqual(['evidence.stored', 'evidence.linked', 'evidence.replaced']);
      expect((await cro.open(textOf(5), { replaces: old.id })).body).toMatchObject({ status: 409, latestVersion: 2 });
      expect((await stranger.open(textOf(5), { replaces: next.id })).status).toBe(404);
    });

    test('B11 of two next versions at one moment one is stored, the other refused; who sees only the next does not see the old', async () => {
      const recordId = await site.record();
      const { id: old } = await cro.upload(textOf(50, 'race'), { recordId });
      const [one, two] = [textOf(51, 'one'), textOf(52, 'two')];
      const opened = await Promise.all([cro.open(one, { replaces: old }), colleague.open(two, { replaces: old })]);
      const [a, b] = opened.map(({ body }) => (body as { id: string }).id);
      await Promise.all([cro.chunk(a ?? '', one, 0), colleague.chunk(b ?? '', two, 0)]);
      const answers = await Promise.all([cro.post(`/evidence/${a ?? ''}/complete`), colleague.post(`/evidence/${b ?? ''}/complete`)]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
      const latest = answers.find(({ status }) => status === 200)?.body as { id: string };
      const shared = await site.record({ visibleTo: [SPONSOR, CRO, OTHER_CRO] });
      expect((await cro.post(`/evidence/${latest.id}/links`, { recordId: shared })).status).toBe(200);
      expect((await stranger.get(`/evidence/${latest.id}`)).body.versions).toMatchObject([{ id: latest.id }]);
      expect((await stranger.get(`/evidence/${old}`)).status).toBe(404);
    });
  });
});
