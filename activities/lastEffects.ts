import { workflowIdOf } from '../contracts/ids';
import type { Forgery } from '../contracts/forgery';
import type { EffectActivities } from '../contracts/activities';
import type { RunKeeper } from '../platform/runKeeper';
import type { Store } from '../store/connection';
import { glanceAt } from '../store/openRecords';
import { pendingEffects } from '../store/outbox';

export interface LastEffectsDeps {
  readonly store: Store;
  readonly runs: Pick<RunKeeper, 'isRunning' | 'obstacleOf' | 'endingOf' | 'terminate'>;
  readonly tellForgery: (forgery: Forgery) => void;
  readonly performEffects: EffectActivities['performEffects'];
}

/** What is said of a run that somebody ended, and of one that took effects for performed that are not. */
export const ENDED = 'somebody ended the run';
export const DECEIVED = 'effects were said to be performed that were not';

/**
 * Performs what a record that is over still owes, where no run goes on to do it: such a record gets no run any more, so
 * whoever ended or held up its last one would keep its last letters.
 */
export async function performLastEffects(deps: LastEffectsDeps, recordId: string): Promise<void> {
  const record = await glanceAt(deps.store, recordId);
  if (!record?.done) return;
  const { capability } = record;
  if (!(await isAbandoned(deps, workflowIdOf(capability, recordId)))) return;
  const revs = await pendingEffects(deps.store, recordId);
  if (revs.length > 0) await deps.performEffects({ capability, recordId, revs });
}

/** Whether no run performs them: the last one was ended, or is held up, which ends it. */
async function isAbandoned({ runs, tellForgery }: LastEffectsDeps, workflowId: string): Promise<boolean> {
  if (!(await runs.isRunning(workflowId))) {
    const ending = await runs.endingOf(workflowId);
    if (ending === 'foreign') tellForgery({ what: 'run', workflowId, because: ENDED });
    // A run is not over before it has heard of its effects.
    if (ending === 'over') tellForgery({ what: 'answer', workflowId, because: DECEIVED });
    return true;
  }
  const obstacle = await runs.obstacleOf(workflowId);
  if (!obstacle) return false;
  if (obstacle.foreign) tellForgery({ what: 'run', workflowId, because: obstacle.because });
  await runs.terminate(workflowId, obstacle.because);
  return true;
}
