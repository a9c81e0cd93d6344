import { Temporal } from 'temporal-polyfill';
import { Failure } from '../../contracts/failures';
import { epochMsOf, instantOf, type Instant } from '../../contracts/instant';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** A stretch of time in which a zone keeps one offset from UTC; `endMs` is exclusive, Infinity when the offset never changes again. */
export interface OffsetStretch {
  readonly startMs: number;
  readonly endMs: number;
  readonly offsetMs: number;
}

/**
 * Whether a text names a zone of the tz database, e.g. `Europe/Zurich`. Offsets such as `+05:30`
 * are refused: they are not places and never follow daylight saving.
 */
export function isKnownZone(zone: string): boolean {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(zone)) return false;
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(zone);
    return true;
  } catch {
    return false;
  }
}

/** What the wall clock of a zone is ahead of UTC at a moment, in milliseconds. Throws Failure('rule_broken') for an unknown zone. */
export function offsetMsAt(zone: string, atMs: number): number {
  return Math.round(zoned(zone, atMs).offsetNanoseconds / 1e6);
}

/** The stretches of constant offset from a moment on; the last one never ends. Throws Failure('rule_broken') for an unknown zone. */
export function* offsetStretches(zone: string, fromMs: number): Generator<OffsetStretch, undefined> {
  let startMs = fromMs;
  for (;;) {
    const here = zoned(zone, startMs);
    const endMs = here.getTimeZoneTransition('next')?.epochMilliseconds ?? Number.POSITIVE_INFINITY;
    yield { startMs, endMs, offsetMs: Math.round(here.offsetNanoseconds / 1e6) };
    if (endMs === Number.POSITIVE_INFINITY) return undefined;
    startMs = endMs;
  }
}

/**
 * The moment at which a wall clock reads `localMs` (milliseconds as if the wall clock were UTC).
 * A reading that is skipped moves on by the length of the gap, one that occurs twice is the first
 * (`compatible`, RFC 5545 3.3.5).
 */
export function instantOfLocal(zone: string, localMs: number): Instant {
  const wallClock = Temporal.PlainDateTime.from(instantOf(localMs).slice(0, -1));
  return instantOf(wallClock.toZonedDateTime(zone, { disambiguation: 'compatible' }).epochMilliseconds);
}

/** Days since 1970-01-01 of a date written `YYYY-MM-DD`; 30 February counts as 2 March. */
export function dayNumberOf(date: string): number {
  return Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)) - 1, Number(date.slice(8, 10))) / DAY_MS;
}

/** Whether `YYYY-MM-DD` is a date that exists. */
export function isDate(date: string): boolean {
  const day = dayNumberOf(date);
  return Number.isInteger(day) && instantOf(day * DAY_MS).slice(0, 10) === date;
}

/** What a wall clock reads at a moment, as milliseconds since 1970-01-01T00:00 on that clock. */
export function localMsOf(zone: string, at: Instant): number {
  const atMs = epochMsOf(at);
  return atMs + offsetMsAt(zone, atMs);
}

function zoned(zone: string, atMs: number): Temporal.ZonedDateTime {
  try {
    return Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone);
  } catch (error) {
    throw isKnownZone(zone) ? error : new Failure('rule_broken', `the calendar's time zone "${zone}" is not known`, { zone });
  }
}
