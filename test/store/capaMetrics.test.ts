import { plusMs } from '../../contracts/instant';
import { visibilityFilter } from '../../domain/access/ability';
import { measureApart } from '../../domain/capaMetrics/measure';
import { conditionsOf, measuredCapas } from '../../store/capaMetrics';
import type { Membership } from '../../contracts/people';
import type { RecordDoc } from '../../store/schemas/records';
import { AFTER_ALL, playedCapa, playedRecord } from '../support/measuredCapas';
import { freshStore, type FreshStore } from '../support/mongo';
import { START, DAY_MS } from '../domain/capa/capas';

const CAPAS = 4000;
const ORGANISATIONS = 20;
const FIGURES_WITHIN_MS = 20_000;

const seat = (organisationId: string): Membership => ({ id: 'm', personId: 'p', organisationId, role: 'quality', studyId: null, systemIds: [], from: '2020-01-01T00:00:00.000Z', until: null });

describe('reading what figures are made of', () => {
  let fresh: FreshStore;
  const scopeOf = (organisationId: string, more: object = {}) => {
    const visibility = visibilityFilter([seat(organisationId)], AFTER_ALL);
    if (!visibility) throw new Error('sees nothing');
    return { visibility, filter: {}, from: START, to: AFTER_ALL, ...more };
  };
  beforeAll(async () => {
    fresh = await freshStore();
    const runs = Array.from({ length: 40 }, (_, seed) => playedCapa(seed));
    const docs = Array.from({ length: CAPAS }, (_, n) => {
      const run = runs[n % runs.length];
      if (!run) throw new Error('no run');
      return playedRecord(run, { id: `k${String(n)}`, sponsor: `sponsor-${String(n % ORGANISATIONS)}`, cro: `cro-${String(n % 7)}`, studyId: `study-${String(n % 10)}` });
    });
    for (let at = 0; at < docs.length; at += 500) await fresh.admin.main.collection<RecordDoc>('records').insertMany(docs.slice(at, at + 500));
    // Records of other pathways are in nobody's way.
    await fresh.admin.main.collection('records').insertMany(Array.from({ length: 2000 }, (_, n) => ({ _id: `i${String(n)}`, capability: 'escalation', visibleTo: ['sponsor-1'], openedAt: START, number: `ISS-${String(n)}`, done: false })) as never);
  });
  afterAll(() => fresh.drop());

  test('Q15 an index finds the CAPAs of a party, and looks at few others', async () => {
    const scope = scopeOf('sponsor-1');
    const explained = (await fresh.store.models.records.find(conditionsOf(scope) as never).hint('capas_of_a_party').explain('executionStats')) as unknown as { executionStats: { totalKeysExamined: number; totalDocsExamined: number; nReturned: number; executionStages: object } };
    const { totalKeysExamined, totalDocsExamined, nReturned, executionStages } = explained.executionStats;
    const own = await fresh.admin.main.collection('records').countDocuments({ capability: 'capa', visibleTo: 'sponsor-1' });
    expect([nReturned > 100, nReturned]).toEqual([true, own]);
    expect([totalKeysExamined <= own + 1, totalDocsExamined <= own]).toEqual([true, true]);
    expect(JSON.stringify(executionStages)).toContain('"capas_of_a_party"');
    expect(JSON.stringify(executionStages)).not.toMatch(/"COLLSCAN"/);
  });

  test('Q15 only what can bear on the period is read, and of it no words', async () => {
    const all = await measuredCapas(fresh.store, scopeOf('cro-1'));
    const later = await measuredCapas(fresh.store, scopeOf('cro-1', { from: plusMs(START, 700 * DAY_MS) }));
    const earlier = await measuredCapas(fresh.store, scopeOf('cro-1', { to: plusMs(START, 100 * DAY_MS) }));
    expect([later.length < all.length, earlier.length < all.length, earlier.every(({ capa }) => capa.openedAt < plusMs(START, 100 * DAY_MS))]).toEqual([true, true, true]);
    const [one] = all;
    expect([one?.capa.stages.length !== 0, JSON.stringify(one).includes('restore'), JSON.stringify(one).includes('Restores')]).toEqual([true, false, false]);
    const study = await measuredCapas(fresh.store, scopeOf('cro-1', { filter: { studyId: 'study-1', organisationIds: ['cro-1', 'sponsor-1'] } }));
    const narrow = await measuredCapas(fresh.store, scopeOf('cro-1', { filter: { severity: 'major', classification: 'preventive' } }));
    expect([narrow.length > 0, narrow.every(({ capa }) => capa.classification === 'preventive')]).toEqual([true, true]);
    expect([study.length > 0, study.length < all.length / 4]).toEqual([true, true]);
  });

  test('Q15 figures over some thousand CAPAs come in time', async () => {
    const everybody = Array.from({ length: ORGANISATIONS }, (_, n) => seat(`sponsor-${String(n)}`));
    const visibility = visibilityFilter(everybody, AFTER_ALL);
    if (!visibility) throw new Error('sees nothing');
    const started = process.hrtime.bigint();
    const records = await measuredCapas(fresh.store, { ...scopeOf('sponsor-1'), visibility });
    const groups = measureApart(records.map(({ capa }) => capa), { from: START, to: AFTER_ALL, asOf: AFTER_ALL });
    const tookMs = Number(process.hrtime.bigint() - started) / 1e6;
    expect(records.length).toBeGreaterThan(CAPAS * 0.8);
    expect(groups[0]?.measures[0]?.denominator.length).toBe(records.length);
    expect(tookMs).toBeLessThan(FIGURES_WITHIN_MS);
  });
});
