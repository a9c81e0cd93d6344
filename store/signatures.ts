import type { ClientSession } from 'mongoose';
import type { AuditDraft } from '../contracts/audit';
import type { Instant } from '../contracts/instant';
import type { GrantFault, Signature, SignatureDemand, SigningGrant } from '../contracts/signature';
import type { CommitResult, Json } from '../contracts/step';
import { faultOf, saidOf, type SigningActor } from '../domain/signature/grant';
import type { Store } from './connection';
import { groupedBy } from './grouped';
import type { SignatureDoc, SignerDoc, SigningGrantDoc } from './schemas/signatures';

/** Action of the audit entry that vouches for a signature. */
export const SIGNATURE_APPLIED = 'signature.applied';

/** Keeps a grant whose signer has just proven to be themselves. */
export async function createGrant(store: Store, { id, ...grant }: SigningGrant): Promise<void> {
  await store.models.signingGrants.create([{ _id: id, ...grant }]);
}

/** Ends the grants of a signer that were not used yet: whoever got them may have been the one who is locked out. Answers how many. */
export async function voidGrants(store: Store, { personId, at }: { readonly personId: string; readonly at: Instant }): Promise<number> {
  return (await store.models.signingGrants.updateMany({ personId, usedAt: null, expiresAt: { $gt: at } }, { $set: { expiresAt: at } })).modifiedCount;
}

/** The last credential check for signing of a session; undefined: there was none. */
export async function lastSigning(store: Store, sessionId: string): Promise<{ readonly sessionId: string; readonly at: Instant } | undefined> {
  const last = await store.models.signingGrants.findOne({ sessionId }, { sessionId: 1, signedAt: 1 }).sort({ signedAt: -1 }).lean<Pick<SigningGrantDoc, 'sessionId' | 'signedAt'>>();
  return last ? { sessionId: last.sessionId, at: last.signedAt } : undefined;
}

/** Why a grant does not belong to this session of this person; undefined: it does. */
export async function faultOfSession(store: Store, { grantId, personId, sessionId }: { readonly grantId: string; readonly personId: string; readonly sessionId: string }): Promise<GrantFault | undefined> {
  const grant = await store.models.signingGrants.findById(grantId, { personId: 1, sessionId: 1 }).lean<Pick<SigningGrantDoc, 'personId' | 'sessionId'>>();
  if (!grant) return 'unknown';
  if (grant.personId !== personId) return 'other_person';
  return grant.sessionId === sessionId ? undefined : 'other_session';
}

/** A signature that a step needs, and whose step it is. `recordId`: of an administered record its stream, `matrix-proposal/<id>`. */
export interface Signing {
  readonly demand: SignatureDemand;
  readonly recordId: string;
  readonly rev: number;
  readonly actor: SigningActor;
  /** When the step is committed. */
  readonly at: Instant;
}
type Refused = Extract<CommitResult, { outcome: 'refused' }>;

/**
 * Uses a grant up and writes the signature, inside the transaction of the step that it signs: either both are there or
 * neither. Answers what the audit trail says of it, or the refusal with which the step falls.
 */
export async function consumeGrant(store: Store, signing: Signing, session: ClientSession): Promise<Pick<AuditDraft, 'action' | 'field' | 'detail'> | Refused> {
  const { demand: { grantId }, at, rev, actor } = signing;
  const found = await store.models.signingGrants.findById(grantId).session(session).lean<SigningGrantDoc>();
  // Of records restored from an earlier copy a grant may be unused that was used: the signature, kept apart, knows.
  const isSigned = found && (await store.models.signatures.exists({ _id: grantId }).session(session)) !== null;
  const signer = found && await store.models.signers.findById(found.personId, { identity: 1 }).session(session).lean<Pick<SignerDoc, 'identity'>>();
  const fault = faultOf(found ? { ...found, id: found._id, usedAt: isSigned ? at : found.usedAt } : undefined, { ...signing, isWithdrawn: signer != null && signer.identity === null });
  if (fault !== undefined || !found || actor.kind !== 'person') return refused(fault ?? 'unknown');
  await store.models.signingGrants.updateOne({ _id: grantId, usedAt: null }, { $set: { usedAt: at } }, { session });
  const { usedAt: _usedAt, expiresAt: _expiresAt, sessionId: _sessionId, ...signed } = found;
  const doc: SignatureDoc = { ...signed, rev, role: actor.role };
  await store.models.signatures.insertOne(doc, { session });
  return { action: SIGNATURE_APPLIED, field: `signatures.${doc.subject}`, detail: factOf(doc) };
}

/** What the trail says of a signature: all of it but the signed content, for which its hash stands. */
export function factOf({ _id, content: _content, recordId: _recordId, rev: _rev, ...said }: SignatureDoc): Json {
  return { signatureId: _id, ...said };
}

function refused(fault: GrantFault): Refused {
  return { outcome: 'refused', type: 'grant_invalid', reason: saidOf(fault), extra: { why: fault } };
}

/** The signatures of a record, in the order in which they were applied, each with what was signed. */
export async function signaturesOf(store: Store, recordId: string): Promise<readonly (Signature & { readonly content: Json })[]> {
  return (await signaturesByRecord(store, [recordId])).get(recordId) ?? [];
}

/** The signatures of several records, in the order in which they were applied. */
export async function signaturesByRecord(store: Store, recordIds: readonly string[]): Promise<ReadonlyMap<string, readonly (Signature & { readonly content: Json })[]>> {
  const found = await store.models.signatures.find({ recordId: { $in: [...new Set(recordIds)] } }).sort({ recordId: 1, rev: 1 }).lean<SignatureDoc[]>();
  return groupedBy(found.map(({ _id, ...signature }) => ({ id: _id, ...signature })), ({ recordId }) => recordId);
}
