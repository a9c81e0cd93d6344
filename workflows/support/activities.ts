import { proxyActivities } from '@temporalio/workflow';
import type { EffectActivities, HousekeepingActivities, RecordActivities } from '../../contracts/activities';

/**
 * Our own records: repeated until MongoDB is back, because an accepted command must commit.
 * A retry after a lost answer finds its receipt.
 */
export const { commit } = proxyActivities<RecordActivities>({
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '250 milliseconds', maximumInterval: '10 seconds' },
});

/** The world outside, once per intent. The heartbeat tells a dead worker from a slow mail server. */
export const { performEffects } = proxyActivities<EffectActivities>({
  startToCloseTimeout: '2 minutes',
  heartbeatTimeout: '5 seconds',
  retry: { initialInterval: '500 milliseconds', maximumInterval: '30 seconds' },
});

/** Housekeeping may be left to the schedule's next turn. */
export const housekeeping = proxyActivities<HousekeepingActivities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { maximumAttempts: 3 },
});
