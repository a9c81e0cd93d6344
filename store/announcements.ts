import { randomUUID } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import type { AnnouncedWhat } from '../contracts/announcement';
import type { Instant } from '../contracts/instant';
import { ROLES, type Role } from '../contracts/people';
import { maySteer } from '../domain/access/ability';
import { ROLE_ACTS } from '../domain/access/roles';
import { documentsHash } from '../domain/audit/documents';
import type { By } from './administration';
import { appendToStream } from './auditLog';
import type { Store } from './connection';
import { inForceAt, membershipOf } from './memberships';
import type { AnnouncementDoc } from './schemas/access';
import type { MembershipDoc, PersonDoc } from './schemas/people';
import { partOf, UNPROVEN } from './vouching';

/** Who is told what concerns their organisation. */
export const TOLD_ROLES: readonly Role[] = ['organisation_admin', 'quality_head'];
/** Who may say yes or no for their organisation to what it agrees on with others. */
const DECIDING_ROLES = ROLES.filter((role) => ROLE_ACTS['approve-configuration'][role] !== undefined);

export interface Announced {
  readonly what: AnnouncedWhat;
  /** Stream of what changed: `membership/<id>`. */
  readonly about: string;
  readonly organisationIds: readonly string[];
  /** Printed name of whom or what it is about. */
  readonly subject: string;
  readonly role?: Role;
  /** It concerns this study: seats that are bound to it are told too. Else only those for no study in particular. */
  readonly studyId?: string | null;
  /** It waits for their organisation: told are also those who decide on such a thing. */
  readonly deciders?: Decided;
  /** Until when it can be objected to before it counts, or from when it counts. */
  readonly until?: Instant | undefined;
  /** Addresses of the organisation that are told besides. */
  readonly addresses?: readonly string[];
  /** The person whose account it is, who is told whatever their roles. */
  readonly person?: Pick<PersonDoc, '_id' | 'email' | 'organisationId'>;
  readonly by: By;
}

/** What is to be decided on. */
export interface Decided {
  readonly studyId: string | null;
  readonly topic: string;
}

/**
 * Tells the administrators and quality heads of organisations of a change, in its transaction: kept for each of them, said in the
 * trail beside the change (`notices/<about>`), sent by housekeeping. Whoever did it is told, too: a stolen session has an owner.
 */
export async function announce(store: Store, announced: Announced, session: ClientSession): Promise<void> {
  const { what, about, organisationIds, subject, role, until, addresses = [], by } = announced;
  const told = await readersOf(store, announced, session);
  const byName = by.actor.name;
  const common = { about, what, subject, role: role ?? null, byName, at: by.at, until: until ?? null, attempts: 0, nextAt: by.at, sentAt: null, failure: null, readAt: null };
  const rows: AnnouncementDoc[] = [
    ...told.map(({ personId, organisationId, address }) => ({ ...common, _id: randomUUID(), organisationId, personId, address })),
    ...addresses.map((address) => ({ ...common, _id: randomUUID(), organisationId: organisationIds[0] ?? '', personId: null, address })),
  ];
  if (rows.length > 0) await store.models.announcements.insertMany(rows, { session });
  await appendToStream(store, { streamId: `notices/${about}`, drafts: [{
    streamId: `notices/${about}`, at: by.at, zone: 'UTC', actor: by.actor, correlationId: by.correlationId, action: 'announcement.made',
    documents: Object.fromEntries(rows.map((row) => [partOf('announcement', row._id), documentsHash([row], UNPROVEN.announcements)])),
    detail: { what, told: told.map(({ personId }) => personId), addresses: addresses.length, ...(until !== undefined && { until }) },
  }] }, session);
}

interface Reader { readonly personId: string; readonly organisationId: string; readonly address: string }

async function readersOf(store: Store, { organisationIds, deciders, person, studyId = null, by: { at } }: Announced, session: ClientSession): Promise<readonly Reader[]> {
  const roles = deciders ? [...new Set([...TOLD_ROLES, ...DECIDING_ROLES])] : TOLD_ROLES;
  const found = await store.models.memberships.find({ organisationId: { $in: [...organisationIds] }, role: { $in: [...roles] }, ...inForceAt(at) }).session(session).lean<MembershipDoc[]>();
  const decides = (seat: MembershipDoc): boolean => deciders !== undefined
    && maySteer({ ...deciders, memberships: [membershipOf(seat)], act: 'approve-configuration', organisationIds, now: at }) !== undefined;
  const seats = found.filter((seat) => (TOLD_ROLES.includes(seat.role) && (seat.studyId === null || seat.studyId === studyId)) || decides(seat));
  const people = await store.models.people.find({ _id: { $in: seats.map(({ personId }) => personId) }, active: true }, { email: 1 }).session(session).lean<Pick<PersonDoc, '_id' | 'email'>[]>();
  const told = people.map(({ _id, email }) => ({ personId: _id, address: email, organisationId: seats.find(({ personId }) => personId === _id)?.organisationId ?? '' }));
  return !person || told.some(({ personId }) => personId === person._id) ? told : [...told, { personId: person._id, address: person.email, organisationId: person.organisationId }];
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
