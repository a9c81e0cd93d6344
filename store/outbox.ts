import type { Instant } from '../contracts/instant';
import type { Json } from '../contracts/step';
import type { Store } from './connection';
import type { StepDoc } from './schemas/records';

/** Marks a step's effects as performed, and keeps what the machine has to hear of them. */
export async function finishEffects(store: Store, done: { stepId: string; outcomes: readonly Json[] }): Promise<void> {
  await store.models.steps.updateOne({ _id: done.stepId, effectsDone: false }, { $set: { effectsDone: true, outcomes: done.outcomes } });
}

/** Whether a record still has effects to perform. */
export async function hasPendingEffects(store: Store, recordId: string): Promise<boolean> {
  return (await store.models.steps.exists({ recordId, effectsDone: false })) !== null;
}

/** Records whose effects have waited since before an instant; at most `limit` steps are looked at. */
export async function recordsOwingEffects(store: Store, of: { before: Instant; limit: number }): Promise<ReadonlySet<string>> {
  const steps = await store.models.steps.find({ effectsDone: false, at: { $lt: of.before } }, { recordId: 1 }).limit(of.limit).lean<Pick<StepDoc, 'recordId'>[]>();
  return new Set(steps.map((step) => step.recordId));
}

/** Revisions of a record whose effects are still to be performed, oldest first. */
export async function pendingEffects(store: Store, recordId: string): Promise<readonly number[]> {
  const steps = await store.models.steps.find({ recordId, effectsDone: false }, { rev: 1 }).sort({ rev: 1 }).lean<Pick<StepDoc, 'rev'>[]>();
  return steps.map((step) => step.rev);
}
