import { readFileSync } from 'node:fs';
import path from 'node:path';
import { randomUUID } from 'node:crypto';
import type { Express } from 'express';
import request, { type Response } from 'supertest';
import { createApp } from '../../api/app';
import { createTemporalGateway } from '../../api/temporalGateway';
import { instantOf } from '../../contracts/instant';
import { seedDemo } from '../../dev/seed';
import { openKeyRing } from '../../platform/keyRing';
import { createPayloadCodec } from '../../platform/payloadCodec';
import { INSTALLATION } from '../../domain/policy/scope';
import { capaPolicies, capaPolicyInForce } from '../../store/policies';
import { verifyStore } from '../support/verified';
import { issuesApi } from '../support/issuesApi';
import { approveProposals, type PostAs } from '../support/signedActs';
import { eventually, openWorld, type World } from '../support/world';

const TABLE = readFileSync(path.join(__dirname, '../../docs/examples/communication-matrix.csv'), 'utf8');
const MONITORING = 'alp-101/monitoring/alpine+meridian';

describe('the example matrix on real engines', () => {
  let world: World;
  let app: Express;
  const sessions = new Map<string, Record<string, string>>();
  const credentials = new Map<string, { readonly email: string; readonly password: string }>();

  beforeAll(async () => {
    world = await openWorld();
    await world.startWorker();
    const gateway = createTemporalGateway({ client: world.client, taskQueue: world.taskQueue, codec: createPayloadCodec(openKeyRing(world.keysFile)) });
    app = createApp(issuesApi(world.fresh.store, gateway).deps);
    const people = (await seedDemo(world.fresh.store, instantOf(Date.now()))) ?? [];
    for (const id of ['alpine-study-lead', 'alpine-executive', 'meridian-executive']) {
      const { email = '', password = '' } = people.find((person) => person.id === id) ?? {};
      credentials.set(id, { email, password });
      const answer = await request(app).post('/api/v1/sessions').send({ email, password });
      sessions.set(id, { Cookie: String(answer.headers['set-cookie']).split(';')[0] ?? '', 'X-CSRF-Token': answer.body.csrfToken });
    }
  });
  afterAll(async () => world.close());

  const post = (who: string, to: string) => request(app).post(`/api/v1${to}`).set(sessions.get(who) ?? {}).set('Idempotency-Key', randomUUID());
  const approve = async (who: string, ids: readonly string[]): Promise<Response> => {
    const send: PostAs = (signer, to, body) => post(signer, to).send(body);
    expect((await send(who, '/accountability-statement/acceptances', { version: 1 })).status).toBe(200);
    return approveProposals(send, who, { ids, ...credentials.get(who) });
  };
  const raise = async (): Promise<Response> => post('alpine-study-lead', '/issues').send({
    studyId: 'alp-101', topic: 'monitoring', title: 'Missed visit', description: 'No visit since May', severity: 'major', raisingOrganisationId: 'alpine', accountableOrganisationId: 'meridian',
  });
  const toldOf = (recordId: string) => eventually('both sides are told', async () => {
    const notices = await world.fresh.store.models.notices.find({ recordId, reason: 'level', level: 1 }).lean();
    return notices.length >= 2 && notices.map(({ personId }) => personId).toSorted();
  });

  test('S1.1 S1.3 E1 imported, signed by both organisations, it routes the next issue; the one before stays with its version', async () => {
    // Another lead than the one for every topic, so that the routing shows.
    const table = TABLE.replaceAll('project.manager@meridian.example,study.lead@meridian.example', 'quality@meridian.example,study.lead@meridian.example');
    const imported = await post('alpine-study-lead', '/matrix/import?dryRun=false').type('text/csv').send(table);
    const rows = imported.body.rows as { rowKey: string; proposalId: string; outcome: string }[];
    expect([imported.status, rows.map(({ outcome }) => outcome)]).toEqual([200, ['new', 'new', 'new']]);
    const ids = rows.filter(({ rowKey }) => rowKey.startsWith('alp-101/')).map(({ proposalId }) => proposalId);

    expect((await post('alpine-executive', '/matrix/proposals/approve').send({ ids })).body.type).toBe('/problems/signature_required');
    expect((await approve('alpine-executive', ids)).status).toBe(200);
    const before = await raise();
    expect(before.status).toBe(201);
    expect(await toldOf(before.body.id)).toEqual(['alpine-project-manager', 'meridian-project-manager']);

    const approved = await approve('meridian-executive', ids);
    expect(approved.body.items.map(({ status, version }: { status: string; version: number }) => [status, version])).toEqual([['effective', 1], ['effective', 1]]);
    const after = await raise();
    expect(await toldOf(after.body.id)).toEqual(['alpine-project-manager', 'meridian-quality']);

    const pinned = async ({ body }: Response) => (await world.issue(String(body.id))).state as { matrixVersion: number | null; topic: string };
    // The first was routed by the row for every other topic, the second by the new one.
    expect([(await pinned(before)).matrixVersion, (await pinned(after)).matrixVersion]).toEqual([1, 1]);
    const version = await world.fresh.store.models.matrix.findById(`${MONITORING}/1`).lean();
    expect(version?.approvals.map(({ personId }) => personId)).toEqual(['alpine-executive', 'meridian-executive']);
    const filed = (await request(app).get(`/api/v1/issues/${String(after.body.id)}/filing`).set(sessions.get('alpine-executive') ?? {})).body;
    expect(filed.matrix.approvals).toMatchObject([{ personId: 'alpine-executive', signatureId: expect.any(String) as string, signature: { meaning: 'approval', organisationName: 'Alpine Therapeutics' } }, { personId: 'meridian-executive', signature: { zone: 'Europe/Zurich' } }]);
    expect((await verifyStore(world.fresh.store)).findings).toEqual([]);
    expect(version && version.effectiveFrom > before.body.openedAt && version.effectiveFrom <= after.body.openedAt).toBe(true);
  });

  test('Q11 CAPAs of topic demo are pinned to minutes, all others to the default; seeding again adds nothing', async () => {
    const { store } = world.fresh;
    expect(await seedDemo(store, instantOf(Date.now()))).toBeUndefined();
    expect((await capaPolicies.versions(store, { key: 'demo', scope: INSTALLATION })).map(({ version, draftId }) => [version, draftId])).toEqual([[1, null]]);
    const keyOf = async (topic: string) => (await capaPolicyInForce(store, { topic, organisationIds: ['alpine', 'meridian'], studyId: null, at: instantOf(Date.now()) })).key;
    expect([await keyOf('demo'), await keyOf('monitoring')]).toEqual(['demo', 'default']);
  });
});
