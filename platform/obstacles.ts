import { temporal } from '@temporalio/proto';
import { millisOf } from './timestamps';

type Description = temporal.api.workflowservice.v1.IDescribeWorkflowExecutionResponse;
type PendingActivity = temporal.api.workflow.v1.IPendingActivityInfo;

const { WorkflowExecutionStatus, PendingActivityState } = temporal.api.enums.v1;
const PAUSED: readonly unknown[] = [PendingActivityState.PENDING_ACTIVITY_STATE_PAUSED, PendingActivityState.PENDING_ACTIVITY_STATE_PAUSE_REQUESTED];
/** Tries of one workflow task, after which it is asked why. */
const TASK_TRIES = 3;
/** Tries after which it does not matter whether they failed, or ran out of time as where a worker was killed or has too much to do. */
const TRIES_AT_MOST = 8;
/** No activity of a record's run is tried again later than this after a failure, ms: retry policies in workflows/support/activities. */
const PUT_OFF_MS = 60_000;

/** What keeps a run from going on. `foreign`: nothing of ours does so. */
export interface Obstacle {
  readonly because: string;
  readonly foreign: boolean;
  /** Only if its tasks fail: one whose tasks run out of time may come through. */
  readonly unlessLate?: true;
}

/** What is ours: the queues that our workers ask, and now, ms since 1970. */
export interface Ours {
  readonly taskQueues: readonly string[];
  readonly nowMs: number;
}

/** Why a run does not go on although workers are there; undefined: it does, or it waits as it should. */
export function obstacleIn({ workflowExecutionInfo, pendingActivities, pendingWorkflowTask }: Description, ours: Ours): Obstacle | undefined {
  if (workflowExecutionInfo?.status === WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_PAUSED) return foreign('somebody paused the run');
  if (workflowExecutionInfo?.versioningInfo?.versioningOverride) return foreign('somebody bound the run to other workers');
  for (const activity of pendingActivities ?? []) {
    const because = heldUpBecause(activity, ours);
    if (because !== undefined) return foreign(because);
  }
  const tries = pendingWorkflowTask?.attempt ?? 0;
  return tries < TASK_TRIES ? undefined : { because: 'the run could not go on: its tasks fail', foreign: false, ...(tries < TRIES_AT_MOST && { unlessLate: true }) };
}

function heldUpBecause({ paused, state, activityOptions, nextAttemptScheduleTime }: PendingActivity, { taskQueues, nowMs }: Ours): string | undefined {
  if (paused === true || PAUSED.includes(state)) return 'somebody paused what the run waits for';
  const queue = activityOptions?.taskQueue?.name;
  if (queue && !taskQueues.includes(queue)) return 'somebody sent what the run waits for to other workers';
  return millisOf(nextAttemptScheduleTime) > nowMs + PUT_OFF_MS ? 'somebody put off what the run waits for' : undefined;
}

const foreign = (because: string): Obstacle => ({ because, foreign: true });
