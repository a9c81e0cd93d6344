import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Express } from 'express';
import { pino } from 'pino';
import request, { type Response } from 'supertest';
import { createApp } from '../../api/app';
import type { ApiDeps } from '../../api/deps';
import type { Gateway } from '../../api/gateway';
import { newToken } from '../../api/secrets';
import { instantOf, plusMs } from '../../contracts/instant';
import { TOKEN_SCOPES } from '../../contracts/people';
import { DEFAULT_RETENTION } from '../../contracts/retention';
import { emptyChain } from '../../domain/audit/chain';
import { CHUNK_BYTES } from '../../domain/evidence/framing';
import { listedUnder } from '../../domain/lists/listedUnder';
import { createFileCipher } from '../../platform/fileCipher';
import { openKeyRing } from '../../platform/keyRing';
import { createMetrics } from '../../platform/metrics';
import { storeCredential } from '../../store/credentials';
import type { RecordDoc } from '../../store/schemas/records';
import type { FileCipher } from '../../contracts/evidence';
import { CRO, seedCast, SPONSOR, STUDY } from './cast';
import { freshStore, type FreshStore } from './mongo';

const gateway: Gateway = {
  send: () => Promise.reject(new Error('no Temporal here')), history: () => Promise.resolve([]),
  decode: ({ runId }) => Promise.resolve({ runId, events: [] }), healthy: () => Promise.resolve(true), workerPolls: () => Promise.resolve(false),
};
const KEPT_MS = 40 * 86_400_000;
export const MAX_BYTES = 8 * CHUNK_BYTES;

/** The evidence routes behind the real door, over a real store. */
export interface EvidenceSite {
  readonly fresh: FreshStore;
  readonly deps: ApiDeps;
  readonly cipher: FileCipher;
  as(personId: string): Promise<Uploader>;
  /** A bearer token of a person. */
  tokenOf(personId: string): Promise<string>;
  /** The API on a port of its own, for what a client library would not do. */
  listen(): Promise<{ readonly port: number; close(): Promise<void> }>;
  /** Adds a record of sponsor against CRO; answers its id. */
  record(more?: Partial<RecordDoc>): Promise<string>;
  /** Moves the server's time, ms. */
  pass(ms: number): void;
  /** A new process: nothing that the old one had in memory. */
  restart(): void;
  close(): Promise<void>;
}

export interface Uploader {
  get(path: string): Promise<Response>;
  delete(path: string): Promise<Response>;
  post(path: string, body?: object): Promise<Response>;
  put(path: string, bytes: Buffer, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** Opens an upload of these bytes; `more` wins over what they are. */
  open(bytes: Buffer, more?: object): Promise<Response>;
  chunk(id: string, bytes: Buffer, n: number): Promise<Response>;
  /** The whole way; answers the evidence. Throws unless every answer is good. */
  upload(bytes: Buffer, more?: object): Promise<{ id: string; version: number; sha256: string; links: { recordId: string }[] }>;
  download(id: string): Promise<Response & { body: Buffer }>;
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
/** A text of this many bytes, none of them like the next. */
export const textOf = (bytes: number, seed = 'x'): Buffer => {
  const lines: Buffer[] = [];
  for (let length = 0, n = 0; length < bytes; n += 1) {
    const line = Buffer.from(`${sha256(Buffer.from(`${seed}${String(n)}`)).repeat(256)}\n`);
    lines.push(line);
    length += line.length;
  }
  return Buffer.concat(lines).subarray(0, bytes);
};
export const chunkOf = (bytes: Buffer, n: number): Buffer => bytes.subarray(n * CHUNK_BYTES, (n + 1) * CHUNK_BYTES);

export async function openEvidenceSite(): Promise<EvidenceSite> {
  const fresh = await freshStore();
  await seedCast(fresh.store);
  const ring = openKeyRing(path.join(__dirname, 'test-keys.json'));
  let moved = 0;
  const deps: ApiDeps = {
    store: fresh.store, gateway, ring, logger: pino({ level: 'silent' }), now: () => instantOf(Date.now() + moved), metrics: createMetrics({ processMetrics: false }),
    settings: {
      publicUrl: 'http://oversight.example', demo: false, mailboxUrl: undefined, answerWithinMs: 1000, requestsPerMinute: { signedIn: 100_000, anonymous: 100_000 },
      evidence: { maxBytes: MAX_BYTES, retention: DEFAULT_RETENTION },
    },
    reassignDuties: () => Promise.resolve(0),
  };
  let app = createApp(deps);
  const tokenOf = async (personId: string): Promise<string> => {
    const secret = newToken();
    const now = deps.now();
    await storeCredential(fresh.store, secret, {
      publicId: randomUUID(), kind: 'token', personId, csrfToken: null, name: 'test', scopes: TOKEN_SCOPES, createdAt: now, lastSeenAt: now, expiresAt: plusMs(now, KEPT_MS), revokedAt: null,
    });
    return secret;
  };
  return {
    fresh, deps, cipher: createFileCipher(ring),
    tokenOf,
    as: async (personId) => uploaderOf(() => app, await tokenOf(personId)),
    listen: async () => {
      const server = createServer(app);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return { port: (server.address() as AddressInfo).port, close: () => new Promise((resolve) => { server.close(() => { resolve(); }); server.closeAllConnections(); }) };
    },
    async record(more = {}) {
      const doc = recordDoc(more);
      await fresh.store.models.records.create([doc]);
      return doc._id;
    },
    pass: (ms) => { moved += ms; },
    restart: () => { app = createApp(deps); },
    close: () => fresh.drop(),
  };
}

function recordDoc(more: Partial<RecordDoc>): RecordDoc {
  const _id = randomUUID();
  const openedAt = instantOf(Date.now());
  const { length, head } = emptyChain(_id);
  const doc: RecordDoc = {
    _id, capability: 'escalation', rev: 1, number: `ISS-${_id.slice(0, 8)}`, stateVersion: 1, state: { shares: [] }, armed: [], content: { title: 'A title', description: 'A description' },
    status: 'open', severity: 'major', topic: 'demo', level: 1, studyId: STUDY, systemId: null, raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, assigneeIds: [],
    visibleTo: [SPONSOR, CRO], listedUnder: [], nextDueAt: null, openedAt, updatedAt: openedAt, done: false, drill: false, chain: { length, head }, ...more,
  };
  return { ...doc, listedUnder: listedUnder(doc) };
}

function uploaderOf(app: () => Express, secret: string): Uploader {
  const signed = (method: 'get' | 'post' | 'put' | 'delete', to: string) => request(app())[method](`/api/v1${to}`).set('Authorization', `Bearer ${secret}`);
  const own: Uploader = {
    get: async (to) => signed('get', to),
    delete: async (to) => signed('delete', to),
    post: async (to, body) => { const asked = signed('post', to).set('Idempotency-Key', randomUUID()); return body === undefined ? asked : asked.send(body); },
    put: async (to, bytes, headers = {}) => signed('put', to).set('Content-Type', 'application/octet-stream').set('X-Chunk-SHA256', sha256(bytes)).set(headers).send(bytes),
    open: (bytes, more = {}) => own.post('/evidence', { fileName: 'log.txt', mediaType: 'text/plain', sizeBytes: bytes.length, sha256: sha256(bytes), ...more }),
    chunk: (id, bytes, n) => own.put(`/evidence/${id}/chunks/${String(n)}`, chunkOf(bytes, n)),
    upload: async (bytes, more) => {
      const opened = good(await own.open(bytes, more), 201);
      const { id, chunks } = opened.body as { id: string; chunks: number };
      for (let n = 0; n < chunks; n += 1) good(await own.chunk(id, bytes, n), 200);
      return good(await own.post(`/evidence/${id}/complete`), 200).body;
    },
    download: async (id) => signed('get', `/evidence/${id}/content`).buffer(true).parse((res, done) => {
      const parts: Buffer[] = [];
      res.on('data', (part: Buffer) => parts.push(part));
      res.on('end', () => { done(null, Buffer.concat(parts)); });
    }),
  };
  return own;
}

function good(answer: Response, status: number): Response {
  if (answer.status !== status) throw new Error(`${String(answer.status)} ${answer.text}`);
  return answer;
}
