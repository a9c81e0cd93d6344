import { mongo } from 'mongoose';
import { expireUploads } from '../../activities/expireUploads';
import type { FileCipher } from '../../contracts/evidence';
import { CHUNK_BYTES } from '../../domain/evidence/framing';
import { completeUpload, evidenceById } from '../../store/evidence';
import { evidenceRefs } from '../../store/evidenceLinks';
import { plainBytes } from '../../store/evidenceFiles';
import { uploadById } from '../../store/evidenceUploads';
import { verifyEvidence } from '../../store/evidenceVerify';
import { organisationsOfStreams } from '../../store/streamOwners';
import { CRO, OTHER_CRO, personOf, SPONSOR } from '../support/cast';
import { openEvidenceSite, sha256, textOf, type EvidenceSite, type Uploader } from '../support/evidenceSite';
import { DEFAULT_RETENTION } from '../../contracts/retention';

const HOUR_MS = 3_600_000;
const FILE = textOf(2 * CHUNK_BYTES + 10, 'store');

describe('evidence as it is kept', () => {
  let site: EvidenceSite;
  let cro: Uploader;
  beforeAll(async () => {
    site = await openEvidenceSite();
    cro = await site.as(personOf(CRO, 'quality'));
  });
  afterAll(() => site.close());
  const kept = (name: string) => site.fresh.admin.audit.collection<{ _id: unknown; files_id: string; n: number; data: mongo.Binary }>(name);
  const bytesOf = ({ data }: { data: mongo.Binary }): Buffer => Buffer.from(data.value());

  test('B11 GridFS holds frames that show nothing; every file has a key of its own', async () => {
    const { id } = await cro.upload(FILE);
    const twin = await cro.upload(FILE);
    const bucket = new mongo.GridFSBucket(site.fresh.admin.audit, { bucketName: 'evidence' });
    const raw: Buffer[] = [];
    for await (const part of bucket.openDownloadStream(id as never)) raw.push(part as Buffer);
    const whole = Buffer.concat(raw);
    expect(whole.length).toBe(FILE.length + 3 * 28);
    expect(whole.includes(FILE.subarray(0, 32))).toBe(false);
    const [one, other] = [await evidenceById(site.fresh.store, id), await evidenceById(site.fresh.store, twin.id)];
    expect(one?.sealedKey).not.toBe(other?.sealedKey);
    expect(one?.sha256).toBe(sha256(FILE));
    expect(await site.fresh.admin.main.listCollections({ name: /^evidence\.(files|chunks)$/ }).toArray()).toEqual([]);
  });

  test('B11 chunks on their way are encrypted too', async () => {
    const { id } = (await cro.open(FILE)).body as { id: string };
    await cro.chunk(id, FILE, 0);
    const chunk = await site.fresh.admin.main.collection<{ uploadId: string; data: mongo.Binary }>('evidence_upload_chunks').findOne({ uploadId: id });
    expect(Buffer.from(chunk?.data.value() ?? []).includes(FILE.subarray(0, 32))).toBe(false);
  });

  test('B11 the application\'s own database user can neither change nor remove what is evidence', async () => {
    const { id } = await cro.upload(textOf(10));
    const own = site.fresh.store.connection.getClient().db(site.fresh.store.auditConnection.name);
    for (const [name, filter] of [['evidence', { _id: id }], ['evidence_links', { evidenceId: id }], ['evidence.files', { _id: id }], ['evidence.chunks', { files_id: id }]] as const) {
      const collection = own.collection(name);
      await expect(collection.deleteMany(filter as never)).rejects.toMatchObject({ code: 13 });
      await expect(collection.updateMany(filter as never, { $set: { tampered: true } })).rejects.toMatchObject({ code: 13 });
      await expect(collection.drop()).rejects.toMatchObject({ code: 13 });
    }
    expect(await verifyEvidence(site.fresh.store, site.cipher, { ids: [id] })).toMatchObject({ intact: true, files: 1 });
  });

  describe('tampering by whoever runs the database', () => {
    const messages = async (id: string) => (await verifyEvidence(site.fresh.store, site.cipher, { ids: [id] })).findings.map(({ message }) => message);
    const frames = (id: string) => kept('evidence.chunks').find({ files_id: id }).sort({ n: 1 }).toArray();

    test.each<[string, (id: string) => Promise<unknown>]>([
      ['a flipped bit in the last chunk', async (id) => {
        const last = (await frames(id)).at(-1);
        const data = bytesOf(last as never);
        data[15] = (data[15] ?? 0) ^ 1;
        return kept('evidence.chunks').updateOne({ _id: last?._id as never }, { $set: { data: new mongo.Binary(data) } });
      }],
      ['a chunk removed', (id) => kept('evidence.chunks').deleteOne({ files_id: id, n: 1 })],
      ['the last chunk cut off', (id) => kept('evidence.chunks').deleteOne({ files_id: id, n: 2 })],
      ['two chunks swapped', async (id) => {
        const [first, second] = await frames(id);
        await kept('evidence.chunks').updateOne({ _id: first?._id as never }, { $set: { data: second?.data as never } });
        return kept('evidence.chunks').updateOne({ _id: second?._id as never }, { $set: { data: first?.data as never } });
      }],
      ['a chunk of another file', async (id) => {
        const other = await cro.upload(textOf(2 * CHUNK_BYTES + 10, 'other'));
        const foreign = await kept('evidence.chunks').findOne({ files_id: other.id, n: 0 });
        return kept('evidence.chunks').updateOne({ files_id: id, n: 0 }, { $set: { data: foreign?.data as never } });
      }],
      ['a chunk put after the last', (id) => kept('evidence.chunks').insertOne({ _id: new mongo.ObjectId(), files_id: id, n: 3, data: new mongo.Binary(Buffer.alloc(40)) })],
    ])('B11 %s: the download fails before its first byte, and the verification names the file', async (_name, tamper) => {
      const { id } = await cro.upload(FILE);
      await tamper(id);
      const answer = await cro.download(id);
      expect([answer.status, answer.headers['content-type'], JSON.parse(answer.body.toString()).type]).toEqual([500, 'application/problem+json; charset=utf-8', '/problems/damaged']);
      expect(await messages(id)).toEqual([expect.stringContaining('not what was stored')]);
    });

    test('B11 another file under the same id, sealed by a thief of the keys, does not have the hash of the trail', async () => {
      const { id } = await cro.upload(textOf(10, 'true'));
      const doc = await evidenceById(site.fresh.store, id);
      const forged = textOf(10, 'false');
      const frame = site.cipher.keyOf({ id, sealedKey: doc?.sealedKey ?? '', frames: 1 }).seal(0, forged);
      await kept('evidence.chunks').updateOne({ files_id: id }, { $set: { data: new mongo.Binary(frame) } });
      expect((await cro.download(id)).status).toBe(500);
      await site.fresh.admin.audit.collection('evidence').updateOne({ _id: id as never }, { $set: { sha256: sha256(forged) } });
      expect(await messages(id)).toEqual(['sha256 not as the audit trail says']);
    });

    test('P17 a retention that was shortened, or a document that the trail never heard of, is named', async () => {
      const { id } = await cro.upload(textOf(10));
      await site.fresh.admin.audit.collection('evidence').updateOne({ _id: id as never }, { $set: { 'retention.years': 1 } });
      expect(await messages(id)).toEqual(['retention is not what the audit trail says']);
      await site.fresh.admin.audit.collection('audit').deleteMany({ streamId: `evidence/${id}` });
      expect(await messages(id)).toEqual(['the audit trail does not know of it']);
    });

    test('B11 a file that is damaged between the check and the sending is cut off before its last byte', async () => {
      const { id } = await cro.upload(FILE);
      const doc = await evidenceById(site.fresh.store, id);
      if (!doc) throw new Error('not stored');
      let received = 0;
      const reading = async () => { for await (const part of plainBytes(site.fresh.store, { ...doc, sha256: sha256(Buffer.from('other')) }, site.cipher)) received += part.length; };
      await expect(reading()).rejects.toMatchObject({ type: 'damaged' });
      expect(received).toBe(2 * CHUNK_BYTES);
    });
  });

  test('B11 a process that dies while completing leaves no evidence, and the next attempt completes it', async () => {
    const { id } = (await cro.open(FILE)).body as { id: string };
    for (const n of [0, 1, 2]) await cro.chunk(id, FILE, n);
    const upload = await uploadById(site.fresh.store, id);
    if (!upload) throw new Error('no upload');
    const person = upload.openedBy;
    const actor = { person, by: { actor: { kind: 'person', ...person }, at: site.deps.now(), correlationId: 'c' } } as const;
    for (const diesAt of [2, 4, 5]) {
      let opened = 0;
      const dying: FileCipher = { ...site.cipher, keyOf: (file) => {
        const key = site.cipher.keyOf(file);
        return { ...key, open: (n, frame) => {
          opened += 1;
          if (opened > diesAt) throw new Error('killed');
          return key.open(n, frame);
        } };
      } };
      await expect(completeUpload(site.fresh.store, { upload, actor, cipher: dying, rules: DEFAULT_RETENTION })).rejects.toThrow('killed');
      expect(await evidenceById(site.fresh.store, id)).toBeUndefined();
      expect((await cro.get(`/evidence/${id}`)).body.status).toBe('uploading');
    }
    // Some frames lie in the bucket already.
    expect(await kept('evidence.chunks').countDocuments({ files_id: id })).toBe(2);
    expect((await cro.post(`/evidence/${id}/complete`)).status).toBe(200);
    expect((await cro.download(id)).body.equals(FILE)).toBe(true);
    expect(await site.fresh.admin.audit.collection('audit').countDocuments({ streamId: `evidence/${id}` })).toBe(1);
  });

  test('B11 when the transaction cannot be written there is neither evidence nor entry, and the upload stays', async () => {
    const recordId = await site.record();
    const { id } = (await cro.open(FILE, { recordId })).body as { id: string };
    for (const n of [0, 1, 2]) await cro.chunk(id, FILE, n);
    const upload = await uploadById(site.fresh.store, id);
    if (!upload) throw new Error('no upload');
    const actor = { person: upload.openedBy, by: { actor: { kind: 'person', ...upload.openedBy }, at: site.deps.now(), correlationId: 'c' } } as const;
    await site.fresh.admin.main.collection('records').deleteOne({ _id: recordId as never });
    await expect(completeUpload(site.fresh.store, { upload, actor, cipher: site.cipher, rules: DEFAULT_RETENTION })).rejects.toMatchObject({ type: 'not_found' });
    expect(await evidenceById(site.fresh.store, id)).toBeUndefined();
    expect(await uploadById(site.fresh.store, id)).toBeDefined();
    expect(await kept('evidence.files').countDocuments({ _id: id as never })).toBe(0);
    expect(await site.fresh.admin.audit.collection('audit').countDocuments({ streamId: `evidence/${id}` })).toBe(0);
  });

  test('B11 housekeeping removes what expired, with its chunks, and never what was completed', async () => {
    await site.fresh.store.models.evidenceUploads.deleteMany({});
    await site.fresh.store.models.evidenceUploadChunks.deleteMany({});
    const done = await cro.upload(FILE);
    const { id: begun } = (await cro.open(FILE)).body as { id: string };
    await cro.chunk(begun, FILE, 0);
    site.pass(24 * HOUR_MS);
    const { id: fresh } = (await (await site.as(personOf(CRO, 'study_lead'))).open(FILE)).body as { id: string };
    expect(await expireUploads({ store: site.fresh.store, now: site.deps.now })).toEqual({ uploads: 0, chunks: 0 });
    site.pass(HOUR_MS + 60_000);
    expect(await expireUploads({ store: site.fresh.store, now: site.deps.now })).toEqual({ uploads: 1, chunks: 1 });
    expect(await expireUploads({ store: site.fresh.store, now: site.deps.now })).toEqual({ uploads: 0, chunks: 0 });
    expect([await uploadById(site.fresh.store, begun), (await uploadById(site.fresh.store, fresh))?._id]).toEqual([undefined, fresh]);
    expect((await cro.download(done.id)).body.equals(FILE)).toBe(true);
    site.pass(-25 * HOUR_MS - 60_000);
  });

  test('B11 what a signature covers: id and hash of what is linked to the record, and of nothing else', async () => {
    const recordId = await site.record();
    const { id } = await cro.upload(textOf(10), { recordId });
    const { id: other } = await cro.upload(textOf(11));
    expect(await evidenceRefs(site.fresh.store, { recordId, evidenceIds: [id, other, 'none'] })).toEqual([{ id, sha256: sha256(textOf(10)) }]);
  });

  test('P1 the stream of evidence belongs to whoever may read a record that it is linked to', async () => {
    const recordId = await site.record({ visibleTo: [SPONSOR, CRO, OTHER_CRO] });
    const { id } = await cro.upload(textOf(10), { recordId });
    const { id: free } = await cro.upload(textOf(10));
    const owners = await organisationsOfStreams(site.fresh.store, [`evidence/${id}`, `evidence/${free}`, `refusals/evidence/${id}`]);
    expect([...owners.values()].map((ids) => ids.toSorted())).toEqual([[CRO, OTHER_CRO, SPONSOR].toSorted(), [CRO], [CRO, OTHER_CRO, SPONSOR].toSorted()]);
  });
});
