import type { Calendar } from '../../contracts/calendar';
import { epochMsOf, plusMs, type Instant } from '../../contracts/instant';
import { addBusinessDays, businessMsBetween } from './businessTime';
import { DAY_MS, HOUR_MS } from './zone';

/** Business days, on the calendar in force, between a version that counts what is owed to others and its beginning (docs/defaults.md). */
export const NOTICE_BUSINESS_DAYS = 10;
/** Working hours a week below which a version needs those to whom deadlines are owed. */
export const LEAST_HOURS_A_WEEK = 20;
/** A closed week between the years is nobody's affair; a month of them is. */
const WEEKS_TOGETHER = 4;
const WEEKS_AHEAD = 156;
const WEEK_MS = 7 * DAY_MS;

/** The least working hours a week that a calendar leaves, on the mean of four weeks running, in the three years from `from`: days off count as much as short days. */
export function leastHoursAWeek(calendar: Calendar, from: Instant): number {
  const weeks = Array.from({ length: WEEKS_AHEAD }, (_, index) => businessMsBetween(calendar, plusMs(from, index * WEEK_MS), plusMs(from, (index + 1) * WEEK_MS)));
  const means = weeks.slice(WEEKS_TOGETHER - 1).map((_, index) => weeks.slice(index, index + WEEKS_TOGETHER).reduce((sum, one) => sum + one, 0) / WEEKS_TOGETHER);
  return Math.min(...means) / HOUR_MS;
}

/** A version on its way, and who counts on the one in force. */
export interface ProposedCalendar {
  readonly next: Calendar;
  readonly inForce: Calendar;
  /** Other organisations that share a study or a record with this one. */
  readonly concernedIds: readonly string[];
  /** Nobody has counted anything on this organisation's hours yet: it has no version, and no record that another is a party to. */
  readonly isUnused: boolean;
  /** When it is meant to begin; undefined: as soon as it may. */
  readonly wished: Instant | undefined;
  readonly now: Instant;
}

export type CalendarStart = { readonly effectiveFrom: Instant } | { readonly field: string; readonly message: string };

/**
 * From when a calendar version counts, or why it cannot (E5): at once while nobody depends on the organisation's hours, else
 * after notice to those concerned; never from the past. Whoever owes deadlines cannot stretch them alone: a version under
 * twenty hours a week, or one that would begin earlier, is not theirs to set.
 */
export function startOfCalendar({ next, inForce, concernedIds, isUnused, wished, now }: ProposedCalendar): CalendarStart {
  if (wished !== undefined && epochMsOf(wished) < epochMsOf(now)) return { field: 'effectiveFrom', message: 'lies in the past: a calendar never counts backwards' };
  if (concernedIds.length === 0) return { effectiveFrom: wished ?? now };
  const start = isUnused ? now : addBusinessDays(inForce, now, NOTICE_BUSINESS_DAYS);
  const hours = leastHoursAWeek(next, start);
  if (hours < LEAST_HOURS_A_WEEK) {
    return { field: 'week', message: `leaves ${String(Math.round(hours * 10) / 10)} working hours a week, days off included: under ${String(LEAST_HOURS_A_WEEK)} those to whom deadlines are owed would have to agree` };
  }
  if (wished !== undefined && wished < start) return { field: 'effectiveFrom', message: `lies before the end of the notice, ${start}: ${String(NOTICE_BUSINESS_DAYS)} business days on the calendar in force` };
  return { effectiveFrom: wished ?? start };
}
