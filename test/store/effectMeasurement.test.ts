import { CAPABILITY_RECORDS } from '../../activities/capabilities';
import type { CountedSource } from '../../contracts/capaWords';
import type { CapaState } from '../../contracts/capaState';
import { instantOf } from '../../contracts/instant';
import { measureEffect } from '../../store/effectMeasurement';
import { capa } from '../../domain/capa/machine';
import { jsonOf } from '../../store/commands';
import type { RecordDoc } from '../../store/schemas/records';
import { act, bring, capaIn, CRO, extentCheck, PEOPLE, planAt, risk, SPONSOR, whys } from '../domain/capa/capas';
import { freshStore, type FreshStore } from '../support/mongo';

const { bob } = PEOPLE;

/** A CAPA whose window is over, measured as said. */
function capaMeasuredBy(measuredBy: CountedSource): CapaState {
  const run = capaIn('investigation');
  const plan = planAt(run.now);
  act(run, bob, { act: 'submit', body: { rootCause: whys(), extentCheck, riskBefore: risk, plan: { ...plan, effectiveness: plan.effectiveness && { ...plan.effectiveness, measuredBy } } } });
  bring(run, 'effectiveness_check');
  return run.state;
}

describe('what the product counts of an effect', () => {
  let fresh: FreshStore;
  const state = capaMeasuredBy('escalation_drills');
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

  test('Q5 E16 contact slots of the two organisations that ended in the window are counted, waived ones left out', async () => {
    const control = async (id: string, more: object = {}) =>
      fresh.admin.main.collection<RecordDoc>('records').insertOne({ _id: id, capability: 'control', number: id, rev: 1, done: false, raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, visibleTo: [SPONSOR, CRO], topic: 'backup', studyId: 'study-1', status: 'running', state: {}, ...more } as never);
    const slot = async ({ controlId, no, fate, until }: { controlId: string; no: number; fate: string; until: string }) =>
      fresh.admin.main.collection('slots').insertOne({ _id: `${controlId}/${String(no)}`, controlId, rev: no, no, fate, from: until, due: until, until, closedAt: until, contact: null, reason: null } as never);
    await control('c1');
    await control('c2', { topic: '*', raisingOrganisationId: CRO, accountableOrganisationId: SPONSOR });
    await control('c-elsewhere', { raisingOrganisationId: 'sponsor-9' });
    await control('c-study', { studyId: 'study-2' });
    for (const [controlId, no, fate, until] of [['c1', 1, 'held', state.openedAt], ['c1', 2, 'held', inWindow], ['c1', 3, 'late', inWindow], ['c1', 4, 'waived', inWindow], ['c2', 1, 'missed', inWindow], ['c-elsewhere', 1, 'held', inWindow], ['c-study', 1, 'held', inWindow]] as const) await slot({ controlId, no, fate, until });
    expect(await measureEffect(fresh.store, capaMeasuredBy('contact_slots'))).toMatchObject({
      source: 'contact_slots', numerator: 1, denominator: 3, sources: [{ recordId: 'c1', met: false }, { recordId: 'c1', met: true }, { recordId: 'c2', met: false }],
    });
  });

  test('Q5 Q7 recurrences and issues on the topic are counted by the weeks without them, of the same two sides only', async () => {
    const records = fresh.admin.main.collection<RecordDoc>('records');
    const base = { number: 'n', rev: 1, done: false, raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, visibleTo: [SPONSOR, CRO], topic: 'backup', studyId: 'study-1', systemId: 'etmf', drill: false, status: 'investigation', openedAt: inWindow };
    const other = { ...state, rootCause: state.rootCause };
    const put = async (_id: string, more: object = {}) => { await records.insertOne({ _id, ...base, number: _id, ...more } as never); };
    const asCapa = (more: object = {}) => ({ capability: 'capa', state: jsonOf(other), stateVersion: capa.version, ...more });
    await put('k-again', asCapa());
    await put('k-other-cause', asCapa({ state: jsonOf({ ...other, rootCause: other.rootCause && { ...other.rootCause, cause: { ...other.rootCause.cause, categories: ['vendor_control'] } } }) }));
    await put('k-cancelled', asCapa({ status: 'cancelled' }));
    await put('k-before', asCapa({ openedAt: state.openedAt }));
    await put('k-other-sponsor', asCapa({ raisingOrganisationId: 'sponsor-9' }));
    await put('k-other-system', asCapa({ systemId: 'edc' }));
    expect(await measureEffect(fresh.store, capaMeasuredBy('recurrences'))).toMatchObject({ source: 'recurrences', numerator: 11, denominator: 12, sources: [{ recordId: 'k-again', met: false }] });
    for (const [id, more] of [['e-1', {}], ['e-2', {}], ['e-drill', { drill: true }], ['e-topic', { topic: 'safety' }], ['e-theirs', { raisingOrganisationId: 'sponsor-9' }], ['e-before', { openedAt: state.openedAt }]] as const) await put(id, { capability: 'escalation', state: {}, ...more });
    expect(await measureEffect(fresh.store, capaMeasuredBy('issues_on_topic'))).toMatchObject({ source: 'issues_on_topic', numerator: 11, denominator: 12, sources: [{ recordId: 'e-1', met: false }, { recordId: 'e-2', met: false }] });
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
