import { Failure } from '../contracts/failures';
import { changeRecord, createRecord, type AdministeredKind, type By } from './administration';
import type { Store } from './connection';
import type { ByPerson, LegalHoldDoc } from './schemas/evidence';
import type { RecordDoc } from './schemas/records';

export const legalHoldKind: AdministeredKind<LegalHoldDoc> = { kind: 'legal-hold', model: (store) => store.models.legalHolds };

/** What a hold covers: one record, or everything of a study. */
export type HoldScope = { readonly recordId: string; readonly studyId: null } | { readonly recordId: null; readonly studyId: string };

/** Sets a hold; several on the same record or study stand beside each other. */
export function setHold(store: Store, { scope, reason, person, by }: { readonly scope: HoldScope; readonly reason: string; readonly person: ByPerson; readonly by: By }): Promise<LegalHoldDoc> {
  const fields = { ...scope, organisationId: person.organisationId, reason, setBy: person, released: null };
  return createRecord(store, { kind: legalHoldKind, fields, by });
}

/** Releases a hold. Throws Failure `wrong_state` when it is released already, `rev_mismatch` when it was released at the same moment. */
export function releaseHold(store: Store, { hold, reason, person, by }: { readonly hold: LegalHoldDoc; readonly reason: string; readonly person: ByPerson; readonly by: By }): Promise<LegalHoldDoc> {
  if (!hold.active) throw new Failure('wrong_state', `The hold was released at ${hold.released?.at ?? 'an unknown time'}.`, { rev: hold.rev });
  const changes = { active: false, released: { by: person, at: by.at, reason } };
  return changeRecord(store, { kind: legalHoldKind, id: hold._id, rev: hold.rev, changes, reason, by });
}

/** Ids of the holds in force on these records or on the studies that they belong to. */
export async function holdsOn(store: Store, recordIds: readonly string[]): Promise<readonly string[]> {
  if (recordIds.length === 0) return [];
  const records = await store.models.records.find({ _id: { $in: [...recordIds] } }, { studyId: 1 }).lean<Pick<RecordDoc, 'studyId'>[]>();
  const studyIds = records.flatMap(({ studyId }) => (studyId === null ? [] : [studyId]));
  const holds = await store.models.legalHolds.find({ active: true, $or: [{ recordId: { $in: [...recordIds] } }, { studyId: { $in: studyIds } }] }, { _id: 1 }).sort({ _id: 1 }).lean();
  return holds.map(({ _id }) => _id);
}
