import { Failure } from '../contracts/failures';
import type { Instant } from '../contracts/instant';
import type { Membership } from '../contracts/people';
import type { AdministeredKind } from './administration';
import type { Store } from './connection';
import type { MembershipDoc } from './schemas/people';

export const membershipKind: AdministeredKind<MembershipDoc> = { kind: 'membership', model: (store) => store.models.memberships };

/** Filter of the memberships that count at `now`: from inclusive, until exclusive. */
export function inForceAt(now: Instant) {
  return { active: true, from: { $lte: now }, $or: [{ until: null }, { until: { $gt: now } }] };
}

/** The same person has the same role for the same organisation and study once at a time. Throws Failure `exists`, naming the membership that is there. */
export async function requireOnce(store: Store, fields: Pick<MembershipDoc, 'personId' | 'organisationId' | 'role' | 'studyId' | 'from' | 'until'>): Promise<void> {
  const { personId, organisationId, role, studyId, from, until } = fields;
  const overlapping = { active: true, $and: [{ $or: [{ until: null }, { until: { $gt: from } }] }, ...(until === null ? [] : [{ from: { $lt: until } }])] };
  const there = await store.models.memberships.findOne({ personId, organisationId, role, studyId, ...overlapping } as never, { _id: 1 }).lean<Pick<MembershipDoc, '_id'>>();
  if (there) throw new Failure('exists', 'The person has this role for this time already; change that membership instead.', { membershipId: there._id });
}

/** A stored membership as the access rules read it. */
export function membershipOf({ _id, personId, organisationId, role, studyId, systemIds, from, until, signsFrom }: MembershipDoc): Membership {
  return { id: _id, personId, organisationId, role, studyId, systemIds, from, until, ...(signsFrom !== undefined && { signsFrom }) };
}

/** Active people of an organisation who hold one of these roles for a study (null: for no study in particular) at `at`, without order. */
export async function peopleInRoles(
  store: Store,
  { organisationId, roles, studyId, at }: { organisationId: string; roles: readonly string[]; studyId: string | null; at: Instant },
): Promise<string[]> {
  const found = await store.models.memberships
    .find({ organisationId, role: { $in: [...roles] as never[] }, studyId: { $in: [null, studyId] }, ...inForceAt(at) })
    .lean<MembershipDoc[]>();
  return [...new Set(found.map(({ personId }) => personId))];
}
