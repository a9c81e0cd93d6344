import type { Duration } from '../../contracts/duration';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The office week of docs/defaults.md: Monday to Friday, 09:00 to 17:30. */
const WORKING_HOURS_A_WEEK = 42.5;
const WORKING_DAYS_A_WEEK = 5;

/**
 * How long a duration lasts in a usual week, ms: four business hours are not over after four hours.
 * Good for comparing spans of different kinds; never for a due instant, which calendars count.
 */
export function typicalMs(duration: Duration): number {
  if (duration.kind === 'calendar') return duration.ms;
  const weeks = duration.amount / (duration.unit === 'hours' ? WORKING_HOURS_A_WEEK : WORKING_DAYS_A_WEEK);
  return weeks * 7 * DAY_MS;
}

/** Nothing at all: a deadline that is due when it is armed. */
export function isZero(duration: Duration): boolean {
  return duration.kind === 'calendar' ? duration.ms < 1000 : duration.amount <= 0;
}

/** In the largest fitting unit, for messages: `4 business hours`, `30 min`, `2 d`. */
export function spanText(duration: Duration): string {
  if (duration.kind === 'business') return `${String(duration.amount)} business ${duration.unit}`;
  return msText(duration.ms);
}

/** Milliseconds in words: `about 12 d` only where they do not divide. */
export function msText(ms: number): string {
  if (ms >= 2 * DAY_MS) return ms % DAY_MS === 0 ? `${String(ms / DAY_MS)} d` : `about ${String(Math.round(ms / DAY_MS))} d`;
  if (ms >= HOUR_MS) return ms % HOUR_MS === 0 ? `${String(ms / HOUR_MS)} h` : `about ${(ms / HOUR_MS).toFixed(1)} h`;
  return ms % 60_000 === 0 ? `${String(ms / 60_000)} min` : `${String(ms / 1000)} s`;
}
