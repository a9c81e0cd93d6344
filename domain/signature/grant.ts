import type { Actor } from '../../contracts/actor';
import type { AuditActor } from '../../contracts/audit';
import type { Instant } from '../../contracts/instant';
import type { GrantFault, SignatureDemand, SigningGrant } from '../../contracts/signature';

/** Who acts, as commands or the audit trail name them. */
export type SigningActor = Actor | AuditActor;

/** The act that wants to use a grant. */
export interface GrantUse {
  readonly demand: SignatureDemand;
  readonly recordId: string;
  readonly actor: SigningActor;
  /** When the step is committed. */
  readonly at: Instant;
  /** Somebody objected to who the signer is, after the grant was given. */
  readonly isWithdrawn: boolean;
}

const SAID: Readonly<Record<GrantFault, string>> = {
  unknown: 'there is no such signing grant',
  used: 'the signing grant was used before',
  expired: 'the signing grant has expired: sign again',
  withdrawn: 'the identity of the signer does not count any more: it was withdrawn after the grant was given',
  other_session: 'the signing grant belongs to another session',
  other_person: 'the signing grant belongs to another person',
  other_organisation: 'the signing grant was given for acting for another organisation',
  other_record: 'the signing grant is for another record',
  other_act: 'the signing grant is for another act',
  changed: 'what was to be signed has changed since: read it and sign again',
};

/** What is wrong with a grant, in a sentence. */
export const saidOf = (fault: GrantFault): string => SAID[fault];

/**
 * Why a grant does not carry this act; undefined: it does. Whose it is comes first, so that nobody learns from
 * another's grant. A grant may be used up to, not including, the instant at which it expires.
 */
export function faultOf(grant: SigningGrant | undefined, { demand, recordId, actor, at, isWithdrawn }: GrantUse): GrantFault | undefined {
  if (!grant) return 'unknown';
  if (actor.kind !== 'person' || grant.personId !== actor.personId) return 'other_person';
  if (grant.usedAt !== null) return 'used';
  if (at >= grant.expiresAt) return 'expired';
  if (isWithdrawn) return 'withdrawn';
  if (grant.organisationId !== actor.organisationId) return 'other_organisation';
  if (grant.recordId !== recordId) return 'other_record';
  if (grant.act !== demand.act || grant.subject !== demand.subject) return 'other_act';
  return grant.version === demand.version && grant.contentHash === demand.contentHash ? undefined : 'changed';
}
