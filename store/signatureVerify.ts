import type { AuditEntry } from '../contracts/audit';
import { canonicalText } from '../domain/audit/chain';
import { chainFinding, type Finding } from '../domain/audit/findings';
import { verifies } from '../domain/signature/standing';
import { auditCollection } from './auditLog';
import type { Store } from './connection';
import type { SignatureDoc } from './schemas/signatures';
import { factOf, SIGNATURE_APPLIED } from './signatures';

/**
 * What an entry of the trail says of a signature, against the signature itself: one that was taken away, altered, or put
 * under other content shows (21 CFR 11.70). undefined: all is well, or the entry is about something else.
 */
export async function signatureFault(store: Store, entry: AuditEntry): Promise<Finding | undefined> {
  if (entry.action !== SIGNATURE_APPLIED) return undefined;
  const { streamId, seq, rev, detail } = entry;
  const { signatureId } = (detail ?? {}) as { readonly signatureId?: unknown };
  const signature = typeof signatureId === 'string' ? await store.models.signatures.findById(signatureId).lean<SignatureDoc>() : null;
  if (!signature) return chainFinding('signature_missing', { streamId, seq }, `the signature ${String(signatureId)} is gone`);
  const same = signature.recordId === streamId && signature.rev === rev && canonicalText(factOf(signature)) === canonicalText(detail);
  if (same && verifies(signature, signature.content)) return undefined;
  return chainFinding('signature_changed', { streamId, seq }, `the signature ${signature._id} is not the one that was applied`);
}

/** Signatures that no entry of the trail knows: put there by hand. Of one record, or of all. */
export async function* unattestedSignatures(store: Store, recordId: string | undefined): AsyncGenerator<Finding> {
  const found = store.models.signatures.find(recordId === undefined ? {} : { recordId }, { recordId: 1, rev: 1 }).lean<Pick<SignatureDoc, '_id' | 'recordId' | 'rev'>[]>().cursor();
  for await (const { _id, recordId: streamId } of found as AsyncIterable<Pick<SignatureDoc, '_id' | 'recordId'>>) {
    const entry = await auditCollection(store).findOne({ streamId, action: SIGNATURE_APPLIED, 'detail.signatureId': _id } as never, { projection: { seq: 1 } });
    if (!entry) yield chainFinding('signature_changed', { streamId, seq: 0 }, `no entry says that the signature ${_id} was applied`);
  }
}
