import { MockActivityEnvironment } from '@temporalio/testing';
import { createEffectActivities } from '../../activities/effects';
import { openDerived, type DerivedOpening } from '../../activities/openDerived';
import { hours, minutes } from '../../contracts/spans';
import type { DrillState, OpenDrill } from '../../contracts/drill';
import type { Role } from '../../contracts/people';
import { reportOf } from '../../store/drillReport';
import { prepareDrill } from '../../store/drillOpening';
import { verifyStore } from '../support/verified';
import { CRO, personOf, SPONSOR, STUDY } from '../support/cast';
import { actOn, openPrepared, putRow, recordsOf } from '../support/pathways';
import { entriesOf, toldOf } from '../support/story';
import { openSkippingWorld, type SkippingWorld } from '../support/timeSkipping';
import { actorFor, eventually } from '../support/world';

const cro = (role: Role) => personOf(CRO, role);
const sponsor = (role: Role) => personOf(SPONSOR, role);
const MIN_MS = 60_000;

/** Both sides work in Zurich (winter: UTC+1), Monday to Friday, 09:00 to 17:30. The stories follow one another. */
describe('drills on the real path', () => {
  let world: SkippingWorld;
  beforeAll(async () => {
    world = await openSkippingWorld();
    await world.startWorker();
    await world.until('2040-02-06T09:00:00.000Z'); // Monday, 10:00
    await putRow(world, {}, await world.now());
  });
  afterAll(() => world.close());

  const start = async (request: OpenDrill): Promise<string> => {
    const at = await world.now();
    const prepared = await prepareDrill(world.fresh.store, { request, organisationIds: [SPONSOR, CRO], actor: actorFor(sponsor('study_lead')), commandId: `${request.kind}/${at}`, at });
    const answer = await openPrepared(world, prepared, at);
    expect(answer.status).toBe(201);
    return (answer.body as { id: string }).id;
  };
  const drill = async (id: string) => {
    const record = (await recordsOf(world, 'drill')).find(({ _id }) => _id === id);
    if (!record) throw new Error('no drill');
    return { record, state: record.state as unknown as DrillState };
  };
  const report = async (id: string) => reportOf(world.fresh.store, { record: (await drill(id)).record, organisationIds: [SPONSOR, CRO] });
  const lettersOf = (number: string) => world.mailbox.letters.filter((letter) => letter.subject.includes(number));

  it('E15 tells every contact and deputy once by their channel, marked as a drill, and reports who answered', async () => {
    // Nobody is there for one seat, and one address is refused for good.
    await world.fresh.store.models.memberships.updateMany({ personId: sponsor('quality') }, { $set: { active: false } });
    world.mailbox.refuseWith(550, `quality_head@${CRO}.example`);
    const id = await start({ kind: 'reachability', studyId: STUDY, topic: 'data', organisationIds: [SPONSOR, CRO], window: hours(24) });
    const { record, state } = await drill(id);
    expect(record).toMatchObject({ drill: true, status: 'running', number: 'DRL-ST-1-1', done: false });
    const people = [sponsor('study_lead'), sponsor('quality'), cro('project_manager'), cro('study_lead'), cro('quality_head')];
    expect(state.people.map(({ personId }) => personId)).toEqual(people);
    await world.until('2040-02-06T09:30:00.000Z');
    expect((await toldOf(world, id)).map((line) => line.split(' ').slice(2, 4).join(' ')).filter((line) => !line.startsWith(cro('quality_head')))).toEqual(
      [cro('project_manager'), cro('study_lead'), sponsor('study_lead')].map((person) => `${person} reachability`),
    );
    expect(lettersOf('DRL-ST-1-1').length).toBeGreaterThanOrEqual(3);
    for (const letter of lettersOf('DRL-ST-1-1')) expect(letter.subject).toMatch(/^\[DRILL\]/);
    await actOn(world, { capability: 'drill', id, by: cro('project_manager') }, { act: 'confirm', body: {} });
    await expect(actOn(world, { capability: 'drill', id, by: cro('executive') }, { act: 'confirm', body: {} })).rejects.toMatchObject({ type: 'not_permitted' });

    await world.until('2040-02-07T09:01:00.000Z');
    expect((await drill(id)).record).toMatchObject({ status: 'reported', done: true, armed: [] });
    const told = await report(id);
    if (told.kind !== 'reachability') throw new Error('another kind');
    expect(told).toMatchObject({ final: true, endReason: 'the window is over', matrixVersion: 1 });
    expect(told.organisations).toMatchObject([{ organisationId: CRO, people: 3, reached: 1, reachedPercent: 33.3 }, { organisationId: SPONSOR, people: 2, told: 1, reached: 0, reachedPercent: 0 }]);
    expect(told.people.at(-1)).toMatchObject({ personId: cro('project_manager'), by: 'confirmed', attempts: [{ status: 'told' }] });
    expect(Math.round((told.people.at(-1)?.afterMs ?? 0) / MIN_MS)).toBe(30);
    expect(told.people.find(({ personId }) => personId === sponsor('quality'))).toMatchObject({ attempts: [], toldAt: null, unreachable: expect.stringContaining('nobody is there') });
    expect(told.people.find(({ personId }) => personId === cro('quality_head'))?.attempts[0]).toMatchObject({ status: 'failed' });
    world.mailbox.refuseWith(undefined);
  });

  const fire = { kind: 'escalation', studyId: STUDY, topic: 'data', title: 'Fire drill', description: 'Acknowledge it', severity: 'critical', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO } as const;

  it('E15 a fire drill climbs the real ladder until both sides acknowledge, then closes its issue and reports', async () => {
    await world.until('2040-02-13T09:00:00.000Z');
    const id = await start({ ...fire, window: hours(8) });
    const issueId = await eventually('its issue', async () => (await drill(id)).state.issue?.recordId ?? undefined);
    expect(await world.issue(issueId)).toMatchObject({ drill: true, status: 'open', severity: 'critical', number: 'ISS-ST-1-1' });
    // Critical: 30 minutes a level. The sponsor's row has one level, so its later levels find nobody.
    await world.until('2040-02-13T09:31:00.000Z');
    await world.act(issueId, { act: 'acknowledge', body: {} }, cro('study_lead'));
    expect((await drill(id)).record.status).toBe('running');
    await world.act(issueId, { act: 'acknowledge', body: {} }, sponsor('study_lead'));
    await eventually('the drill is over', async () => (await drill(id)).record.status === 'reported');
    await eventually('its issue is closed', async () => (await world.issue(issueId)).status === 'closed');
    const shown = await report(id);
    if (shown.kind !== 'escalation') throw new Error('another kind');
    expect(shown).toMatchObject({ final: true, endReason: 'every side has acknowledged', issueId });
    expect(shown.levels.filter(({ side }) => side === 'accountable')).toMatchObject([
      { level: 1, told: [{ personId: cro('project_manager'), status: 'told' }] }, { level: 2, told: [{ personId: cro('study_lead'), status: 'told' }] },
    ]);
    const second = shown.levels.find(({ side, level }) => side === 'accountable' && level === 2);
    expect(Math.round((Date.parse(second?.due ?? '') - Date.parse('2040-02-13T09:00:00.000Z')) / MIN_MS)).toBe(30);
    expect(second?.lateByMs).toBeLessThan(10_000);
    expect(shown.acknowledgements.map(({ side, personId, afterMs }) => [side, personId, Math.round(afterMs / MIN_MS)])).toEqual([
      ['accountable', cro('study_lead'), 31], ['raising', sponsor('study_lead'), 31],
    ]);
    for (const letter of lettersOf('ISS-ST-1-1')) expect(letter.subject).toMatch(/^\[DRILL\]/);
    expect(lettersOf('ISS-ST-1-1').length).toBeGreaterThan(2);
    expect((await entriesOf(world, issueId, 'issue.linked')).map((entry) => [entry.new, entry.detail])).toEqual([[id, { kind: 'caused_by', from: 'other side' }]]);
  });

  it('E15 a fire drill that nobody answers ends with its window, and so does its issue', async () => {
    await world.until('2040-02-20T09:00:00.000Z');
    const id = await start({ ...fire, window: minutes(45) });
    const issueId = await eventually('its issue', async () => (await drill(id)).state.issue?.recordId ?? undefined);
    await world.until('2040-02-20T09:46:00.000Z');
    await eventually('its issue is closed', async () => (await world.issue(issueId)).status === 'closed');
    expect(await report(id)).toMatchObject({ final: true, endReason: 'the window is over', acknowledgements: [], sides: expect.arrayContaining([{ side: 'accountable', highestLevel: 2, acknowledged: false }]) });
    const before = world.mailbox.letters.length;
    await world.until('2040-02-21T09:00:00.000Z');
    expect(world.mailbox.letters.length).toBe(before);
    expect(await verifyStore(world.fresh.store)).toMatchObject({ intact: true });
  });

  it('E15 the same opening effect again opens nothing and draws no number', async () => {
    const drills = await recordsOf(world, 'drill');
    const opened = await recordsOf(world, 'escalation');
    expect([drills.length, opened.length]).toEqual([3, 2]);
    expect(await world.fresh.store.models.counters.findById(`study/${STUDY}`).lean()).toMatchObject({ drawn: { ISS: 2 } });
    // As after a crash between performing and its receipt.
    const recordId = drills[2]?._id ?? '';
    const { modifiedCount } = await world.fresh.store.models.steps.updateOne({ recordId, rev: 1 }, { $set: { effectsDone: false } });
    expect(modifiedCount).toBe(1);
    const at = await world.now();
    const deps = { store: world.fresh.store, send: world.send, now: () => at };
    const { performEffects } = createEffectActivities({ ...deps, openRecord: (opening: DerivedOpening) => openDerived(deps, opening) } as never);
    const outcomes = await new MockActivityEnvironment().run(performEffects, { capability: 'drill', recordId, revs: [1] });
    expect(outcomes).toEqual([{ intent: `drill/${recordId}/issue`, outcome: 'done', detail: 'opened', recordId: opened[1]?._id }]);
    expect(await recordsOf(world, 'escalation')).toHaveLength(2);
    expect(await world.fresh.store.models.counters.findById(`study/${STUDY}`).lean()).toMatchObject({ drawn: { ISS: 2 } });
  });
});
