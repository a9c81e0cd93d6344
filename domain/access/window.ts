import { plusMs, type Instant } from '../../contracts/instant';
import { ADMINISTRATIVE_ROLES, type Membership } from '../../contracts/people';

/** How long after a role was given, or an identity verified, nobody signs by it without a second administrator's consent, ms (defaults: 24 h). */
export const FIRST_SIGNATURE_WINDOW_MS = 24 * 3_600_000;

/** From when on what was given at `at` may sign. */
export function signsFrom(at: Instant): Instant {
  return plusMs(at, FIRST_SIGNATURE_WINDOW_MS);
}

/** What says from when it may sign; absent: at once (provisioned, or from before the window). */
interface Windowed { readonly signsFrom?: string | undefined }

export function isSettled({ signsFrom: from }: Windowed, now: Instant): boolean {
  return from === undefined || from <= now;
}

/**
 * Those of the memberships that count at all. Of an account whose last password somebody else set, and whose person nobody independent
 * has verified since, none administers: whoever gave the password could (21 CFR 11.200(a)(3), 11.300).
 */
export function countingOf(memberships: readonly Membership[], { isUnsettled }: { readonly isUnsettled: boolean }): readonly Membership[] {
  return isUnsettled ? memberships.filter(({ role }) => !ADMINISTRATIVE_ROLES.includes(role)) : memberships;
}

/** Those of the memberships by which one may sign now. */
export function settledOf(memberships: readonly Membership[], now: Instant): readonly Membership[] {
  return memberships.filter((membership) => isSettled(membership, now));
}
