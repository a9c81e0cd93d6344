import { createHash } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import { instantOf, epochMsOf, type Instant } from '../contracts/instant';
import type { Membership } from '../contracts/people';
import { countingOf } from '../domain/access/window';
import { inForceAt, membershipOf } from './memberships';
import type { Store } from './connection';
import type { CredentialDoc, MembershipDoc, PersonDoc } from './schemas/people';
import type { SignerDoc } from './schemas/signatures';

/** A session left alone this long has ended (defaults: session 30 min idle), ms. */
export const SESSION_IDLE_MS = 30 * 60_000;
/** `lastSeenAt` is written at most this often, ms. */
const TOUCH_EVERY_MS = 60_000;

/** What is stored of a secret. The secrets are random, so a fast hash is enough. */
export function secretHashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Stores a session or token under the hash of its secret. */
export async function storeCredential(store: Store, secret: string, credential: Omit<CredentialDoc, '_id'>): Promise<void> {
  await store.models.credentials.create([{ ...credential, _id: secretHashOf(secret) }]);
}

/** Stores a token, under the hash of its secret, in the transaction that holds its maker. */
export async function storeToken(store: Store, token: CredentialDoc, session: ClientSession): Promise<void> {
  await store.models.credentials.create([token], { session });
}

/**
 * Holds a credential that makes another one in the transaction of its making: whatever ends it comes before, or sees what it made.
 * Undefined: it has ended.
 */
export async function holdCredential(store: Store, { publicId, at }: { readonly publicId: string; readonly at: Instant }, session: ClientSession): Promise<CredentialDoc | undefined> {
  const held = await store.models.credentials.findOneAndUpdate({ publicId, revokedAt: null, expiresAt: { $gt: at } }, { $set: { lastSeenAt: at } }, { session }).lean<CredentialDoc>();
  return held ?? undefined;
}

export interface Authenticated {
  readonly credential: CredentialDoc;
  readonly person: PersonDoc;
  readonly memberships: readonly Membership[];
  /** A token that was never used before. */
  readonly isFirstUse: boolean;
  /** Somebody else set the last password, and nobody independent has verified the person since; `memberships` are without those that administer. */
  readonly unsettledSince?: Instant;
}

/**
 * Who holds this secret, with the memberships in force, in one round trip. Undefined when it is
 * unknown, revoked, expired or idle, or the person is deactivated.
 */
export async function authenticate(store: Store, secret: string, now: Instant): Promise<Authenticated | undefined> {
  const [found] = await store.models.credentials.aggregate<CredentialDoc & { person: PersonDoc[]; memberships: MembershipDoc[]; signer: Pick<SignerDoc, 'unsettledSince'>[] }>([
    { $match: { _id: secretHashOf(secret), revokedAt: null, expiresAt: { $gt: now } } },
    { $lookup: { from: 'people', localField: 'personId', foreignField: '_id', pipeline: [{ $match: { active: true } }], as: 'person' } },
    { $lookup: { from: 'memberships', localField: 'personId', foreignField: 'personId', pipeline: [{ $match: inForceAt(now) }], as: 'memberships' } },
    { $lookup: { from: 'signers', localField: 'personId', foreignField: '_id', pipeline: [{ $project: { unsettledSince: 1 } }], as: 'signer' } },
  ]);
  const person = found?.person[0];
  if (!found || !person) return undefined;
  const unseenMs = epochMsOf(now) - epochMsOf(found.lastSeenAt);
  if (found.kind === 'session' && unseenMs >= SESSION_IDLE_MS) return undefined;
  if (unseenMs >= TOUCH_EVERY_MS) await store.models.credentials.updateOne({ _id: found._id, lastSeenAt: { $lt: now } }, { $set: { lastSeenAt: now } });
  const { person: _person, memberships, signer, ...credential } = found;
  const unsettledSince = signer[0]?.unsettledSince ?? undefined;
  const isFirstUse = found.kind === 'token' && found.firstUsedAt === null && (await markUsed(store, found._id, now));
  return { credential, person, memberships: countingOf(memberships.map(membershipOf), { isUnsettled: unsettledSince !== undefined }), isFirstUse, ...(unsettledSince !== undefined && { unsettledSince }) };
}

/** Of several first uses at once one is the first. */
async function markUsed(store: Store, id: string, now: Instant): Promise<boolean> {
  const { modifiedCount } = await store.models.credentials.updateOne({ _id: id, firstUsedAt: null }, { $set: { firstUsedAt: now } });
  return modifiedCount === 1;
}

/** Ends everything that a person is signed in with. */
export async function endCredentials(store: Store, { personId, at, session }: { personId: string; at: Instant; session?: ClientSession }): Promise<void> {
  await store.models.credentials.updateMany({ personId, revokedAt: null }, { $set: { revokedAt: at } }).session(session ?? null);
}

/** Ends one credential of a person, and the tokens that come from it; false when there is none such. Repeating it changes nothing. */
export async function revokeCredential(store: Store, input: { personId: string; publicId: string; at: Instant }, session?: ClientSession): Promise<boolean> {
  const { personId, publicId, at } = input;
  const known = await store.models.credentials.exists({ personId, publicId }).session(session ?? null);
  await store.models.credentials.updateMany({ personId, revokedAt: null, $or: [{ publicId }, { lineage: publicId }] }, { $set: { revokedAt: at } }).session(session ?? null);
  return known !== null;
}

/** How many API tokens of a person work now. */
export async function countTokens(store: Store, { personId, at }: { readonly personId: string; readonly at: Instant }, session: ClientSession): Promise<number> {
  return store.models.credentials.countDocuments({ personId, kind: 'token', revokedAt: null, expiresAt: { $gt: at } }).session(session);
}

/** A person's API tokens, revoked and expired ones too, newest first. */
export function tokensOf(store: Store, personId: string): Promise<CredentialDoc[]> {
  return store.models.credentials.find({ personId, kind: 'token' }).sort({ createdAt: -1, _id: 1 }).limit(500).lean<CredentialDoc[]>();
}

/** The instant after which nothing is kept signed in: `ms` after `now`. */
export function expiryAfter(now: Instant, ms: number): Instant {
  return instantOf(epochMsOf(now) + ms);
}
