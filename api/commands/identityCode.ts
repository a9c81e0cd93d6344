import { Failure } from '../../contracts/failures';
import type { Instant } from '../../contracts/instant';
import { identityCode, isIdentityCode, type CodedAccount, type Mac } from '../../domain/access/identityCode';
import { refuseVerifying } from '../../domain/signature/identity';
import { createAuthenticator } from '../../platform/derivedKeys';
import type { PersonDoc } from '../../store/schemas/people';
import { signerOf } from '../../store/signers';
import { ruleBroken } from '../administer';
import type { ApiDeps } from '../deps';

const macOf = ({ ring }: Pick<ApiDeps, 'ring'>): Mac => (text) => createAuthenticator(ring, 'identity-code').codeOf(text).mac;

/** An account that its person holds, as codes are made of it. Throws Failure `wrong_state` while its password is not its person's own. */
async function heldAccount({ store }: Pick<ApiDeps, 'store'>, { _id, passwordHash }: Pick<PersonDoc, '_id' | 'passwordHash'>): Promise<CodedAccount> {
  const signer = await signerOf(store, _id);
  const refusal = refuseVerifying(signer);
  if (refusal) throw new Failure(refusal.type, refusal.reason);
  return { personId: _id, passwordHash, rev: signer?.rev ?? 0 };
}

/** The code that a person sees in their session. Throws Failure `wrong_state`. */
export async function codeOfPerson(deps: Pick<ApiDeps, 'store' | 'ring' | 'now'>, person: Pick<PersonDoc, '_id' | 'passwordHash'>): Promise<{ readonly code: string; readonly until: Instant }> {
  return identityCode(await heldAccount(deps, person), { mac: macOf(deps), now: deps.now() });
}

/** Whoever verifies somebody has been told the code by them. Throws Failure `wrong_state`, `rule_broken`. */
export async function requireCode(deps: Pick<ApiDeps, 'store' | 'ring' | 'now'>, person: Pick<PersonDoc, '_id' | 'passwordHash'>, code: string): Promise<void> {
  if (isIdentityCode(code, await heldAccount(deps, person), { mac: macOf(deps), now: deps.now() })) return;
  throw ruleBroken('This is not the code that the person sees in their own session now: somebody else may hold the account.', { errors: [{ field: 'code', message: 'not the person\'s code' }] });
}
