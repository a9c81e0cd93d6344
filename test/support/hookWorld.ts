import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { createApp } from '../../api/app';
import { createTemporalGateway } from '../../api/temporalGateway';
import { openKeyRing } from '../../platform/keyRing';
import { createPayloadCodec } from '../../platform/payloadCodec';
import { CRO, personOf, SPONSOR, STUDY } from './cast';
import { raisesFor } from './hookSources';
import { issuesApi, type IssuesApi, type Requests } from './issuesApi';
import { openWorld, type World } from './world';

/** A world with the API on a port, and somebody who administers the sponsor's sources. */
export interface HookWorld {
  readonly world: World;
  readonly api: IssuesApi;
  readonly app: Express;
  readonly url: string;
  /** Messages delivered to the hooks since the start. */
  readonly delivered: readonly number[];
  readonly admin: Requests;
  addSource(kind: 'event' | 'alertmanager', name: string): Promise<{ readonly id: string; readonly path: string; readonly secret: string }>;
  close(): Promise<void>;
}

export async function openHookWorld(): Promise<HookWorld> {
  const world = await openWorld();
  await world.startWorker();
  const gateway = createTemporalGateway({ client: world.client, taskQueue: world.taskQueue, codec: createPayloadCodec(openKeyRing(world.keysFile)) });
  const api = issuesApi(world.fresh.store, gateway, 4000);
  const app = createApp(api.deps);
  const delivered: number[] = [];
  const server = await listening(createServer((req, res) => {
    res.on('finish', () => { if (req.url?.startsWith('/api/v1/hooks/')) delivered.push(res.statusCode); });
    app(req, res);
  }));
  const administrator = personOf(SPONSOR, 'executive');
  await world.fresh.store.models.memberships.updateOne({ personId: administrator }, { $set: { role: 'organisation_admin' } });
  const admin = await api.as(administrator);
  return {
    world, api, app, delivered, admin, url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    addSource: async (kind, name) => {
      const answer = await admin.post('/sources', { organisationId: SPONSOR, name, kind, raises: raisesFor(CRO, { studyId: STUDY }) });
      if (answer.status !== 201) throw new Error(`no source: ${answer.text}`);
      return answer.body as { id: string; path: string; secret: string };
    },
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => { resolve(); });
        server.closeAllConnections();
      });
      await world.close();
    },
  };
}

function listening(server: Server): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => { resolve(server); });
  });
}
