import type { SendableCommand } from '../../contracts/command';
import type { PersonCommand } from '../../contracts/escalation';
import { instantOf } from '../../contracts/instant';
import type { Delivered } from '../../store/commandDelivery';
import { addressOf, CRO, personOf, SPONSOR } from '../support/cast';
import { privateMongod } from '../support/engines';
import { eventually, openingCommand } from '../support/world';
import type { CrashPoint } from './support/crashPoints';
import { cleanups, ownTemporal, startAgain } from './support/engines';
import { CALM, commandOf, ladderOfSeconds, openSite, type Site } from './support/site';
import { expectSound, lateEnds, untilTold } from './support/soundness';

const lead = personOf(SPONSOR, 'study_lead');
const croLead = personOf(CRO, 'study_lead');
/** History events after which the server suggests a new run. */
const LONG_HISTORY = 90;
/** Enough to be over LONG_HISTORY with many still to go. */
const COMMENTS = 20;

const CALLERS = ['waiting', 'gone'] as const;
const ACKNOWLEDGE: PersonCommand = { act: 'acknowledge', body: {} };

/** One issue on its way to one crash point. */
interface Case {
  readonly recordId: string;
  readonly commands: readonly SendableCommand[];
  /** Of callers that still wait. */
  readonly answers: readonly Promise<Delivered>[];
}

interface Crashed {
  /** By point and caller. */
  readonly cases: Readonly<Record<string, Case>>;
  /** An issue whose deadline fell into the outage. */
  readonly forgotten: string;
  /** Epoch ms. */
  readonly at: number;
}

describe.each([{ restart: false }, { restart: true }])('a worker dies in the middle, Temporal restarts: $restart', ({ restart }) => {
  const cleanup = cleanups();
  let site: Site;
  let crashed: Crashed;

  beforeAll(async () => {
    const temporal = await ownTemporal({ 'limit.historyCount.suggestContinueAsNew': LONG_HISTORY });
    cleanup.add(temporal.discard);
    const mongod = await privateMongod();
    cleanup.add(mongod.discard);
    site = await openSite({ temporalAddress: temporal.engine.address, mongodbAdminUri: mongod.engine.adminUri });
    cleanup.add(site.close);
    crashed = await crashEverywhere(site, async () => {
      if (!restart) return;
      await temporal.engine.process.kill();
      await startAgain(temporal.engine);
    });
  });
  afterAll(cleanup.run);

  const caseOf = (point: string, caller: string): Case => {
    const found = crashed.cases[`${point}, ${caller}`];
    if (!found) throw new Error(`no case ${point}, ${caller}`);
    return found;
  };

  describe.each(CALLERS)('the caller is %s', (caller) => {
    it('P3 after accept, before commit: change and entry come once', async () => {
      const { recordId, commands } = caseOf('before commit', caller);
      const { actions, steps } = await expectSound(site, recordId);
      expect(actions.filter((action) => action === 'issue.acknowledged')).toHaveLength(1);
      expect(steps.filter((step) => step.act === 'acknowledge').map((step) => step.key)).toEqual(commands.map((command) => command._id));
    });

    it('E6 a command that was accepted in time wins over the deadline that passed during the outage', async () => {
      const { recordId } = caseOf('before commit, then due', caller);
      const { steps, letters } = await expectSound(site, recordId);
      expect((await site.issue(recordId)).state).toMatchObject({ tracks: expect.arrayContaining([expect.objectContaining({ side: 'accountable', status: 'acknowledged', level: 1 })]) });
      expect(steps.filter((step) => step.key.startsWith('lapse/ack/accountable'))).toEqual([]);
      expect(letters.filter((letter) => letter.subject.includes('level 2') && letter.to.includes(addressOf(CRO, 'study_lead')))).toEqual([]);
    });

    it('P3 in the middle of the transaction: nothing of it stays, and the record is soon free again', async () => {
      const { recordId, commands } = caseOf('inside commit', caller);
      const { actions } = await expectSound(site, recordId);
      expect(actions.filter((action) => action === 'issue.acknowledged')).toHaveLength(1);
      // Without the shorter transaction lifetime of dev/engines/mongod.ts MongoDB holds the locks of a dead worker for a minute.
      const { answeredAt = '' } = await site.command(commands[0]?._id ?? '');
      expect(Date.parse(answeredAt) - crashed.at).toBeLessThan(60_000);
    });

    it('P3 after commit, before the task is completed: the receipt answers, nothing is written again', async () => {
      const { recordId } = caseOf('after commit', caller);
      const { actions } = await expectSound(site, recordId);
      expect(actions.filter((action) => action === 'issue.acknowledged')).toHaveLength(1);
    });

    it('E2 between effect and receipt: the letter comes again with the same Message-ID and says possibly repeated', async () => {
      const { recordId } = caseOf('before receipt', caller);
      const { letters, notices } = await expectSound(site, recordId, { repeatedLetters: 1 });
      const second = letters.filter((letter) => letter.subject.includes('level 2'));
      expect(second.map((letter) => letter.to)).toEqual([[addressOf(CRO, 'study_lead')], [addressOf(CRO, 'study_lead')]]);
      expect(new Set(second.map((letter) => letter.messageId)).size).toBe(1);
      expect(second.map((letter) => letter.raw.includes('X-Oversight-Possibly-Repeated: yes'))).toEqual([false, true]);
      expect(notices.filter((notice) => notice.possiblyRepeated)).toMatchObject([{ level: 2, attempts: 2, status: 'told' }]);
    });

    it.each(['draining', 'continued'])('P3 during continue-as-new (%s) every command takes effect once, in one go', async (point) => {
      const { recordId, commands } = caseOf(point, caller);
      const { steps, actions } = await expectSound(site, recordId);
      expect(actions.filter((action) => action === 'comment.added')).toHaveLength(COMMENTS);
      expect(steps.filter((step) => step.act === 'comment').map((step) => step.key).toSorted()).toEqual(commands.map((command) => command._id).toSorted());
    });

    it('P3 every command has its answer, and sent again gets the same', async () => {
      for (const { commands, answers } of CASES.map((point) => caseOf(point, caller))) {
        const delivered = await Promise.all(answers);
        // A restart of the engine cuts the line to the caller; the stored command then has the answer.
        if (!restart) expect(delivered.map((one) => one.outcome)).toEqual(answers.map(() => 'answered'));
        for (const command of commands) {
          const { answer } = await site.command(command._id);
          const step = await site.store.models.steps.findOne({ recordId: command.recordId, key: command._id }).lean();
          expect(answer?.status).toBe(200);
          expect((answer?.body as { rev: number }).rev).toBeGreaterThanOrEqual(step?.rev ?? Number.POSITIVE_INFINITY);
          await expect(site.sendAgain(command)).resolves.toMatchObject({ answer: { recordId: command.recordId, rev: step?.rev } });
        }
        for (const one of delivered) if (one.outcome === 'answered') expect(one.refusal).toBeUndefined();
      }
    });
  });

  it('E6 a deadline that fell into the outage fires late, tells once and says how late', async () => {
    const stored = await expectSound(site, crashed.forgotten);
    const [late] = lateEnds(stored).filter((ended) => ended.name === 'ack/accountable');
    expect(late).toMatchObject({ outcome: 'fired' });
    expect(late?.lateByMs).toBeGreaterThan(1000);
    expect(stored.letters.filter((letter) => letter.subject.includes('level 2') && letter.to.includes(addressOf(CRO, 'study_lead')))).toHaveLength(1);
  });
});

const CASES = ['before commit', 'before commit, then due', 'inside commit', 'after commit', 'before receipt', 'draining', 'continued'] as const;
/** Time to acknowledge of the issues whose deadline falls into the outage, s. */
const DUE_S = 18;

interface Planned {
  readonly name: (typeof CASES)[number];
  readonly caller: (typeof CALLERS)[number];
  readonly opening: SendableCommand;
  readonly commands: readonly SendableCommand[];
}

/** Brings an issue per point and caller to its point, kills the worker there, starts another. */
async function crashEverywhere(site: Site, between: () => Promise<void>): Promise<Crashed> {
  const planned = CALLERS.flatMap((caller) => CASES.map((name) => planOf(name, caller)));
  const worker = await site.startWorker({ points: planned.map(pointOf) });
  const goner = await site.startCaller();
  const openAll = async (some: readonly Planned[]) => {
    await Promise.all(some.map((one) => site.order(one.opening)));
    await Promise.all(some.map((one) => untilTold(site, one.opening.recordId)));
  };
  await openAll(planned.filter((one) => one.name !== 'before commit, then due'));
  await openAll(planned.filter((one) => one.name === 'before commit, then due'));
  const forgotten = await site.open(DUE_SOON);
  await untilTold(site, forgotten);
  for (const command of planned.flatMap((one) => (one.caller === 'gone' ? one.commands : []))) await site.keep(command);
  const kept = new Map((await Promise.all(planned.flatMap((one) => (one.caller === 'gone' ? one.commands : [])).map(({ _id }) => site.command(_id)))).map((command) => [command._id, command]));
  const cases = Object.fromEntries(planned.map((one): [string, Case] => {
    const { commands } = one;
    const answers = one.caller === 'waiting' ? commands.map((command) => site.order(command, 120_000)) : [];
    if (one.caller === 'gone') for (const command of commands) goner.order(kept.get(command._id) ?? command);
    return [`${one.name}, ${one.caller}`, { recordId: one.opening.recordId, commands, answers }];
  }));
  await worker.crashed(20_000);
  const at = Date.now();
  await goner.kill();
  await between();
  // Its deadlines pass while nobody works.
  await eventually('the deadlines are overdue', async () => ((await site.issue(forgotten)).nextDueAt ?? '') < instantOf(Date.now() - 2000));
  await site.startWorker();
  await Promise.allSettled(Object.values(cases).flatMap((one) => one.answers));
  await site.settleCommands();
  await eventually('the forgotten issue climbs', async () => (await site.issue(forgotten)).level === 2);
  for (const recordId of [...Object.values(cases).map((one) => one.recordId), forgotten]) await untilTold(site, recordId);
  return { cases, forgotten, at };
}

const DUE_SOON = ladderOfSeconds(DUE_S, 3600);

function planOf(name: Planned['name'], caller: Planned['caller']): Planned {
  const opening = openingCommand({ policy: name === 'before commit, then due' ? DUE_SOON : CALM });
  return { name, caller, opening, commands: commandsOf(name, opening.recordId) };
}

function pointOf({ name, opening: { recordId } }: Planned): CrashPoint {
  switch (name) {
    case 'before commit':
    case 'before commit, then due':
      return { at: 'before commit', recordId, act: 'acknowledge' };
    case 'inside commit':
    case 'after commit':
      return { at: name, recordId, act: 'acknowledge' };
    case 'before receipt':
      return { at: 'before receipt', recordId, subject: 'level 2' };
    case 'draining':
    case 'continued':
      return { at: name, recordId };
  }
}

function commandsOf(name: Planned['name'], recordId: string): readonly SendableCommand[] {
  switch (name) {
    case 'before receipt':
      return [commandOf(recordId, lead, { act: 'escalate', body: { reason: 'it burns' } })];
    case 'draining':
    case 'continued':
      return Array.from({ length: COMMENTS }, (_, index) => commandOf(recordId, lead, { act: 'comment', body: { text: `comment ${index}` } }));
    default:
      return [commandOf(recordId, croLead, ACKNOWLEDGE)];
  }
}
