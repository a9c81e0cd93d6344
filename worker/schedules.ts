import { createHash } from 'node:crypto';
import { isGrpcDeadlineError, isGrpcServiceError, ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client, type ScheduleHandle, type ScheduleOptions } from '@temporalio/client';
import type { Actor } from '../contracts/actor';
import { OVERSIGHT_QUEUE } from '../contracts/taskQueues';
import { runAs } from '../platform/clientInterceptors';

export interface ScheduleSettings {
  /** Absent: the product's queue. */
  readonly taskQueue?: string;
  /** Seconds between two sentinels; absent: 60. */
  readonly sentinelSeconds?: number;
}

export interface ReconciledSchedules {
  readonly created: readonly string[];
  readonly updated: readonly string[];
}

/** How late a notice that was held may be, ms. */
const HELD_EVERY_MS = 60_000;

interface ScheduleState {
  readonly paused: boolean;
  readonly note?: string;
}

/** gRPC's FAILED_PRECONDITION. */
const FAILED_PRECONDITION_CODE = 9;

type Desired = Pick<ScheduleOptions, 'scheduleId' | 'spec' | 'action' | 'policies'>;

/** The housekeeping that Temporal starts by itself; recurring business obligations are machines of their own. */
export function desiredSchedules({ taskQueue = OVERSIGHT_QUEUE, sentinelSeconds = 60 }: ScheduleSettings = {}): readonly Desired[] {
  return [
    {
      scheduleId: 'sentinel',
      spec: { intervals: [{ every: sentinelSeconds * 1000 }] },
      // The bound keeps one that hangs from holding up all that follow it. No arguments: they would be encrypted, and another key ring could not even look at the schedule.
      action: { type: 'startWorkflow', workflowType: 'sentinel', workflowId: 'sentinel', taskQueue, workflowRunTimeout: '10 minutes' },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute', pauseOnFailure: false },
    },
    {
      scheduleId: 'deliver-held',
      spec: { intervals: [{ every: HELD_EVERY_MS }] },
      action: { type: 'startWorkflow', workflowType: 'deliverHeld', workflowId: 'deliver-held', taskQueue, workflowRunTimeout: '10 minutes' },
      // Whatever an outage held up is due at the next turn: turns themselves need not be made up.
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute', pauseOnFailure: false },
    },
    {
      scheduleId: 'expire-uploads',
      spec: { calendars: [{ minute: 40 }], timezone: 'UTC' },
      action: { type: 'startWorkflow', workflowType: 'expireUploads', workflowId: 'expire-uploads', taskQueue, workflowRunTimeout: '1 hour' },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute', pauseOnFailure: false },
    },
    {
      scheduleId: 'daily-anchor',
      spec: { calendars: [{ hour: 0, minute: 15 }], timezone: 'UTC' },
      action: { type: 'startWorkflow', workflowType: 'dailyAnchor', workflowId: 'daily-anchor', taskQueue, workflowRunTimeout: '12 hours' },
      // Long enough that an outage over a weekend still ends with an anchor.
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '4 days', pauseOnFailure: false },
    },
  ];
}

/**
 * Creates the schedules that are missing and makes those anew that differ, told by a content hash in
 * their note: a server gives specs back in another form. One that somebody paused stays paused.
 * One that does not answer is made anew: the server runs a schedule as a workflow of its own, which can
 * get stuck while the machine starves, and would then start nothing ever again.
 * To be run by one process at a time, since nothing keeps two from making the same one anew.
 */
export async function ensureSchedules(client: Client, settings: ScheduleSettings = {}): Promise<ReconciledSchedules> {
  const created: string[] = [];
  const updated: string[] = [];
  for (const desired of desiredSchedules(settings)) {
    const outcome = await runAs(PROVISIONING, () => ensureSchedule(client, desired));
    if (outcome === 'created') created.push(desired.scheduleId);
    if (outcome === 'updated') updated.push(desired.scheduleId);
  }
  return { created, updated };
}

const PROVISIONING: Actor = { kind: 'system', name: 'provisioning', correlationId: 'provisioning' };

async function ensureSchedule(client: Client, desired: Desired): Promise<'created' | 'updated' | 'same'> {
  const mark = `content ${hashOf(desired)}`;
  try {
    await client.schedule.create({ ...desired, state: { note: mark } });
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  const state = await stateOf(client.schedule.getHandle(desired.scheduleId));
  if (state === 'silent') {
    await makeAnew(client, desired, { mark, known: await listedState(client, desired.scheduleId) });
    return 'created';
  }
  if (state.note?.includes(mark) === true) return 'same';
  await makeAnew(client, desired, { mark, known: state });
  return 'updated';
}

async function stateOf(handle: ScheduleHandle): Promise<ScheduleState | 'silent'> {
  try {
    return (await handle.describe()).state;
  } catch (error) {
    if (isGrpcDeadlineError(error) || isStuck(error)) return 'silent';
    throw error;
  }
}

/** Its workflow fails again and again, and the server says so instead of asking it. */
function isStuck(error: unknown): boolean {
  const { cause } = error as { readonly cause?: unknown };
  return isGrpcServiceError(cause) && (cause.code as number) === FAILED_PRECONDITION_CODE;
}

/** The list knows of a pause without asking the schedule. */
async function listedState(client: Client, id: string): Promise<ScheduleState> {
  for await (const { scheduleId, state } of client.schedule.list()) if (scheduleId === id) return state;
  return { paused: false };
}

/** Not updated: after an outage the server would go through all that was missed by the new interval, and get stuck over a short one. */
async function makeAnew(client: Client, desired: Desired, { mark, known }: { readonly mark: string; readonly known: ScheduleState }): Promise<void> {
  await client.schedule.getHandle(desired.scheduleId).delete();
  await client.schedule.create({ ...desired, state: withMark(known, mark) });
}

/** Whoever paused it may have left the reason in the note. */
function withMark({ paused, note }: ScheduleState, mark: string): ScheduleState {
  return { paused, note: paused && note !== undefined ? `${note.replace(/ ?\[?content [0-9a-f]{64}\]?/g, '')} [${mark}]` : mark };
}

function hashOf(desired: Desired): string {
  return createHash('sha256').update(JSON.stringify(desired)).digest('hex');
}
