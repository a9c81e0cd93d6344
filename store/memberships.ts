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
