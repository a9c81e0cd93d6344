import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import request from 'supertest';
import { createApp } from '../../api/app';
import { defineRoute } from '../../api/route';
import { Failure } from '../../contracts/failures';
import { CHUNK_BYTES } from '../../domain/evidence/framing';
import { CRO, OTHER_CRO, personOf, SPONSOR } from '../support/cast';
import { chunkOf, MAX_BYTES, openEvidenceSite, sha256, textOf, type EvidenceSite, type Uploader } from '../support/evidenceSite';

const HOUR_MS = 3_600_000;
/** Two full chunks and a short one. */
const FILE = textOf(2 * CHUNK_BYTES + 777);

describe('uploading evidence', () => {
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

  describe('an upload', () => {
    test('B11 is cancelled by who began it, on the trail; nobody else ends it, and evidence is not ended', async () => {
      const recordId = await site.record();
      const { id } = (await cro.open(FILE, { recordId, fileName: 'wrong one.txt' })).body as { id: string };
      await cro.chunk(id, FILE, 0);
      expect([(await colleague.delete(`/uploads/${id}`)).status, (await stranger.delete(`/uploads/${id}`)).status]).toEqual([404, 404]);
      expect((await cro.delete(`/uploads/${id}`)).status).toBe(204);
      expect([(await cro.get(`/evidence/${id}`)).status, (await cro.delete(`/uploads/${id}`)).status]).toEqual([404, 404]);
      expect(await site.fresh.store.models.evidenceUploadChunks.countDocuments({ uploadId: id })).toBe(0);
      const [entry] = await site.fresh.store.models.audit.find({ action: 'upload.cancelled' }).lean();
      expect(entry).toMatchObject({ streamId: `refusals/person/${personOf(CRO, 'quality')}`, visibleTo: [CRO], detail: { uploadId: id, fileName: 'wrong one.txt', sha256: sha256(FILE), recordId } });
      const stored = (await cro.open(FILE, { recordId, fileName: 'kept.txt' })).body as { id: string };
      for (const n of [0, 1, 2]) await cro.chunk(stored.id, FILE, n);
      await cro.post(`/evidence/${stored.id}/complete`);
      expect([(await cro.delete(`/uploads/${stored.id}`)).status, (await sponsor.delete(`/uploads/${stored.id}`)).status, (await stranger.delete(`/uploads/${stored.id}`)).status]).toEqual([409, 409, 404]);
      expect((await cro.get(`/evidence/${stored.id}`)).status).toBe(200);
    });

    test('B11 in chunks, checked on both ends, comes back byte by byte to whoever reads the record', async () => {
      const recordId = await site.record();
      const opened = await cro.open(FILE, { recordId, fileName: 'Prüfung "1".txt' });
      expect(opened.status).toBe(201);
      expect(opened.body).toMatchObject({ status: 'uploading', chunkBytes: CHUNK_BYTES, chunks: 3, received: [], missing: [0, 1, 2] });
      const { id } = opened.body as { id: string };
      expect(opened.headers['location']).toBe(`/api/v1/evidence/${id}`);
      // In any order.
      for (const n of [2, 0, 1]) expect((await cro.chunk(id, FILE, n)).body).toEqual({ n, sha256: sha256(chunkOf(FILE, n)) });
      const stored = await cro.post(`/evidence/${id}/complete`);
      expect(stored.status).toBe(200);
      expect(stored.body).toMatchObject({ id, status: 'stored', version: 1, lineId: id, sha256: sha256(FILE), sizeBytes: FILE.length, legalHold: false, links: [{ recordId }], retention: { class: 'trial_master_file', until: null } });
      expect(stored.text).not.toContain('sealedKey');

      const file = await sponsor.download(id);
      expect(file.body.equals(FILE)).toBe(true);
      expect(file.headers).toMatchObject({
        'content-type': 'text/plain', 'content-length': String(FILE.length), 'x-content-sha256': sha256(FILE), 'x-content-type-options': 'nosniff', 'cache-control': 'no-store',
        'content-disposition': "attachment; filename=\"Pr_fung _1_.txt\"; filename*=UTF-8''Pr%C3%BCfung%20%221%22.txt", 'repr-digest': `sha-256=:${Buffer.from(sha256(FILE), 'hex').toString('base64')}:`,
      });
      expect(await actions(sponsor, id)).toEqual(['evidence.stored', 'evidence.linked']);
      // Completing again answers the same and does nothing.
      expect((await cro.post(`/evidence/${id}/complete`)).body).toEqual(stored.body);
      expect(await actions(sponsor, id)).toHaveLength(2);
      expect(await site.fresh.store.models.evidenceUploadChunks.countDocuments({ uploadId: id })).toBe(0);
    });

    test('B11 what is refused at opening: type, name, size, record of somebody else', async () => {
      const bytes = textOf(10);
      const errors = async (more: object) => {
        const answer = await cro.open(bytes, more);
        return [answer.status, ((answer.body as { errors?: { field: string }[] }).errors ?? []).map(({ field }) => field)];
      };
      expect(await errors({ mediaType: 'text/html', fileName: 'a.html' })).toEqual([422, ['mediaType']]);
      expect(await errors({ fileName: 'run.exe' })).toEqual([422, ['fileName']]);
      expect(await errors({ sizeBytes: MAX_BYTES + 1 })).toEqual([422, ['sizeBytes']]);
      expect(await errors({ sizeBytes: MAX_BYTES })).toEqual([201, []]);
      expect(await errors({ sizeBytes: 0 })).toEqual([400, ['sizeBytes']]);
      for (const fileName of ['../../etc/passwd.txt', 'a\u202Etxt.exe', 'a\r\nb.txt', 'x'.repeat(201)]) expect(await errors({ fileName })).toEqual([400, ['fileName']]);
      expect(await errors({ sha256: 'abc' })).toEqual([400, ['sha256']]);
      expect((await stranger.open(bytes, { recordId: await site.record() })).status).toBe(404);
      const inspector = await site.as(personOf(CRO, 'contributor'));
      expect((await inspector.open(bytes, { recordId: await site.record({ accountableOrganisationId: SPONSOR }) })).status).toBe(403);
    });

    test('B11 a chunk with a wrong hash is refused and changes nothing; the right one goes through', async () => {
      const { id } = (await cro.open(FILE)).body as { id: string };
      const wrong = await cro.put(`/evidence/${id}/chunks/1`, chunkOf(FILE, 1), { 'X-Chunk-SHA256': sha256(Buffer.from('other')) });
      expect(wrong.body).toMatchObject({ status: 422, declared: sha256(Buffer.from('other')), found: sha256(chunkOf(FILE, 1)) });
      expect((await cro.put(`/evidence/${id}/chunks/1`, chunkOf(FILE, 1), { 'X-Chunk-SHA256': 'none' })).status).toBe(400);
      expect((await cro.get(`/evidence/${id}`)).body.missing).toEqual([0, 1, 2]);
      expect((await cro.chunk(id, FILE, 1)).status).toBe(200);
      expect((await cro.chunk(id, FILE, 1)).status).toBe(200);
      const other = Buffer.from(chunkOf(FILE, 1)).fill(0x21, 0, 1);
      expect((await cro.put(`/evidence/${id}/chunks/1`, other)).body).toMatchObject({ status: 409, declared: sha256(other), found: sha256(chunkOf(FILE, 1)) });
      expect((await cro.get(`/evidence/${id}`)).body).toMatchObject({ missing: [0, 2], received: [{ n: 1, sha256: sha256(chunkOf(FILE, 1)) }] });
    });

    test('B11 more than was declared is refused: a longer chunk, a further chunk, a body over a chunk', async () => {
      const { id } = (await cro.open(FILE)).body as { id: string };
      expect((await cro.put(`/evidence/${id}/chunks/2`, textOf(778))).body).toMatchObject({ status: 422, expectedBytes: 777, foundBytes: 778 });
      expect((await cro.put(`/evidence/${id}/chunks/1`, textOf(777))).body).toMatchObject({ status: 422, expectedBytes: CHUNK_BYTES });
      expect((await cro.put(`/evidence/${id}/chunks/3`, textOf(1))).body).toMatchObject({ status: 422, errors: [{ field: 'n' }] });
      expect((await cro.put(`/evidence/${id}/chunks/-1`, textOf(1))).status).toBe(400);
      expect((await cro.put(`/evidence/${id}/chunks/0`, textOf(CHUNK_BYTES + 1))).body).toMatchObject({ status: 400, errors: [{ field: 'body', message: 'larger than 1024 kB' }] });
      expect((await cro.put(`/evidence/${id}/chunks/2`, textOf(777), { 'Content-Type': 'text/plain' })).body).toMatchObject({ status: 400, errors: [{ field: 'Content-Type' }] });
      expect((await cro.get(`/evidence/${id}`)).body.received).toEqual([]);
    });

    test('B11 first bytes that are not those of the declared type are refused', async () => {
      const bytes = Buffer.from('MZ this is a program');
      const { id } = (await cro.open(bytes, { fileName: 'report.pdf', mediaType: 'application/pdf' })).body as { id: string };
      expect((await cro.chunk(id, bytes, 0)).body).toMatchObject({ status: 422, errors: [{ field: 'body', message: 'not application/pdf' }] });
    });

    test('B11 a whole file that is not what was declared: both hashes named, nothing stored, the wrong chunk alone is sent again', async () => {
      const recordId = await site.record();
      const { id } = (await cro.open(FILE, { recordId })).body as { id: string };
      const wrong = Buffer.from(FILE);
      wrong[CHUNK_BYTES] = 0x21;
      for (const n of [0, 1, 2]) await cro.chunk(id, wrong, n);
      const refused = await cro.post(`/evidence/${id}/complete`);
      expect(refused.body).toMatchObject({ status: 422, declared: { sha256: sha256(FILE), sizeBytes: FILE.length }, found: { sha256: sha256(wrong), sizeBytes: FILE.length } });
      expect((await sponsor.get(`/records/${recordId}/evidence`)).body.items).toEqual([]);
      expect(await site.fresh.admin.audit.collection('evidence.chunks').countDocuments({ files_id: id })).toBe(0);
      expect((await cro.get(`/evidence/${id}`)).body).toMatchObject({ status: 'uploading', missing: [] });
      expect((await cro.chunk(id, FILE, 1)).status).toBe(200);
      // Sent again, it is settled again.
      expect((await cro.chunk(id, wrong, 1)).status).toBe(409);
      expect((await cro.post(`/evidence/${id}/complete`)).status).toBe(200);
      expect((await sponsor.download(id)).body.equals(FILE)).toBe(true);
    });

    test('B11 interrupted, and the process gone, it goes on where it was; completing too early names what is missing', async () => {
      const { id } = (await cro.open(FILE)).body as { id: string };
      await cro.chunk(id, FILE, 0);
      site.restart();
      const early = await cro.post(`/evidence/${id}/complete`);
      expect(early.body).toMatchObject({ status: 409, missing: [1, 2], missingTotal: 2 });
      const { missing } = (await cro.get(`/evidence/${id}`)).body as { missing: number[] };
      for (const n of missing) await cro.chunk(id, FILE, n);
      site.restart();
      expect((await cro.post(`/evidence/${id}/complete`)).status).toBe(200);
      expect((await cro.download(id)).body.equals(FILE)).toBe(true);
    });

    test('B11 a connection that breaks in the middle of a chunk stores nothing of it; the chunk is sent again', async () => {
      const { id } = (await cro.open(FILE)).body as { id: string };
      const server = await site.listen();
      const token = await site.tokenOf(personOf(CRO, 'quality'));
      await new Promise<void>((resolve, reject) => {
        const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream', 'content-length': CHUNK_BYTES, 'x-chunk-sha256': sha256(chunkOf(FILE, 0)) };
        const sending = httpRequest({ port: server.port, method: 'PUT', path: `/api/v1/evidence/${id}/chunks/0`, headers });
        sending.once('error', () => { resolve(); });
        sending.once('response', () => { reject(new Error('half a chunk was answered')); });
        sending.write(FILE.subarray(0, CHUNK_BYTES / 2), () => { setTimeout(() => sending.destroy(new Error('cut')), 100); });
      });
      expect((await cro.get(`/evidence/${id}`)).body.received).toEqual([]);
      expect((await cro.chunk(id, FILE, 0)).status).toBe(200);
      await server.close();
    });

    test('B11 the upload as the documentation shows it', async () => {
      const [, script = ''] = /```sh\n([\s\S]*?)```/.exec(readFileSync(path.join(__dirname, '../../docs/evidence.md'), 'utf8')) ?? [];
      const folder = mkdtempSync(path.join(tmpdir(), 'cro-evidence-'));
      const bytes = Buffer.concat([Buffer.from('%PDF-1.7\n'), FILE]);
      writeFileSync(path.join(folder, 'report.pdf'), bytes);
      const server = await site.listen();
      const recordId = await site.record();
      try {
        const env = { ...process.env, TMPDIR: folder, BASE: `http://127.0.0.1:${String(server.port)}`, TOKEN: await site.tokenOf(personOf(CRO, 'quality')), RECORD: recordId };
        await promisify(execFile)('bash', ['-euc', script], { cwd: folder, env });
        const [stored] = (await sponsor.get(`/records/${recordId}/evidence`)).body.items as { id: string; sha256: string }[];
        expect(stored?.sha256).toBe(sha256(bytes));
      } finally {
        await server.close();
        rmSync(folder, { recursive: true });
      }
    });

    test('B11 it is its opener\'s alone, and needs to be signed in for', async () => {
      const { id } = (await cro.open(FILE)).body as { id: string };
      for (const other of [colleague, sponsor, stranger]) {
        expect([(await other.get(`/evidence/${id}`)).status, (await other.chunk(id, FILE, 0)).status, (await other.post(`/evidence/${id}/complete`)).status]).toEqual([404, 404, 404]);
      }
      expect((await request(createApp(site.deps)).put(`/api/v1/evidence/${id}/chunks/0`).set('Content-Type', 'application/octet-stream').send(chunkOf(FILE, 0))).status).toBe(401);
    });

    test('B11 two completions at once make one', async () => {
      const { id } = (await cro.open(FILE)).body as { id: string };
      for (const n of [0, 1, 2]) await cro.chunk(id, FILE, n);
      const both = await Promise.all([cro.post(`/evidence/${id}/complete`), cro.post(`/evidence/${id}/complete`)]);
      expect(both.map(({ status }) => status)).toEqual([200, 200]);
      expect(await actions(cro, id)).toEqual(['evidence.stored']);
    });

    test('B11 after 24 hours it takes nothing more, and nobody has more than twenty under way', async () => {
      const busy = await site.as(personOf(CRO, 'executive'));
      const { id } = (await busy.open(FILE)).body as { id: string };
      for (let n = 1; n < 20; n += 1) expect((await busy.open(FILE)).status).toBe(201);
      expect((await busy.open(FILE)).status).toBe(409);
      site.pass(24 * HOUR_MS);
      expect([(await busy.chunk(id, FILE, 0)).status, (await busy.post(`/evidence/${id}/complete`)).status]).toEqual([409, 409]);
      expect((await busy.open(FILE)).status).toBe(201);
      site.pass(-24 * HOUR_MS);
    });
  });

  test('B11 a file that fails while it is sent is cut off, never ended as if it were whole', async () => {
    const failing = defineRoute({
      method: 'get', path: '/failing', summary: 'fails', tags: [], access: 'public', scope: 'read', answers: {},
      handler: () => ({ status: 200, headers: { 'Content-Length': '20' }, stream: Readable.from((async function* () { yield await Promise.resolve(Buffer.from('ten bytes.')); throw new Failure('damaged', 'no'); })()) }),
    });
    const app = createApp(site.deps, [failing]);
    await expect(request(app).get('/failing')).rejects.toThrow(/aborted|ECONNRESET/);
  });
});
