import { randomUUID } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import type { AnnouncedWhat } from '../contracts/announcement';
import type { Instant } from '../contracts/instant';
import type { Role } from '../contracts/people';
import type { By } from './administration';
import { appendToStream } from './auditLog';
import type { Store } from './connection';
import { inForceAt } from './memberships';
import type { AnnouncementDoc } from './schemas/access';
import type { MembershipDoc, PersonDoc } from './schemas/people';

/** Who is told what concerns their organisation. */
export const TOLD_ROLES: readonly Role[] = ['organisation_admin', 'quality_head'];

export interface Announced {
  readonly what: AnnouncedWhat;
  /** Stream of what changed: `membership/<id>`. */
  readonly about: string;
  readonly organisationIds: readonly string[];
  /** Printed name of whom or what it is about. */
  readonly subject: string;
  readonly role?: Role;
  /** Until when it can be objected to before it counts. */
  readonly until?: Instant | undefined;
  /** Addresses of the organisation that are told besides. */
  readonly addresses?: readonly string[];
  readonly by: By;
}

/**
 * Tells the administrators and quality heads of organisations of a change, in its transaction: kept for each of them, said in the
 * trail beside the change (`notices/<about>`), sent by housekeeping. Whoever did it is told, too: a stolen session has an owner.
 */
export async function announce(store: Store, announced: Announced, session: ClientSession): Promise<void> {
  const { what, about, organisationIds, subject, role, until, addresses = [], by } = announced;
  const told = await readersOf(store, { organisationIds, at: by.at }, session);
  const byName = by.actor.name;
  const common = { about, what, subject, role: role ?? null, byName, at: by.at, until: until ?? null, attempts: 0, nextAt: by.at, sentAt: null, failure: null, readAt: null };
  const rows: AnnouncementDoc[] = [
    ...told.map(({ personId, organisationId, address }) => ({ ...common, _id: randomUUID(), organisationId, personId, address })),
    ...addresses.map((address) => ({ ...common, _id: randomUUID(), organisationId: organisationIds[0] ?? '', personId: null, address })),
  ];
  if (rows.length > 0) await store.models.announcements.insertMany(rows, { session });
  await appendToStream(store, { streamId: `notices/${about}`, drafts: [{
    streamId: `notices/${about}`, at: by.at, zone: 'UTC', actor: by.actor, correlationId: by.correlationId, action: 'announcement.made',
    detail: { what, told: told.map(({ personId }) => personId), addresses: addresses.length, ...(until !== undefined && { until }) },
  }] }, session);
}

interface Reader { readonly personId: string; readonly organisationId: string; readonly address: string }

async function readersOf(store: Store, { organisationIds, at }: { readonly organisationIds: readonly string[]; readonly at: Instant }, session: ClientSession): Promise<readonly Reader[]> {
  const seats = await store.models.memberships
    .find({ organisationId: { $in: [...organisationIds] }, role: { $in: [...TOLD_ROLES] }, ...inForceAt(at) }, { personId: 1, organisationId: 1 })
    .session(session).lean<Pick<MembershipDoc, 'personId' | 'organisationId'>[]>();
  const people = await store.models.people.find({ _id: { $in: seats.map(({ personId }) => personId) }, active: true }, { email: 1 }).session(session).lean<Pick<PersonDoc, '_id' | 'email'>[]>();
  return people.map(({ _id, email }) => ({ personId: _id, address: email, organisationId: seats.find(({ personId }) => personId === _id)?.organisationId ?? '' }));
}

/** A person's announcements, newest first. */
export function announcementsOf(store: Store, { personId, limit }: { readonly personId: string; readonly limit: number }): Promise<AnnouncementDoc[]> {
  return store.models.announcements.find({ personId }).sort({ at: -1, _id: -1 }).limit(limit).lean<AnnouncementDoc[]>();
}

/** Marks one's own as read; false when there is none such. */
export async function readAnnouncement(store: Store, { id, personId, at }: { readonly id: string; readonly personId: string; readonly at: Instant }): Promise<boolean> {
  const known = await store.models.announcements.exists({ _id: id, personId });
  await store.models.announcements.updateOne({ _id: id, personId, readAt: null }, { $set: { readAt: at } });
  return known !== null;
}

/** Letters that are due, the longest waiting first. */
export function dueAnnouncements(store: Store, { at, limit }: { readonly at: Instant; readonly limit: number }): Promise<AnnouncementDoc[]> {
  return store.models.announcements.find({ sentAt: null, failure: null, nextAt: { $lte: at } }).sort({ nextAt: 1, _id: 1 }).limit(limit).lean<AnnouncementDoc[]>();
}

/** Keeps how a letter came out. */
export async function settleAnnouncement(store: Store, id: string, outcome: { readonly sentAt: Instant } | { readonly failure: string } | { readonly nextAt: Instant }): Promise<void> {
  await store.models.announcements.updateOne({ _id: id }, { $set: outcome, $inc: { attempts: 1 } });
}
