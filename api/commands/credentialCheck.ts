import type { AskForGrant, SigningComponent } from '../../contracts/signature';
import { epochMsOf } from '../../contracts/instant';
import { verifyPassword } from '../../platform/passwords';
import { openSecret } from '../../platform/secretBox';
import { totpStepOf } from '../../platform/totp';
import { canonicalEmail, peopleByIds } from '../../store/people';
import type { SignerDoc } from '../../store/schemas/signatures';
import { takeTotpStep } from '../../store/signers';
import type { ApiDeps, Caller } from '../deps';

export type Presented = Pick<AskForGrant, SigningComponent>;

/** What the sealed second factor of a person is bound to. */
export const sealedTotpOf = (personId: string): string => `signer/${personId}/totp`;

/** Whether every component that came is the person's own. The password is always checked, so that time does not tell which one was wrong. */
export async function areOwn(deps: ApiDeps, of: { readonly caller: Caller; readonly signer: SignerDoc | undefined; readonly presented: Presented }): Promise<boolean> {
  const { caller, signer, presented: { email, password, totp } } = of;
  const [person] = await peopleByIds(deps.store, [caller.personId]);
  const isPassword = await verifyPassword(person?.active ? person.passwordHash : undefined, password ?? '');
  const isEmail = email === undefined || canonicalEmail(email) === person?.email;
  // The code is used up only where the rest is right: otherwise a guesser could use up the signer's codes.
  return isPassword && isEmail && (totp === undefined || (await isOwnCode(deps, { signer, code: totp })));
}

/** Whether this is the current code of the second factor, for the first time. */
export async function isOwnCode(deps: ApiDeps, { signer, code }: { readonly signer: SignerDoc | undefined; readonly code: string }): Promise<boolean> {
  if (!signer?.totp) return false;
  const secret = Buffer.from(openSecret(deps.ring, signer.totp.sealed, sealedTotpOf(signer._id)), 'base64');
  const step = totpStepOf(secret, code, epochMsOf(deps.now()));
  return step !== undefined && takeTotpStep(deps.store, { personId: signer._id, step });
}
