import type { EffectActivities, HousekeepingActivities, RecordActivities } from '../contracts/activities';
import { createCommitActivity, type CommitDeps } from './commit';
import { createEffectActivities, type EffectDeps } from './effects';
import { createHousekeepingActivities, type HousekeepingDeps } from './housekeeping';

export type ActivityDeps = EffectDeps & HousekeepingDeps & CommitDeps;

/** Every activity of the worker. */
export function createActivities(deps: ActivityDeps): RecordActivities & EffectActivities & HousekeepingActivities {
  return { commit: createCommitActivity(deps), ...createEffectActivities(deps), ...createHousekeepingActivities(deps) };
}
