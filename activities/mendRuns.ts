import { ApplicationFailure, Context } from '@temporalio/activity';
import { CAPABILITIES, recordOf, workflowIdOf, type Capability } from '../contracts/ids';
import { plusMs, type Instant } from '../contracts/instant';
import type { Obstacle } from '../platform/obstacles';
import type { RunKeeper, VisibleRun } from '../platform/runKeeper';
import { appendToStream } from '../store/auditLog';
import { unansweredCommands } from '../store/commands';
import type { Store } from '../store/connection';
import { carriedRecord, glanceAt, isSettled, openRecords, type RecordGlance } from '../store/openRecords';
import { hasPendingEffects, recordsOwingEffects } from '../store/outbox';
import { DECEIVED, ENDED, performLastEffects, type LastEffectsDeps } from './lastEffects';

export interface MendDeps extends LastEffectsDeps {
  readonly store: Store;
  readonly runs: RunKeeper;
  readonly now: () => Instant;
}

/** A run may lag behind its record by a workflow task and visibility's delay; only older differences count. */
const GRACE_MS = 15_000;

/** Runs asked per turn whether they know of effects that wait: with a mail server down most do, and asking wakes them. */
const OWING_LIMIT = 200;

/** Runs of records that owe something are asked what keeps them; so many of each kind a turn. */
const ASKED_AT_MOST = 200;

/** More runs than this that cannot be mended are no fault of theirs: the turn is given up, and taken again. */
const FAULTS_AT_MOST = 20;

/** Audit stream of what the sentinel did where there is no record to say it on. */
export const SENTINEL_STREAM = 'sentinel';

interface Tally { rebuilt: number; terminated: number; checked: number }

/**
 * Compares open records with running workflows, both ways. Records win: a missing run is rebuilt, one
 * that knows another revision or is held up is terminated and rebuilt, one without a record is terminated; each is said. A run that
 * cannot be asked keeps no other waiting; the turn fails when all were looked at, and names it.
 */
export async function mendRuns(deps: MendDeps): Promise<Tally> {
  const tally: Tally = { rebuilt: 0, terminated: 0, checked: 0 };
  const faults: string[] = [];
  const settledBefore = plusMs(deps.now(), -GRACE_MS);
  const owing = await recordsOwingEffects(deps.store, { before: settledBefore, limit: OWING_LIMIT });
  const unanswered = new Set((await unansweredCommands(deps.store, { olderThan: settledBefore, limit: ASKED_AT_MOST })).map(({ recordId }) => recordId));
  let overdue = 0;
  const seen = new Map<string, VisibleRun>();
  for (const capability of CAPABILITIES) {
    for await (const run of deps.runs.running(capability)) {
      beat();
      if (run.startedAt < settledBefore) seen.set(run.workflowId, run);
    }
  }
  for await (const record of openRecords(deps.store)) {
    beat();
    tally.checked += 1;
    const workflowId = workflowIdOf(record.capability, record._id);
    const run = seen.get(workflowId);
    seen.delete(workflowId);
    if (!isSettled(record, settledBefore)) continue;
    const owes = owing.has(record._id);
    const isOverdue = record.nextDueAt !== null && record.nextDueAt < settledBefore && (overdue += 1) <= ASKED_AT_MOST;
    const stands = owes || isOverdue || unanswered.has(record._id);
    await mend(faults, workflowId, () => mendRecord(deps, { record, workflowId, run, owes, stands, tally }));
  }
  for (const recordId of owing) {
    beat();
    await mend(faults, recordId, () => performLastEffects(deps, recordId));
  }
  for (const run of seen.values()) {
    beat();
    await mend(faults, run.workflowId, () => mendRun(deps, run, tally));
  }
  if (faults.length > 0) throw ApplicationFailure.nonRetryable(`could not be mended: ${faults.join('; ')}`, 'internal');
  return tally;
}

async function mend(faults: string[], workflowId: string, one: () => Promise<void>): Promise<void> {
  try {
    await one();
  } catch (error) {
    faults.push(`${workflowId} (${error instanceof Error ? error.message : String(error)})`);
    if (faults.length >= FAULTS_AT_MOST) throw error;
  }
}

const beat = (): void => { Context.current().heartbeat(); };

interface Mending {
  readonly record: RecordGlance;
  readonly workflowId: string;
  readonly run: VisibleRun | undefined;
  /** Effects of the record wait: a run that does not know of them will never perform them. */
  readonly owes: boolean;
  /** Something is late: effects, an answer, a deadline. Its run may be held up. */
  readonly stands: boolean;
  readonly tally: Tally;
}

async function mendRecord(deps: MendDeps, { record, workflowId, run, owes, stands, tally }: Mending): Promise<void> {
  const of = { capability: record.capability, recordId: record._id, tally };
  if (!run && !(await deps.runs.isRunning(workflowId))) {
    if ((await deps.runs.endingOf(workflowId)) === 'foreign') deps.tellForgery({ what: 'run', workflowId, because: ENDED });
    await rebuild(deps, { ...of, reason: 'no run was found for the open record' });
    return;
  }
  const obstacle = !run || stands ? await deps.runs.obstacleOf(workflowId) : undefined;
  if (obstacle) {
    tellOf(deps, workflowId, obstacle);
    await anew(deps, { ...of, workflowId, reason: obstacle.because });
    return;
  }
  if (!run) return;
  const differs = owes || run.state !== record.status || (run.nextDueAt ?? null) !== record.nextDueAt;
  if (!differs) return;
  const { rev: inRun, unperformed } = await deps.runs.stateOf(workflowId);
  // Effects are done in the store before their run hears of it: a run that waits for none while one is pending was lied to.
  const deceived = owes && unperformed?.length === 0 && (await hasPendingEffects(deps.store, record._id));
  const now = await glanceAt(deps.store, record._id);
  if (!now || (now.rev === inRun && !deceived) || !isSettled(now, plusMs(deps.now(), -GRACE_MS))) return;
  if (deceived) deps.tellForgery({ what: 'answer', workflowId, because: DECEIVED });
  const reason = now.rev === inRun ? 'the run took effects for performed that were not' : inRun > now.rev
    ? `the run knew revision ${inRun}, the record is at ${now.rev}: the records were restored from an earlier copy`
    : `the run knew revision ${inRun}, the record is at ${now.rev}: the engine was restored from an earlier copy`;
  await anew(deps, { ...of, workflowId, reason });
}

interface Rebuilding {
  readonly capability: Capability;
  readonly recordId: string;
  readonly reason: string;
  readonly tally: Tally;
}

async function anew(deps: MendDeps, { workflowId, ...of }: Rebuilding & { readonly workflowId: string }): Promise<void> {
  await deps.runs.terminate(workflowId, of.reason);
  of.tally.terminated += 1;
  await rebuild(deps, of);
}

/** What nothing of ours does to a run: whoever reaches the engine's port did. */
function tellOf({ tellForgery }: MendDeps, workflowId: string, { foreign, because }: Obstacle): void {
  if (foreign) tellForgery({ what: 'run', workflowId, because });
}

async function rebuild(deps: MendDeps, of: Rebuilding): Promise<void> {
  const carried = await carriedRecord(deps.store, of);
  if (!carried) return;
  await deps.runs.rebuild(of.capability, carried);
  of.tally.rebuilt += 1;
}

/** A run whose record is done or gone. */
async function mendRun(deps: MendDeps, run: VisibleRun, tally: Tally): Promise<void> {
  const recordId = recordOf(run.workflowId)?.recordId;
  if (recordId === undefined || !(await deps.runs.isRunning(run.workflowId))) return;
  const record = await glanceAt(deps.store, recordId);
  if (record && (!record.done || !isSettled(record, plusMs(deps.now(), -GRACE_MS)) || (await hasPendingEffects(deps.store, recordId)))) return;
  const reason = await reasonToEnd(deps, run.workflowId, record !== undefined);
  if (reason === undefined) return;
  await deps.runs.terminate(run.workflowId, reason);
  tally.terminated += 1;
  await appendToStream(deps.store, { streamId: SENTINEL_STREAM, drafts: [{
    streamId: SENTINEL_STREAM, at: deps.now(), zone: 'UTC', actor: { kind: 'system', name: 'sentinel', workflowId: run.workflowId, runId: run.runId },
    action: 'run.terminated', reason, correlationId: run.runId, detail: { recordId },
  }] });
}

/** Why a run without an open record is ended; undefined: its opening waits for its commit. */
async function reasonToEnd(deps: MendDeps, workflowId: string, isClosed: boolean): Promise<string | undefined> {
  const obstacle = await deps.runs.obstacleOf(workflowId);
  if (obstacle) tellOf(deps, workflowId, obstacle);
  if (isClosed) return 'the record is closed';
  if (obstacle) return obstacle.because;
  const { rev } = await deps.runs.stateOf(workflowId);
  return rev === 0 ? undefined : `the run knew revision ${rev}, but there is no record: the records were restored from an earlier copy`;
}
