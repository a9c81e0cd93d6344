import path from 'node:path';
import type { Express } from 'express';
import request, { type Test } from 'supertest';
import { createApp } from '../../api/app';
import type { ApiDeps } from '../../api/deps';
import type { Gateway } from '../../api/gateway';
import { instantOf } from '../../contracts/instant';
import type { Role } from '../../contracts/people';
import { openKeyRing } from '../../platform/keyRing';
import { createMetrics } from '../../platform/metrics';
import { createLogger } from '../../platform/logger';
import { createRecord, type By } from '../../store/administration';
import { membershipKind } from '../../store/memberships';
import { organisationKind } from '../../store/organisations';
import { personKind } from '../../store/people';
import { studyKind } from '../../store/studies';
import { freshStore, type FreshStore } from './mongo';
import { quickHash } from './passwords';

export const PASSWORD = 'correct horse battery';
/** What somebody chooses in place of the password that an administrator gave. */
export const OWN_PASSWORD = 'my own choice of words';

/** The administration's API over a real store; Temporal has no part in it. */
export interface AdminApi {
  readonly app: Express;
  readonly deps: ApiDeps;
  readonly fresh: FreshStore;
  /** Lines that the API logged. */
  readonly log: readonly string[];
  readonly relieved: readonly string[];
  /** Moves the server's time, ms. */
  pass(ms: number): void;
  signIn(personId: string): Promise<SignedIn>;
  close(): Promise<void>;
}

export interface SignedIn {
  readonly cookie: string;
  readonly csrfToken: string;
  send(method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, body?: object): Test;
}

/** Sponsor `spo` and CROs `cro`, `cro2`; studies `st1` (spo, cro) and `st2` (spo, cro2). */
export const PEOPLE: readonly { id: string; organisationId: string; role: Role; studyId?: string }[] = [
  { id: 'root', organisationId: 'spo', role: 'instance_admin' },
  { id: 'spo-admin', organisationId: 'spo', role: 'organisation_admin' },
  // Who gives roles to people whom the first one added.
  { id: 'spo-admin2', organisationId: 'spo', role: 'organisation_admin' },
  { id: 'spo-lead', organisationId: 'spo', role: 'study_lead' },
  { id: 'spo-quality', organisationId: 'spo', role: 'quality' },
  { id: 'spo-inspector', organisationId: 'spo', role: 'inspector', studyId: 'st1' },
  { id: 'cro-admin', organisationId: 'cro', role: 'organisation_admin' },
  { id: 'cro-admin2', organisationId: 'cro', role: 'organisation_admin' },
  { id: 'cro-lead', organisationId: 'cro', role: 'study_lead', studyId: 'st1' },
  { id: 'cro-manager', organisationId: 'cro', role: 'project_manager' },
  { id: 'cro2-admin', organisationId: 'cro2', role: 'organisation_admin' },
  { id: 'cro2-lead', organisationId: 'cro2', role: 'study_lead' },
];
export const emailOf = (personId: string): string => `${personId}@example.org`;

const gateway: Gateway = {
  send: () => Promise.reject(new Error('no Temporal here')),
  history: () => Promise.resolve([]),
  decode: ({ runId }) => Promise.resolve({ runId, events: [] }),
  healthy: () => Promise.resolve(true),
  workerPolls: () => Promise.resolve(false),
};

export async function adminApi(settings: Partial<ApiDeps['settings']> = {}, more: Partial<ApiDeps> = {}): Promise<AdminApi> {
  const fresh = await freshStore();
  let moved = 0;
  const log: string[] = [];
  const relieved: string[] = [];
  const deps: ApiDeps = {
    store: fresh.store, gateway, ring: openKeyRing(path.join(__dirname, 'test-keys.json')), metrics: createMetrics({ processMetrics: false }),
    logger: createLogger({ name: 'api', level: 'trace', destination: { write: (line) => log.push(line) } }),
    now: () => instantOf(Date.now() + moved),
    settings: {
      publicUrl: 'http://oversight.example', demo: false, mailboxUrl: undefined, answerWithinMs: 1000,
      requestsPerMinute: { signedIn: 100_000, anonymous: 100_000 }, ...settings,
    },
    reassignDuties: ({ personId }) => Promise.resolve(relieved.push(personId)),
    ...more,
  };
  await seed(deps);
  const app = createApp(deps);
  return {
    app, deps, fresh, log, relieved,
    pass: (ms) => { moved += ms; },
    signIn: (personId) => signIn(app, personId),
    close: () => fresh.drop(),
  };
}

async function seed({ store, now }: ApiDeps): Promise<void> {
  const by: By = { actor: { kind: 'system', name: 'provisioning' }, at: now(), correlationId: 'seed' };
  for (const [id, kind] of [['spo', 'sponsor'], ['cro', 'cro'], ['cro2', 'cro']] as const) {
    await createRecord(store, { kind: organisationKind, id, fields: { name: id.toUpperCase(), kind, zone: 'Europe/Zurich', receiptAddress: null }, by });
  }
  for (const [id, other] of [['st1', 'cro'], ['st2', 'cro2']] as const) {
    await createRecord(store, { kind: studyKind, id, fields: { code: id, title: `Study ${id}`, organisationIds: ['spo', other] }, by });
  }
  const passwordHash = await quickHash(PASSWORD);
  for (const { id, organisationId, role, studyId } of PEOPLE) {
    await createRecord(store, { kind: personKind, id, fields: { email: emailOf(id), name: `The ${id}`, organisationId, passwordHash }, by });
    await createRecord(store, {
      kind: membershipKind, id: `m-${id}`, by,
      fields: { personId: id, organisationId, role, studyId: studyId ?? null, systemIds: [], from: by.at, until: null },
    });
  }
}

async function signIn(app: Express, personId: string): Promise<SignedIn> {
  const answer = await request(app).post('/api/v1/sessions').send({ email: emailOf(personId), password: PASSWORD });
  if (answer.status !== 201) throw new Error(`${personId} cannot sign in: ${String(answer.status)} ${answer.text}`);
  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
  const { csrfToken } = answer.body as { csrfToken: string };
  return {
    cookie, csrfToken,
    send: (method, path, body) => {
      const sent = request(app)[method](`/api/v1${path}`).set('Cookie', cookie).set('X-CSRF-Token', csrfToken);
      return body === undefined ? sent : sent.send(body);
    },
  };
}

