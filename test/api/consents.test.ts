import { useShareConsents } from '../../store/sharesInForce';
import { inTransaction } from '../../store/connection';
import { verifyEvidence } from '../../store/evidenceVerify';
import { verifyStore } from '../support/verified';
import { CRO, OTHER_CRO, OTHER_SPONSOR, personOf, SPONSOR } from '../support/cast';
import { openEvidenceSite, textOf, type EvidenceSite, type Uploader } from '../support/evidenceSite';

/** One CRO between two sponsors, who must not learn of each other. */
describe('evidence does not carry secrets across', () => {
  let site: EvidenceSite;
  let cro: Uploader;
  let sponsor: Uploader;
  let other: Uploader;
  let [own, theirs] = ['', ''];
  beforeAll(async () => {
    site = await openEvidenceSite();
    cro = await site.as(personOf(CRO, 'quality'));
    sponsor = await site.as(personOf(SPONSOR, 'quality'));
    other = await site.as(personOf(OTHER_SPONSOR, 'quality'));
  });
  beforeEach(async () => {
    own = await site.record();
    theirs = await site.record({ raisingOrganisationId: OTHER_SPONSOR, visibleTo: [OTHER_SPONSOR, CRO] });
  });
  afterAll(() => site.close());

  const fileOf = async (who: Uploader): Promise<string> => (await who.upload(textOf(40, own), { recordId: own })).id;
  const about = (evidenceId: string) => ({ subject: 'evidence_link', evidenceId, recordId: theirs, reason: 'the same vendor' });
  const ask = async (evidenceId: string) => (await cro.post('/consents', about(evidenceId))).body as { items: { id: string; ofOrganisationId: string; status: string; until: string }[] };
  const idOf = ({ items: [one] }: Awaited<ReturnType<typeof ask>>): string => one?.id ?? '';
  const toldOf = (reason: string) => site.fresh.store.models.notices.find({ reason }).lean();

  test('B11 P14 a CRO does not show one sponsor\'s file on another sponsor\'s issue; with its owner\'s consent it does, and the owner sees it', async () => {
    const id = await fileOf(sponsor);
    const refused = await cro.post(`/evidence/${id}/links`, { recordId: theirs });
    expect(refused.body).toMatchObject({ status: 409, type: '/problems/consent_needed', consentOf: [SPONSOR], toOrganisationIds: [OTHER_SPONSOR] });
    expect([(await other.get(`/evidence/${id}`)).status, (await other.download(id)).status]).toEqual([404, 404]);
    const asked = await ask(id);
    expect(asked.items).toMatchObject([{ ofOrganisationId: SPONSOR, askingOrganisationId: CRO, status: 'asked', toOrganisationIds: [OTHER_SPONSOR], recordId: theirs }]);
    // Asked but not answered is no consent; nor is the CRO's own word.
    expect((await cro.post(`/evidence/${id}/links`, { recordId: theirs })).status).toBe(409);
    expect((await cro.post(`/consents/${idOf(asked)}/give`, { reason: 'we agree' })).status).toBe(403);
    const given = await sponsor.post(`/consents/${idOf(asked)}/give`, { reason: 'once' });
    // The record is none of the sponsor's.
    expect(given.body).toMatchObject({ status: 'given', recordId: null, answer: { by: { organisationId: SPONSOR }, reason: 'once' } });
    expect((await cro.post(`/evidence/${id}/links`, { recordId: theirs })).status).toBe(200);
    expect((await other.download(id)).status).toBe(200);
    const links = ((await sponsor.get(`/evidence/${id}`)).body as { links: object[] }).links;
    expect(links).toMatchObject([{ recordId: own }, { recordId: null, readers: [OTHER_SPONSOR, CRO], consentIds: [idOf(asked)], linkedBy: { organisationId: CRO } }]);
    expect(JSON.stringify((await other.get(`/evidence/${id}`)).body)).not.toContain(own);
  });

  test('B11 P14 nor its own file that hangs on one sponsor\'s record: that sponsor is asked', async () => {
    const id = await fileOf(cro);
    expect((await cro.post(`/evidence/${id}/links`, { recordId: theirs })).body).toMatchObject({ status: 409, consentOf: [SPONSOR] });
    const unlinked = await cro.upload(textOf(30, 'own'));
    expect((await cro.post(`/evidence/${unlinked.id}/links`, { recordId: theirs })).status).toBe(200);
  });

  test('P14 a consent is refused, runs out, is answered once; who asks is told, and so is who is asked', async () => {
    const id = await fileOf(sponsor);
    const first = await ask(id);
    expect(idOf(await ask(id))).toBe(idOf(first));
    const asked = (await toldOf('consent_asked')).filter(({ _id }) => _id.startsWith(`consent/${idOf(first)}/`));
    expect([...new Set(asked.map(({ organisationId, recordId, status }) => [organisationId, recordId, status].join()))]).toEqual([`${SPONSOR},${own},held`]);
    expect((await sponsor.post(`/consents/${idOf(first)}/refuse`, { reason: 'no' })).body).toMatchObject({ status: 'refused', answer: { reason: 'no' } });
    expect((await sponsor.post(`/consents/${idOf(first)}/give`, { reason: 'yes' })).status).toBe(409);
    expect((await cro.post(`/evidence/${id}/links`, { recordId: theirs })).status).toBe(409);
    const answered = (await toldOf('consent_answered')).filter(({ _id }) => _id.startsWith(`consent/${idOf(first)}/`));
    expect(answered.map(({ personId, organisationId }) => [personId, organisationId])).toEqual([[personOf(CRO, 'quality'), CRO]]);
    const second = await ask(id);
    expect((await sponsor.post(`/consents/${idOf(second)}/give`, { reason: 'for two weeks' })).status).toBe(200);
    site.pass(15 * 86_400_000);
    expect((await cro.post(`/evidence/${id}/links`, { recordId: theirs })).status).toBe(409);
    site.pass(-15 * 86_400_000);
    expect((await cro.post('/consents', { ...about(id), until: '2020-01-01T00:00:00Z' })).status).toBe(422);
  });

  test('B11 P1 a link is withdrawn by whoever owns the file; both acts stay, and the file is out of sight there', async () => {
    const id = await fileOf(sponsor);
    const consent = idOf(await ask(id));
    await sponsor.post(`/consents/${consent}/give`, { reason: 'once' });
    await cro.post(`/evidence/${id}/links`, { recordId: theirs });
    expect((await other.post(`/evidence/${id}/links/withdraw`, { recordId: theirs, reason: 'mine now' })).status).toBe(403);
    expect((await sponsor.post(`/evidence/${id}/links/withdraw`, { readers: [CRO, OTHER_SPONSOR], reason: 'no longer' })).status).toBe(204);
    expect([(await other.get(`/evidence/${id}`)).status, (await other.download(id)).status, (await cro.get(`/evidence/${id}`)).status]).toEqual([404, 404, 200]);
    const page = (await other.get(`/records/${theirs}/evidence`)).body as { items: object[]; withdrawn: object[] };
    expect(page).toMatchObject({ items: [], withdrawn: [{ evidenceId: id, reason: 'no longer', withdrawnBy: { organisationId: SPONSOR } }] });
    const trail = (await sponsor.get(`/evidence/${id}/audit`)).body as { items: { action: string }[] };
    expect(trail.items.map(({ action }) => action)).toEqual(['evidence.stored', 'evidence.linked', 'evidence.linked', 'evidence.link_withdrawn']);
    expect(await verifyStore(site.fresh.store)).toMatchObject({ intact: true });
    expect(await verifyEvidence(site.fresh.store, site.cipher, { ids: [id] })).toMatchObject({ intact: true });
    // That it was taken back cannot be taken away, unless from behind: then it is named.
    await expect(site.fresh.store.models.evidenceWithdrawals.deleteMany({})).rejects.toThrow(/not authorized/u);
    await site.fresh.admin.audit.collection('evidence_link_withdrawals').deleteMany({});
    expect((await verifyEvidence(site.fresh.store, site.cipher, { ids: [id] })).findings).toMatchObject([{ message: expect.stringContaining('taken back is gone') }]);
  });

  test('B11 P14 a consent that is taken back takes the link with it; a new version does not follow an old consent', async () => {
    const id = await fileOf(sponsor);
    const consent = idOf(await ask(id));
    await sponsor.post(`/consents/${consent}/give`, { reason: 'this version' });
    await cro.post(`/evidence/${id}/links`, { recordId: theirs });
    const next = await sponsor.upload(textOf(50, 'next'), { replaces: id });
    expect([(await other.get(`/evidence/${next.id}`)).status, (await other.get(`/evidence/${id}`)).status]).toEqual([404, 200]);
    expect((await cro.post(`/consents/${consent}/withdraw`, { reason: 'ours' })).status).toBe(403);
    expect((await sponsor.post(`/consents/${consent}/withdraw`, { reason: 'the contract ended' })).body).toMatchObject({ status: 'withdrawn', withdrawal: { reason: 'the contract ended' } });
    expect((await other.get(`/evidence/${id}`)).status).toBe(404);
    expect((await cro.post(`/evidence/${id}/links`, { recordId: theirs })).status).toBe(409);
  });

  test('P14 a consent allows one link, on this record; who reads by it carries the file no further', async () => {
    const id = await fileOf(sponsor);
    const consent = idOf(await ask(id));
    await sponsor.post(`/consents/${consent}/give`, { reason: 'once' });
    expect((await cro.post(`/evidence/${id}/links`, { recordId: theirs })).status).toBe(200);
    expect((await cro.get(`/consents/${consent}`)).body).toMatchObject({ status: 'given', usedAt: expect.any(String) });
    const second = await site.record({ raisingOrganisationId: OTHER_SPONSOR, visibleTo: [OTHER_SPONSOR, CRO] });
    expect((await cro.post(`/evidence/${id}/links`, { recordId: second })).body).toMatchObject({ status: 409, consentOf: [SPONSOR] });
    const alone = await site.record({ raisingOrganisationId: OTHER_SPONSOR, accountableOrganisationId: OTHER_SPONSOR, visibleTo: [OTHER_SPONSOR] });
    expect((await other.post(`/evidence/${id}/links`, { recordId: alone })).status).toBe(403);
    expect((await cro.post(`/evidence/${id}/links/withdraw`, { recordId: theirs, reason: 'a slip' })).status).toBe(204);
    expect((await cro.post(`/evidence/${id}/links`, { recordId: theirs })).body).toMatchObject({ status: 409, consentOf: [SPONSOR] });
    // An earlier test has taken something away from behind.
    expect(JSON.stringify((await verifyStore(site.fresh.store)).findings)).not.toContain(consent);
  });

  test('P14 a share is carried out by consents as they stand then: not by one that was taken back, or used, meanwhile', async () => {
    const { store } = site.fresh;
    const about = { subject: 'share', recordId: own, organisationId: OTHER_CRO, extent: 'whole', reason: 'the same vendor' };
    const given = async () => {
      const id = idOf((await sponsor.post('/consents', about)).body as Awaited<ReturnType<typeof ask>>);
      expect((await cro.post(`/consents/${id}/give`, { reason: 'ours too' })).status).toBe(200);
      return id;
    };
    const at = site.deps.now();
    const actor = { kind: 'person', personId: personOf(SPONSOR, 'quality'), role: 'quality', organisationId: SPONSOR } as const;
    const carriedOut = (consentId: string) => {
      const body = { organisationId: OTHER_CRO, extent: 'whole', reason: 'r', consents: [{ id: consentId, organisationId: CRO }] };
      const command = { _id: `share/${consentId}`, capability: 'escalation', recordId: own, act: 'share', body, bodyHash: '', actor: { ...actor, correlationId: 'c' }, status: 'received', receivedAt: at, attempts: 1 } as const;
      return inTransaction(store, (session) => useShareConsents(store, { command, actor: { ...actor, name: 'n' }, at: site.deps.now() }, session));
    };
    const first = await given();
    expect([await carriedOut(first), await carriedOut(first)]).toMatchObject([undefined, { outcome: 'refused', type: 'consent_needed', extra: { consentOf: [CRO] } }]);
    const second = await given();
    expect((await cro.post(`/consents/${second}/withdraw`, { reason: 'no more' })).status).toBe(200);
    expect(await carriedOut(second)).toMatchObject({ outcome: 'refused', type: 'consent_needed' });
  });

  test('P14 a CRO\'s own log of a study is not shown without the study\'s sponsor, who is told and learns no id', async () => {
    const log = await site.record({ raisingOrganisationId: CRO, accountableOrganisationId: CRO, visibleTo: [CRO] });
    const share = { organisationId: OTHER_SPONSOR, extent: 'whole', reason: 'r' };
    expect((await cro.post(`/issues/${log}/share`, share)).body).toMatchObject({ status: 409, type: '/problems/consent_needed', consentOf: [SPONSOR] });
    const asked = (await cro.post('/consents', { ...share, subject: 'share', recordId: log })).body as Awaited<ReturnType<typeof ask>>;
    expect((await sponsor.get(`/consents/${idOf(asked)}`)).body).toMatchObject({ status: 'asked', recordId: null });
    const told = await site.fresh.store.models.announcements.find({ about: `consent/${idOf(asked)}` }).lean();
    expect([...new Set(told.map(({ what, organisationId, subject }) => [what, organisationId, subject].join()))]).toEqual([`consent_asked,${SPONSOR},A record of your study`]);
  });

  test('P14 sharing with an organisation that one does not know answers as with one that does not exist', async () => {
    const log = await site.record({ raisingOrganisationId: CRO, accountableOrganisationId: CRO, visibleTo: [CRO] });
    for (const to of [`/issues/${log}/share`, '/consents']) {
      const answers = await Promise.all([OTHER_CRO, 'nobody'].map((organisationId) => cro.post(to, { organisationId, extent: 'whole', reason: 'r', ...(to === '/consents' && { subject: 'share', recordId: log }) })));
      const [real, made] = answers.map(({ body }) => { const { instance: _own, ...said } = body as { instance: string; status: number }; return said; });
      expect([to, real?.status, real]).toEqual([to, 422, made]);
    }
  });

  test('B11 P14 only the organisation that stored a file stores its next version, and that goes where it may add evidence, by the rule for links', async () => {
    const alone = { raisingOrganisationId: SPONSOR, accountableOrganisationId: SPONSOR, visibleTo: [SPONSOR] };
    const id = await fileOf(sponsor);
    const hidden = await site.record(alone);
    expect((await sponsor.post(`/evidence/${id}/links`, { recordId: hidden })).status).toBe(200);
    // The other party of the record, and whoever reads it by a consent, would speak in the owner's name.
    expect((await cro.open(textOf(5), { replaces: id })).status).toBe(403);
    expect((await cro.open(textOf(5), { replaces: id, recordId: theirs })).status).toBe(403);
    await sponsor.post(`/consents/${idOf(await ask(id))}/give`, { reason: 'once' });
    expect((await cro.post(`/evidence/${id}/links`, { recordId: theirs })).status).toBe(200);
    expect((await other.open(textOf(5), { replaces: id })).status).toBe(403);
    // The CRO's own file, on the sponsor's issue: a next version gets no further than a link would.
    const mine = await fileOf(cro);
    expect((await cro.open(textOf(5), { replaces: mine, recordId: theirs })).body).toMatchObject({ status: 409, type: '/problems/consent_needed', consentOf: [SPONSOR], toOrganisationIds: [OTHER_SPONSOR] });
    // Where a consent showed it, the next version needs another, though its owner may add evidence there.
    const asked = await ask(mine);
    await sponsor.post(`/consents/${idOf(asked)}/give`, { reason: 'this version' });
    expect((await cro.post(`/evidence/${mine}/links`, { recordId: theirs })).status).toBe(200);
    expect((await cro.upload(textOf(70, 'cro'), { replaces: mine })).links.map(({ recordId }) => recordId)).toEqual([own]);
    // What the other one linked to a record of its own does not take in later versions.
    const internal = await site.record({ raisingOrganisationId: CRO, accountableOrganisationId: CRO, visibleTo: [CRO] });
    expect((await cro.post(`/evidence/${id}/links`, { recordId: internal })).status).toBe(200);
    const next = await sponsor.upload(textOf(60, 'mine'), { replaces: id });
    expect(next.links.map(({ recordId }) => recordId).toSorted()).toEqual([own, hidden].toSorted());
  });

  test('B11 a party takes off its record what no party put there, and not what the other one put there', async () => {
    const id = await fileOf(cro);
    expect((await sponsor.post(`/evidence/${id}/links/withdraw`, { recordId: own, reason: 'unwelcome' })).status).toBe(403);
    const hidden = await site.record({ raisingOrganisationId: SPONSOR, accountableOrganisationId: SPONSOR, visibleTo: [SPONSOR] });
    const [link] = await site.fresh.store.models.evidenceLinks.find({ evidenceId: id }).lean();
    // As the next versions of earlier releases came there.
    await site.fresh.store.models.evidenceLinks.create([{ ...link, _id: `${id}/${hidden}`, recordId: hidden, inheritedFrom: 'an-older-one' }]);
    expect((await sponsor.post(`/evidence/${id}/links/withdraw`, { recordId: hidden, reason: 'not ours' })).status).toBe(204);
    expect((await sponsor.get(`/records/${hidden}/evidence`)).body).toMatchObject({ items: [], withdrawn: [{ reason: 'not ours' }] });
  });

  test('B11 what signed content names stays where it was put', async () => {
    const id = await fileOf(cro);
    await site.fresh.store.models.records.updateOne({ _id: own }, { $set: { state: { shares: [], evidenceHashes: { [id]: 'a' } } } });
    expect((await cro.post(`/evidence/${id}/links/withdraw`, { recordId: own, reason: 'a slip' })).status).toBe(409);
  });

  test('P14 a consent is the asking and the asked organisation\'s, nobody else\'s', async () => {
    const asked = await ask(await fileOf(sponsor));
    const stranger = await site.as(personOf(OTHER_CRO, 'quality'));
    for (const who of [other, stranger]) {
      expect((await who.get(`/consents/${idOf(asked)}`)).status).toBe(404);
      expect(JSON.stringify((await who.get('/consents')).body)).not.toContain(idOf(asked));
      expect((await who.post(`/consents/${idOf(asked)}/give`, { reason: 'r' })).status).toBe(404);
    }
    for (const who of [sponsor, cro]) expect(JSON.stringify((await who.get('/consents?limit=200')).body)).toContain(idOf(asked));
  });
});
