import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Express } from 'express';
import { pino } from 'pino';
import request, { type Response } from 'supertest';
import { createApp } from '../../api/app';
import { createDutyReassignment } from '../../api/commands/reassignDuties';
import type { ApiDeps } from '../../api/deps';
import { createTemporalGateway } from '../../api/temporalGateway';
import type { CapaAct, OpenCapa } from '../../contracts/capa';
import type { CapaState } from '../../contracts/capaState';
import { epochMsOf, instantOf, type Instant } from '../../contracts/instant';
import { DEFAULT_RETENTION } from '../../contracts/retention';
import type { Meaning } from '../../contracts/signature';
import { capa } from '../../domain/capa/machine';
import { openKeyRing } from '../../platform/keyRing';
import { createMetrics } from '../../platform/metrics';
import { createPayloadCodec } from '../../platform/payloadCodec';
import { jsonOf } from '../../store/commands';
import type { Player } from './capaStory';
import { sha256 } from './evidenceSite';
import { quickHash } from './passwords';
import { makeSigner } from './signing';
import type { SkippingWorld } from './timeSkipping';

const PASSWORD = 'correct horse battery';
/** A session lives half an hour without a request. */
const SESSION_MS = 25 * 60_000;

/** The API in front of a world that skips time: people sign in, enter their credentials again and sign, as they do. */
export interface CapaSite {
  readonly deps: ApiDeps;
  /** Lets time pass, for the engines and for the API. */
  until(instant: string): Promise<void>;
  as(personId: string): Promise<Visitor>;
  /** The same person at another machine. */
  elsewhere(personId: string): Promise<Visitor>;
  open(body: OpenCapa, by: string): Promise<string>;
  /** Who plays the story through the API; every answer must be good. */
  player(id: string): Player;
}

export interface Visitor {
  get(path: string): Promise<Response>;
  post(path: string, body: object): Promise<Response>;
  patch(path: string, body: object): Promise<Response>;
  /** A chunk of evidence. */
  put(path: string, bytes: Buffer): Promise<Response>;
  /** The right to sign an act once; with the credentials. */
  grant(recordId: string, act: CapaAct, how: Meaning | { readonly meaning: Meaning; readonly body: object }): Promise<Response>;
  /** An act on a CAPA; a signed one with its grant. */
  act(recordId: string, act: CapaAct, body: object): Promise<Response>;
}

interface Session {
  readonly cookie: string;
  readonly csrfToken: string;
  readonly until: number;
}

/** Everybody in the cast gets a password; who signs must be made a signer. */
export async function openCapaSite(world: SkippingWorld, signers: readonly string[]): Promise<CapaSite> {
  const { store } = world.fresh;
  let ahead = epochMsOf(await world.now()) - Date.now();
  const now = (): Instant => instantOf(Date.now() + ahead);
  const ring = openKeyRing(world.keysFile);
  const parts = {
    store, ring, now, logger: pino({ level: 'silent' }), metrics: createMetrics({ processMetrics: false }),
    gateway: createTemporalGateway({ client: world.client, taskQueue: world.taskQueue, codec: createPayloadCodec(ring) }),
    settings: {
      publicUrl: 'http://oversight.example', demo: false, mailboxUrl: undefined, answerWithinMs: 10_000, requestsPerMinute: { signedIn: 100_000, anonymous: 100_000 },
      evidence: { maxBytes: 1_000_000, retention: DEFAULT_RETENTION },
    },
  };
  const deps: ApiDeps = { ...parts, reassignDuties: createDutyReassignment(parts) };
  const app = createApp(deps);
  await store.models.people.updateMany({}, { $set: { passwordHash: await quickHash(PASSWORD) } });
  for (const personId of signers) await makeSigner(store, { personId, organisationId: path.dirname(personId), at: now() });

  const sessions = new Map<string, Session>();
  const sessionOf = async (personId: string): Promise<Session> => {
    const known = sessions.get(personId);
    const fresh = known && epochMsOf(now()) < known.until ? known : await signedIn(app, { email: await emailOf(deps, personId), until: epochMsOf(now()) + SESSION_MS });
    sessions.set(personId, fresh);
    return fresh;
  };
  const as = async (personId: string): Promise<Visitor> => visitorOf(app, await sessionOf(personId), { email: await emailOf(deps, personId), deps });
  return {
    deps, as,
    elsewhere: async (personId) => {
      sessions.delete(personId);
      return as(personId);
    },
    async until(instant) {
      await world.until(instant);
      ahead = epochMsOf(await world.now()) - Date.now();
    },
    open: async (body, by) => idIn(good(await (await as(by)).post('/capas', body), 201)),
    player: (id) => ({
      now: async () => Promise.resolve(now()),
      state: async () => (await world.issue(id)).state as unknown as CapaState,
      async act(by, act, body) { good(await (await as(by)).act(id, act, body), 200); },
      evidence: async () => uploadText(await as('org-cro/project_manager'), id),
    }),
  };
}

const idIn = ({ body }: Response): string => (body as { id: string }).id;

async function emailOf({ store }: ApiDeps, personId: string): Promise<string> {
  return (await store.models.people.findById(personId).lean())?.email ?? '';
}

async function signedIn(app: Express, { email, until }: { email: string; until: number }): Promise<Session> {
  const answer = good(await request(app).post('/api/v1/sessions').send({ email, password: PASSWORD }), 201);
  return { cookie: String(answer.headers['set-cookie']).split(';')[0] ?? '', csrfToken: (answer.body as { csrfToken: string }).csrfToken, until };
}

function visitorOf(app: Express, { cookie, csrfToken }: Session, { email, deps }: { email: string; deps: ApiDeps }): Visitor {
  const asked = (method: 'get' | 'post' | 'put' | 'patch', to: string) =>
    request(app)[method](`/api/v1${to}`).set('Cookie', cookie).set('X-CSRF-Token', csrfToken).set('Idempotency-Key', randomUUID());
  const own: Visitor = {
    get: async (to) => asked('get', to),
    post: async (to, body) => asked('post', to).send(body),
    patch: async (to, body) => asked('patch', to).send(body),
    put: async (to, bytes) => asked('put', to).set('Content-Type', 'application/octet-stream').set('X-Chunk-SHA256', sha256(bytes)).send(bytes),
    grant: (recordId, act, how) => own.post('/signing-grants', { recordId, act, zone: 'Europe/Zurich', email, password: PASSWORD, ...(typeof how === 'string' ? { meaning: how } : how) }),
    async act(recordId, act, body) {
      const record = await deps.store.models.records.findById(recordId).lean();
      const [meaning] = capa.signable(record?.state as unknown as CapaState, act, jsonOf(body))?.meanings ?? [];
      const signature = meaning && idIn(good(await own.grant(recordId, act, { meaning, body }), 201));
      return own.post(`/capas/${recordId}/${act}`, signature === undefined ? body : { ...body, signature });
    },
  };
  return own;
}

/** A small protocol as evidence on a record; answers its id. */
async function uploadText(by: Visitor, recordId: string): Promise<string> {
  const bytes = Buffer.from(`restore protocol ${randomUUID()}\n`);
  const id = idIn(good(await by.post('/evidence', { recordId, fileName: 'protocol.txt', mediaType: 'text/plain', sizeBytes: bytes.length, sha256: sha256(bytes) }), 201));
  good(await by.put(`/evidence/${id}/chunks/0`, bytes), 200);
  good(await by.post(`/evidence/${id}/complete`, {}), 200);
  return id;
}

function good(answer: Response, status: number): Response {
  if (answer.status !== status) throw new Error(`answered ${String(answer.status)}: ${answer.text}`);
  return answer;
}
