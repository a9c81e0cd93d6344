import { seconds } from '../../contracts/spans';
import type { Role } from '../../contracts/people';
import type { Policy } from '../../contracts/policy';
import { createTemporalGateway } from '../../api/temporalGateway';
import { openKeyRing } from '../../platform/keyRing';
import { createPayloadCodec } from '../../platform/payloadCodec';
import { INSTALLATION } from '../../domain/policy/scope';
import { addPolicy } from '../../store/policies';
import type { AgendaItemDoc } from '../../store/schemas/policies';
import { CRO, OTHER_CRO, personOf, SPONSOR } from '../support/cast';
import { issueBody, issuesApi, type Requests } from '../support/issuesApi';
import { entriesOf } from '../support/story';
import { eventually, openWorld, policyOf, type World } from '../support/world';

const sponsor = (role: Role) => personOf(SPONSOR, role);
const cro = (role: Role) => personOf(CRO, role);

/** The default policy with a first level of one hour, 24×7, for major issues. */
const hourly = (version: number): Policy => policyOf('default', (policy) => {
  const [first, ...others] = policy.ladders.major.levels;
  if (!first) throw new Error('no level');
  const major = { ...policy.ladders.major, warnAt: [], levels: [{ ...first, acknowledgeWithin: seconds(3600) }, ...others] };
  return { ...policy, version, ladders: { ...policy.ladders, major } };
});
/** One level of one second, no repeat: exhausted before one can look. */
const hasty: Policy = policyOf('default', (policy) => {
  const [first] = policy.ladders.major.levels;
  if (!first) throw new Error('no level');
  return { ...policy, key: 'hasty', ladders: { ...policy.ladders, major: { ...policy.ladders.major, repeats: 0, warnAt: [], reviewWithin: seconds(3), levels: [{ ...first, acknowledgeWithin: seconds(1) }] } } };
});

describe('policies and running issues', () => {
  let world: World;
  let lead: Requests;
  let manager: Requests;
  beforeAll(async () => {
    world = await openWorld();
    await world.startWorker();
    const api = issuesApi(world.fresh.store, createTemporalGateway({ client: world.client, taskQueue: world.taskQueue, codec: createPayloadCodec(openKeyRing(world.keysFile)) }));
    lead = await api.as(sponsor('study_lead'));
    manager = await api.as(cro('study_lead'));
  });
  afterAll(() => world.close());

  const raised = async (more: object = {}): Promise<string> => String((await lead.post('/issues', issueBody(more))).body.id);
  const publish = (policy: Policy) => addPolicy(world.fresh.store, { policy, reason: 'SOP 7', by: { actor: { kind: 'system', name: 'provisioning' }, at: policy.effectiveFrom as never, correlationId: 'test' } });
  const dueOf = async (id: string, name: string) => (await world.issue(id)).armed.find((deadline) => deadline.name === name)?.due;

  it('P19 a published version leaves a running issue alone; the difference is shown first, and the raising side moves it, once, on the record', async () => {
    const id = await raised();
    const before = await dueOf(id, 'ack/accountable');
    await publish(hourly(2));
    expect([(await world.issue(id)).state, await dueOf(id, 'ack/accountable')]).toMatchObject([{ policy: { version: 1 } }, before]);

    const shown = await lead.get(`/issues/${id}/replan`);
    expect(shown.body).toMatchObject({ from: { version: 1 }, to: { key: 'default', version: 2 }, refusal: null });
    expect(shown.body.changes.map(({ path }: { path: string }) => path)).toEqual(['ladders.major.levels.0.acknowledgeWithin', 'ladders.major.warnAt']);
    const foreseen = shown.body.deadlines.find(({ name }: { name: string }) => name === 'ack/accountable');
    expect(foreseen.dueNow).toBe(before);
    expect(shown.body.tellings.after[0].level).toBe(1);

    const { rev } = await world.issue(id);
    const body = { version: 2, reason: 'agreed with the CRO' };
    expect((await manager.post(`/issues/${id}/replan`, body)).status).toBe(403);
    expect((await manager.get(`/issues/${id}/replan`)).body.refusal.type).toBe('not_permitted');
    expect((await lead.post(`/issues/${id}/replan`, { ...body, version: 1 })).body.errors[0].field).toBe('version');
    expect((await lead.post(`/issues/${id}/replan`, body, { ifMatch: `"${String(rev - 1)}"` })).status).toBe(409);
    const moved = await lead.post(`/issues/${id}/replan`, body, { key: 'move', ifMatch: `"${String(rev)}"` });
    expect([moved.status, moved.body.policy, moved.body.plans.length]).toEqual([200, { key: 'default', version: 2, scope: INSTALLATION, because: 'the raising side moved the record to it; it binds issues and CAPAs whose parties agreed on nothing of their own' }, 2]);
    expect((await lead.post(`/issues/${id}/replan`, body, { key: 'move', ifMatch: `"${String(rev)}"` })).headers['idempotency-replayed']).toBe('true');
    expect(Math.abs(Date.parse(String(await dueOf(id, 'ack/accountable'))) - Date.parse(foreseen.dueAfter))).toBeLessThan(30_000);
    expect(await entriesOf(world, id, 'issue.replanned')).toMatchObject([{ old: 'default/1', new: 'default/2', reason: 'agreed with the CRO', actor: { kind: 'person', personId: sponsor('study_lead') } }]);
    expect(await entriesOf(world, id, 'plan.changed')).toHaveLength(1);
  });

  it('P19 all open issues on older versions are moved page by page, each by its own act; a dry run moves none', async () => {
    const ids = [await raised(), await raised(), await raised()].toSorted();
    // Of the other side: the sponsor's lead sees it and may not move it.
    const others = await world.open({ raising: CRO, accountable: SPONSOR, policy: policyOf('default'), topic: 'monitoring' });
    await publish(hourly(3));
    const path = '/policies/default/versions/3/replan-open';
    const page = async (more: object, key: string) => (await lead.post(path, { reason: 'SOP 7', ...more }, { key })).body as { items: { id: string; outcome: string; commandId: string | null; deadlines: unknown[] }[]; next: string | null };
    const dry = await page({}, 'dry');
    const own = dry.items.filter(({ id }) => ids.includes(id));
    expect(own.map(({ outcome, deadlines }) => [outcome, deadlines.length > 0])).toEqual(ids.map(() => ['would_move', true]));
    expect(dry.items.find(({ id }) => id === others)).toMatchObject({ outcome: 'would_be_refused', commandId: null });
    expect(await world.fresh.store.models.records.countDocuments({ 'state.policy.version': 3 })).toBe(0);

    const outcomes = new Map<string, string>();
    let cursor: string | null = null;
    do {
      const answer: Awaited<ReturnType<typeof page>> = await page({ dryRun: false, limit: 2, ...(cursor !== null && { cursor }) }, 'all');
      for (const { id, outcome } of answer.items) outcomes.set(id, outcome);
      cursor = answer.next;
    } while (cursor !== null);
    expect(ids.map((id) => outcomes.get(id))).toEqual(['moved', 'moved', 'moved']);
    expect(outcomes.get(others)).toBe('would_be_refused');
    for (const id of ids) expect(await entriesOf(world, id, 'issue.replanned')).toHaveLength(1);
    expect((await page({ dryRun: false }, 'again')).items.filter(({ outcome }) => outcome === 'moved')).toEqual([]);
    expect((await lead.post('/policies/default/versions/2/replan-open', { reason: 'r' })).status).toBe(422);
  });

  it('E4 an exhausted issue goes on governance\'s agenda in its step, is due again when its review lapses, and is settled when taken up', async () => {
    const id = await world.open({ policy: hasty, topic: 'monitoring' });
    const pending = await eventually('the item', async () => ((await lead.get(`/agenda-items?recordId=${id}`)).body.items as AgendaItemDoc[])[0]);
    expect(pending).toMatchObject({ recordId: id, capability: 'escalation', status: 'pending', reviewsLapsed: 0, raisingOrganisationId: SPONSOR });
    const exhausted = (await entriesOf(world, id, 'track.exhausted'))[0];
    expect(pending.since).toBe(exhausted?.at);
    await eventually('both sides', async () => ((await lead.get(`/agenda-items?recordId=${id}`)).body.items as AgendaItemDoc[])[0]?.reason === 'the ladder of the accountable and raising side is exhausted');

    const again = await eventually('the review has lapsed', async () => {
      const [item] = (await manager.get('/agenda-items')).body.items as AgendaItemDoc[];
      return item && item.reviewsLapsed > 0 && item;
    });
    expect(again.since).toBe(pending.since);
    expect(await world.fresh.store.models.agendaItems.countDocuments({ recordId: id })).toBe(1);

    await manager.post(`/issues/${id}/acknowledge`, {});
    await lead.post(`/issues/${id}/acknowledge`, {});
    expect((await lead.get(`/agenda-items?recordId=${id}`)).body.items).toEqual([]);
    expect((await lead.get('/agenda-items?status=settled')).body.items).toMatchObject([{ recordId: id, status: 'settled', outcome: 'acknowledged' }]);
  });

  it('P14 the agenda shows an organisation its own records', async () => {
    const api = issuesApi(world.fresh.store, createTemporalGateway({ client: world.client, taskQueue: world.taskQueue, codec: createPayloadCodec(openKeyRing(world.keysFile)) }));
    const stranger = await api.as(personOf(OTHER_CRO, 'study_lead'));
    expect((await stranger.get('/agenda-items?status=settled')).body.items).toEqual([]);
  });

  it('P19 a simulation over the store tells nobody and writes nothing; who may not draft or approve may not run one', async () => {
    const body = {
      policy: { key: 'default' }, severity: 'critical', at: '2040-05-20T02:00:00Z', topic: 'monitoring', studyId: issueBody().studyId,
      raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, away: [cro('project_manager')], acts: [{ afterMs: 600_000, side: 'raising', act: 'acknowledge' }],
    };
    const counts = async () => Promise.all(['records', 'steps', 'notices', 'commands'].map((name) => world.fresh.admin.main.collection(name).countDocuments()));
    const before = await counts();
    const answer = await lead.post('/simulations', body);
    expect(answer.status).toBe(200);
    expect(answer.body.policy).toEqual({ key: 'default', version: 3 });
    expect(answer.body.tellings.slice(0, 2)).toMatchObject([
      { at: '2040-05-20T02:00:00.000Z', level: 1, organisationId: CRO, personId: cro('study_lead'), cause: { kind: 'opened' } }, { organisationId: SPONSOR, personId: sponsor('project_manager') },
    ]);
    expect([answer.body.end.as, answer.body.lines.length, answer.body.refused]).toEqual(['exhausted', answer.body.tellings.length, []]);
    expect(await counts()).toEqual(before);
    const api = issuesApi(world.fresh.store, createTemporalGateway({ client: world.client, taskQueue: world.taskQueue, codec: createPayloadCodec(openKeyRing(world.keysFile)) }));
    expect((await (await api.as(cro('contributor'))).post('/simulations', body)).status).toBe(403);
    expect((await (await api.as(personOf(OTHER_CRO, 'study_lead'))).post('/simulations', body)).status).toBe(403);
    expect((await lead.post('/simulations', { ...body, policy: { key: 'default', version: 9 } })).body.errors[0].field).toBe('policy');
    expect((await lead.post('/simulations', { ...body, acts: [{ side: 'raising', act: 'acknowledge' }] })).status).toBe(400);
  });

  it('P19 a back-test replays what is stored: under its own version nothing differs, under a faster one it does', async () => {
    const id = await raised();
    await manager.post(`/issues/${id}/acknowledge`, {});
    await lead.post(`/issues/${id}/acknowledge`, {});
    await manager.post(`/issues/${id}/progress`, { note: 'on it', nextUpdateAt: new Date(Date.now() + 3_600_000).toISOString() });
    await manager.post(`/issues/${id}/resolve`, { resolution: 'done' });
    expect((await lead.post(`/issues/${id}/confirm`, {})).body.status).toBe('closed');
    const ask = async (policy: object) => (await lead.post('/backtests', { policy, topic: 'monitoring' })).body;
    const same = await ask({ key: 'default', version: 3 });
    expect(same.items).toMatchObject([{ id, ranUnder: { key: 'default', version: 3 }, differs: [], refused: [] }]);
    expect(same.summary).toMatchObject({ issues: 1, changed: 0, refusedActs: 0 });
    const { major } = hourly(1).ladders;
    const strict = { ...hourly(1).ladders, major: { ...major, promiseAtMostMs: 60_000 } };
    expect((await ask({ ladders: strict })).items).toMatchObject([{ id, refused: [{ act: 'progress', type: 'rule_broken', side: 'accountable' }] }]);
    expect((await lead.post('/backtests', { policy: { key: 'default' }, topic: 'other' })).body).toMatchObject({ items: [], summary: { issues: 0 }, next: null });
  });
});
