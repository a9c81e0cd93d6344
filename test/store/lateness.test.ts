import fc from 'fast-check';
import type { EscalationOpening, EscalationState } from '../../contracts/escalation';
import { plusMs, type Instant } from '../../contracts/instant';
import type { CommitRequest, CommitResult, Json, Step } from '../../contracts/step';
import { figuresOf } from '../../domain/lateness/figures';
import { escalation } from '../../domain/escalation/machine';
import { latenessGroups, listPassed } from '../../store/lateness';
import { claimNotices, settleNotices } from '../../store/noticeLedger';
import type { PassedDeadlineDoc } from '../../store/schemas/lateness';
import { CRO, OTHER_CRO, seedCast, SPONSOR } from '../support/cast';
import { committing } from '../support/committing';
import { freshStore, type FreshStore } from '../support/mongo';
import { LEDGER_BEGINS, passedDeadline } from '../support/passed';
import { draftOf } from '../support/trail';
import { actorFor, policyOf } from '../support/world';

const T0 = LEDGER_BEGINS;
const RANGE = { from: T0, to: plusMs(T0, 100_000_000) };
const EVERYTHING = { $or: [{ visibleTo: SPONSOR }, { visibleTo: CRO }] };

describe('the ledger of passed deadlines', () => {
  let fresh: FreshStore;
  let commit: (request: CommitRequest) => Promise<CommitResult>;
  let storeNow: Instant = T0;
  beforeAll(async () => {
    fresh = await freshStore();
    await seedCast(fresh.store);
    commit = committing(fresh.store, () => storeNow);
  });
  beforeEach(() => fresh.admin.main.collection('deadline_ledger').deleteMany({}));
  afterAll(() => fresh.drop());

  /** Plays an issue step by step, as the shell does. */
  const play = (id: string, more: Partial<EscalationOpening> = {}) => {
    let state: EscalationState | undefined;
    let armed: Extract<CommitResult, { outcome: 'applied' }>['armed'] = [];
    let rev = 0;
    const step = async (at: Instant, computed: Step<EscalationState>, extras: Partial<CommitRequest> = {}) => {
      rev += 1;
      const result = await commit({
        capability: 'escalation', recordId: id, source: { key: `k${String(rev)}`, act: 'step', actor: { kind: 'system', name: 'timer', correlationId: '' } }, rev, at,
        step: computed as unknown as Step<Json>, armed, run: { workflowId: id, runId: 'run', definition: 'escalation@2' }, ...extras,
      });
      if (result.outcome !== 'applied') throw new Error(`the step is ${result.outcome}`);
      ({ state } = computed);
      ({ armed } = result);
    };
    const stateNow = () => {
      if (!state) throw new Error('not opened');
      return state;
    };
    return {
      open: () => step(T0, escalation.open({
        id, number: `ISS-${id}`, policy: policyOf('demo'), matrixVersion: null, raisedBy: null,
        request: { topic: 'demo', severity: 'major', raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO }, ...more,
      }, T0), { content: { title: 't', description: 'd' } }),
      lapse: async (name: string, lateByMs: number) => {
        const deadline = armed.find((one) => one.name === name);
        if (!deadline) throw new Error(`${name} is not armed`);
        const at = plusMs(deadline.due, lateByMs);
        await step(at, escalation.lapse(stateNow(), deadline, at), { lapsed: { name, due: deadline.due } });
        return deadline.due;
      },
      act: (at: Instant, command: Parameters<typeof escalation.apply>[1]['command']) => step(at, escalation.apply(stateNow(), { command, actor: actorFor(`${CRO}/study_lead`) }, at)),
      rev: () => rev,
    };
  };
  const ledger = () => fresh.store.models.deadlineLedger.find({}).sort({ _id: 1 }).lean<PassedDeadlineDoc[]>();

  test('E6 a fired deadline is entered with its step: whose it was, due, fired and recorded; one that was met is not', async () => {
    const issue = play('entered');
    await issue.open();
    await issue.act(plusMs(T0, 100), { act: 'share', body: { organisationId: OTHER_CRO, extent: 'summary', reason: 'r' } });
    await issue.act(plusMs(T0, 200), { act: 'acknowledge', body: {} });
    storeNow = plusMs(T0, 3_600_000);
    const due = await issue.lapse('ack/raising', 1250);
    expect(await ledger()).toEqual([{
      _id: 'entered|4|ack/raising', recordId: 'entered', capability: 'escalation', number: 'ISS-entered', rev: 4, name: 'ack/raising', kind: 'ack', warning: null, outcome: 'fired',
      organisationId: SPONSOR, due, firedAt: plusMs(due, 1250), lateByMs: 1250, recordedAt: storeNow, recordedLateByMs: Date.parse(storeNow) - Date.parse(due),
      severity: 'major', topic: 'demo', studyId: null, systemId: null, raisingOrganisationId: SPONSOR, accountableOrganisationId: CRO, assigneeIds: [`${CRO}/study_lead`],
      visibleTo: [SPONSOR, CRO], toldAt: null, toldLateByMs: null,
    }]);
  });

  test('E6 the first notice of its step completes it, a later one and those of other steps leave it alone', async () => {
    const issue = play('told');
    await issue.open();
    const due = await issue.lapse('ack/accountable', 30);
    const tell = async (rev: number, person: string, at: Instant) => {
      const id = `told/${String(rev)}/${person}`;
      await claimNotices(fresh.store, [{ notice: {
        _id: id, recordId: 'told', rev, reason: 'level', side: 'accountable', level: 2, organisationId: CRO, personId: person, as: 'contact', channel: 'email', address: 'a', endpointId: null,
        messageId: id, contentHash: 'h', deadline: null, due: null, severity: 'major', drill: false, fallbackOf: null, createdAt: T0,
      } }]);
      const entry = draftOf('notices/told', { action: 'notice.told', correlationId: id });
      await settleNotices(fresh.store, [{ id, recordId: 'told', rev, ending: { status: 'told', at, contentHash: 'h', entry } }]);
    };
    await tell(1, 'opening', plusMs(due, -500));
    await tell(2, 'slow', plusMs(due, 900));
    await tell(2, 'quick', plusMs(due, 400));
    await tell(2, 'late', plusMs(due, 5000));
    await tell(20, 'other', plusMs(due, 100));
    expect(await ledger()).toMatchObject([{ rev: 2, toldAt: plusMs(due, 400), toldLateByMs: 400 }]);
  });

  test('E6 an act that overtook a passed deadline leaves it missed, and nobody told by it', async () => {
    const issue = play('missed');
    await issue.open();
    await issue.act(plusMs(T0, 3_600_000 * 24 * 30), { act: 'acknowledge', body: {} });
    expect((await ledger()).map(({ name, outcome }) => [name, outcome])).toEqual(expect.arrayContaining([['ack/accountable', 'missed']]));
    const groups = await latenessGroups(fresh.store, { visibility: EVERYTHING, filter: { from: T0, to: plusMs(T0, 1e9) }, groupBy: ['kind'] });
    expect(groups.find(({ key }) => key.kind === 'ack')).toMatchObject({ fired: [], told: [], overtaken: 1 });
  });

  test('E15 a drill is never entered', async () => {
    const issue = play('drill', { drill: true });
    await issue.open();
    await issue.lapse('ack/accountable', 30);
    expect(await ledger()).toEqual([]);
  });

  test('E6 figures are those of the rows that a reader sees, whatever the grouping and filter', async () => {
    const rows = fc.sample(fc.record({
      dueMs: fc.nat(90_000_000), lateByMs: fc.nat(30), toldLateByMs: fc.option(fc.nat(60)), outcome: fc.constantFrom('fired' as const, 'fired' as const, 'missed' as const),
      severity: fc.constantFrom('critical', 'major'), organisationId: fc.constantFrom(SPONSOR, CRO), visibleTo: fc.constantFrom([SPONSOR, CRO], [OTHER_CRO]),
      warning: fc.constantFrom(null, null, 0.8), kind: fc.constantFrom('ack', 'progress'),
    }), { numRuns: 400, seed: 7 }).map((row, n) => passedDeadline(`r${String(n)}`, { ...row, toldLateByMs: row.outcome === 'fired' ? row.toldLateByMs : null }));
    await fresh.store.models.deadlineLedger.insertMany(rows);
    const filter = { ...RANGE, to: plusMs(T0, 60_000_000) };
    const groups = await latenessGroups(fresh.store, { visibility: EVERYTHING, filter, groupBy: ['severity', 'organisationId'] });
    const listed: PassedDeadlineDoc[] = [];
    for (let after: { due: string; id: string } | undefined; ;) {
      const page = await listPassed(fresh.store, { visibility: EVERYTHING, filter, after, limit: 37 });
      listed.push(...page.items);
      if (!page.next) break;
      after = page.next;
    }
    const expected = rows.filter((row) => row.visibleTo.includes(CRO) && row.warning === null && row.due < filter.to);
    expect(listed.map(({ _id }) => _id)).toEqual(expected.toSorted((a, b) => b.due.localeCompare(a.due) || (a._id < b._id ? 1 : -1)).map(({ _id }) => _id));
    expect(groups).toHaveLength(4);
    for (const group of groups) {
      const of = listed.filter((row) => row.severity === group.key.severity && row.organisationId === group.key.organisationId);
      const fired = of.filter((row) => row.outcome === 'fired');
      const one = (ms: number | null) => ({ ms: ms ?? -1, count: 1, deadlineId: '' });
      expect(shape(figuresOf(group.fired))).toEqual(shape(figuresOf(fired.map((row) => one(row.lateByMs)))));
      expect(shape(figuresOf(group.told))).toEqual(shape(figuresOf(fired.filter((row) => row.toldLateByMs !== null).map((row) => one(row.toldLateByMs)))));
      expect(group.overtaken).toBe(of.length - fired.length);
      expect(fired.find((row) => row._id === figuresOf(group.fired)?.p95.deadlineId)?.lateByMs).toBe(figuresOf(group.fired)?.p95.ms);
    }
  });

  test('E6 rows and figures come from an index, in the order asked for', async () => {
    await fresh.store.models.deadlineLedger.insertMany(Array.from({ length: 500 }, (_, n) => passedDeadline(`x${String(n)}`, { dueMs: n * 1000, visibleTo: n % 10 === 0 ? [CRO] : ['elsewhere'] })));
    const explained = (await fresh.store.models.deadlineLedger
      .find({ visibleTo: { $in: [CRO] }, due: { $gte: T0, $lt: plusMs(T0, 100_000) }, warning: null })
      .sort({ due: -1, _id: -1 }).limit(51).explain('executionStats')) as unknown as { executionStats: { totalKeysExamined: number; nReturned: number; executionStages: object } };
    expect(explained.executionStats.nReturned).toBe(10);
    expect(explained.executionStats.totalKeysExamined).toBeLessThanOrEqual(11);
    expect(JSON.stringify(explained.executionStats.executionStages)).not.toMatch(/"(?:SORT|COLLSCAN)"/);
  });
});

/** Figures without the deadlines that they name. */
function shape(figures: ReturnType<typeof figuresOf>): unknown {
  return figures && { count: figures.count, p50: figures.p50.ms, p95: figures.p95.ms, max: figures.max.ms };
}
