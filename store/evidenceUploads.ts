import { createHash } from 'node:crypto';
import { type FileCipher, type OpenUpload, UPLOAD_KEPT_MS, UPLOADS_AT_ONCE } from '../contracts/evidence';
import { Failure } from '../contracts/failures';
import { refusalStreamOf } from '../contracts/ids';
import { plusMs, type Instant } from '../contracts/instant';
import { chunkBytes, chunksOf, missingChunks } from '../domain/evidence/framing';
import { declarationFault, fitsType } from '../domain/evidence/mediaTypes';
import { newId, type By } from './administration';
import { appendToStream } from './auditLog';
import { inTransaction, type Store } from './connection';
import { isDuplicateKey } from './duplicateKey';
import type { ByPerson, EvidenceUploadChunkDoc, EvidenceUploadDoc } from './schemas/evidence';

/** An upload and which of its chunks are there. */
export interface UploadProgress {
  readonly upload: EvidenceUploadDoc;
  readonly received: readonly { readonly n: number; readonly sha256: string }[];
  readonly missing: readonly number[];
}

/** After its end an upload stays this long, so that a completion under way is not robbed, ms. */
const GRACE_MS = 3_600_000;

const broken = (message: string, extra: Readonly<Record<string, unknown>>): Failure => new Failure('rule_broken', message, extra);

/** Opens an upload. Throws Failure `rule_broken` for a type, name or size that is not taken, `wrong_state` with too many under way. */
export async function openUpload(
  store: Store,
  input: { readonly asked: OpenUpload; readonly by: ByPerson; readonly at: Instant; readonly maxBytes: number; readonly cipher: FileCipher },
): Promise<EvidenceUploadDoc> {
  const { asked, by, at, maxBytes, cipher } = input;
  const fault = declarationFault(asked);
  const errors = [
    ...(fault ? [fault] : []),
    ...(asked.sizeBytes > maxBytes ? [{ field: 'sizeBytes', message: `larger than ${String(maxBytes)} bytes` }] : []),
  ];
  if (errors.length > 0) throw broken('The file cannot be taken as evidence.', { errors, maxBytes });
  const underWay = await store.models.evidenceUploads.countDocuments({ 'openedBy.personId': by.personId, expiresAt: { $gt: at } });
  if (underWay >= UPLOADS_AT_ONCE) throw new Failure('wrong_state', `There are ${String(underWay)} uploads of yours under way: complete or cancel them, or let them expire.`);
  const _id = newId();
  const upload: EvidenceUploadDoc = {
    _id, recordId: asked.recordId ?? null, replaces: asked.replaces ?? null, fileName: asked.fileName, mediaType: asked.mediaType, sizeBytes: asked.sizeBytes,
    sha256: asked.sha256, retentionClass: asked.retentionClass, sealedKey: cipher.newKey(_id), attempt: 1, openedBy: by, openedAt: at, expiresAt: plusMs(at, UPLOAD_KEPT_MS),
  };
  await store.models.evidenceUploads.create([upload]);
  return upload;
}

/** An upload under way, or undefined. */
export async function uploadById(store: Store, id: string): Promise<EvidenceUploadDoc | undefined> {
  return (await store.models.evidenceUploads.findById(id).lean<EvidenceUploadDoc>()) ?? undefined;
}

/** Throws Failure `wrong_state` when the upload's time is over. */
export function requireOpen(upload: EvidenceUploadDoc, at: Instant): void {
  if (at >= upload.expiresAt) throw new Failure('wrong_state', `The upload expired at ${upload.expiresAt}; open another.`, { expiresAt: upload.expiresAt });
}

/** Which chunks are there; those of an earlier attempt too, since only some of them need to be sent again. */
export async function progressOf(store: Store, upload: EvidenceUploadDoc): Promise<UploadProgress> {
  const received = await store.models.evidenceUploadChunks.find({ uploadId: upload._id }, { n: 1, sha256: 1 }).sort({ n: 1 }).lean<Pick<EvidenceUploadChunkDoc, 'n' | 'sha256'>[]>();
  return { upload, received: received.map(({ n, sha256 }) => ({ n, sha256 })), missing: missingChunks(upload.sizeBytes, received.map(({ n }) => n)) };
}

/**
 * Keeps chunk `n` (from 0). The same content again changes nothing. Throws Failure `rule_broken` when length, hash or type
 * are not as declared, `exists` when another content is there, `wrong_state` when the upload has expired.
 */
export async function putChunk(
  store: Store,
  input: { readonly upload: EvidenceUploadDoc; readonly n: number; readonly bytes: Uint8Array; readonly declared: string; readonly at: Instant; readonly cipher: FileCipher },
): Promise<void> {
  const { upload, n, bytes, declared, at, cipher } = input;
  requireOpen(upload, at);
  checkChunk(upload, { n, bytes, declared });
  const chunk: EvidenceUploadChunkDoc = {
    _id: `${upload._id}/${String(n)}`, uploadId: upload._id, n, attempt: upload.attempt, sha256: declared, expiresAt: upload.expiresAt,
    data: Buffer.from(cipher.keyOf({ id: upload._id, sealedKey: upload.sealedKey, frames: chunksOf(upload.sizeBytes) }).seal(n, bytes)),
  };
  try {
    await store.models.evidenceUploadChunks.create([chunk]);
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    await putAgain(store, chunk);
  }
}

function checkChunk({ sizeBytes, mediaType }: EvidenceUploadDoc, { n, bytes, declared }: { readonly n: number; readonly bytes: Uint8Array; readonly declared: string }): void {
  const expectedBytes = chunkBytes(sizeBytes, n);
  if (expectedBytes === undefined) {
    throw broken(`The file that was declared has chunks 0 to ${String(chunksOf(sizeBytes) - 1)}.`, { errors: [{ field: 'n', message: 'beyond what was declared' }] });
  }
  if (bytes.length !== expectedBytes) {
    throw broken(`Chunk ${String(n)} has ${String(bytes.length)} bytes where ${String(expectedBytes)} were declared.`, { errors: [{ field: 'body', message: 'not as long as declared' }], expectedBytes, foundBytes: bytes.length });
  }
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== declared) throw broken('The chunk does not have the SHA-256 that came with it: send it again.', { errors: [{ field: 'X-Chunk-SHA256', message: 'not that of the bytes' }], declared, found });
  if (n === 0 && !fitsType(mediaType, bytes.subarray(0, 4096))) {
    throw broken(`The file does not begin as one of type ${mediaType} does.`, { errors: [{ field: 'body', message: `not ${mediaType}` }] });
  }
}

async function putAgain(store: Store, chunk: EvidenceUploadChunkDoc): Promise<void> {
  const { evidenceUploadChunks } = store.models;
  const before = await evidenceUploadChunks.findById(chunk._id, { sha256: 1, attempt: 1 }).lean<Pick<EvidenceUploadChunkDoc, 'sha256' | 'attempt'>>();
  if (before?.sha256 === chunk.sha256) return;
  if (before && before.attempt < chunk.attempt) {
    const { _id, ...fields } = chunk;
    const written = await evidenceUploadChunks.updateOne({ _id, attempt: before.attempt }, { $set: fields });
    if (written.modifiedCount === 1) return;
  }
  throw new Failure('exists', `Chunk ${String(chunk.n)} is there with another content.`, { declared: chunk.sha256, found: before?.sha256 ?? null });
}

/**
 * Ends an upload before it became evidence, with an entry beside the trail of its opener: nothing else ever told of it. Throws
 * Failure `wrong_state` when it was completed or ended meanwhile.
 */
export async function cancelUpload(store: Store, { upload, by }: { readonly upload: EvidenceUploadDoc; readonly by: By }): Promise<void> {
  const { _id, fileName, mediaType, sizeBytes, sha256, recordId, replaces, openedBy, openedAt } = upload;
  const streamId = refusalStreamOf(`person/${openedBy.personId}`);
  await inTransaction(store, async (session) => {
    const { deletedCount } = await store.models.evidenceUploads.deleteOne({ _id }, { session });
    if (deletedCount !== 1) throw new Failure('wrong_state', 'The upload is not open any more.');
    const detail = { uploadId: _id, fileName, mediaType, sizeBytes, sha256, recordId, replaces, openedAt };
    await appendToStream(store, { streamId, drafts: [{ streamId, at: by.at, zone: 'UTC', actor: by.actor, action: 'upload.cancelled', correlationId: by.correlationId, detail, visibleTo: [openedBy.organisationId] }] }, session);
  });
  // Those of a request that is still on its way expire.
  await store.models.evidenceUploadChunks.deleteMany({ uploadId: _id });
}

/** Removes uploads that expired, with their chunks: they never became records. Answers how many. */
export async function removeExpiredUploads(store: Store, now: Instant): Promise<{ readonly uploads: number; readonly chunks: number }> {
  const ended = { expiresAt: { $lte: plusMs(now, -GRACE_MS) } };
  // The upload first: then no completion can begin on half of its chunks.
  const uploads = await store.models.evidenceUploads.deleteMany(ended);
  // Those that a completed upload left behind end at the same time.
  const chunks = await store.models.evidenceUploadChunks.deleteMany(ended);
  return { uploads: uploads.deletedCount, chunks: chunks.deletedCount };
}
