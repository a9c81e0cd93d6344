import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createApp } from '../../api/app';
import type { ApiDeps } from '../../api/deps';
import { newToken } from '../../api/secrets';
import { instantOf, plusMs } from '../../contracts/instant';
import { ADMIN_USER, APPLICATION_USER, type Mongod } from '../../dev/engines/mongod';
import { createMetrics } from '../../platform/metrics';
import { createRecord, type By } from '../../store/administration';
import { openStore, type Store } from '../../store/connection';
import { testSealer } from '../../test/support/sealer';
import { storeCredential } from '../../store/credentials';
import { membershipKind } from '../../store/memberships';
import { organisationKind } from '../../store/organisations';
import { personKind } from '../../store/people';
import { provisionStore } from '../../store/provision';
import { READER_ORGANISATION } from './shape';

const READER = `${READER_ORGANISATION}-manager`;
const DAY_MS = 86_400_000;

/** Records of one size behind the product's own store functions and its own HTTP application. */
export interface Site {
  readonly store: Store;
  /** The same as its administrator, who may make indexes and remove records. */
  readonly owner: Store;
  /** Requests the path below `/api/v1` as the reader; answers the parsed body. Throws when it is not 200. */
  get(path: string): Promise<unknown>;
  close(): Promise<void>;
}

/** A database of its own on the server, provisioned as the product does it. */
export async function openSite(mongod: Mongod, database: string): Promise<Site> {
  const adminUri = mongod.adminUri.replace('/cro?', `/${database}?`);
  const applicationUri = mongod.applicationUri.replace('/cro?', `/${database}?`).replace(`//${APPLICATION_USER}:`, `//${database}_app:`);
  if (!adminUri.includes(ADMIN_USER) || applicationUri === mongod.applicationUri) throw new Error('the connection strings of dev/engines have changed');
  await provisionStore({ adminUri, applicationUri });
  const store = await openStore({ sealer: testSealer(), uri: applicationUri });
  const owner = await openStore({ sealer: testSealer(), uri: adminUri });
  const token = await seedReader(store);
  const app = createApp(depsOf(store));
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/api/v1`;
  return {
    store,
    owner,
    async get(path) {
      const response = await fetch(`${origin}${path}`, { headers: { Authorization: `Bearer ${token}` } });
      const body: unknown = await response.json();
      if (response.status !== 200) throw new Error(`${path}: ${String(response.status)} ${JSON.stringify(body)}`);
      return body;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await store.close();
      await owner.close();
    },
  };
}

function depsOf(store: Store): ApiDeps {
  const nobody = () => Promise.reject(new Error('no Temporal here'));
  return {
    store, metrics: createMetrics({ processMetrics: false }), logger: pino({ level: 'silent' }), now: () => instantOf(Date.now()), reassignDuties: nobody,
    gateway: { send: nobody, history: nobody, decode: nobody, healthy: () => Promise.resolve(true), workerPolls: () => Promise.resolve(true) },
    settings: { publicUrl: 'http://oversight.example', demo: false, mailboxUrl: undefined, answerWithinMs: 1000, requestsPerMinute: { signedIn: 10_000_000, anonymous: 60 } },
  } as unknown as ApiDeps;
}

/** Somebody of the reader's organisation, signed in by a token. */
async function seedReader(store: Store): Promise<string> {
  const now = instantOf(Date.now());
  const by: By = { actor: { kind: 'system', name: 'provisioning' }, at: now, correlationId: 'bench' };
  await createRecord(store, { kind: organisationKind, id: READER_ORGANISATION, fields: { name: 'Reader', kind: 'cro', zone: 'Europe/Zurich', receiptAddress: null }, by });
  await createRecord(store, { kind: personKind, id: READER, fields: { email: 'reader@example.org', name: 'Reader', organisationId: READER_ORGANISATION, passwordHash: '-' }, by });
  await createRecord(store, {
    kind: membershipKind, id: `m-${READER}`, by,
    fields: { personId: READER, organisationId: READER_ORGANISATION, role: 'project_manager', studyId: null, systemIds: [], from: now, until: null },
  });
  const secret = newToken();
  await storeCredential(store, secret, {
    publicId: randomUUID(), kind: 'token', personId: READER, csrfToken: null, name: 'bench', scopes: ['read'], createdAt: now, lastSeenAt: now, expiresAt: plusMs(now, DAY_MS), revokedAt: null,
  });
  return secret;
}
