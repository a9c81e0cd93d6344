import type { Refusal } from '../../contracts/failures';
import type { Instant } from '../../contracts/instant';
import type { SignerFacts } from '../../contracts/signature';
import { isSettled } from '../access/window';

/**
 * Why nobody may verify a signer's identity now: while the password is not the person's own, whoever gave it could sign (21 CFR 11.200(a)(3)).
 * Who may verify is `refuseVoucher` (domain/access/independence.ts).
 */
export function refuseVerifying(signer: SignerFacts | undefined): Refusal | undefined {
  return signer?.passwordOwn === true ? undefined : { type: 'wrong_state', reason: 'the person has not set a password of their own yet' };
}

/** Why a person may not sign at all yet; undefined: they may, once the statement is accepted (21 CFR 11.100(b)). */
export function refuseSigner(signer: SignerFacts | undefined, now: Instant): Refusal | undefined {
  if (signer?.passwordOwn === true && signer.identity !== null) {
    if (isSettled(signer.identity, now)) return undefined;
    return { type: 'signature_window', reason: `your identity was verified a moment ago: you sign from ${String(signer.identity.signsFrom)} on, or once a second administrator consents` };
  }
  return { type: 'identity_not_verified', reason: signer?.passwordOwn === true ? 'an administrator of your organisation has to verify your identity first' : 'set a password of your own, then have your identity verified' };
}
