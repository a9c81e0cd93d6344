import type { Instant } from '../../contracts/instant';
import { admitTarget } from '../../store/outboundTargets';
import { openTellings, type Tellings } from '../support/tellings';

let site: Tellings;
beforeAll(async () => { site = await openTellings(); });
afterAll(() => site.close());

test('E10 a receiver that is down is left alone for longer and longer, however much is to be told; people are told by their next way at once', async () => {
  site.setNow('2026-11-22T12:00:00Z');
  const { id } = await site.channel({ country: 'CH' });
  const team = await site.channel();
  const swiss = { content: { title: 't', description: 'd', country: 'CH' } };
  const ways = ({ url }: { url: string }) => site.received.filter((message) => message.path === url).length;
  const [toPeople, toTeam] = [{ url: `/${id}` }, { url: `/${team.id}` }];
  await site.agree({ channel: 'webhook', fallback: 'email' });
  site.receiver.answer((response) => response.writeHead(503).end());
  const told = await Promise.all(Array.from({ length: 60 }, async () => site.tell(await site.raise(swiss), {}).catch(() => undefined)));
  // One minute of a storm: a bounded number of attempts, from however many activities.
  expect([ways(toPeople), ways(toTeam)].every((count) => count > 0 && count <= 20)).toBe(true);
  const tried = ways(toPeople);
  const late = await site.raise(swiss);
  expect(await site.tell(late, {})).toMatchObject({ outcome: 'done' });
  expect(ways(toPeople)).toBe(tried);
  expect((await site.rows(late)).filter(({ as }) => as !== 'team').map(({ channel, status }) => `${channel} ${status}`)).toEqual(['webhook failed', 'email told']);
  expect((await site.rows(late)).find(({ as }) => as === 'team')).toMatchObject({ endpointId: team.id, status: 'held' });
  expect(told).toHaveLength(60);
  // Another entry with the same address is not left alone for it.
  const other = await site.channel({ target: `${site.receiver.url}/${id}`, role: 'study_lead' });
  expect(await admitTarget(site.fresh.store, { entryId: other.id, url: `${site.receiver.url}/${id}`, at: '2026-11-22T12:00:30.000Z' as Instant })).toBeUndefined();
  // After the pause one message asks whether it is back; when it is, the others follow.
  site.setNow('2026-11-22T12:20:00Z');
  await expect(site.tell(await site.raise(swiss), {})).rejects.toThrow('the receiver answered 503');
  await site.tell(await site.raise(swiss), {});
  expect(ways(toPeople) - tried).toBe(1);
  site.receiver.answer((response) => response.writeHead(204).end());
  site.setNow('2026-11-22T12:40:00Z');
  const back = await site.raise(swiss);
  await site.tell(back, {});
  expect((await site.rows(back)).filter(({ status }) => status === 'told').length).toBeGreaterThan(0);
  await site.tell(await site.raise(swiss), {});
  expect(ways(toPeople) - tried).toBeGreaterThanOrEqual(3);
});
