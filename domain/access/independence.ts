import type { Refusal } from '../../contracts/failures';
import type { Role } from '../../contracts/people';
import { areApart, type Control } from './control';
import { ACTS, ROLE_ACTS } from './roles';

/** Two people and what is known of who made whom. */
export interface Judged {
  readonly control: Control;
  /** Who acts. */
  readonly actorId: string;
  /** Whose account it is about. */
  readonly personId: string;
}

/** Who vouches, beside what is known of the two. */
export interface Voucher extends Judged {
  /** Whether the identity of the actor is verified itself. */
  readonly isVerified: boolean;
}

const refused = (reason: string): Refusal => ({ type: 'separation_of_duties', reason });

/**
 * Why somebody may not vouch for a person (21 CFR 11.100(b), 11.200(a)(3)): a signer is made by two people who are
 * independent. Whoever verifies is verified, did not make the person, and was neither made nor empowered by whoever did.
 */
export function refuseVoucher({ control, actorId, personId, isVerified }: Voucher): Refusal | undefined {
  if (actorId === personId) return refused('nobody verifies their own identity');
  const makers = control.makers(personId);
  if (makers.has(actorId)) return refused('you made this account, gave it a credential, or made whoever did: another administrator verifies who the person is');
  if (!isVerified) return { type: 'identity_not_verified', reason: 'whoever verifies an identity is verified first' };
  if (control.namers(personId).has(actorId)) return refused('you gave this person the name that they would sign with: another administrator verifies who the person is');
  // Whoever is to be verified may let them in: the first administrator of an organisation has nobody else.
  if (!areApart(control.hosts(actorId, personId), makers)) return refused('whoever made this account let you in: somebody independent of them verifies who the person is');
  if (!areApart(control.behind(actorId), makers)) return refused('you were made or empowered by whoever made this account: somebody independent of them verifies who the person is');
  return areApart(control.holders(actorId), control.holders(personId)) ? undefined : refused('the same person may stand behind both accounts');
}

/** Why somebody may not give this account power: it is one that they made or hold. */
export function refuseGiver({ control, actorId, personId }: Judged): Refusal | undefined {
  if (actorId === personId) return refused('nobody gives or changes their own memberships');
  const givers = control.holders(actorId);
  if (areApart(givers, control.makers(personId)) && areApart(givers, control.holders(personId))) return undefined;
  return refused('you made this account, gave it a credential, or made whoever did: another administrator gives it its roles');
}

/** Why somebody is no second person beside whoever asks: they are the same one, or the asker made or empowered them, or they have the asker's account in hand. */
export function refuseSecond({ control, actorId, personId, isVerified }: Voucher): Refusal | undefined {
  if (actorId === personId) return refused('a second person consents');
  if (!isVerified) return { type: 'identity_not_verified', reason: 'whoever consents is verified first' };
  return areApart(control.behind(actorId), control.holders(personId)) ? undefined : refused('you were made or empowered by whoever asks for consent: somebody independent of them consents');
}

/** Why somebody may not consent to what another did to an account: they are no second person, or it is theirs, or of their making. */
export function refuseConsenter(voucher: Voucher, otherId: string): Refusal | undefined {
  const { control, actorId, personId } = voucher;
  if (actorId === personId) return refused('a second person consents');
  const refusal = refuseSecond({ ...voucher, personId: otherId });
  if (refusal) return refusal;
  return areApart(control.holders(actorId), control.makers(personId)) ? undefined : refused('you made this account: somebody independent consents');
}

/** Why an organisation's administrator may not let somebody in: that one holds the administrator's account, and would let themselves in. */
export function refuseHost({ control, actorId, personId }: Judged): Refusal | undefined {
  return areApart(control.holders(actorId), control.holders(personId)) ? undefined : refused('whoever asks made your account, and nobody independent has verified you since');
}

/** Whether a role may do more than read: whoever has it may come to sign or to administer, so it is given by somebody independent, and told. */
export function isWeighty(role: Role): boolean {
  return ACTS.some((act) => act !== 'see' && ROLE_ACTS[act][role] !== undefined);
}
