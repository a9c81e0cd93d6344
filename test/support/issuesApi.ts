import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { Express } from 'express';
import { pino } from 'pino';
import request, { type Response } from 'supertest';
import { createApp } from '../../api/app';
import { createDutyReassignment } from '../../api/commands/reassignDuties';
import type { ApiDeps } from '../../api/deps';
import type { Gateway } from '../../api/gateway';
import { newToken } from '../../api/secrets';
import { instantOf, plusMs } from '../../contracts/instant';
import { TOKEN_SCOPES } from '../../contracts/people';
import { openKeyRing } from '../../platform/keyRing';
import { createMetrics } from '../../platform/metrics';
import type { Store } from '../../store/connection';
import { storeCredential } from '../../store/credentials';
import { CRO, SPONSOR, STUDY } from './cast';

const HOUR_MS = 3_600_000;

/** The issue routes behind the real door, over a store and a way to Temporal. */
export interface IssuesApi {
  readonly deps: ApiDeps;
  as(personId: string): Promise<Requests>;
}

export interface Requests {
  get(path: string): Promise<Response>;
  post(path: string, body: object, headers?: { readonly key?: string; readonly ifMatch?: string }): Promise<Response>;
}

export function issuesApi(store: Store, gateway: Gateway, answerWithinMs = 10_000): IssuesApi {
  const parts = {
    store, gateway, ring: openKeyRing(path.join(__dirname, 'test-keys.json')), logger: pino({ level: 'silent' }), now: () => instantOf(Date.now()), metrics: createMetrics({ processMetrics: false }),
    settings: { publicUrl: 'http://oversight.example', demo: false, mailboxUrl: undefined, answerWithinMs },
  };
  const deps: ApiDeps = { ...parts, reassignDuties: createDutyReassignment(parts) };
  const app = createApp(deps);
  return { deps, as: async (personId) => requestsOf(app, await tokenFor(store, personId)) };
}

async function tokenFor(store: Store, personId: string): Promise<string> {
  const secret = newToken();
  const now = instantOf(Date.now());
  await storeCredential(store, secret, {
    publicId: randomUUID(), kind: 'token', personId, csrfToken: null, name: 'test', scopes: TOKEN_SCOPES, createdAt: now, lastSeenAt: now,
    expiresAt: plusMs(now, HOUR_MS), revokedAt: null,
  });
  return secret;
}

function requestsOf(app: Express, token: string): Requests {
  return {
    get: async (path) => request(app).get(`/api/v1${path}`).set('Authorization', `Bearer ${token}`),
    post: async (path, body, { key = randomUUID(), ifMatch } = {}) => {
      const post = request(app).post(`/api/v1${path}`).set('Authorization', `Bearer ${token}`).set('Idempotency-Key', key);
      return (ifMatch === undefined ? post : post.set('If-Match', ifMatch)).send(body);
    },
  };
}

/** A valid `POST /issues` body, sponsor against CRO. */
export const issueBody = (more: object = {}) => ({
  studyId: STUDY, topic: 'monitoring', title: 'Missed visit', description: 'Site 12 has had no monitoring visit since May', severity: 'major',
  raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, ...more,
});
