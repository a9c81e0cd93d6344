import { randomUUID } from 'node:crypto';
import type { Response } from 'supertest';
import { createTemporalGateway } from '../../api/temporalGateway';
import { refusalStreamOf } from '../../contracts/ids';
import { instantOf, plusMs } from '../../contracts/instant';
import { openKeyRing } from '../../platform/keyRing';
import { createPayloadCodec } from '../../platform/payloadCodec';
import { resendUnanswered } from '../../store/commandResending';
import type { RecordDoc } from '../../store/schemas/records';
import { CRO, OTHER_CRO, OTHER_SPONSOR, personOf, SPONSOR } from '../support/cast';
import { issueBody, issuesApi, type IssuesApi, type Requests } from '../support/issuesApi';
import { eventually, openWorld, type World } from '../support/world';

const ANSWER_WITHIN_MS = 4000;

describe('the command path on real engines', () => {
  let world: World;
  let api: IssuesApi;
  let lead: Requests;
  let cro: Requests;

  beforeAll(async () => {
    world = await openWorld();
    await world.startWorker();
    const gateway = createTemporalGateway({ client: world.client, taskQueue: world.taskQueue, codec: createPayloadCodec(openKeyRing(world.keysFile)) });
    api = issuesApi(world.fresh.store, gateway, ANSWER_WITHIN_MS);
    lead = await api.as(personOf(SPONSOR, 'study_lead'));
    cro = await api.as(personOf(CRO, 'study_lead'));
  });
  afterAll(async () => world.close());

  const opened = async (more: object = {}): Promise<string> => idOf(await lead.post('/issues', issueBody(more)));
  const idOf = (response: Response): string => {
    expect([200, 201]).toContain(response.status);
    return (response.body as { id: string }).id;
  };
  const refusals = async (recordId: string) => world.fresh.store.models.audit.find({ streamId: refusalStreamOf(recordId) }).sort({ seq: 1 }).lean();

  test('the same key again gets the first answer, another body 422, and there is one issue', async () => {
    const key = randomUUID();
    const first = await lead.post('/issues', issueBody(), { key });
    expect(first.status).toBe(201);
    expect(first.body).toMatchObject({ status: 'open', rev: 1, extent: 'whole', policy: { key: 'default' }, shares: [] });
    expect(first.headers).toMatchObject({ location: `/api/v1/issues/${idOf(first)}`, etag: '"1"' });
    const again = await lead.post('/issues', issueBody(), { key });
    expect([again.status, again.body, again.headers['idempotency-replayed']]).toEqual([201, first.body, 'true']);
    const other = await lead.post('/issues', issueBody({ title: 'Another' }), { key });
    expect([other.status, (other.body as { type: string }).type]).toEqual([422, '/problems/idempotency_key_reused']);
    expect(await world.fresh.store.models.records.countDocuments({})).toBe(1);
  });

  test('two at once under one key are one act with one answer', async () => {
    const key = randomUUID();
    const [one, two] = await Promise.all([lead.post('/issues', issueBody(), { key }), lead.post('/issues', issueBody(), { key })]);
    expect(one.status).toBe(201);
    expect(two.body).toEqual(one.body);
    const id = idOf(one);
    const comments = await Promise.all([1, 2, 3].map(async () => cro.post(`/issues/${id}/comment`, { text: 'once' }, { key })));
    expect(comments.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(comments.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(await world.fresh.store.models.steps.countDocuments({ recordId: id, act: 'comment' })).toBe(1);
  });

  test('P10 a refused act answers 409 or 403 with the reason and the revision, once and for all, and is kept as evidence', async () => {
    const id = await opened();
    const key = randomUUID();
    const refused = await cro.post(`/issues/${id}/resolve`, { resolution: 'done' }, { key });
    expect(refused.status).toBe(409);
    expect(refused.headers['content-type']).toContain('application/problem+json');
    expect(refused.body).toMatchObject({ type: '/problems/wrong_state', detail: 'acknowledge before you resolve' });
    expect((refused.body as { rev: number }).rev).toBeGreaterThan(0);
    expect(await refusals(id)).toMatchObject([{ actor: { personId: personOf(CRO, 'study_lead'), role: 'study_lead', organisationId: CRO }, detail: { act: 'resolve' } }]);
    await cro.post(`/issues/${id}/acknowledge`, {});
    const again = await cro.post(`/issues/${id}/resolve`, { resolution: 'done' }, { key });
    expect([again.status, again.body]).toEqual([409, refused.body]);
    expect(again.headers['content-type']).toContain('application/problem+json');
    expect(idOf(await cro.post(`/issues/${id}/resolve`, { resolution: 'done' }))).toBe(id);
    const bySide = await cro.post(`/issues/${id}/confirm`, {});
    expect([bySide.status, (bySide.body as { type: string }).type]).toEqual([403, '/problems/not_permitted']);
    expect((await refusals(id)).map(({ detail }) => (detail as { type: string }).type)).toEqual(['wrong_state', 'not_permitted']);
  });

  test('If-Match on an older revision is refused with the present one, also when repeated', async () => {
    const id = await opened();
    const seen = (await cro.get(`/issues/${id}`)).headers['etag'] ?? '';
    const key = randomUUID();
    const first = await cro.post(`/issues/${id}/comment`, { text: 'first' }, { ifMatch: seen, key });
    expect(first.status).toBe(200);
    expect((await cro.post(`/issues/${id}/comment`, { text: 'first' }, { ifMatch: seen, key })).body).toEqual(first.body);
    const late = await cro.post(`/issues/${id}/comment`, { text: 'second' }, { ifMatch: seen });
    expect(late.status).toBe(409);
    expect(late.body).toMatchObject({ type: '/problems/rev_mismatch', rev: (first.body as { rev: number }).rev });
    expect((await cro.post(`/issues/${id}/comment`, { text: 'x' }, { ifMatch: 'yesterday' })).status).toBe(400);
  });

  test('E14 the same trigger twice is one issue, which notes the repeat', async () => {
    const dedupeKey = `alarm-${randomUUID()}`;
    const first = await lead.post('/issues', issueBody({ dedupeKey }));
    const second = await lead.post('/issues', issueBody({ dedupeKey, title: 'Alarm again' }));
    expect(second.status).toBe(200);
    expect(second.body).toMatchObject({ id: idOf(first), joined: true });
    const facts = await world.fresh.store.models.audit.find({ streamId: idOf(first), 'actor.kind': 'system' }).lean();
    expect(JSON.stringify(facts)).toContain('Alarm again');
    const timeline = await lead.get(`/issues/${idOf(first)}/timeline`);
    expect((timeline.body as { facts: unknown[] }).facts.length).toBeGreaterThan(1);
  });

  test('P14 a user of another CRO gets 404 for all of it, and sees nothing in lists', async () => {
    const id = await opened();
    const stranger = await api.as(personOf(OTHER_CRO, 'study_lead'));
    const paths = ['', '/timeline', '/waiting', '/history'].map((part) => `/issues/${id}${part}`).concat([`/audit?record=${id}`, `/audit/verify?record=${id}`]);
    for (const path of paths) expect([path, (await stranger.get(path)).status]).toEqual([path, 404]);
    expect((await stranger.post(`/issues/${id}/acknowledge`, {})).status).toBe(404);
    expect((await stranger.get('/issues')).body).toEqual({ items: [], next: null });
    const listed = (await lead.get('/issues?limit=200')).body as { items: { id: string }[] };
    expect(listed.items.map((item) => item.id)).toContain(id);
  });

  test('P14 an issue shared with two sponsors shows neither the other', async () => {
    const id = await opened();
    const share = async (organisationId: string, extent: string): Promise<string> => {
      // Of a study: not without the other party.
      expect((await lead.post(`/issues/${id}/share`, { organisationId, extent, reason: 'same eTMF' })).body).toMatchObject({ type: '/problems/consent_needed', consentOf: [CRO] });
      const asked = (await lead.post('/consents', { subject: 'share', recordId: id, organisationId, extent, reason: 'same eTMF' })).body as { items: { id: string }[] };
      const [consent = ''] = asked.items.map((one) => one.id);
      expect((await cro.post(`/consents/${consent}/give`, { reason: 'ours too' })).status).toBe(200);
      expect((await lead.post(`/issues/${id}/share`, { organisationId, extent, reason: 'same eTMF' })).status).toBe(200);
      return consent;
    };
    await share(OTHER_SPONSOR, 'whole');
    await share(OTHER_CRO, 'summary');
    const other = await api.as(personOf(OTHER_SPONSOR, 'quality'));
    const view = (await other.get(`/issues/${id}`)).body as { shares: unknown[] };
    expect(view.shares).toEqual([{ organisationId: OTHER_SPONSOR, extent: 'whole' }]);
    for (const path of [`/issues/${id}`, `/issues/${id}/timeline`, `/audit?record=${id}`]) {
      expect(JSON.stringify((await other.get(path)).body)).not.toContain(OTHER_CRO);
    }
    const summary = await api.as(personOf(OTHER_CRO, 'quality'));
    expect((await summary.get(`/issues/${id}`)).body).toMatchObject({ extent: 'summary', title: 'Missed visit' });
    expect(JSON.stringify((await summary.get(`/issues/${id}`)).body)).not.toContain('Site 12');
    for (const part of ['timeline', 'waiting', 'history']) expect((await summary.get(`/issues/${id}/${part}`)).status).toBe(403);
    expect((await other.post(`/issues/${id}/comment`, { text: 'seen' })).status).toBe(200);
    expect((await other.post(`/issues/${id}/acknowledge`, {})).status).toBe(403);
    // Nor by what the other one did or tried, nor by what the engine keeps of the sharing; the parties see it all.
    const consent = await share(OTHER_CRO, 'whole');
    expect((await summary.post(`/issues/${id}/comment`, { text: 'seen, too' })).status).toBe(200);
    const everywhere = [`/issues/${id}`, `/issues/${id}/timeline`, `/issues/${id}/waiting`, `/issues/${id}/history?raw=true`, ...['record', 'refusals', 'notices'].map((stream) => `/audit?record=${id}&stream=${stream}`), `/audit/verify?record=${id}`];
    const read = async (who: Requests, path: string): Promise<string> => {
      const { status, body } = await who.get(path);
      expect([path, status]).toEqual([path, 200]);
      return JSON.stringify(body);
    };
    for (const path of everywhere) {
      expect(await read(other, path)).not.toContain(OTHER_CRO);
      expect(await read(summary, path)).not.toContain(OTHER_SPONSOR);
    }
    for (const [who, text, refused] of [[other, 'seen', 'acknowledge'], [summary, 'seen, too', 'timeline']] as const) {
      expect(await read(who, `/issues/${id}/timeline`)).toContain(`"text":"${text}"`);
      expect(await read(who, `/audit?record=${id}&stream=refusals`)).toContain(refused);
    }
    for (const path of ['timeline', 'history?raw=true']) for (const holder of [OTHER_SPONSOR, OTHER_CRO]) expect(await read(cro, `/issues/${id}/${path}`)).toContain(holder);
    // Taken back by whoever agreed: out of sight, and both acts stay.
    expect((await cro.post(`/consents/${consent}/withdraw`, { reason: 'the contract ended' })).body).toMatchObject({ status: 'withdrawn' });
    expect((await summary.get(`/issues/${id}`)).status).toBe(404);
    const facts = (await lead.get(`/issues/${id}/timeline`)).body as { facts: { action: string }[] };
    expect(facts.facts.map(({ action }) => action)).toEqual(expect.arrayContaining(['issue.shared', 'share.consented', 'issue.unshared']));
    expect((await lead.post(`/issues/${id}/unshare`, { organisationId: OTHER_SPONSOR, reason: 'over' })).status).toBe(200);
    expect([(await other.get(`/issues/${id}`)).status, (await lead.post(`/issues/${id}/share`, { organisationId: OTHER_SPONSOR, extent: 'whole', reason: 'used up' })).status]).toEqual([404, 409]);
  });

  test('E13, P2 the walk ends closed; timeline, waiting, history and verification tell of it', async () => {
    const id = await opened();
    const waiting = (await lead.get(`/issues/${id}/waiting`)).body as { waiting: { for: string }[] };
    expect(waiting.waiting.map((one) => one.for).sort()).toEqual(['ack/accountable', 'ack/raising', 'resolution']);
    for (const [who, act, body] of [[cro, 'acknowledge', {}], [lead, 'acknowledge', {}], [cro, 'resolve', { resolution: 'visit made' }], [lead, 'confirm', {}]] as const) {
      expect((await who.post(`/issues/${id}/${act}`, body)).status).toBe(200);
    }
    expect((await lead.get(`/issues/${id}/waiting`)).body).toMatchObject({ status: 'closed', waiting: [] });
    const afterwards = await cro.post(`/issues/${id}/comment`, { text: 'too late' });
    expect([afterwards.status, (afterwards.body as { type: string }).type]).toEqual([409, '/problems/wrong_state']);
    const timeline = (await cro.get(`/issues/${id}/timeline`)).body as { deadlines: { name: string; outcome: string }[] };
    expect(timeline.deadlines.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(expect.arrayContaining(['ack/accountable met', 'resolution met', 'confirmation met']));
    expect((await lead.get(`/audit/verify?record=${id}`)).body).toMatchObject({ intact: true, findings: [] });
    const history = (await lead.get(`/issues/${id}/history?raw=true`)).body as { lines: { text: string }[]; raw: unknown };
    expect(history.lines.map((line) => line.text)).toContain(`accepts the command resolve from person ${personOf(CRO, 'study_lead')} as study_lead of ${CRO}`);
    expect(JSON.stringify(history.raw)).toContain('visit made');
  });

  test('P14 whoever runs the instance sees types, states and times, never what people wrote', async () => {
    const id = await opened();
    await world.fresh.store.models.memberships.updateOne({ personId: personOf(OTHER_SPONSOR, 'executive') }, { $set: { role: 'instance_admin' } });
    const admin = await api.as(personOf(OTHER_SPONSOR, 'executive'));
    expect((await admin.get(`/issues/${id}`)).status).toBe(404);
    const history = await admin.get(`/issues/${id}/history?raw=true`);
    expect(history.body).toMatchObject({ content: false });
    expect(JSON.stringify(history.body)).toContain('EVENT_TYPE_ACTIVITY_TASK_SCHEDULED');
    for (const secret of ['Missed visit', 'Site 12', SPONSOR, CRO]) expect(JSON.stringify(history.body)).not.toContain(secret);
  });

  test('P11 a person who left or lost the role is relieved by the deputy of the matrix who may do it, on every open issue', async () => {
    const [person, deputy] = [personOf(CRO, 'contributor'), personOf(CRO, 'quality')];
    const id = await opened({ topic: 'recruitment' });
    const row = { studyId: 'study-1', topic: 'recruitment', organisationIds: [SPONSOR, CRO], policyKey: 'default', phi: false, phiChannels: ['inbox'], approvals: [], proposalId: null, contacts: [{ organisationId: CRO, level: 1, personId: person, deputyId: deputy, channel: 'email' }] };
    const since = instantOf(0);
    await world.fresh.store.models.matrix.insertOne({ ...row, _id: 'relief/1', rowKey: `study-1/recruitment/${[SPONSOR, CRO].sort().join('+')}`, version: 1, effectiveFrom: since, createdAt: since } as never);
    expect((await cro.post(`/issues/${id}/assign`, { personId: person })).status).toBe(200);
    expect((await cro.post(`/issues/${id}/assign`, { personId: personOf(SPONSOR, 'quality') })).status).toBe(422);
    const by = { kind: 'person' as const, personId: deputy, organisationId: CRO, role: 'organisation_admin', correlationId: randomUUID() };
    // Who may still do it keeps it.
    expect(await api.deps.reassignDuties({ personId: person, reason: 'another role ended', by })).toBe(0);
    await world.fresh.store.models.people.updateOne({ _id: person }, { $set: { active: false } });
    expect(await api.deps.reassignDuties({ personId: person, reason: 'left', by })).toBe(1);
    expect(await api.deps.reassignDuties({ personId: person, reason: 'left', by })).toBe(0);
    expect((await world.issue(id)).assigneeIds).toEqual([deputy]);
    // The duty is theirs to lose, too, and nobody takes it who may not do it.
    await world.fresh.admin.models.matrix.updateOne({ _id: 'relief/1' }, { $set: { contacts: [{ organisationId: CRO, level: 1, personId: deputy, deputyId: person, channel: 'email' }] } });
    await world.fresh.store.models.people.updateOne({ _id: person }, { $set: { active: true } });
    await world.fresh.store.models.memberships.updateMany({ personId: { $in: [person, deputy] } }, { $set: { studyId: 'study-2' } });
    expect(await api.deps.reassignDuties({ personId: deputy, reason: 'another study now', by })).toBe(1);
    expect((await world.issue(id)).assigneeIds).toEqual([]);
  });

  test('an accepted command costs at most 12 driver commands from authentication to answer, effects apart', async () => {
    const id = await opened();
    const { main, audit } = world.fresh.admin;
    // The transaction's commit runs on `admin`, which is not profiled.
    const profiled = async () => {
      const found = await Promise.all([main, audit].map(async (db) => db.collection('system.profile').find({ ns: { $not: /system\.profile/ }, 'command.profile': { $exists: false } }).toArray()));
      return found.flat().toSorted((a, b) => Number(a['ts']) - Number(b['ts'])).map((entry) => `${String(entry['op'])} ${String(entry['ns']).split('.').slice(1).join('.')}`);
    };
    for (const db of [main, audit]) await db.command({ profile: 2 });
    // Effects of what was done before run beside: the counting begins when they are over.
    const before = await eventually('a second without any driver command', async () => {
      const { length } = await profiled();
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return (await profiled()).length === length && { length };
    });
    expect((await cro.post(`/issues/${id}/comment`, { text: 'counted' })).status).toBe(200);
    for (const db of [main, audit]) await db.command({ profile: 0 });
    const seen = [...(await profiled()).slice(before.length), 'commitTransaction'];
    expect(seen.length <= 12 ? [] : seen).toEqual([]);
    expect(seen).toContain('insert audit');
  });

  describe('with the worker stopped', () => {
    test('202, then answered once: the answer is readable, the act done once, though it was sent again and again', async () => {
      const id = await opened();
      await world.stopWorker();
      const key = randomUUID();
      const sent = await cro.post(`/issues/${id}/acknowledge`, {}, { key });
      expect(sent.status).toBe(202);
      expect(sent.headers['retry-after']).toMatch(/^\d+$/);
      const location = (sent.headers['location'] ?? '').replace('/api/v1', '');
      expect((await cro.get(location)).body).toMatchObject({ status: 'received', answer: null, act: 'acknowledge', recordId: id });
      expect((await lead.get(location)).status).toBe(404);
      expect((await cro.post(`/issues/${id}/acknowledge`, {}, { key })).status).toBe(202);
      const openingKey = randomUUID();
      const opening = await lead.post('/issues', issueBody({ title: 'while away' }), { key: openingKey });
      expect(opening.status).toBe(202);
      await world.startWorker();
      const { store } = world.fresh;
      const deps = { store, send: api.deps.gateway.send, now: () => plusMs(instantOf(Date.now()), 1000) };
      await Promise.all([resendUnanswered(deps, { olderThanMs: 0 }), resendUnanswered(deps, { olderThanMs: 0 })]);
      const command = (await cro.get(location)).body as { status: string; answer: { status: number; body: { id: string; tracks: object[] } } };
      expect(command).toMatchObject({ status: 'answered', answer: { status: 200, body: { id } } });
      const again = await cro.post(`/issues/${id}/acknowledge`, {}, { key });
      expect([again.status, again.body]).toEqual([200, command.answer.body]);
      expect(await store.models.steps.countDocuments({ recordId: id, act: 'acknowledge' })).toBe(1);
      const late = await lead.post('/issues', issueBody({ title: 'while away' }), { key: openingKey });
      expect(late.status).toBe(201);
      expect(await store.models.records.countDocuments({ 'content.title': 'while away' })).toBe(1);
    });

    test('P10 what is refused on its way is kept as evidence although the caller is gone', async () => {
      const id = await opened();
      await world.stopWorker();
      const sent = await cro.post(`/issues/${id}/resolve`, { resolution: 'done' });
      expect(sent.status).toBe(202);
      await world.startWorker();
      await resendUnanswered({ store: world.fresh.store, send: api.deps.gateway.send, now: () => plusMs(instantOf(Date.now()), 1000) }, { olderThanMs: 0 });
      const command = await cro.get((sent.headers['location'] ?? '').replace('/api/v1', ''));
      expect(command.body).toMatchObject({ status: 'answered', answer: { status: 409, body: { type: '/problems/wrong_state' } } });
      expect(await refusals(id)).toMatchObject([{ action: 'act.refused', actor: { kind: 'person', personId: personOf(CRO, 'study_lead') } }]);
    });

    test('a command that committed but whose answer was lost is answered from its receipt after the record closed', async () => {
      const id = await opened();
      for (const [who, act, body] of [[cro, 'acknowledge', {}], [cro, 'resolve', { resolution: 'x' }], [lead, 'confirm', {}]] as const) {
        expect((await who.post(`/issues/${id}/${act}`, body)).status).toBe(200);
      }
      const { store } = world.fresh;
      const [confirm] = await store.models.commands.find({ recordId: id, act: 'confirm' }).lean();
      await store.models.commands.updateOne({ _id: confirm?._id ?? '' }, { $set: { status: 'received' }, $unset: { answer: 1, answeredAt: 1 } });
      await resendUnanswered({ store, send: api.deps.gateway.send, now: () => plusMs(instantOf(Date.now()), 1000) }, { olderThanMs: 0 });
      const closed: RecordDoc = await world.issue(id);
      expect((await store.models.commands.findById(confirm?._id ?? '').lean())?.answer).toMatchObject({ status: 200, body: { id, status: 'closed', rev: closed.rev } });
      expect(await store.models.steps.countDocuments({ recordId: id, act: 'confirm' })).toBe(1);
    });
  });
});
