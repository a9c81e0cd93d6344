import { randomUUID } from 'node:crypto';
import type { NewRecord } from '../../../contracts/entity';
import type { EscalationOpening } from '../../../contracts/escalation';
import { workflowIdOf } from '../../../contracts/ids';
import { epochMsOf, instantOf, type Instant } from '../../../contracts/instant';
import type { Policy, Severity } from '../../../contracts/policy';
import type { Json } from '../../../contracts/step';
import { escalation } from '../../../domain/escalation/machine';
import { runAs } from '../../../platform/clientInterceptors';
import { createRunKeeper } from '../../../platform/runKeeper';
import { carriedRecord } from '../../../store/openRecords';
import type { NoticeDoc } from '../../../store/schemas/records';
import { CRO, OTHER_CRO } from '../../support/cast';
import { committing } from '../../support/committing';
import { unwarned } from '../../support/story';
import { eventually, openingCommand } from '../../support/world';
import type { Site } from './site';

/** One issue of a storm. */
export interface StormIssue {
  readonly recordId: string;
  readonly severity: Severity;
  /** Accountable for 95 of 100 issues, or for the other five. */
  readonly owner: 'storm' | 'small';
}

export interface Storm {
  readonly size: number;
  readonly dueAt: Instant;
  /** False: runs without priorities, as a control. */
  readonly ordered: boolean;
}

const LANES = 24;
/** Looking costs what is measured. */
const LOOK_EVERY_MS = 500;
/** temporal.api.enums.v1.TaskQueueType */
const WORKFLOW_QUEUE = 1;
/** 5 % critical, 25 % major, 70 % minor; by turns, so that nothing follows from the order of opening. */
const SEVERITIES: readonly Severity[] = Array.from({ length: 20 }, (_, index) => (index === 19 ? 'critical' : index % 4 === 2 ? 'major' : 'minor'));
/** Coprime to the severities' period, so that the small organisation has its share of each. */
const SMALL_EVERY = 19;
const FAR = { kind: 'calendar', ms: 36_000_000 } as const;

/**
 * Puts issues where they stand after level 1 was told, with a run each; level 1 of all of them lapses
 * at `dueAt`. Opening them by commands would take most of the test's time.
 */
export async function raiseStorm(site: Site, storm: Storm): Promise<readonly StormIssue[]> {
  const issues = Array.from({ length: storm.size }, (_, index): StormIssue => ({
    recordId: randomUUID(), severity: SEVERITIES[index % SEVERITIES.length] ?? 'minor', owner: index % SMALL_EVERY === 0 ? 'small' : 'storm',
  }));
  // Taken from the end: the small organisation's come last, where first come, first served would leave them.
  const waiting = issues.toSorted((a, b) => a.owner.localeCompare(b.owner));
  const lane = async (): Promise<void> => {
    for (let issue = waiting.pop(); issue; issue = waiting.pop()) await raiseOne(site, issue, storm);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return issues;
}

async function raiseOne({ store, client, taskQueue }: Site, { recordId, severity, owner }: StormIssue, { dueAt, ordered }: Storm): Promise<void> {
  const at = instantOf(Date.now());
  const organisationId = owner === 'small' ? OTHER_CRO : CRO;
  const command = openingCommand({ severity, raising: organisationId, accountable: organisationId, policy: lapsingIn(epochMsOf(dueAt) - epochMsOf(at)) });
  const { opening, content } = command.opening as unknown as NewRecord<EscalationOpening>;
  const step = escalation.open({ ...opening, id: recordId, number: `ISS-${recordId}` }, at);
  const commit = committing(store, () => at);
  await commit({
    capability: 'escalation', recordId, source: { key: 'open', act: 'open', actor: command.actor }, rev: 1, at, armed: [], content,
    step: { ...step, state: step.state as unknown as Json, effects: [] }, run: { workflowId: workflowIdOf('escalation', recordId), runId: 'storm', definition: 'storm' },
  });
  const carried = await carriedRecord(store, { recordId, reason: '' });
  if (!carried) throw new Error('the issue was not stored');
  const start = { recordId, carried: carried.carried };
  if (ordered) await createRunKeeper(client, taskQueue).rebuild('escalation', start);
  else await runAs(command.actor, () => client.workflow.start('escalation', { taskQueue, workflowId: workflowIdOf('escalation', recordId), args: [start] }));
}

function lapsingIn(ms: number): Policy {
  const policy = unwarned('demo');
  const ladder = (of: Policy['ladders']['major']): Policy['ladders']['major'] => ({
    ...of, progressWithin: FAR, resolveWithin: FAR, confirmWithin: FAR, secondPersonWithin: FAR, acceptWithin: FAR, reviewWithin: FAR,
    levels: of.levels.map((level, index) => ({ ...level, acknowledgeWithin: index === 0 ? { kind: 'calendar', ms: Math.max(1, ms) } : FAR })),
  });
  const { critical, major, minor } = policy.ladders;
  return { ...policy, ladders: { critical: ladder(critical), major: ladder(major), minor: ladder(minor) } };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms); });

/** Waits until a task of every issue is in the queue that all workers read. */
export async function untilQueued({ client, taskQueue }: Site, size: number): Promise<void> {
  const { namespace } = client.options;
  await eventually('every issue waits for a worker', async () => {
    const { stats } = await client.workflowService.describeTaskQueue({ namespace, taskQueue: { name: taskQueue }, taskQueueType: WORKFLOW_QUEUE, reportStats: true });
    return Number(stats?.approximateBacklogCount ?? 0) >= size;
  }, 120_000);
}

/** The issues in the order in which their second levels were told; waits for the last. */
export async function toldInOrder({ store }: Site, issues: readonly StormIssue[], withinMs: number): Promise<readonly StormIssue[]> {
  const { notices, steps } = store.models;
  await eventually('the second level of every issue is told', async () => {
    await pause(LOOK_EVERY_MS);
    const told = await notices.countDocuments({ level: 2, reason: 'level', status: 'told' });
    return told >= issues.length && (await steps.exists({ effectsDone: false })) === null;
  }, withinMs);
  const told = await notices.find({ level: 2, reason: 'level' }, { recordId: 1 }).sort({ toldAt: 1 }).lean<Pick<NoticeDoc, 'recordId'>[]>();
  const byId = new Map(issues.map((issue) => [issue.recordId, issue]));
  return told.flatMap(({ recordId }) => byId.get(recordId) ?? []);
}

/** Where issues stand in an order, as shares of it, 0 to 1. */
export interface Standing { readonly count: number; readonly first: number; readonly median: number; readonly last: number }

export function standing(order: readonly StormIssue[], fits: (issue: StormIssue) => boolean): Standing {
  const at = order.flatMap((issue, index) => (fits(issue) ? [(index + 1) / order.length] : []));
  const nth = (index: number): number => Math.round((at[index] ?? Number.NaN) * 1000) / 1000;
  return { count: at.length, first: nth(0), median: nth(Math.floor(at.length / 2)), last: nth(at.length - 1) };
}
