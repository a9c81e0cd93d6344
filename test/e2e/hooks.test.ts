import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type { Response } from 'supertest';
import { instantOf, plusMs } from '../../contracts/instant';
import { resendUnanswered } from '../../store/commandResending';
import { CRO, personOf, SPONSOR } from '../support/cast';
import { exampleOf, firing, postSigned } from '../support/hookSources';
import { openHookWorld, type HookWorld } from '../support/hookWorld';
import type { Requests } from '../support/issuesApi';
import { eventually } from '../support/world';

interface Answer { readonly issueId: string; readonly number: string; readonly outcome: string }

describe('signed events of a source', () => {
  let hooks: HookWorld;
  let cro: Requests;
  let sponsor: Requests;
  let source: { id: string; path: string; secret: string };

  beforeAll(async () => {
    hooks = await openHookWorld();
    cro = await hooks.api.as(personOf(CRO, 'study_lead'));
    sponsor = await hooks.api.as(personOf(SPONSOR, 'study_lead'));
    source = await hooks.addSource('event', 'Backup monitor');
  });
  afterAll(() => hooks.close());

  const send = (event: object, id: string = randomUUID(), at = Date.now()): Promise<Response> => postSigned(hooks.app, source.path, { event, secret: source.secret, id, at });
  const answer = (response: Response): Answer => response.body as Answer;
  const resolved = (key: string, more: object = {}) => ({ type: 'resolved', key, title: 'Backup is back', ...more });
  const factsOf = async (issueId: string) => ((await cro.get(`/issues/${issueId}/timeline`)).body as { facts: { action: string }[] }).facts.map(({ action }) => action).filter((action) => action.startsWith('trigger.'));
  const resend = () => resendUnanswered({ store: hooks.world.fresh.store, send: hooks.api.deps.gateway.send, now: () => plusMs(instantOf(Date.now()), 1000) }, { olderThanMs: 0 });
  const close = async (issueId: string): Promise<void> => {
    for (const [who, act, body] of [[cro, 'acknowledge', {}], [cro, 'resolve', { resolution: 'disk replaced' }], [sponsor, 'confirm', {}]] as const) {
      expect((await who.post(`/issues/${issueId}/${act}`, body)).status).toBe(200);
    }
  };

  test('E14, P12 the first opens, the next join, the all-clear is noted, people close; after that it opens another', async () => {
    const key = 'restore/edc';
    const opened = await send(firing({ key, severity: 'page', happenedAt: instantOf(Date.now() - 60_000) }), 'first');
    expect(opened.status).toBe(201);
    const { issueId, number } = answer(opened);
    expect(answer(opened)).toEqual({ issueId, number: expect.stringMatching(/^ISS-[A-Z0-9-]+-\d+$/) as string, outcome: 'opened' });
    expect((await cro.get(`/issues/${issueId}`)).body).toMatchObject({ number, severity: 'critical', sourceId: source.id, raisedBy: null, happenedAt: expect.stringMatching(/Z$/) as string });
    const joined = await send(firing({ key }));
    expect([joined.status, answer(joined)]).toEqual([200, { issueId, number, outcome: 'joined' }]);
    const cleared = await send(resolved(key));
    expect([cleared.status, answer(cleared)]).toEqual([200, { issueId, number, outcome: 'cleared' }]);
    expect((await cro.get(`/issues/${issueId}`)).body).toMatchObject({ status: 'open', clearedAt: expect.stringMatching(/Z$/) as string });
    await send(firing({ key }));
    expect(await factsOf(issueId)).toEqual(['trigger.repeated', 'trigger.cleared', 'trigger.repeated']);
    await close(issueId);
    expect(answer(await send(resolved(key))).outcome).toBe('nothing_open');
    const another = await send(firing({ key }));
    expect([another.status, answer(another).outcome]).toEqual([201, 'opened']);
    expect(answer(another).issueId).not.toBe(issueId);
    // The sender never heard the first answer and sends again, signed anew: the first answer stands.
    const again = await send(firing({ key, severity: 'page', happenedAt: ((await cro.get(`/issues/${issueId}`)).body as { happenedAt: string }).happenedAt }), 'first', Date.now() + 2000);
    expect([again.status, answer(again)]).toEqual([201, { issueId, number, outcome: 'opened' }]);
  });

  test('P12, E14 the record names the source as the actor, and its chain is whole', async () => {
    const { issueId } = answer(await send(firing({ key: 'actor' })));
    const entries = ((await cro.get(`/audit?record=${issueId}`)).body as { items: { actor: object; action: string; detail?: object }[] }).items;
    expect(entries[0]).toMatchObject({ action: 'issue.opened', actor: { kind: 'system', name: `source/${source.id}` }, detail: { sourceId: source.id } });
    expect((await cro.get(`/audit/verify?record=${issueId}`)).body).toMatchObject({ intact: true });
  });

  test('E14 many at once with one key are one issue', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(firing({ key: 'storm' }))));
    expect(answers.every(({ status }) => [200, 201, 202].includes(status))).toBe(true);
    // What was accepted as pending is sent again by housekeeping.
    await eventually('every command answered', async () => {
      await resend();
      return (await hooks.world.fresh.store.models.commands.countDocuments({ status: 'received' })) === 0;
    }, 60_000);
    expect(await hooks.world.fresh.store.models.records.countDocuments({ dedupeKey: `source/${source.id}/storm` })).toBe(1);
  });

  test('P12 the examples of docs/integrations.md work as they are printed', async () => {
    const run = promisify(execFile);
    const env = { ...process.env, HOOK_URL: `${hooks.url}${source.path}`, HOOK_SECRET: source.secret };
    const { stdout: opened } = await run(process.execPath, ['--input-type=module', '-e', exampleOf('node')], { env });
    expect(opened).toMatch(/^201 \{"issueId":"[0-9a-f-]{36}","number":"ISS-[A-Z0-9-]+-\d+","outcome":"opened"\}\n$/);
    const { stdout: cleared } = await run('sh', ['-c', exampleOf('sh')], { env });
    expect(JSON.parse(cleared)).toEqual({ ...JSON.parse(opened.slice('201 '.length)) as object, outcome: 'cleared' });
  });

  test('P12, E14 with the worker away an event is stored and its all-clear must come again; nothing is lost or done twice', async () => {
    await hooks.world.stopWorker();
    const accepted = await send(firing({ key: 'away' }), 'away');
    expect([accepted.status, answer(accepted)]).toEqual([202, { issueId: null, number: null, outcome: 'accepted' }]);
    expect((await send(resolved('away'), 'clear')).status).toBe(503);
    await hooks.world.startWorker();
    await resend();
    const { store } = hooks.world.fresh;
    const cleared = await send(resolved('away'), 'clear', Date.now() + 2000);
    expect([cleared.status, answer(cleared).outcome]).toEqual([200, 'cleared']);
    const again = await send(firing({ key: 'away' }), 'away', Date.now() + 3000);
    expect([again.status, answer(again)]).toEqual([201, { ...answer(cleared), outcome: 'opened' }]);
    expect(await factsOf(answer(again).issueId)).toEqual(['trigger.cleared']);
    expect(await store.models.records.countDocuments({ dedupeKey: `source/${source.id}/away` })).toBe(1);
  });
});
