import type { Priority } from '@temporalio/common';
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { EffectActivities, HousekeepingActivities, RecordActivities } from '../../contracts/activities';
import { effectsQueueOf } from '../../contracts/taskQueues';

const records = proxyActivities<RecordActivities>({
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '250 milliseconds', maximumInterval: '10 seconds' },
});

const effects = proxyActivities<EffectActivities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '5 seconds',
  retry: { initialInterval: '500 milliseconds', maximumInterval: '30 seconds' },
});

type Commit = RecordActivities['commit'];
type PerformEffects = EffectActivities['performEffects'];

/**
 * Our own records: repeated until MongoDB is back, because an accepted command must commit.
 * A retry after a lost answer finds its receipt. `priority` is that of the record as it is now: a
 * task without one takes its run's, and runs keep the severity that they were started with.
 */
export function commit(request: Parameters<Commit>[0], priority: Priority): ReturnType<Commit> {
  return records.commit.executeWithOptions({ priority }, [request]);
}

/** The world outside, once per intent, in slots of its own. The heartbeat tells a dead worker from a slow mail server. */
export function performEffects(request: Parameters<PerformEffects>[0], priority: Priority): ReturnType<PerformEffects> {
  return effects.performEffects.executeWithOptions({ priority, taskQueue: effectsQueueOf(workflowInfo().taskQueue) }, [request]);
}

/** A day has one anchor and one receipt for each organisation: tried until the mail server takes them, or the run's time is over. */
export const anchoring = proxyActivities<Pick<HousekeepingActivities, 'takeAnchor'>>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { initialInterval: '5 seconds', maximumInterval: '10 minutes' },
});

/** Housekeeping may be left to the schedule's next turn. */
export const housekeeping = proxyActivities<HousekeepingActivities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { maximumAttempts: 3 },
});
