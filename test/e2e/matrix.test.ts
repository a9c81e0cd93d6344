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
import { issuesApi } from '../support/issuesApi';
import { eventually, openWorld, type World } from '../support/world';

const TABLE = readFileSync(path.join(__dirname, '../../docs/examples/communication-matrix.csv'), 'utf8');
const MONITORING = 'alp-101/monitoring/alpine+meridian';

describe('the example matrix on real engines', () => {
  let world: World;
  let app: Express;
  const sessions = new Map<string, Record<string, string>>();

  beforeAll(async () => {
    world = await openWorld();
    await world.startWorker();
    const gateway = createTemporalGateway({ client: world.client, taskQueue: world.taskQueue, codec: createPayloadCodec(openKeyRing(world.keysFile)) });
    app = createApp(issuesApi(world.fresh.store, gateway).deps);
    const people = (await seedDemo(world.fresh.store, instantOf(Date.now()))) ?? [];
    for (const id of ['alpine-study-lead', 'alpine-executive', 'meridian-executive']) {
      const { email, password } = people.find((person) => person.id === id) ?? {};
      const answer = await request(app).post('/api/v1/sessions').send({ email, password });
      sessions.set(id, { Cookie: String(answer.headers['set-cookie']).split(';')[0] ?? '', 'X-CSRF-Token': answer.body.csrfToken });
    }
  });
  afterAll(async () => world.close());

  const post = (who: string, to: string) => request(app).post(`/api/v1${to}`).set(sessions.get(who) ?? {}).set('Idempotency-Key', randomUUID());
  const raise = async (): Promise<Response> => post('alpine-study-lead', '/issues').send({
    studyId: 'alp-101', topic: 'monitoring', title: 'Missed visit', description: 'No visit since May', severity: 'major', raisingOrganisationId: 'alpine', accountableOrganisationId: 'meridian',
  });
  const toldOf = (recordId: string) => eventually('both sides are told', async () => {
    const notices = await world.fresh.store.models.notices.find({ recordId, reason: 'level', level: 1 }).lean();
    return notices.length >= 2 && notices.map(({ personId }) => personId).toSorted();
  });

  test('S1.1 S1.3 E1 imported, approved by both organisations, it routes the next issue; the one before stays with its version', async () => {
    // Another lead than the one for every topic, so that the routing shows.
    const table = TABLE.replaceAll('project.manager@meridian.example,study.lead@meridian.example', 'quality@meridian.example,study.lead@meridian.example');
    const imported = await post('alpine-study-lead', '/matrix/import?dryRun=false').type('text/csv').send(table);
    const rows = imported.body.rows as { rowKey: string; proposalId: string; outcome: string }[];
    expect([imported.status, rows.map(({ outcome }) => outcome)]).toEqual([200, ['new', 'new', 'new']]);
    const ids = rows.filter(({ rowKey }) => rowKey.startsWith('alp-101/')).map(({ proposalId }) => proposalId);

    expect((await post('alpine-executive', '/matrix/proposals/approve').send({ ids })).status).toBe(200);
    const before = await raise();
    expect(before.status).toBe(201);
    expect(await toldOf(before.body.id)).toEqual(['alpine-project-manager', 'meridian-project-manager']);

    const approved = await post('meridian-executive', '/matrix/proposals/approve').send({ ids });
    expect(approved.body.items.map(({ status, version }: { status: string; version: number }) => [status, version])).toEqual([['effective', 1], ['effective', 1]]);
    const after = await raise();
    expect(await toldOf(after.body.id)).toEqual(['alpine-project-manager', 'meridian-quality']);

    const pinned = async ({ body }: Response) => (await world.issue(String(body.id))).state as { matrixVersion: number | null; topic: string };
    // The first was routed by the row for every other topic, the second by the new one.
    expect([(await pinned(before)).matrixVersion, (await pinned(after)).matrixVersion]).toEqual([1, 1]);
    const version = await world.fresh.store.models.matrix.findById(`${MONITORING}/1`).lean();
    expect(version?.approvals.map(({ personId }) => personId)).toEqual(['alpine-executive', 'meridian-executive']);
    expect(version && version.effectiveFrom > before.body.openedAt && version.effectiveFrom <= after.body.openedAt).toBe(true);
  });
});
