import type { Store } from './connection';
import type { StepDoc } from './schemas/records';

/** Key of a step's receipt. */
export const receiptIdOf = (recordId: string, key: string): string => `${recordId}|${key}`;

/** The committed step of a key; undefined when it never committed. */
export async function findReceipt(store: Store, of: { recordId: string; key: string }): Promise<StepDoc | undefined> {
  return (await store.models.steps.findById(receiptIdOf(of.recordId, of.key)).lean<StepDoc>()) ?? undefined;
}

/** The steps of these revisions, in order. */
export async function stepsAt(store: Store, of: { recordId: string; revs: readonly number[] }): Promise<readonly StepDoc[]> {
  return store.models.steps.find({ recordId: of.recordId, rev: { $in: [...of.revs] } }).sort({ rev: 1 }).lean<StepDoc[]>();
}
