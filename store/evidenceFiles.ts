import { createHash } from 'node:crypto';
import type { ClientSession, mongo } from 'mongoose';
import type { FileCipher, FileKey } from '../contracts/evidence';
import { Failure, FAILURES } from '../contracts/failures';
import { CHUNK_BYTES, chunkBytes, chunksOf, FRAME_OVERHEAD_BYTES } from '../domain/evidence/framing';
import type { Store } from './connection';
import { isDuplicateKey } from './duplicateKey';
import type { EvidenceDoc, EvidenceUploadDoc } from './schemas/evidence';

/** GridFS after its specification, one frame a chunk. Written by hand, so that the file's document is part of the transaction that makes it evidence. */
const BUCKET = 'evidence';

/** What decides how a file's frames are read. */
export type FileShape = Pick<EvidenceDoc, '_id' | 'sizeBytes' | 'sha256' | 'sealedKey'>;

interface Frame {
  readonly n: number;
  readonly data: Buffer;
}
interface FileDoc { readonly _id: string }
interface ChunkDoc extends Frame { readonly files_id: string }

/** Few frames in memory at once: 1 MiB each. */
const READ = { batchSize: 4, promoteBuffers: true } as const;

const filesOf = (store: Store): mongo.Collection<FileDoc> => audited(store).collection<FileDoc>(`${BUCKET}.files`);
const chunksIn = (store: Store): mongo.Collection<ChunkDoc> => audited(store).collection<ChunkDoc>(`${BUCKET}.chunks`);
const audited = (store: Store): mongo.Db => store.connection.getClient().db(store.auditConnection.name);

/** SHA-256 and size of what arrived, from the frames of the upload; each opened, so none was changed meanwhile. */
export async function arrived(store: Store, upload: EvidenceUploadDoc, cipher: FileCipher): Promise<{ readonly sha256: string; readonly sizeBytes: number }> {
  const key = keyFor(upload, cipher);
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const { n, data } of uploaded(store, upload._id)) {
    const plain = key.open(n, data);
    hash.update(plain);
    sizeBytes += plain.length;
  }
  return { sha256: hash.digest('hex'), sizeBytes };
}

/** Copies an upload's frames to where nobody can change them. May be repeated after a crash: frames that are there stay. */
export async function keepFrames(store: Store, upload: EvidenceUploadDoc, cipher: FileCipher): Promise<void> {
  const key = keyFor(upload, cipher);
  for await (const { n, data } of uploaded(store, upload._id)) {
    key.open(n, data);
    await keepFrame(store, { files_id: upload._id, n, data });
  }
}

async function keepFrame(store: Store, frame: ChunkDoc): Promise<void> {
  try {
    await chunksIn(store).insertOne({ ...frame });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    const kept = await chunksIn(store).findOne({ files_id: frame.files_id, n: frame.n }, { promoteBuffers: true });
    if (!kept?.data.equals(frame.data)) throw new Failure('damaged', FAILURES.damaged.meaning, { evidenceId: frame.files_id, chunk: frame.n });
  }
}

/** The file's document, with which GridFS knows it; inside the transaction that makes it evidence. */
export async function keepFile(store: Store, upload: EvidenceUploadDoc, session: ClientSession): Promise<void> {
  const { _id, sizeBytes, fileName, openedAt } = upload;
  const length = sizeBytes + chunksOf(sizeBytes) * FRAME_OVERHEAD_BYTES;
  const file = { _id, length, chunkSize: CHUNK_BYTES + FRAME_OVERHEAD_BYTES, uploadDate: new Date(openedAt), filename: _id, metadata: { encrypted: 'aes-256-gcm', extension: fileName.split('.').at(-1) ?? '' } };
  await filesOf(store).insertOne(file, { session });
}

/**
 * The plain bytes, frame by frame. The last frame is given out only when length and SHA-256 of the
 * whole are right. Throws Failure `damaged` at the first fault.
 */
export async function* plainBytes(store: Store, file: FileShape, cipher: FileCipher): AsyncGenerator<Uint8Array> {
  const key = keyFor(file, cipher);
  const hash = createHash('sha256');
  const frames = chunksOf(file.sizeBytes);
  let next = 0;
  for await (const { n, data } of chunksIn(store).find({ files_id: file._id }, { ...READ, sort: { n: 1 } })) {
    const plain = n === next ? key.open(n, data) : undefined;
    if (!plain || plain.length !== chunkBytes(file.sizeBytes, n)) throw damaged(file, `chunk ${String(next)} is missing or not as long as it was`);
    hash.update(plain);
    next += 1;
    if (next === frames && hash.digest('hex') !== file.sha256) throw damaged(file, 'the whole does not have its SHA-256');
    yield plain;
  }
  if (next !== frames) throw damaged(file, `${String(frames - next)} chunks are missing`);
}

/** Reads everything and gives out nothing. Throws Failure `damaged`. */
export async function requireIntact(store: Store, file: FileShape, cipher: FileCipher): Promise<void> {
  let sizeBytes = 0;
  for await (const plain of plainBytes(store, file, cipher)) sizeBytes += plain.length;
  if (sizeBytes !== file.sizeBytes) throw damaged(file, 'not as long as it was');
}

const damaged = ({ _id }: FileShape, why: string): Failure => new Failure('damaged', `${FAILURES.damaged.meaning} (${why})`, { evidenceId: _id });

function keyFor({ _id, sealedKey, sizeBytes }: Pick<FileShape, '_id' | 'sealedKey' | 'sizeBytes'>, cipher: FileCipher): FileKey {
  return cipher.keyOf({ id: _id, sealedKey, frames: chunksOf(sizeBytes) });
}

function uploaded(store: Store, uploadId: string): AsyncIterable<Frame> {
  const { collectionName } = store.models.evidenceUploadChunks.collection;
  const chunks = store.connection.getClient().db(store.connection.name).collection<Frame & { uploadId: string }>(collectionName);
  return chunks.find({ uploadId }, { ...READ, sort: { n: 1 }, projection: { n: 1, data: 1 } });
}
