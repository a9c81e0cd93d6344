import type { ClientSession } from 'mongoose';
import type { InsideAct } from '../contracts/announcement';
import type { Instant } from '../contracts/instant';
import { changeRecord, type AdministeredKind, type By } from './administration';
import type { Store } from './connection';
import { inForceAt } from './memberships';
import type { AdmissionDoc } from './schemas/access';
import type { MembershipDoc } from './schemas/people';

export const admissionKind: AdministeredKind<AdmissionDoc> = { kind: 'admission', model: (store) => store.models.admissions };

/** Whether an organisation has an administrator of its own now: an active person with the role in force. */
export async function hasAdministrator(store: Store, { organisationId, at }: { readonly organisationId: string; readonly at: Instant }): Promise<boolean> {
  const seats = await store.models.memberships.find({ organisationId, role: 'organisation_admin', ...inForceAt(at) }, { personId: 1 }).lean<Pick<MembershipDoc, 'personId'>[]>();
  return (await store.models.people.exists({ _id: { $in: seats.map(({ personId }) => personId) }, active: true })) !== null;
}

/** The consent under which an administrator of the instance may do this inside an organisation now; undefined: none. */
export async function admissionFor(store: Store, asked: { readonly organisationId: string; readonly personId: string; readonly act: InsideAct; readonly at: Instant }): Promise<AdmissionDoc | undefined> {
  const { organisationId, personId, act, at } = asked;
  return (await store.models.admissions.findOne({ organisationId, personId, acts: act, active: true, until: { $gt: at } }).sort({ until: 1 }).lean<AdmissionDoc>()) ?? undefined;
}

/** Says on a consent what was done under it, in the transaction of what was done. */
export async function useAdmission(store: Store, used: { readonly consent: AdmissionDoc; readonly act: InsideAct; readonly about: string; readonly by: By }, session: ClientSession): Promise<void> {
  const { consent, act, about, by } = used;
  const now = await store.models.admissions.findById(consent._id).session(session).lean<AdmissionDoc>();
  await changeRecord(store, { kind: admissionKind, id: consent._id, changes: { uses: [...(now?.uses ?? []), { act, about, at: by.at }] }, reason: 'done under this consent', by, session });
}
