import type { Store } from './connection';
import type { RecordDoc, StepDoc } from './schemas/records';

/** Key of a step's receipt. */
export const receiptIdOf = (recordId: string, key: string): string => `${recordId}|${key}`;

/** The committed step of a key; undefined when it never committed. */
export async function findReceipt(store: Store, of: { recordId: string; key: string }): Promise<StepDoc | undefined> {
  return (await store.models.steps.findById(receiptIdOf(of.recordId, of.key)).lean<StepDoc>()) ?? undefined;
}

/** A record as it is, and the revision that a key's step committed, in one round trip; each undefined where there is none. */
export async function recordWithReceipt(store: Store, of: { recordId: string; key: string }): Promise<{ readonly record: RecordDoc | undefined; readonly stepRev: number | undefined }> {
  const [found] = await store.models.records.aggregate<RecordDoc & { readonly receipt: readonly Pick<StepDoc, 'rev'>[] }>([
    { $match: { _id: of.recordId } },
    { $lookup: { from: 'steps', pipeline: [{ $match: { _id: receiptIdOf(of.recordId, of.key) } }, { $project: { rev: 1 } }], as: 'receipt' } },
  ]);
  if (!found) return { record: undefined, stepRev: undefined };
  const { receipt: [step], ...record } = found;
  return { record, stepRev: step?.rev };
}

/** The steps of these revisions, in order. */
export async function stepsAt(store: Store, of: { recordId: string; revs: readonly number[] }): Promise<readonly StepDoc[]> {
  return store.models.steps.find({ recordId: of.recordId, rev: { $in: [...of.revs] } }).sort({ rev: 1 }).lean<StepDoc[]>();
}
