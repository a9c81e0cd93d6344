import { seedIssues } from '../../bench/lists/seed';
import { RARE_SPONSOR, RARE_TOPIC, READER_ORGANISATION } from '../../bench/lists/shape';
import { Failure } from '../../contracts/failures';
import { instantOf } from '../../contracts/instant';
import type { Membership } from '../../contracts/people';
import { accessRecordOf, mayAct, visibilityFilter, type VisibilityFilter } from '../../domain/access/ability';
import { listIssues, openDuties, plannedQueries, runPlanned, type IssueCursor, type IssueFilter } from '../../store/issues';
import { withinTime } from '../../store/patience';
import type { RecordDoc } from '../../store/schemas/records';
import { freshStore, type FreshStore } from '../support/mongo';

const TOTAL = 20_000;
const NOW = instantOf(Date.UTC(2026, 10, 22));
const OPEN = ['open', 'acknowledged', 'resolved', 'exhausted'];
const ME = `${READER_ORGANISATION}/p0`;
const seat = (more: Partial<Membership> = {}): Membership => ({
  id: 'm', personId: ME, organisationId: READER_ORGANISATION, role: 'project_manager', studyId: null, systemIds: [], from: '2020-01-01T00:00:00.000Z', until: null, ...more,
});
const seeing = (...memberships: readonly Membership[]): VisibilityFilter => visibilityFilter(memberships, NOW) ?? { _id: 'nothing' };
const STUDIES = Array.from({ length: 15 }, (_, n) => `st-${String(n % 3)}-${String(Math.floor(n / 3))}`);

interface Stage { readonly stage: string; readonly indexName?: string; readonly inputStage?: Stage; readonly inputStages?: readonly Stage[] }
const stagesOf = (stage: Stage): readonly Stage[] => [stage, ...(stage.inputStage ? [stage.inputStage] : []), ...(stage.inputStages ?? [])].flatMap((one, index) => (index === 0 ? [one] : stagesOf(one)));

describe('the list of issues over many issues, few visible, few open', () => {
  let fresh: FreshStore;
  let all: readonly RecordDoc[];
  beforeAll(async () => {
    fresh = await freshStore();
    await seedIssues(fresh.store, { total: TOTAL });
    all = await fresh.store.models.records.find({}).lean<RecordDoc[]>();
  });
  afterAll(() => fresh.drop());

  /** What MongoDB did for a page: ordered runs of keys at most, keys and documents looked at, documents returned. */
  const effortOf = async (visibility: VisibilityFilter, filter: IssueFilter, after?: IssueCursor) => {
    const effort = { keys: 0, docs: 0, returned: 0, runs: 0, queries: 0, stages: new Set<string>() };
    for (const query of plannedQueries({ visibility, filter, after, limit: 50 })) {
      const { queryPlanner, executionStats } = (await runPlanned(fresh.store, query).explain('executionStats')) as unknown as {
        queryPlanner: { winningPlan: Stage & { queryPlan?: Stage } }; executionStats: { totalKeysExamined: number; totalDocsExamined: number; nReturned: number };
      };
      const stages = stagesOf(queryPlanner.winningPlan.queryPlan ?? queryPlanner.winningPlan);
      for (const { stage } of stages) effort.stages.add(stage);
      effort.queries += 1;
      effort.runs += stages.filter(({ stage }) => stage === 'IXSCAN').length;
      effort.keys += executionStats.totalKeysExamined;
      effort.docs += executionStats.totalDocsExamined;
      effort.returned += executionStats.nReturned;
    }
    return effort;
  };
  const expectIndexed = (stages: ReadonlySet<string>) => {
    for (const bad of ['SORT', 'COLLSCAN', 'OR']) expect([...stages]).not.toContain(bad);
    expect([...stages]).toContain('IXSCAN');
  };

  const reader = seeing(seat());
  const EXACT: readonly [string, IssueFilter, VisibilityFilter?][] = [
    ['nothing', {}], ['one status', { status: ['open'] }], ['what is open', { status: OPEN }], ['severity', { severity: ['critical'] }],
    ['status and severity', { status: OPEN, severity: ['critical', 'major'] }], ['topic', { topic: 'monitoring' }], ['a rare topic', { topic: RARE_TOPIC }],
    ['a topic that nobody used', { topic: 'nothing' }], ['a topic that is open', { topic: 'data', status: OPEN, severity: ['critical'] }],
    ['study', { studyId: 'st-0-0' }], ['what is open in a study', { studyId: 'st-0-0', status: OPEN }], ['a party', { organisationId: 'spo-0' }],
    ['a rare party', { organisationId: RARE_SPONSOR }], ['the own organisation', { organisationId: READER_ORGANISATION }], ['assignee', { assigneeId: ME }],
    ['what is open with an assignee', { assigneeId: ME, status: OPEN }], ['a time', { openedFrom: '2024-01-01T00:00:00.000Z', openedTo: '2024-03-01T00:00:00.000Z' }],
    ['a party and what is open', { organisationId: 'spo-1', status: OPEN }], ['drills', { drill: true }], ['a trigger', { dedupeKey: 'alert-19990' }],
    ['nothing, bound to 15 studies', {}, seeing(...STUDIES.map((studyId) => seat({ studyId })))],
    ['what is open, bound to 15 studies', { status: OPEN }, seeing(...STUDIES.map((studyId) => seat({ studyId })))],
    ['nothing, as a security officer', {}, seeing(seat({ role: 'security_officer' }))],
    ['nothing, in two organisations', {}, seeing(seat(), seat({ organisationId: 'spo-0' }))],
    ['nothing, with two roles in one', {}, seeing(seat(), seat({ role: 'study_lead' }), seat({ role: 'quality', studyId: 'st-0-0' }))],
  ];
  test.each(EXACT)('by %s reads as many keys as it returns, in order, from the index', async (_, filter, visibility = reader) => {
    const { keys, docs, returned, runs, stages } = await effortOf(visibility, filter);
    expectIndexed(stages);
    // Each ordered run looks one key ahead; two memberships may both find a document.
    expect(keys).toBeLessThanOrEqual(2 * returned + runs);
    expect(docs).toBeLessThanOrEqual(2 * returned + runs);
  });

  /** A second facet is read from the keys below the narrowest place, or from the few documents that are open. */
  const SECOND_FACET: readonly [string, IssueFilter][] = [
    ['study and topic', { studyId: 'st-0-0', topic: 'safety' }], ['level', { level: 3 }], ['level of what is open', { level: 3, status: OPEN }],
    ['party and topic', { organisationId: 'spo-0', topic: 'lab' }], ['party and study', { organisationId: 'spo-0', studyId: 'st-0-1' }],
  ];
  test.each(SECOND_FACET)('by %s fetches hardly more documents than it returns', async (_, filter) => {
    const { docs, returned, runs, stages } = await effortOf(reader, filter);
    expectIndexed(stages);
    expect(docs).toBeLessThanOrEqual(2 * returned + runs);
  });

  test('what is due soon is looked for among what is open only', async () => {
    const filter = { dueBefore: '2026-11-03T00:00:00.000Z' };
    const { docs, stages } = await effortOf(reader, filter);
    expectIndexed(stages);
    const open = all.filter((issue) => !issue.done && issue.visibleTo.includes(READER_ORGANISATION)).length;
    expect(docs).toBeLessThanOrEqual(open + 12);
  });

  test('a page deep in the list costs what the first one costs', async () => {
    const middle = all[TOTAL / 2];
    const { keys, returned, runs, stages } = await effortOf(reader, {}, { openedAt: middle?.openedAt ?? '', id: middle?._id ?? '' });
    expectIndexed(stages);
    expect(returned).toBe(51);
    expect(keys).toBeLessThanOrEqual(2 * returned + runs);
  });

  const SEATS: readonly [string, readonly Membership[]][] = [
    ['a manager', [seat()]], ['a lead of some studies', STUDIES.map((studyId) => seat({ studyId }))], ['somebody of two organisations', [seat(), seat({ organisationId: 'spo-3' })]],
    ['a security officer', [seat({ role: 'security_officer' })]], ['a vendor', [seat({ role: 'vendor_user' })]], ['an inspector', [seat({ role: 'inspector', studyId: 'st-0-0' })]],
  ];
  test.each(SEATS)('P14 pages of %s hold exactly what may be seen and fits, each once, latest first', async (_, memberships) => {
    const visible = all.filter((issue) => mayAct({ memberships, act: 'see', record: accessRecordOf(issue), now: NOW }) !== undefined);
    const filters: readonly [IssueFilter, (issue: RecordDoc) => boolean][] = [
      [{}, () => true], [{ status: OPEN, severity: ['major'] }, (issue) => OPEN.includes(issue.status) && issue.severity === 'major'],
      [{ organisationId: 'spo-0', topic: 'data' }, (issue) => issue.raisingOrganisationId === 'spo-0' && issue.topic === 'data'],
      [{ assigneeId: ME, level: 1 }, (issue) => issue.assigneeIds.includes(ME) && issue.level === 1],
      [{ dueBefore: '2026-11-05T00:00:00.000Z' }, (issue) => issue.nextDueAt !== null && issue.nextDueAt < '2026-11-05T00:00:00.000Z'],
      [{ studyId: 'st-0-0', openedFrom: '2025-01-01T00:00:00.000Z' }, (issue) => issue.studyId === 'st-0-0' && issue.openedAt >= '2025-01-01T00:00:00.000Z'],
    ];
    for (const [filter, fits] of filters) {
      const expected = visible.filter((issue) => !issue.drill && fits(issue)).toSorted((a, b) => b.openedAt.localeCompare(a.openedAt) || b._id.localeCompare(a._id)).map(({ _id }) => _id);
      const listed: string[] = [];
      let after: IssueCursor | undefined;
      do {
        const page = await listIssues(fresh.store, { visibility: seeing(...memberships), filter, after, limit: 200 });
        listed.push(...page.items.map(({ _id }) => _id));
        after = page.next;
      } while (after && listed.length < 1000);
      expect(listed).toEqual(expected.slice(0, listed.length));
      expect(listed).toHaveLength(Math.min(expected.length, Math.max(listed.length, 1000)));
    }
  });

  test('P11 the open duties of a person are found by the person', async () => {
    const duties = await openDuties(fresh.store, ME);
    expect(duties.map(({ _id }) => _id)).toEqual(all.filter((issue) => !issue.done && issue.assigneeIds.includes(ME)).toSorted((a, b) => a.openedAt.localeCompare(b.openedAt)).map(({ _id }) => _id));
  });

  test('a list that takes too long is given up with an honest error', async () => {
    const slow = fresh.store.models.records.find({ $where: 'sleep(20) || true' }).maxTimeMS(30).lean().exec();
    await expect(withinTime(slow)).rejects.toMatchObject({ type: 'took_too_long', extra: { retryAfterSeconds: 30 } });
    await expect(withinTime(slow)).rejects.toBeInstanceOf(Failure);
    expect(runPlanned(fresh.store, { filter: {}, limit: 1 }).getOptions()).toMatchObject({ maxTimeMS: 5000 });
  });
});
