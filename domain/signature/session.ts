import { epochMsOf, type Instant } from '../../contracts/instant';
import type { SigningComponent } from '../../contracts/signature';
import { MINUTE_MS } from '../time/zone';

/** A continuous period of controlled access ends after this long without signing or activity. */
const CONTINUOUS_MS = 30 * MINUTE_MS;

/** The session that wants to sign, and what is known of it. */
export interface SigningSession {
  readonly sessionId: string;
  /** The signer's last credential check for signing; undefined: none yet. */
  readonly last: { readonly sessionId: string; readonly at: Instant } | undefined;
  readonly now: Instant;
  /** Whether the signer has a second factor. */
  readonly totpEnrolled: boolean;
}

/**
 * Which components signing asks for now (21 CFR 11.200(a)(1)(i)-(ii)): the first signing of a continuous period all
 * of them, later ones the password. In another session, or 30 minutes after the last signing, the period is over;
 * that a session is over 30 minutes after its last activity is the door's rule.
 */
export function componentsNeeded({ sessionId, last, now, totpEnrolled }: SigningSession): readonly SigningComponent[] {
  const sinceMs = last?.sessionId === sessionId ? epochMsOf(now) - epochMsOf(last.at) : Number.POSITIVE_INFINITY;
  // A clock that went backwards proves nothing.
  const continuous = sinceMs >= 0 && sinceMs < CONTINUOUS_MS;
  if (continuous) return ['password'];
  return totpEnrolled ? ['email', 'password', 'totp'] : ['email', 'password'];
}
