import type { Calendar } from '../../contracts/calendar';
import { Failure } from '../../contracts/failures';
import { epochMsOf, instantOf, type Instant } from '../../contracts/instant';
import { HORIZON_DAYS, beyondHorizon, workingCalendarOf, workingStretches } from './workingTime';
import { DAY_MS, HOUR_MS, instantOfLocal, localMsOf } from './zone';

/**
 * The moment `amount` working hours after `from`; fractions are allowed, 0 is `from` itself.
 * Time outside working hours does not count. A count that ends exactly when work ends stays
 * there (17:30) and does not move on to the next opening.
 * Throws Failure('rule_broken') for a negative amount, an unknown zone or a calendar without hours.
 */
export function addBusinessHours(calendar: Calendar, from: Instant, amount: number): Instant {
  return addBusinessMs(calendar, from, Math.round(amount * HOUR_MS));
}

/** As `addBusinessHours`, in milliseconds of working time. */
export function addBusinessMs(calendar: Calendar, from: Instant, ms: number): Instant {
  if (!Number.isFinite(ms) || ms < 0) throw new Failure('rule_broken', 'business time is counted forward only');
  const working = workingCalendarOf(calendar);
  if (ms === 0) return from;
  let leftMs = ms;
  for (const stretch of workingStretches(working, epochMsOf(from))) {
    const lengthMs = stretch.endMs - stretch.startMs;
    if (leftMs <= lengthMs) return instantOf(stretch.startMs + leftMs);
    leftMs -= lengthMs;
  }
  throw beyondHorizon(calendar);
}

/**
 * The same local time `days` working days later; 0 is `from` itself. A working day is a weekday
 * with hours that is not a holiday, however short its hours are.
 *
 * - `from` on a working day, but outside its hours: the local time is kept (Wednesday 20:00 + 1 is
 *   Thursday 20:00). A half day keeps it too: the due instant may lie after closing.
 * - `from` on a day that is not worked: counted from the next opening (Saturday 08:00 + 1 is Tuesday
 *   09:00), for Monday 08:00 would fall due before anybody had worked at all.
 * - The local time is skipped or repeated on the target day: `compatible`, see instantOfLocal.
 *
 * Throws Failure('rule_broken') for an amount that is negative or not whole, an unknown zone or a
 * calendar without hours.
 */
export function addBusinessDays(calendar: Calendar, from: Instant, days: number): Instant {
  if (!Number.isInteger(days) || days < 0) throw new Failure('rule_broken', 'business days are counted forward and whole; say hours for a part of a day');
  const working = workingCalendarOf(calendar);
  if (days === 0) return from;
  const worksOn = (day: number): boolean => working.spansOn(day).length > 0;
  let localMs = localMsOf(calendar.zone, from);
  if (!worksOn(Math.floor(localMs / DAY_MS))) localMs = localMsOf(calendar.zone, nextOpening(calendar, from));
  const firstDay = Math.floor(localMs / DAY_MS);
  let day = firstDay;
  for (let left = days; left > 0; ) {
    day += 1;
    if (worksOn(day)) left -= 1;
    if (day - firstDay > HORIZON_DAYS) throw beyondHorizon(calendar);
  }
  return instantOfLocal(calendar.zone, localMs + (day - firstDay) * DAY_MS);
}

/** Whether people work at a moment. Throws Failure('rule_broken') for an unknown zone or a calendar without hours. */
export function isWorking(calendar: Calendar, at: Instant): boolean {
  const working = workingCalendarOf(calendar);
  const localMs = localMsOf(calendar.zone, at);
  const day = Math.floor(localMs / DAY_MS);
  const timeMs = localMs - day * DAY_MS;
  return working.spansOn(day).some((span) => span.fromMs <= timeMs && timeMs < span.toMs);
}

/** The first working moment at or after `at`. Throws Failure('rule_broken') for an unknown zone or a calendar without hours. */
export function nextOpening(calendar: Calendar, at: Instant): Instant {
  const first = workingStretches(workingCalendarOf(calendar), epochMsOf(at)).next().value;
  if (!first) throw beyondHorizon(calendar);
  return instantOf(first.startMs);
}

/** Working time between two moments in milliseconds; 0 when `to` is not after `from`. Throws as `addBusinessHours`. */
export function businessMsBetween(calendar: Calendar, from: Instant, to: Instant): number {
  const endMs = epochMsOf(to);
  let totalMs = 0;
  for (const stretch of workingStretches(workingCalendarOf(calendar), epochMsOf(from))) {
    if (stretch.startMs >= endMs) return totalMs;
    totalMs += Math.min(stretch.endMs, endMs) - stretch.startMs;
  }
  throw beyondHorizon(calendar);
}
