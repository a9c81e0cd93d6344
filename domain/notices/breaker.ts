import { plusMs, type Instant } from '../../contracts/instant';

/** So many failures in a row, and a target is left alone for a while. */
export const FAILURES_TO_OPEN = 5;
/** Attempts that one target may leave unanswered in one minute, whoever makes them: what a storm costs it, and us. */
export const UNANSWERED_A_MINUTE = 20;
const FIRST_PAUSE_MS = 30_000;
const LONGEST_PAUSE_MS = 15 * 60_000;
/** How long the one attempt after a pause may take before another is made. */
export const PROBE_MS = 30_000;

/**
 * Until when a target is left alone after so many failures in a row; null: it is tried on. The pause
 * doubles with each further failure, from half a minute to a quarter of an hour.
 */
export function closedUntil(failures: number, now: Instant): Instant | null {
  if (failures < FAILURES_TO_OPEN) return null;
  return plusMs(now, Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - FAILURES_TO_OPEN, 20), LONGEST_PAUSE_MS));
}

/** What a target's latest failures say at `now`: try it, try it once to see whether it is back, or leave it alone. */
export function standingOf(known: { readonly failures: number; readonly pausedUntil: Instant | null } | undefined, now: Instant): 'open' | 'probe' | 'paused' {
  if (!known || known.pausedUntil === null) return 'open';
  return now < known.pausedUntil ? 'paused' : 'probe';
}
