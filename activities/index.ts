import type { EffectActivities, HousekeepingActivities, RecordActivities } from '../contracts/activities';
import { createCommitActivity, type CommitDeps } from './commit';
import { createEffectActivities, type EffectDeps } from './effects';
import { createHousekeepingActivities, type HousekeepingDeps } from './housekeeping';

export type ActivityDeps = EffectDeps & Omit<HousekeepingDeps, 'performEffects'> & CommitDeps;

/** Every activity of the worker. */
export function createActivities(deps: ActivityDeps): RecordActivities & EffectActivities & HousekeepingActivities {
  const effects = createEffectActivities(deps);
  return { commit: createCommitActivity(deps), ...effects, ...createHousekeepingActivities({ ...deps, performEffects: (request) => effects.performEffects(request) }) };
}
