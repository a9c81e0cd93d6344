import type { ClientSession } from 'mongoose';
import { Failure } from '../contracts/failures';
import { epochMsOf, type Instant } from '../contracts/instant';
import type { Membership } from '../contracts/people';
import type { AdministeredKind } from './administration';
import { inTransaction, type Store } from './connection';
import { isDuplicateKey } from './duplicateKey';
import type { MembershipDoc } from './schemas/people';

export const membershipKind: AdministeredKind<MembershipDoc> = { kind: 'membership', model: (store) => store.models.memberships };

/** Filter of the memberships that count at `now`: from inclusive, until exclusive. */
export function inForceAt(now: Instant) {
  return { active: true, from: { $lte: now }, $or: [{ until: null }, { until: { $gt: now } }] };
}

/** Filter of the memberships that count at `now` or will. */
export function inForceOrComing(now: Instant) {
  return { active: true, $or: [{ until: null }, { until: { $gt: now } }] };
}

/** When a person has, or is to have, which role. */
type Held = Pick<MembershipDoc, 'personId' | 'organisationId' | 'role' | 'studyId' | 'from' | 'until'>;
const TURN_LASTS_MS = 3_600_000;

/**
 * The same person has the same role for the same organisation and study once at a time: looked at in one transaction with
 * giving it, so that of two who give it at once one is refused. `except`: a membership that is changed. Throws Failure `exists`, naming the membership that is there.
 */
export async function givingOnce<T>(store: Store, { held, at, except }: { readonly held: Held; readonly at: Instant; readonly except?: string }, give: (session: ClientSession) => Promise<T>): Promise<T> {
  const { tallies } = store.models;
  const turn = `giving/${held.personId}`;
  await tallies.updateOne({ _id: turn }, { $set: { expiresAt: new Date(epochMsOf(at) + TURN_LASTS_MS) }, $setOnInsert: { count: 0, pausedUntil: null } }, { upsert: true }).catch((error: unknown) => {
    if (!isDuplicateKey(error)) throw error;
  });
  return inTransaction(store, async (session) => {
    // Both write it before they look: MongoDB lets one go on, and begins the other anew, which then sees what the first one gave.
    await tallies.updateOne({ _id: turn }, { $inc: { count: 1 } }, { session });
    await requireOnce(store, { held, except }, session);
    return give(session);
  });
}

async function requireOnce(store: Store, { held, except }: { readonly held: Held; readonly except: string | undefined }, session: ClientSession): Promise<void> {
  const { personId, organisationId, role, studyId, from, until } = held;
  const overlapping = { active: true, $and: [{ $or: [{ until: null }, { until: { $gt: from } }] }, ...(until === null ? [] : [{ from: { $lt: until } }])] };
  const there = await store.models.memberships.findOne({ personId, organisationId, role, studyId, ...overlapping, ...(except !== undefined && { _id: { $ne: except } }) } as never, { _id: 1 }).session(session).lean<Pick<MembershipDoc, '_id'>>();
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
