import type { Signable, Signature } from '../../contracts/signature';
import type { Json } from '../../contracts/step';
import { contentHashOf } from './demand';

/** What a signature says of its record as it is now. */
export type Standing = 'this_version' | 'not_for_this_version';

type Bound = Pick<Signature, 'subject' | 'version' | 'contentHash'>;

/** Whether a signature is for the part as it is now: any later change makes a new version (21 CFR 11.70). */
export function standingOf(signature: Bound, signable: Signable | undefined): Standing {
  const same = signable?.subject === signature.subject && signable.version === signature.version && contentHashOf(signable.content) === signature.contentHash;
  return same ? 'this_version' : 'not_for_this_version';
}

/** Whether the content that was kept with a signature is what was signed, whatever the record has become. */
export function verifies(signature: Pick<Signature, 'contentHash'>, kept: Json): boolean {
  return contentHashOf(kept) === signature.contentHash;
}
