import type { Refusal } from '../../contracts/failures';
import type { Signable, SignatureDemand } from '../../contracts/signature';
import type { Json } from '../../contracts/step';
import { canonicalHash } from '../audit/chain';

/** SHA-256, in hex, over the RFC 8785 form of what is signed (21 CFR 11.70). Throws TypeError for a value that JSON cannot say. */
export function contentHashOf(content: Json): string {
  return canonicalHash(content);
}

/** What an act that is to be signed says of its signature, in its body. */
export interface SignedBody {
  /** Id of the signing grant. */
  readonly signature?: string | undefined;
}

/** For a machine's `refuse`: an act that signs something needs a grant. */
export function refuseUnsigned(signable: Signable | undefined, body: SignedBody): Refusal | undefined {
  if (!signable || (body.signature !== undefined && body.signature !== '')) return undefined;
  return { type: 'signature_required', reason: `the act signs the ${signable.subject}: ask for a signing grant first` };
}

/** The signature that the change of an administered record asks for; undefined: the act signs nothing, or {@link refuseUnsigned} has refused it. */
export function demandOf({ signable, act, grantId }: { readonly signable: Signable | undefined; readonly act: string; readonly grantId: string | undefined }): SignatureDemand | undefined {
  return signable && grantId !== undefined ? signatureDemand({ signable, act, grantId }) : undefined;
}

/** For a machine's `apply`, before it changes anything: the signature that commit must find. */
export function signatureDemand({ signable, act, grantId }: { readonly signable: Signable; readonly act: string; readonly grantId: string }): SignatureDemand {
  const { subject, version, content } = signable;
  return { grantId, act, subject, version, contentHash: contentHashOf(content) };
}
