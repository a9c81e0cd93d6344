import type { SendableCommand } from '../../contracts/command';
import type { PersonCommand } from '../../contracts/escalation';
import { SENTINEL_STREAM } from '../../activities/mendRuns';
import { runAs } from '../../platform/clientInterceptors';
import { verifyStore } from '../support/verified';
import { addressOf, CRO, personOf, SPONSOR } from '../support/cast';
import { privateMongod } from '../support/engines';
import { eventually } from '../support/world';
import { backUp, cleanups, ownTemporal } from './support/engines';
import { CALM, commandOf, ladderOfSeconds, openSite, type Site } from './support/site';
import { expectSound, untilTold } from './support/soundness';

const lead = personOf(SPONSOR, 'study_lead');
const croLead = personOf(CRO, 'study_lead');
const croManager = personOf(CRO, 'project_manager');

const SENTINEL = { kind: 'system', name: 'sentinel', correlationId: 'test' } as const;
const ACKNOWLEDGE: PersonCommand = { act: 'acknowledge', body: {} };
/** Beyond the sentinel's patience with runs and records that have just changed, ms. */
const AHEAD_MS = 60_000;

/** Carries commands out one after another; each must be answered with 200. */
async function carryOut(site: Site, commands: readonly SendableCommand[]): Promise<void> {
  for (const command of commands) {
    const delivered = await site.order(command);
    expect(delivered).toMatchObject({ outcome: 'answered', answer: { status: 200 } });
  }
}

const comments = (recordId: string, count: number): readonly SendableCommand[] =>
  Array.from({ length: count }, (_, index) => commandOf(recordId, lead, { act: 'comment', body: { text: `comment ${index}` } }));

const toTheEnd = (recordId: string): readonly SendableCommand[] => [
  commandOf(recordId, croLead, ACKNOWLEDGE),
  commandOf(recordId, croManager, { act: 'resolve', body: { resolution: 'mended' } }),
  commandOf(recordId, lead, { act: 'confirm', body: {} }),
];

/** Every open record has a run that knows its revision, and takes a further command. */
async function expectAlive(site: Site, recordIds: readonly string[]): Promise<void> {
  for (const recordId of recordIds) {
    const { rev } = await site.issue(recordId);
    expect(await site.revInRun(recordId)).toBe(rev);
    await carryOut(site, comments(recordId, 1));
    await untilTold(site, recordId);
    expect(await site.revInRun(recordId)).toBe((await site.issue(recordId)).rev);
  }
}

describe('Temporal comes back from a copy that is 20 commands old', () => {
  const cleanup = cleanups();
  let site: Site;
  /** Issues by what happened to them after the copy. */
  let issues: Record<'untouched' | 'commented' | 'assigned' | 'acknowledged' | 'escalated' | 'closed' | 'opened', string>;
  const lost: SendableCommand[] = [];

  beforeAll(async () => {
    const temporal = await ownTemporal();
    cleanup.add(temporal.discard);
    site = await openSite({ temporalAddress: temporal.engine.address });
    cleanup.add(site.close);
    const before = await site.startWorker();
    const [untouched = '', commented = '', assigned = '', acknowledged = '', closed = ''] = await Promise.all([1, 2, 3, 4, 5].map(() => site.open(CALM)));
    // Due well after the copy is taken, and before the engine is put back.
    const escalated = await site.open(ladderOfSeconds(15, 3600));
    for (const recordId of [untouched, commented, assigned, acknowledged, closed, escalated]) await untilTold(site, recordId);
    await before.stop();
    const backup = await backUp(temporal);
    const after = await site.startWorker();
    lost.push(...comments(commented, 14), commandOf(acknowledged, croLead, ACKNOWLEDGE), commandOf(acknowledged, lead, ACKNOWLEDGE), ...toTheEnd(closed));
    // Its letter is not taken: somebody waits to be told when the engine is put back.
    const assignment = commandOf(assigned, croLead, { act: 'assign', body: { personId: personOf(CRO, 'contributor') } });
    lost.push(assignment);
    expect(lost).toHaveLength(20);
    site.mailbox.refuseWith(451, addressOf(CRO, 'contributor'));
    await carryOut(site, lost);
    await eventually('the letter is refused', async () => (await site.store.models.notices.exists({ recordId: assigned, failure: { $ne: null } })) !== null);
    const opened = await site.open(CALM);
    issues = { untouched, commented, assigned, acknowledged, escalated, closed, opened };
    await eventually('the escalated issue climbs', async () => (await site.issue(escalated)).level === 2);
    for (const recordId of [commented, acknowledged, escalated, closed, opened]) await untilTold(site, recordId);
    await after.stop();
    await backup.restore();
    site.mailbox.refuseWith(undefined);
    await site.startWorker({ aheadMs: AHEAD_MS });
  });
  afterAll(cleanup.run);

  it('E6 a run that is behind adopts the record when its own deadline passes; the record wins and nobody is told again', async () => {
    const { rev } = await site.issue(issues.escalated);
    await eventually('the run has caught up', async () => (await site.revInRun(issues.escalated)) === rev);
    expect((await expectSound(site, issues.escalated)).steps).toHaveLength(rev);
  });

  it('P3 a command that was done already gets its first answer from a run that never heard of it', async () => {
    for (const command of lost.filter(({ recordId }) => recordId === issues.commented).toReversed()) {
      const step = await site.store.models.steps.findOne({ recordId: command.recordId, key: command._id }).lean();
      await expect(site.sendAgain(command)).resolves.toMatchObject({ answer: { rev: step?.rev, duplicate: true } });
    }
    const { actions } = await expectSound(site, issues.commented);
    expect(actions.filter((action) => action === 'comment.added')).toHaveLength(14);
  });

  it('the sentinel rebuilds the runs that are behind or gone, ends those of closed records, and says so', async () => {
    await site.sentinel();
    const rebuilt = async (recordId: string) => (await expectSound(site, recordId)).actions.filter((action) => action === 'run.rebuilt').length;
    await eventually('the rebuilt runs have said so', async () => (await rebuilt(issues.acknowledged)) === 1 && (await rebuilt(issues.opened)) === 1);
    expect(await rebuilt(issues.untouched)).toBe(0);
    expect(await site.revInRun(issues.closed)).toBeUndefined();
    const { actions } = await expectSound(site, issues.closed);
    expect(actions.at(-1)).toBe('status.changed');
  });

  it('E2 whoever waited to be told when the engine was put back is told after all, once', async () => {
    await untilTold(site, issues.assigned);
    const { letters } = await expectSound(site, issues.assigned);
    expect(letters.filter((letter) => letter.to.includes(addressOf(CRO, 'contributor')))).toHaveLength(1);
  });

  it('every workflow goes on, nobody was told twice, and P2 every chain verifies', async () => {
    const { closed, ...open } = issues;
    await expectAlive(site, Object.values(open));
    for (const recordId of [...Object.values(open), closed]) await expectSound(site, recordId);
    expect(await verifyStore(site.store)).toMatchObject({ intact: true, findings: [] });
  });
});

describe('MongoDB comes back from an earlier copy', () => {
  const cleanup = cleanups();
  let site: Site;
  let issues: Record<'untouched' | 'commented' | 'acknowledged' | 'closed' | 'opened', string>;

  beforeAll(async () => {
    const [temporal, mongod] = await Promise.all([ownTemporal(), privateMongod()]);
    cleanup.add(temporal.discard);
    cleanup.add(mongod.discard);
    site = await openSite({ temporalAddress: temporal.engine.address, mongodbAdminUri: mongod.engine.adminUri });
    cleanup.add(site.close);
    const before = await site.startWorker();
    const [untouched = '', commented = '', acknowledged = '', closed = ''] = await Promise.all([1, 2, 3, 4].map(() => site.open(CALM)));
    for (const recordId of [untouched, commented, acknowledged, closed]) await untilTold(site, recordId);
    await before.stop();
    const backup = await backUp(mongod);
    const after = await site.startWorker();
    await carryOut(site, [...comments(commented, 3), commandOf(acknowledged, croLead, ACKNOWLEDGE), commandOf(acknowledged, lead, ACKNOWLEDGE), ...toTheEnd(closed)]);
    const opened = await site.open(CALM);
    issues = { untouched, commented, acknowledged, closed, opened };
    for (const recordId of Object.values(issues)) await untilTold(site, recordId);
    await after.stop();
    await backup.restore();
    await site.startWorker({ aheadMs: AHEAD_MS });
  });
  afterAll(cleanup.run);

  it('a run that is ahead goes on from the record at its next command, and says so', async () => {
    expect(await site.revInRun(issues.commented)).toBe(4);
    await carryOut(site, comments(issues.commented, 1));
    const { actions, steps } = await expectSound(site, issues.commented);
    expect(steps).toHaveLength(2);
    expect(actions.slice(-2)).toEqual(['run.rewound', 'comment.added']);
  });

  it('the sentinel rebuilds the runs from the records and says so, and ends the run whose record is gone', async () => {
    await site.sentinel();
    const reasons = async (recordId: string) =>
      (await site.store.models.audit.find({ streamId: recordId, action: 'run.rebuilt' }).lean()).map((entry) => entry.reason);
    await eventually('the rebuilt runs have said so', async () => (await reasons(issues.acknowledged)).length === 1 && (await reasons(issues.closed)).length === 1);
    expect(await reasons(issues.acknowledged)).toEqual([expect.stringContaining('the records were restored from an earlier copy')]);
    expect(await reasons(issues.closed)).toEqual(['no run was found for the open record']);
    expect(await reasons(issues.untouched)).toEqual([]);
    expect(await site.revInRun(issues.opened)).toBeUndefined();
    expect(await site.store.models.audit.find({ streamId: SENTINEL_STREAM }).lean()).toMatchObject([
      { action: 'run.terminated', detail: { recordId: issues.opened }, reason: expect.stringContaining('there is no record') },
    ]);
  });

  it('every record goes on, and P2 every chain verifies', async () => {
    const { opened: _gone, ...open } = issues;
    await expectAlive(site, Object.values(open));
    expect(await verifyStore(site.store)).toMatchObject({ intact: true, findings: [] });
  });

  it('a run that cannot be asked keeps neither the other runs from being rebuilt nor stored commands from being sent, and the sentinel says so', async () => {
    const handleOf = (recordId: string) => site.client.workflow.getHandle(`escalation/${recordId}`);
    for (const recordId of [issues.untouched, issues.commented]) await runAs(SENTINEL, () => handleOf(recordId).terminate('by the test'));
    // Every task of this run fails: its argument is none that the shell could begin with.
    const broken = await runAs(SENTINEL, () => site.client.workflow.start('escalation', { taskQueue: site.taskQueue, workflowId: `escalation/${issues.untouched}`, args: [{ recordId: issues.untouched }] }));
    const [command] = comments(issues.acknowledged, 1);
    if (!command) throw new Error('no command');
    await site.keep(command);
    await expect(site.sentinel()).rejects.toMatchObject({ cause: { cause: { message: expect.stringContaining(`escalation/${issues.untouched}`) } } });
    expect((await site.command(command._id)).answer).toMatchObject({ status: 200 });
    await eventually('the other run goes on', async () => (await site.revInRun(issues.commented)) === (await site.issue(issues.commented)).rev);
    await runAs(SENTINEL, () => broken.terminate('by the test'));
  });
});
