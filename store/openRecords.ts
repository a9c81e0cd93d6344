import type { CarriedRecord } from '../contracts/entity';
import type { Instant } from '../contracts/instant';
import type { Store } from './connection';
import { storedRecord } from './records';
import { pendingEffects } from './outbox';
import type { RecordDoc } from './schemas/records';

/** What the sentinel compares of a record. */
export type RecordGlance = Pick<RecordDoc, '_id' | 'capability' | 'rev' | 'status' | 'nextDueAt' | 'updatedAt' | 'done'>;
const GLANCE = { capability: 1, rev: 1, status: 1, nextDueAt: 1, updatedAt: 1, done: 1 } as const;

/** Every open record of every capability, streamed. */
export function openRecords(store: Store): AsyncIterable<RecordGlance> {
  return store.models.records.find({ done: false }, GLANCE).lean<RecordGlance[]>().cursor() as AsyncIterable<RecordGlance>;
}

export async function glanceAt(store: Store, recordId: string): Promise<RecordGlance | undefined> {
  return (await store.models.records.findById(recordId, GLANCE).lean<RecordGlance>()) ?? undefined;
}

/** The record as a new run starts from it, with the revisions whose effects are still to be performed. */
export async function carriedRecord(store: Store, of: { recordId: string; reason: string }): Promise<CarriedRecord | undefined> {
  const { recordId, reason } = of;
  const record = await storedRecord(store, recordId);
  if (!record) return undefined;
  const unperformed = await pendingEffects(store, recordId);
  const { rev, state, stateVersion, armed } = record;
  return { recordId, rebuilt: reason, carried: { rev, state, stateVersion, armed, unperformed } };
}

/** Whether enough time has passed since the last change for visibility to have followed. */
export function isSettled(record: Pick<RecordGlance, 'updatedAt'>, before: Instant): boolean {
  return record.updatedAt < before;
}
