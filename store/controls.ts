import type { ClosedSlot, ControlState } from '../contracts/control';
import type { Instant } from '../contracts/instant';
import type { MatrixRow } from '../contracts/matrix';
import { matrixInForce } from './matrix';
import type { Store } from './connection';
import type { MatrixDoc } from './schemas/matrix';
import type { RecordDoc } from './schemas/records';
import type { SlotDoc } from './schemas/slots';

/** Closed slots of a control, latest first. */
export async function listSlots(store: Store, list: { controlId: string; before?: number | undefined; limit: number }): Promise<{ readonly items: readonly ClosedSlot[]; readonly next?: number }> {
  const { controlId, before, limit } = list;
  const found = await store.models.slots
    .find({ controlId, ...(before !== undefined && { no: { $lt: before } }) }, { _id: 0, controlId: 0, rev: 0 })
    .sort({ no: -1 })
    .limit(limit + 1)
    .lean<Omit<SlotDoc, '_id' | 'controlId' | 'rev'>[]>();
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return found.length > limit && last ? { items, next: last.no } : { items };
}

/** A running control that follows a matrix row, as the follower compares it. */
export interface FollowedControl {
  readonly id: string;
  readonly row: { readonly key: string; readonly version: number };
}

/** Every running control that follows a matrix row. */
export async function followingControls(store: Store): Promise<readonly FollowedControl[]> {
  const found = await store.models.records
    .find({ capability: 'control', done: false }, { state: 1 })
    .lean<Pick<RecordDoc, '_id' | 'state'>[]>();
  return found.flatMap(({ _id, state }) => {
    const { row } = state as unknown as ControlState;
    return row ? [{ id: _id, row }] : [];
  });
}

export type FrequentRow = MatrixDoc & { readonly frequency: NonNullable<MatrixRow['frequency']> };

/** Rows in force at `at` that agree on a frequency, of every organisation. */
export async function rowsWithFrequency(store: Store, at: Instant): Promise<readonly FrequentRow[]> {
  const organisationIds = await store.models.organisations.distinct('_id');
  const rows = await matrixInForce(store, { organisationIds, at });
  return rows.filter((row): row is FrequentRow => row.frequency !== undefined);
}
