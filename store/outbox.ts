import type { Json } from '../contracts/step';
import type { Store } from './connection';

/** Marks a step's effects as performed, and keeps what the machine has to hear of them. */
export async function finishEffects(store: Store, done: { stepId: string; outcomes: readonly Json[] }): Promise<void> {
  await store.models.steps.updateOne({ _id: done.stepId, effectsDone: false }, { $set: { effectsDone: true, outcomes: done.outcomes } });
}

/** Whether a record still has effects to perform. */
export async function hasPendingEffects(store: Store, recordId: string): Promise<boolean> {
  return (await store.models.steps.exists({ recordId, effectsDone: false })) !== null;
}
