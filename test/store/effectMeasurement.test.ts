import { CAPABILITY_RECORDS } from '../../activities/capabilities';
import type { CapaState } from '../../contracts/capaState';
import { instantOf } from '../../contracts/instant';
import { measureEffect } from '../../store/effectMeasurement';
import { jsonOf } from '../../store/commands';
import type { RecordDoc } from '../../store/schemas/records';
import { act, bring, capaIn, CRO, extentCheck, PEOPLE, planAt, risk, SPONSOR, whys } from '../domain/capa/capas';
import { freshStore, type FreshStore } from '../support/mongo';

const { bob } = PEOPLE;

/** A CAPA whose window is over, measured by drills. */
function capaMeasuredByDrills(): CapaState {
  const run = capaIn('investigation');
  const plan = planAt(run.now);
  act(run, bob, { act: 'submit', body: { rootCause: whys(), extentCheck, riskBefore: risk, plan: { ...plan, effectiveness: plan.effectiveness && { ...plan.effectiveness, measuredBy: 'escalation_drills' } } } });
  bring(run, 'effectiveness_check');
  return run.state;
}

describe('what the product counts of an effect', () => {
  let fresh: FreshStore;
  const state = capaMeasuredByDrills();
  const inWindow = instantOf(Date.parse(state.verifiedAt ?? '') + 86_400_000);
  const put = async (id: string, more: object, of: object = {}) => {
    const doc = { _id: id, capability: 'drill', number: id, rev: 1, done: true, raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, visibleTo: [SPONSOR, CRO], topic: 'backup', studyId: 'study-1', status: 'reported', ...of, state: { id, kind: 'reachability', endedAt: inWindow, issue: null, answers: [{ personId: 'p', confirmedAt: inWindow, unreachable: null }], ...more } };
    await fresh.admin.main.collection<RecordDoc>('records').insertOne(doc as never);
  };
  const issue = async (id: string, level: number) => {
    const track = { acknowledgedBy: 'p', level, round: 1 };
    await fresh.admin.main.collection<RecordDoc>('records').insertOne({ _id: id, capability: 'escalation', number: id, rev: 1, done: true, visibleTo: [SPONSOR, CRO], state: { tracks: [track, { ...track, level: 1 }] } } as never);
  };
  beforeAll(async () => {
    fresh = await freshStore();
    await issue('i-quick', 1);
    await issue('i-slow', 2);
    await put('d1', {});
    await put('d2', { answers: [{ personId: 'p', confirmedAt: null, unreachable: null }] });
    await put('d3', { kind: 'escalation', answers: [], issue: { recordId: 'i-quick', failure: null } }, { topic: '*' });
    await put('d4', { kind: 'escalation', answers: [], issue: { recordId: 'i-slow', failure: null } });
    await put('too-early', { endedAt: instantOf(Date.parse(state.openedAt)) });
    await put('other-sponsor', {}, { raisingOrganisationId: 'sponsor-9' });
    await put('other-topic', {}, { topic: 'safety' });
    await put('other-study', {}, { studyId: 'study-2' });
    await put('running', { endedAt: null }, { status: 'running' });
  });
  afterAll(() => fresh.drop());

  test('Q5 S2.12 drills of the two organisations, the study and the topic that ended in the window are counted, each with its outcome', async () => {
    expect(await measureEffect(fresh.store, state)).toMatchObject({
      source: 'escalation_drills', formula: 1, numerator: 2, denominator: 4,
      sources: [{ recordId: 'd1', met: true }, { recordId: 'd2', met: false }, { recordId: 'd3', met: true }, { recordId: 'd4', met: false }],
    });
  });

  test('Q5 commit counts again: a figure that nobody counted, or that has moved since, is refused', async () => {
    const measurement = await measureEffect(fresh.store, state);
    if (!measurement) throw new Error('nothing was counted');
    const check = async (brought: object) => CAPABILITY_RECORDS.capa.refuseFigure?.(fresh.store, { act: 'save', state: jsonOf({ ...state, measurement: brought }), facts: [{ action: 'effect.measured', field: 'measurement' }] });
    expect(await check(measurement)).toBeUndefined();
    expect(await check({ ...measurement, numerator: 4 })).toContain('another figure');
    await put('d5', {});
    expect(await check(measurement)).toContain('another figure');
  });
});
