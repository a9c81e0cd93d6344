import { writeCounted, WRITTEN_AN_HOUR } from '../../store/refusalBounds';
import { plusMs } from '../../contracts/instant';
import { verifyStore } from '../../store/verify';
import { adminApi, type AdminApi } from '../support/adminApi';

let api: AdminApi;
beforeAll(async () => { api = await adminApi(); });
afterAll(() => api.close());

test('P10 what a stranger keeps trying is written out so many times an hour, then counted in one entry, and readable by their own organisation only', async () => {
  const { store } = api.fresh;
  const stranger = await api.signIn('cro2-lead');
  // All in one hour, whenever the test runs.
  const intoHourMs = Date.parse(api.deps.now()) % 3_600_000;
  if (intoHourMs > 3_000_000) api.pass(3_600_000 - intoHourMs);
  const tries = WRITTEN_AN_HOUR + 15;
  for (let n = 0; n < tries; n += 1) expect((await stranger.send('get', `/people/${n % 2 === 0 ? 'spo-lead' : 'nobody'}`)).status).toBe(404);
  const written = () => store.models.audit.find({ action: 'act.refused' }).sort({ at: 1, seq: 1 }).lean();
  const before = await written();
  expect(before).toHaveLength(WRITTEN_AN_HOUR + 1);
  expect(before.at(-1)).toMatchObject({ streamId: 'refusals/person/cro2-lead', visibleTo: ['cro2'], detail: { act: 'various' } });
  expect(before.at(-1)?.reason).toContain('is counted, not written out');
  // The next person has a count of their own.
  expect((await (await api.signIn('cro-lead')).send('get', '/people/cro2-lead')).status).toBe(404);
  expect(await written()).toHaveLength(WRITTEN_AN_HOUR + 2);
  // Not before the hour is over, and once.
  expect(await writeCounted(store, api.deps.now())).toBe(0);
  const later = plusMs(api.deps.now(), 3_600_000);
  expect([await writeCounted(store, later), await writeCounted(store, later)]).toEqual([1, 0]);
  expect(await store.models.audit.findOne({ 'actor.name': 'housekeeping' }).lean()).toMatchObject({ action: 'act.refused', streamId: 'refusals/person/cro2-lead', visibleTo: ['cro2'], detail: { count: 15 } });
  expect(await verifyStore(store)).toMatchObject({ intact: true });
});
