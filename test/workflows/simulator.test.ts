import fc from 'fast-check';
import type { Duration } from '../../contracts/duration';
import { seconds } from '../../contracts/spans';
import type { PersonCommand } from '../../contracts/escalation';
import { epochMsOf, plusMs, type Instant } from '../../contracts/instant';
import type { Role } from '../../contracts/people';
import type { Ladder, Policy, Severity, Side } from '../../contracts/policy';
import type { SimulatedAct, Simulation } from '../../contracts/simulation';
import { commandOf, simulate } from '../../domain/simulation/simulate';
import { directoryFor, latestCalendars } from '../../store/directory';
import type { NoticeDoc } from '../../store/schemas/records';
import { CRO, personOf, SPONSOR, STUDY } from '../support/cast';
import { setCalendar } from '../support/story';
import { openSkippingWorld, type SkippingWorld } from '../support/timeSkipping';
import { policyOf } from '../support/world';

const RUNS = 12;
const SEED = 20_401;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Commits and effects take real time, which a skipping server does not skip; it adds up over a ladder. */
const DRIFT_MS = 10_000;

interface Drawn {
  readonly policy: Policy;
  readonly severity: Severity;
  readonly internal: boolean;
  readonly topic: string;
  readonly acts: readonly { readonly afterMs: number; readonly side: Side; readonly role: Role; readonly act: SimulatedAct['act'] }[];
}

/** Odd seconds: no count ends within the drift of an opening or closing time, where a second makes a night. */
const span = (fromMinutes: number, toMinutes: number): fc.Arbitrary<Duration> => fc.tuple(fc.integer({ min: fromMinutes * 60, max: toMinutes * 60 }), fc.boolean())
  .map(([length, business]): Duration => (business ? { kind: 'business', unit: 'hours', amount: length / 3600 } : seconds(length)));

const ladder: fc.Arbitrary<Ladder> = fc.record({
  levels: fc.tuple(fc.shuffledSubarray<Role>(['project_manager', 'study_lead', 'quality_head', 'executive'], { minLength: 1 }), fc.array(span(11, 500), { minLength: 4, maxLength: 4 }), fc.boolean())
    .map(([roles, spans, deputised]) => roles.map((role, index) => ({ role, acknowledgeWithin: spans[index] ?? seconds(60), ...(deputised && role === 'quality_head' && { deputyRole: 'quality' as const }) }))),
  repeats: fc.nat(1), progressWithin: span(60, 1500), promiseAtMostMs: fc.constant(100 * HOUR), resolveWithin: span(1000, 2400), confirmWithin: span(200, 1500),
  secondPersonWithin: span(200, 1500), acceptWithin: span(60, 300), reviewWithin: span(1000, 2000), exhaustedTells: fc.constantFrom<Role[]>([], ['executive'], ['executive', 'quality']),
  warnAt: fc.constantFrom<number[]>([], [0.5], [0.5, 0.8]),
});

type DrawnAct = Drawn['acts'][number];
const randomActs: fc.Arbitrary<readonly DrawnAct[]> = fc.array(fc.record({
  afterMs: fc.integer({ min: 61, max: 90_000 }).map((s) => s * 1000), side: fc.constantFrom<Side>('accountable', 'accountable', 'raising'), role: fc.constantFrom<Role>('study_lead', 'executive'),
  act: fc.constantFrom<SimulatedAct['act']>('acknowledge', 'acknowledge', 'acknowledge', 'progress', 'escalate', 'resolve', 'resolve', 'confirm', 'reject', 'regrade', 'cancel'),
}), { maxLength: 6 });
/** What chance alone finds too seldom: resolved, then confirmed, rejected or left alone. */
const resolving: fc.Arbitrary<readonly DrawnAct[]> = fc.tuple(fc.integer({ min: 61, max: 9000 }), fc.constantFrom<SimulatedAct['act'] | null>('confirm', 'reject', null)).map(([s, last]) => [
  { afterMs: s * 1000, side: 'accountable', role: 'study_lead', act: 'acknowledge' }, { afterMs: 2 * s * 1000, side: 'accountable', role: 'executive', act: 'resolve' },
  ...(last ? [{ afterMs: 4 * s * 1000, side: 'raising' as const, role: 'study_lead' as const, act: last }] : []),
]);

const drawn: fc.Arbitrary<Drawn> = fc.record({
  policy: fc.record({ critical: ladder, major: ladder, minor: ladder }).map((ladders) => policyOf('default', (policy) => ({ ...policy, ladders }))),
  severity: fc.constantFrom<Severity>('critical', 'major', 'minor'),
  internal: fc.boolean(),
  topic: fc.constantFrom('data', 'monitoring'),
  acts: fc.oneof({ weight: 3, arbitrary: randomActs }, { weight: 2, arbitrary: resolving }),
});

/** One telling as both can say it. */
interface Line {
  readonly key: string;
  readonly at: Instant;
  readonly due: Instant | null;
}

const inOrder = (lines: readonly Line[]): readonly Line[] => lines.toSorted((a, b) => a.key.localeCompare(b.key) || a.at.localeCompare(b.at));
const keyOf = (told: { personId: string | null; as: string | null; side: string | null; level: number | null; reason: string; deadline: string | null }): string =>
  [told.personId, told.as, told.side, told.level, told.reason, told.deadline].map(String).join(' ');

/**
 * CRO in Zurich, sponsor in New York, each with a holiday. Level roles: the CRO's quality head leaves on
 * the third day, its study lead is delegated for two days. Topic `monitoring` has a matrix row whose
 * CRO contact at level 3 is held by nobody who is there.
 */
describe('the simulator and the workflow', () => {
  let world: SkippingWorld;
  const START = '2040-05-18T14:37:11.000Z'; // Friday, 16:37 in Zurich, 10:37 in New York
  beforeAll(async () => {
    world = await openSkippingWorld();
    await world.startWorker();
    await setCalendar(world, CRO, { zone: 'Europe/Zurich', holidays: [{ date: '2040-05-21', name: 'Whit Monday' }] });
    await setCalendar(world, SPONSOR, { zone: 'America/New_York', holidays: [{ date: '2040-05-28', name: 'Memorial Day' }] });
    const { memberships, delegations, matrix } = world.fresh.store.models;
    await memberships.updateOne({ _id: `m/${personOf(CRO, 'quality_head')}` }, { $set: { until: '2040-05-21T07:00:13.000Z' } });
    const lead = personOf(CRO, 'study_lead');
    await delegations.create([{
      _id: 'd1', rev: 1, active: true, chain: { length: 0, head: '' }, createdAt: START, updatedAt: START, organisationId: CRO, reason: 'leave',
      personId: lead, delegateId: personOf(CRO, 'contributor'), from: '2040-05-19T00:00:17.000Z', until: '2040-05-22T00:00:17.000Z',
    }] as never);
    const contacts = [CRO, SPONSOR].flatMap((organisationId) => (['project_manager', 'study_lead', 'quality_head', 'executive'] as const).map((role, index) => ({
      organisationId, level: index + 1, channel: 'email', personId: organisationId === CRO && index === 2 ? 'gone' : personOf(organisationId, role), deputyId: organisationId === CRO && index === 2 ? 'gone too' : personOf(organisationId, 'quality'),
    })));
    const rowKey = `${STUDY}/monitoring/${[CRO, SPONSOR].sort().join('+')}`;
    await matrix.create([{
      _id: `${rowKey}/1`, rowKey, version: 1, effectiveFrom: '2026-01-01T00:00:00.000Z', createdAt: '2026-01-01T00:00:00.000Z', studyId: STUDY, topic: 'monitoring',
      organisationIds: [CRO, SPONSOR], policyKey: 'default', contacts, phi: false, phiChannels: [], approvals: [], proposalId: null,
    }] as never);
    await world.until(START);
  });
  afterAll(() => world.close());

  /** In short sleeps: a call that takes long is cut off by the server, and its repetition would sleep once more. */
  const passTo = async (at: Instant): Promise<void> => {
    for (let now = await world.now(); now < at; now = await world.now()) {
      const hop = plusMs(now, 20 * HOUR);
      await world.until(hop < at ? hop : at);
    }
  };
  const told = async (id: string, until: Instant): Promise<readonly Line[]> => {
    const notices = await world.fresh.store.models.notices.find({ recordId: id, fallbackOf: null, as: { $ne: 'team' } }).lean<NoticeDoc[]>();
    return notices.filter(({ createdAt }) => createdAt <= plusMs(until, DRIFT_MS)).map((notice) => ({ key: keyOf(notice), at: notice.createdAt, due: notice.due }));
  };

  it(`P19 E2 E5 E7 E9 the tellings of ${String(RUNS)} random policies are those that the simulator foretold: who, level, reason, when, due`, async () => {
    const cases = fc.sample(drawn, { numRuns: RUNS, seed: SEED });
    const issues = [];
    for (const { policy, severity, internal, topic } of cases) {
      const raising = internal ? CRO : SPONSOR;
      const id = await world.open({ policy, severity, topic, raising });
      issues.push({ id, raising, openedAt: (await world.issue(id)).openedAt, done: [] as SimulatedAct[], refused: [] as string[] });
    }

    const planned = cases.flatMap((one, index) => one.acts.map((act) => ({ ...act, index, at: plusMs(START as Instant, act.afterMs) }))).toSorted((a, b) => a.at.localeCompare(b.at));
    for (const { index, at, side: drawnSide, role, act } of planned) {
      const issue = issues[index];
      if (!issue) throw new Error('no such issue');
      const side = issue.raising === CRO ? 'accountable' : drawnSide;
      const personId = personOf(side === 'raising' ? SPONSOR : CRO, role);
      await passTo(at);
      const simulated: SimulatedAct = { at, side, act, personId, ...(act === 'regrade' && { severity: 'critical' as const }) };
      const before = await world.fresh.store.models.steps.countDocuments({ recordId: issue.id });
      try {
        await world.act(issue.id, commandOf(simulated) as PersonCommand, personId);
        const step = await world.fresh.store.models.steps.findOne({ recordId: issue.id, act, rev: { $gt: before } }).sort({ rev: 1 }).lean();
        issue.done.push({ ...simulated, at: step?.at ?? at });
      } catch (error) {
        issue.refused.push(`${act} ${String((error as { type?: string }).type)}`);
        issue.done.push({ ...simulated, at: await world.now() });
      }
    }

    const simulations: Simulation[] = [];
    for (const [index, { severity, policy, topic }] of cases.entries()) {
      const issue = issues[index];
      if (!issue) throw new Error('no such issue');
      const organisationIds = [issue.raising, CRO];
      const directory = await directoryFor(world.fresh.store, { organisationIds, studyId: STUDY, topic });
      simulations.push(simulate({
        policy, severity, at: issue.openedAt, studyId: STUDY, topic, raisingOrganisationId: issue.raising, accountableOrganisationId: CRO,
        raisedBy: personOf(issue.raising, 'study_lead'), acts: issue.done,
      }, { directory, absences: [], calendarOf: await latestCalendars(world.fresh.store, organisationIds), tzdb: 'test' }));
    }
    const last = simulations.map(({ end }) => end.at).toSorted().at(-1) ?? START;
    await passTo(plusMs(last as Instant, MINUTE));

    let compared = 0;
    for (const [index, { tellings, end, refused }] of simulations.entries()) {
      const issue = issues[index];
      if (!issue) throw new Error('no such issue');
      const foretold = inOrder(tellings.filter(({ personId }) => personId !== null).map((telling) => ({ key: keyOf(telling), at: telling.at, due: telling.due })));
      const happened = inOrder(await told(issue.id, end.at));
      expect({ run: index, told: happened.map(({ key }) => key) }).toEqual({ run: index, told: foretold.map(({ key }) => key) });
      for (const [place, line] of foretold.entries()) {
        const real = happened[place];
        expect(Math.abs(epochMsOf(line.at) - epochMsOf(real?.at ?? line.at))).toBeLessThan(DRIFT_MS);
        expect([line.due === null, Math.abs(epochMsOf(line.due ?? line.at) - epochMsOf(real?.due ?? line.at)) < DRIFT_MS]).toEqual([(real?.due ?? null) === null, true]);
      }
      expect(refused.map(({ act, type }) => `${act} ${type}`)).toEqual(issue.refused);
      compared += foretold.length;
    }
    // Enough happened for the comparison to mean something.
    expect(compared).toBeGreaterThan(15 * RUNS);
    const reasons = new Set(simulations.flatMap(({ tellings }) => tellings.map(({ reason }) => reason)));
    expect([...reasons]).toEqual(expect.arrayContaining(['level', 'warning', 'progress_late', 'exhausted', 'resolution_late', 'resolved']));
    expect(simulations.some(({ tellings }) => tellings.some(({ personId }) => personId === null))).toBe(true);
    expect([...new Set(simulations.flatMap(({ tellings }) => tellings.map(({ as }) => as)))]).toEqual(expect.arrayContaining(['role', 'contact', 'delegate', 'named']));
  }, 300_000);
});
