import type { Refusal } from '../../contracts/failures';
import type { SignerFacts } from '../../contracts/signature';

/**
 * Why somebody may not verify a signer's identity now. Misuse of a signature must need two people (21 CFR 11.200(a)(3)):
 * whoever once gave a person a password knows a way in, so another one vouches for who the person is, and only when the
 * password is the person's own.
 */
export function refuseVerifying(signer: SignerFacts | undefined, { personId, verifierId }: { readonly personId: string; readonly verifierId: string }): Refusal | undefined {
  if (personId === verifierId) return { type: 'separation_of_duties', reason: 'nobody verifies their own identity' };
  if (signer?.passwordOwn !== true) return { type: 'wrong_state', reason: 'the person has not set a password of their own yet' };
  if (signer.passwordGivenBy === verifierId) return { type: 'separation_of_duties', reason: 'you gave this person a password: another administrator verifies who they are' };
  return undefined;
}

/** Why a person may not sign at all yet; undefined: they may, once the statement is accepted (21 CFR 11.100(b)). */
export function refuseSigner(signer: SignerFacts | undefined): Refusal | undefined {
  if (signer?.passwordOwn === true && signer.identity !== null) return undefined;
  return { type: 'identity_not_verified', reason: signer?.passwordOwn === true ? 'an administrator of your organisation has to verify your identity first' : 'set a password of your own, then have your identity verified' };
}
