import { createHash } from 'node:crypto';
import request from 'supertest';
import { createApp } from '../../api/app';
import { instantOf, plusMs } from '../../contracts/instant';
import { listedUnder } from '../../domain/lists/listedUnder';
import { project } from '../../domain/capa/projection';
import { changeRecord } from '../../store/administration';
import { appendEntries } from '../../store/auditLog';
import { personKind } from '../../store/people';
import type { EvidenceDoc } from '../../store/schemas/evidence';
import type { RecordDoc } from '../../store/schemas/records';
import { CRO, SPONSOR } from '../domain/capa/capas';
import { openEvidenceSite, type EvidenceSite, type Uploader } from '../support/evidenceSite';
import { hashRecord } from '../support/trailOfPlaced';
import { NAMES, playReported, reportedSources, TITLE } from '../support/reportedCapa';

const PATH = '/capas/k1/report';
const run = playReported();
const sources = reportedSources(run);
const BEGINNING = instantOf(0);
const administered = { rev: 1, active: true, chain: { length: 0, head: '0'.repeat(64) }, createdAt: BEGINNING, updatedAt: BEGINNING };
const by = { at: BEGINNING, personId: 'bea', name: NAMES.people['bea'] ?? '', role: 'quality', organisationId: CRO } as const;

/** Puts the played CAPA where commit would have put it. */
async function storeReported({ fresh: { store } }: EvidenceSite): Promise<void> {
  const { models } = store;
  const { record, entries, signatures, evidence } = sources;
  for (const [_id, name] of Object.entries(NAMES.organisations)) {
    await models.organisations.create([{ ...administered, _id, name, kind: _id === SPONSOR ? 'sponsor' as const : 'cro' as const, zone: 'Europe/Zurich', receiptAddress: null }]);
  }
  await models.studies.updateOne({ _id: 'study-1' }, { $set: { code: 'ST-1', title: 'A study of wide things', organisationIds: [SPONSOR, CRO] } });
  for (const [_id, name] of Object.entries(NAMES.people)) {
    const organisationId = ['ann', 'amy', 'sam'].includes(_id) ? SPONSOR : CRO;
    await models.people.create([{ ...administered, _id, email: `${_id}@example.org`, name, organisationId, passwordHash: '-' }]);
    await models.memberships.create([{ ...administered, _id: `m/${_id}`, personId: _id, organisationId, role: _id === 'zoe' ? 'contributor' : 'quality', studyId: null, systemIds: [], from: BEGINNING, until: null }]);
  }
  const doc: RecordDoc = {
    ...(record as unknown as RecordDoc), capability: 'capa', ...project(run.state), listedUnder: [], openedAt: run.state.openedAt, done: false, drill: false,
  };
  await models.records.collection.insertOne({ ...doc, listedUnder: listedUnder(doc) } as never);
  await appendEntries(store, undefined, entries);
  await models.signatures.collection.insertMany(signatures.map(({ id, ...signature }) => ({ _id: id, ...signature })) as never);
  await models.steps.collection.insertMany(run.steps.map(({ rev, at, armed, ended, source }) => ({ _id: `k1|${source.key}`, recordId: 'k1', capability: 'capa', rev, key: source.key, act: source.act, actor: source.actor, at, armed, ended, effects: [], effectsDone: true, outcomes: [] })) as never);
  for (const { id, fileName, mediaType, sizeBytes, sha256, version, replaces, stored } of evidence) {
    const retention = { class: 'trial_master_file', years: 25, from: 'study_end', basis: 'b', until: null } as const;
    const file: EvidenceDoc = { _id: id, lineId: id, version, replaces, fileName, mediaType, sizeBytes, sha256, retention, sealedKey: 'k', storedBy: by, storedAt: stored.at };
    await models.evidence.collection.insertOne(file as never);
    await models.evidenceLinks.collection.insertOne({ _id: `${id}/k1`, evidenceId: id, recordId: 'k1', inheritedFrom: null, linkedBy: by, linkedAt: stored.at } as never);
  }
}

describe('the report of a CAPA over the API', () => {
  let site: EvidenceSite;
  let sponsor: Uploader;
  let cro: Uploader;
  beforeAll(async () => {
    site = await openEvidenceSite();
    await storeReported(site);
    [sponsor, cro] = [await site.as('ann'), await site.as('bea')];
  });
  afterAll(() => site.close());

  /** Raw bytes, as a program that saves a file gets them. */
  const fetched = async (personId: string, suffix = '', accept?: string) => {
    const asked = request(createApp(site.deps)).get(`/api/v1${PATH}${suffix}`).set('Authorization', `Bearer ${await site.tokenOf(personId)}`).buffer(true).parse((res, done) => {
      const parts: Buffer[] = [];
      res.on('data', (part: Buffer) => parts.push(part));
      res.on('end', () => { done(null, Buffer.concat(parts)); });
    });
    const { status, headers, body } = await (accept === undefined ? asked : asked.set('Accept', accept));
    return { status, headers: headers as Record<string, string>, body: body as Buffer };
  };

  test('P15 11.10(b) JSON and PDF by suffix and by Accept, as files with names', async () => {
    const [json, pdf] = [await fetched('ann', '.json'), await fetched('ann', '.pdf')];
    expect([json.status, json.headers['content-type'], json.headers['content-disposition']]).toEqual([200, 'application/json', expect.stringContaining(`CAPA-1-revision-${run.steps.length}.json`)]);
    expect([pdf.status, pdf.headers['content-type'], pdf.headers['content-disposition']]).toEqual([200, 'application/pdf', expect.stringContaining(`CAPA-1-revision-${run.steps.length}.pdf`)]);
    expect(pdf.body.subarray(0, 8).toString()).toBe('%PDF-1.7');
    expect(pdf.body.includes(json.body)).toBe(true);
    expect((await fetched('ann')).body.equals(json.body)).toBe(true);
    expect((await fetched('ann', '', 'application/pdf')).body.equals(pdf.body)).toBe(true);
    expect((await fetched('ann', '', 'application/pdf;q=0.5, application/json')).body.equals(json.body)).toBe(true);
    const neither = await sponsorAsks('text/html');
    expect([neither.status, (neither.body as { errors: { field: string }[] }).errors[0]?.field]).toEqual([400, 'Accept']);
  });
  const sponsorAsks = async (accept: string) => request(createApp(site.deps)).get(`/api/v1${PATH}`).set('Authorization', `Bearer ${await site.tokenOf('ann')}`).set('Accept', accept);

  test('P15 both organisations get the same bytes; its hash is in the answer; making it leaves no trace in the trail', async () => {
    const before = (await site.fresh.store.models.audit.countDocuments({}));
    const [own, other] = [await fetched('ann', '.json'), await fetched('bea', '.json')];
    expect(own.body.equals(other.body)).toBe(true);
    expect(own.headers['x-content-sha256']).toBe(createHash('sha256').update(own.body).digest('hex'));
    expect(await site.fresh.store.models.audit.countDocuments({})).toBe(before);
  });

  test('P5 P6 11.50(b) of every signature the API, the JSON and the record say the same, and the paper is made from the JSON', async () => {
    const facts = ['id', 'printedName', 'role', 'organisationId', 'organisationName', 'signedAt', 'zone', 'localTime', 'meaning', 'act', 'subject', 'version', 'contentHash', 'standing', 'verifies'];
    const of = (all: readonly Record<string, unknown>[]) => all.map((signature) => Object.fromEntries(facts.map((fact) => [fact, signature[fact]])));
    const listed = ((await cro.get('/records/k1/signatures')).body as { items: Record<string, unknown>[] }).items;
    const report = JSON.parse((await fetched('bea', '.json')).body.toString()) as { signatures: Record<string, unknown>[]; capa: { title: string } };
    expect(listed.length).toBeGreaterThan(10);
    expect(of(report.signatures)).toEqual(of(listed));
    expect(of(((await cro.get('/capas/k1')).body as { signatures: Record<string, unknown>[] }).signatures)).toEqual(of(listed));
    expect(Object.values(of(listed)[0] ?? {}).every((value) => value !== undefined && value !== '')).toBe(true);
    expect(new Set(listed.map(({ standing }) => standing))).toEqual(new Set(['this_version', 'not_for_this_version']));
    expect(report.capa.title).toBe(TITLE);
  });

  test('P14 whoever does not read the CAPA reads no report of it, nor of what is no CAPA', async () => {
    const stranger = await site.as('org-other-cro/quality');
    for (const suffix of ['', '.json', '.pdf']) {
      expect((await stranger.get(`${PATH}${suffix}`)).status).toBe(404);
      expect((await request(createApp(site.deps)).get(`/api/v1${PATH}${suffix}`)).status).toBe(401);
      expect((await sponsor.get(`/capas/nothing/report${suffix}`)).status).toBe(404);
    }
    const issue = await site.record({ raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, visibleTo: [SPONSOR, CRO] });
    expect((await sponsor.get(`/records/${issue}/evidence`)).status).toBe(200);
    expect((await sponsor.get(`/capas/${issue}/report.json`)).status).toBe(404);
  });

  test('P15 a later wedding does not change a report; another piece of evidence does, and is said', async () => {
    const { store } = site.fresh;
    const before = (await fetched('ann', '.json')).body;
    const at = plusMs(sources.record.updatedAt as typeof BEGINNING, 86_400_000);
    await changeRecord(store, { kind: personKind, id: 'bob', changes: { name: 'Bob Somebody-Else' }, reason: 'married', by: { actor: { kind: 'system', name: 'provisioning' }, at, correlationId: 'c' } });
    expect((await fetched('ann', '.json')).body.equals(before)).toBe(true);
    await store.models.evidence.collection.insertOne({ ...(await store.models.evidence.findById('ev-1').lean()), _id: 'ev-late', lineId: 'ev-late', fileName: 'late.txt' } as never);
    await store.models.evidenceLinks.collection.insertOne({ _id: 'ev-late/k1', evidenceId: 'ev-late', recordId: 'k1', inheritedFrom: null, linkedBy: by, linkedAt: plusMs(at, 1) } as never);
    const after = JSON.parse((await fetched('ann', '.json')).body.toString()) as { basis: object; names: { people: Record<string, string> } };
    expect(after.basis).toMatchObject({ revision: run.steps.length, evidence: { count: 8, lastLinkedAt: plusMs(at, 1) }, asOf: plusMs(at, 1) });
    expect(after.names.people['bob']).toBe('Bob Somebody-Else');
  });

  test('P2 P15 a trail that somebody changed in the database is reported as not intact', async () => {
    await site.fresh.admin.audit.collection<{ _id: string }>('audit').updateOne({ _id: 'k1/5' }, { $set: { reason: 'forged' } });
    const { trail } = JSON.parse((await fetched('ann', '.json')).body.toString()) as { trail: { intact: boolean; findings: string[] } };
    expect([trail.intact, trail.findings]).toEqual([false, [expect.stringContaining('seq 5 was changed')]]);
  });

  test('P1 P15 its versions over the API: what each changed, what stood at a revision, and how two differ', async () => {
    const asked = async (personId: string, path: string) => {
      const { status, body } = await request(createApp(site.deps)).get(`/api/v1/capas/k1/versions${path}`).set('Authorization', `Bearer ${await site.tokenOf(personId)}`);
      return { status, body: body as Record<string, never> };
    };
    const { status, body } = await asked('ann', '');
    const items = body['items'] as unknown as { version: number; acts: string[]; reason: string | null; missing: string | null; changes: { path: string }[] }[];
    expect([status, items.length > 10, items.every(({ missing }) => missing === null)]).toEqual([200, true, true]);
    const back = items.find(({ acts }) => acts.includes('work.returned'));
    expect(back).toMatchObject({ reason: 'Name the second system.' });
    const before = await asked('bea', `/${String((back?.version ?? 0) - 1)}`);
    expect(before.body).toMatchObject({ content: { number: 'CAPA-1', rootCause: { method: 'five_why' } }, difference: null });
    const last = await asked('ann', `/${String(run.steps.length)}?against=${String(back?.version)}`);
    expect((last.body['difference'] as unknown as { changes: object[] }).changes).toContainEqual({ path: 'rootCause/method', old: 'five_why', new: 'fishbone' });
    expect((await asked('ann', '/0')).status).toBe(400);
  });

  describe('of a record that somebody forged in the database', () => {
    const refusals = async () => (await site.fresh.store.models.audit.find({ streamId: 'refusals/k1' }).sort({ seq: 1 }).lean()).filter(({ action }) => action === 'damage.refused');
    const alarms = async () => (await site.fresh.store.models.commands.find({ 'opening.opening.request.dedupeKey': { $regex: '^damaged-record/k1/' } } as never).lean()).length;
    beforeAll(async () => { await hashRecord(site.fresh.store, 'k1'); });

    test('P2 P15 what is as its trail says is given out', async () => {
      expect((await fetched('ann', '.pdf')).status).toBe(200);
      expect((await cro.get('/capas/k1')).status).toBe(200);
    });

    test.each([['title', { 'content.title': 'Nothing was wrong' }], ['state', { 'state.severity': 'minor' }], ['parties', { visibleTo: [SPONSOR, CRO, 'org-other-cro'] }]])('P2 P15 an altered %s: neither PDF nor JSON nor whole view, security is told, the trail says it', async (_what, forged) => {
      const records = site.fresh.store.connection.collection<{ _id: string }>('records');
      const whole = await records.findOne({ _id: 'k1' });
      const before = (await refusals()).length;
      await records.updateOne({ _id: 'k1' }, { $set: forged });
      const answers = [await fetched('ann', '.pdf'), await fetched('ann', '.json'), await cro.get('/capas/k1')];
      await records.replaceOne({ _id: 'k1' }, whole ?? {});
      expect(answers.map(({ status }) => status)).toEqual([500, 500, 500]);
      expect((JSON.parse(String(answers[0]?.body)) as { type: string }).type).toContain('damaged');
      expect((await refusals()).slice(before).map(({ detail, actor }) => [(detail as { purpose: string }).purpose, actor.kind === 'person' && actor.personId])).toEqual([['report', 'ann'], ['report', 'ann'], ['view', 'bea']]);
      expect(await alarms()).toBe(2);
    });

    test('P2 P15 nor one whose chain was turned back, or that no entry knows of', async () => {
      const records = site.fresh.store.connection.collection<{ _id: string }>('records');
      const whole = await records.findOne({ _id: 'k1' });
      await records.updateOne({ _id: 'k1' }, { $set: { 'chain.documents.state': 'f'.repeat(64) } });
      const turned = await cro.get('/capas/k1');
      await records.replaceOne({ _id: 'k1' }, whole ?? {});
      const stranger = { ...whole, _id: 'k2', number: 'CAPA-2', chain: { length: 0, head: '0'.repeat(64) } };
      await records.insertOne(stranger);
      const made = await sponsor.get('/capas/k2/report.json');
      await site.fresh.admin.models.records.deleteOne({ _id: 'k2' });
      expect([turned.status, made.status]).toEqual([500, 500]);
    });
  });
});
