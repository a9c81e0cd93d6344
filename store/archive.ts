import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import mongoose from 'mongoose';
import type { Instant } from '../contracts/instant';
import type { Store } from './connection';
import { isDuplicateKey } from './duplicateKey';

const compress = promisify(gzip);
const decompress = promisify(gunzip);
const BUCKET = 'histories';

export interface ArchivedHistory {
  readonly workflowId: string;
  readonly runId: string;
  /** SHA-256 of the JSON text, hex. */
  readonly sha256: string;
  readonly json: string;
}

interface FileDoc {
  readonly _id: string;
  readonly metadata: { readonly workflowId: string; readonly runId: string; readonly sha256: string; readonly archivedAt: Instant };
}

const fileIdOf = (workflowId: string, runId: string): string => `${workflowId}|${runId}`;

// Ids are texts, so that a second upload of the same run collides; the driver's types know ObjectId only.
const asFileId = (id: string) => id as unknown as mongoose.mongo.ObjectId;

function bucketOf(store: Store): mongoose.mongo.GridFSBucket {
  const { db } = store.connection;
  if (!db) throw new Error('the store is not open');
  return new mongoose.mongo.GridFSBucket(db, { bucketName: BUCKET });
}

/** Keeps the history of a closed run, once: a second call for the same run changes nothing. Returns whether it was new. */
export async function putHistory(
  store: Store,
  history: { readonly workflowId: string; readonly runId: string; readonly json: string; readonly at: Instant },
): Promise<boolean> {
  const bucket = bucketOf(store);
  const { workflowId, runId, json, at } = history;
  const id = fileIdOf(workflowId, runId);
  if (await fileOf(store, id)) return false;
  // Left behind by an upload that was cut off: chunks without a file.
  await store.connection.collection(`${BUCKET}.chunks`).deleteMany({ files_id: asFileId(id) });
  const metadata = { workflowId, runId, sha256: sha256(json), archivedAt: at };
  const upload = bucket.openUploadStreamWithId(asFileId(id), id, { metadata });
  try {
    await pipeline(Readable.from([await compress(json)]), upload);
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/** The archived histories of a workflow, oldest first. Throws when one is not what was stored. */
export async function archivedHistories(store: Store, workflowId: string): Promise<readonly ArchivedHistory[]> {
  const bucket = bucketOf(store);
  const files = await bucket.find({ 'metadata.workflowId': workflowId }).sort({ uploadDate: 1 }).toArray();
  return Promise.all(files.map(async (file) => readFile(bucket, file as unknown as FileDoc)));
}

async function readFile(bucket: mongoose.mongo.GridFSBucket, file: FileDoc): Promise<ArchivedHistory> {
  const { workflowId, runId, sha256: expected } = file.metadata;
  const json = (await decompress(await buffer(bucket.openDownloadStream(asFileId(file._id))))).toString('utf8');
  if (sha256(json) !== expected) throw new Error(`the archived history of ${file._id} does not match its SHA-256`);
  return { workflowId, runId, sha256: expected, json };
}

async function fileOf(store: Store, id: string): Promise<unknown> {
  return bucketOf(store).find({ _id: asFileId(id) }).next();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
