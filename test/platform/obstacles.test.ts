import { msToTs } from '@temporalio/common/lib/time';
import { temporal } from '@temporalio/proto';
import { obstacleIn } from '../../platform/obstacles';

const { PendingActivityState, WorkflowExecutionStatus } = temporal.api.enums.v1;
const NOW_MS = Date.parse('2040-01-01T00:00:00Z');
const OURS = { taskQueues: ['oversight', 'oversight-effects'], nowMs: NOW_MS };
const waits = (pending: temporal.api.workflow.v1.IPendingActivityInfo) => obstacleIn({ pendingActivities: [pending] }, OURS);
const foreign = (because: string) => ({ because, foreign: true });

describe('what keeps a run from going on', () => {
  it('P12 a run that waits as it should is let be: for a deadline, a commit that is repeated, or a worker', () => {
    expect(obstacleIn({}, OURS)).toBeUndefined();
    expect(waits({ attempt: 9, activityOptions: { taskQueue: { name: 'oversight-effects' } }, nextAttemptScheduleTime: msToTs(NOW_MS + 30_000) })).toBeUndefined();
    expect(obstacleIn({ pendingWorkflowTask: { attempt: 2 } }, OURS)).toBeUndefined();
  });

  it('P12 what nothing of ours does is somebody else\'s doing', () => {
    expect(obstacleIn({ workflowExecutionInfo: { status: WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_PAUSED } }, OURS)).toEqual(foreign('somebody paused the run'));
    expect(obstacleIn({ workflowExecutionInfo: { versioningInfo: { versioningOverride: { autoUpgrade: true } } } }, OURS)).toEqual(foreign('somebody bound the run to other workers'));
    expect(waits({ paused: true })).toEqual(foreign('somebody paused what the run waits for'));
    expect(waits({ state: PendingActivityState.PENDING_ACTIVITY_STATE_PAUSED })).toEqual(foreign('somebody paused what the run waits for'));
    expect(waits({ activityOptions: { taskQueue: { name: 'elsewhere' } } })).toEqual(foreign('somebody sent what the run waits for to other workers'));
    expect(waits({ nextAttemptScheduleTime: msToTs(NOW_MS + 3_600_000) })).toEqual(foreign('somebody put off what the run waits for'));
  });

  it('P12 a task that fails again and again is an obstacle; one that runs out of time may come through, for a while', () => {
    expect(obstacleIn({ pendingWorkflowTask: { attempt: 3 } }, OURS)).toMatchObject({ foreign: false, unlessLate: true });
    expect(obstacleIn({ pendingWorkflowTask: { attempt: 8 } }, OURS)).toEqual({ because: 'the run could not go on: its tasks fail', foreign: false });
  });
});
