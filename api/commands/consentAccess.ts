import type { Membership } from '../../contracts/people';
import { accessRecordOf, extentSeen } from '../../domain/access/ability';
import { ROLE_ACTS } from '../../domain/access/roles';
import { consentById } from '../../store/consents';
import type { ConsentDoc } from '../../store/schemas/consents';
import type { RecordDoc } from '../../store/schemas/records';
import { notFound, shownOf } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { ACCESS_FIELDS } from '../routes/evidenceAccess';

/** A condition that the consents of these seats meet: asked by or of the organisation, and of the study when the seat is bound to one. */
export function visibleConsents({ memberships }: Caller): object {
  const seats = memberships.filter(readsConsents).map(({ organisationId, studyId }) => ({
    $and: [{ $or: [{ ofOrganisationId: organisationId }, { askingOrganisationId: organisationId }] }, studyId === null ? {} : { studyId }],
  }));
  return seats.length === 0 ? { _id: { $in: [] } } : { $or: seats };
}

/** Who sees an organisation's records sees its consents; an inspector those of the study. */
function readsConsents({ role, studyId }: Membership): boolean {
  const sight = ROLE_ACTS.see[role];
  return sight === 'any' || (sight === 'study' && studyId !== null);
}

/** Throws Failure `not_found`. */
export async function consentOf({ store }: ApiDeps, caller: Caller, id: string): Promise<ConsentDoc> {
  const consent = await consentById(store, id);
  const seen = consent && caller.memberships.some((seat) => readsConsents(seat) && [consent.ofOrganisationId, consent.askingOrganisationId].includes(seat.organisationId) && (seat.studyId === null || seat.studyId === consent.studyId));
  if (!seen) throw notFound();
  return consent;
}

/** Consents as the caller may know of them: the record by its id only where it is among those shared with the caller. */
export async function shownConsents({ store, now }: ApiDeps, { memberships }: Caller, docs: readonly ConsentDoc[]): Promise<readonly Record<string, unknown>[]> {
  const records = await store.models.records.find({ _id: { $in: docs.map(({ recordId }) => recordId) } }, ACCESS_FIELDS).lean<RecordDoc[]>();
  const known = new Set(records.filter((record) => extentSeen({ memberships, record: accessRecordOf(record), now: now() })).map(({ _id }) => _id));
  return docs.map((doc) => ({ ...shownOf(doc), usedAt: doc.usedAt ?? null, recordId: known.has(doc.recordId) ? doc.recordId : null }));
}
