import path from 'node:path';
import { pino } from 'pino';
import request from 'supertest';
import { createApp } from '../../api/app';
import type { ApiDeps } from '../../api/deps';
import { allRoutes } from '../../api/routes';
import { signingRoutes } from '../../api/routes/signing';
import { createTemporalGateway } from '../../api/temporalGateway';
import { instantOf } from '../../contracts/instant';
import { openKeyRing } from '../../platform/keyRing';
import { createMetrics } from '../../platform/metrics';
import { createPayloadCodec } from '../../platform/payloadCodec';
import { readChain } from '../../store/auditLog';
import { addressOf, CRO, personOf, SPONSOR } from '../support/cast';
import { quickHash } from '../support/passwords';
import { recordsOf } from '../support/pathways';
import { makeSigner } from '../support/signing';
import { PLANNED, plannedRecord } from '../support/signingApi';
import { eventually, openWorld, type World } from '../support/world';

const SIGNER = personOf(SPONSOR, 'quality');
const PASSWORD = 'correct horse battery';

describe('a locked signer', () => {
  let world: World;
  let post: (path: string, body: object) => Promise<request.Response>;
  beforeAll(async () => {
    world = await openWorld();
    await world.startWorker();
    const { store } = world.fresh;
    const ring = openKeyRing(world.keysFile);
    const deps: ApiDeps = {
      store, ring, gateway: createTemporalGateway({ client: world.client, taskQueue: world.taskQueue, codec: createPayloadCodec(ring) }),
      logger: pino({ level: 'silent' }), now: () => instantOf(Date.now()), metrics: createMetrics({ processMetrics: false }),
      settings: { publicUrl: 'http://oversight.example', demo: false, mailboxUrl: undefined, answerWithinMs: 10_000 }, reassignDuties: () => Promise.resolve(0),
    };
    await store.models.people.updateOne({ _id: SIGNER }, { $set: { passwordHash: await quickHash(PASSWORD) } });
    await makeSigner(store, { personId: SIGNER, organisationId: SPONSOR, at: deps.now() });
    await store.models.records.create([plannedRecord('rec-1', [SPONSOR, CRO])]);
    const own = signingRoutes(deps, PLANNED);
    const app = createApp(deps, [...own, ...allRoutes(deps).filter((route) => !own.some(({ method, path: taken }) => method === route.method && taken === route.path))]);
    const signedIn = await request(app).post('/api/v1/sessions').send({ email: addressOf(SPONSOR, 'quality'), password: PASSWORD });
    const cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
    post = async (to, body) => request(app).post(path.posix.join('/api/v1', to)).set('Cookie', cookie).set('X-CSRF-Token', String(signedIn.body.csrfToken)).send(body);
  }, 60_000);
  afterAll(() => world.close());

  const badOnes = async (count: number) => {
    for (let n = 1; n <= count; n += 1) {
      const answer = await post('/signing-grants', { recordId: 'rec-1', act: 'approve', meaning: 'approval', zone: 'UTC', email: addressOf(SPONSOR, 'quality'), password: 'wrong' });
      expect(answer.status).toBe(401);
    }
  };

  it('P9 has a running security issue that told the security officer; locked again, it is the same one', async () => {
    await badOnes(5);
    const issue = await eventually('the issue is open', async () => (await recordsOf(world, 'escalation'))[0]);
    expect(issue).toMatchObject({ topic: 'security', severity: 'critical', status: 'open', raisingOrganisationId: SPONSOR, accountableOrganisationId: SPONSOR, state: { policy: { key: 'security' } } });
    const run = await world.client.workflow.getHandle(`escalation/${issue._id}`).describe();
    expect(run.status.name).toBe('RUNNING');
    await eventually('the security officer is told', async () => world.fresh.store.models.notices.exists({ recordId: issue._id, personId: personOf(SPONSOR, 'security_officer'), status: 'told' }).then((found) => found !== null));
    // 15 minutes later.
    await world.fresh.store.connection.collection('sign_in_attempts').deleteMany({});
    await badOnes(5);
    await eventually('the repeat is noted', async () => (await readChain(world.fresh.store, issue._id, { limit: 200 })).some(({ action }) => action === 'trigger.repeated'));
    expect(await recordsOf(world, 'escalation')).toHaveLength(1);
  }, 60_000);
});
