import type { ConsentTerms } from '../../contracts/consent';
import type { Refusal } from '../../contracts/failures';
import type { Instant } from '../../contracts/instant';
import type { Membership } from '../../contracts/people';
import { inForce } from '../access/ability';
import { ROLE_ACTS } from '../access/roles';

export type ConsentAct = 'give' | 'refuse' | 'withdraw';

/** A consent that was asked for and can still be answered, or used: once. */
export function isOpen({ until, usedAt }: Pick<ConsentTerms, 'until' | 'usedAt'>, now: Instant): boolean {
  return now <= until && (usedAt ?? null) === null;
}

/**
 * The seat from which one answers for an organisation: a role that may show records of its own accord to others
 * (docs/defaults.md, `share`), everywhere or for this study. undefined: none.
 */
export function consentSeat(memberships: readonly Membership[], asked: { readonly organisationId: string; readonly studyId: string | null; readonly now: Instant }): Membership | undefined {
  return memberships.find((membership) => ROLE_ACTS.share[membership.role] === 'any' && membership.organisationId === asked.organisationId
    && inForce(membership, asked.now) && (membership.studyId === null || membership.studyId === asked.studyId));
}

interface Asked {
  readonly act: ConsentAct;
  readonly actorId: string;
  readonly askedById: string;
  readonly now: Instant;
}

/** Why an act on a consent is not allowed now; undefined: it is. Who asks never answers, whatever seats they hold. */
export function refuseConsentAct(consent: Pick<ConsentTerms, 'status' | 'until'>, { act, actorId, askedById, now }: Asked): Refusal | undefined {
  if (act === 'withdraw') return consent.status === 'given' ? undefined : { type: 'wrong_state', reason: `nothing to take back: it is ${consent.status}` };
  if (consent.status !== 'asked') return { type: 'wrong_state', reason: `it is ${consent.status} already` };
  if (!isOpen(consent, now)) return { type: 'wrong_state', reason: `it could be answered until ${consent.until}; ask again` };
  return actorId === askedById ? { type: 'separation_of_duties', reason: 'who asks for a consent does not give it' } : undefined;
}

/** What is about to be done, and who has to agree. */
export interface Wanted extends Pick<ConsentTerms, 'subject' | 'recordId' | 'evidenceId' | 'extent'> {
  readonly ofOrganisationIds: readonly string[];
  readonly toOrganisationIds: readonly string[];
}

const covers = (consent: ConsentTerms, wanted: Wanted): boolean =>
  consent.subject === wanted.subject && consent.recordId === wanted.recordId && consent.evidenceId === wanted.evidenceId
  && (consent.extent === wanted.extent || consent.extent === 'whole')
  && wanted.toOrganisationIds.every((id) => consent.toOrganisationIds.includes(id));

/** Of the organisations that have to agree: by which consent each does, and which do not. */
export function agreed<Consent extends ConsentTerms>(consents: readonly Consent[], { wanted, now }: { readonly wanted: Wanted; readonly now: Instant }): { readonly by: readonly Consent[]; readonly missing: readonly string[] } {
  const usable = consents.filter((consent) => consent.status === 'given' && isOpen(consent, now) && covers(consent, wanted));
  const found = wanted.ofOrganisationIds.map((id) => usable.find(({ ofOrganisationId }) => ofOrganisationId === id));
  return { by: found.filter((one) => one !== undefined), missing: wanted.ofOrganisationIds.filter((_, index) => found[index] === undefined) };
}
