import type { Calendar, WorkingSpan } from '../../contracts/calendar';
import { Failure } from '../../contracts/failures';
import { DAY_MS, MINUTE_MS, dayNumberOf, offsetStretches } from './zone';

/** A stretch of working time in epoch milliseconds; `endMs` is exclusive. */
export interface WorkingStretch {
  readonly startMs: number;
  readonly endMs: number;
}

/** Wall-clock milliseconds since local midnight. */
interface DaySpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A calendar prepared for counting. */
export interface WorkingCalendar {
  readonly zone: string;
  /** Spans of a day, counted since 1970-01-01; none when it is not worked. */
  readonly spansOn: (day: number) => readonly DaySpan[];
}

/**
 * No deadline lies further ahead. Any calendar with an hour a week reaches the longest business
 * duration (2000 hours) in 39 years, so only nonsense meets this bound, and it always ends the search.
 */
export const HORIZON_DAYS = 100 * 366;

const NOT_WORKED: readonly DaySpan[] = [];

/** Prepares a calendar. Throws Failure('rule_broken') when no weekday has working hours. */
export function workingCalendarOf(calendar: Calendar): WorkingCalendar {
  const week = [1, 2, 3, 4, 5, 6, 7].map((weekday) => daySpans(spansOfWeekday(calendar, weekday)));
  if (week.every((spans) => spans.length === 0)) throw withoutHours(calendar);
  const holidays = new Set(calendar.holidays.map((holiday) => dayNumberOf(holiday.date)));
  const closing = new Map((calendar.halfDays ?? []).map(({ date, until }) => [dayNumberOf(date), minuteOfDay(until) * MINUTE_MS]));
  // 1970-01-01 was a Thursday, index 3 of a week that begins on Monday.
  const spansOfWeek = (day: number): readonly DaySpan[] => week[(((day + 3) % 7) + 7) % 7] ?? NOT_WORKED;
  return {
    zone: calendar.zone,
    spansOn: (day) => {
      const until = closing.get(day);
      if (holidays.has(day)) return NOT_WORKED;
      return until === undefined ? spansOfWeek(day) : spansOfWeek(day).filter(({ fromMs }) => fromMs < until).map(({ fromMs, toMs }) => ({ fromMs, toMs: Math.min(toMs, until) }));
    },
  };
}

/**
 * Working time from a moment on, in order and without overlaps. A moment is working when the wall
 * clock of the zone reads a time within a span of a day that is worked; so an hour that daylight
 * saving skips is not counted, and one that it repeats is counted twice. Ends at the horizon.
 */
export function* workingStretches(calendar: WorkingCalendar, fromMs: number): Generator<WorkingStretch, undefined> {
  for (const stretch of offsetStretches(calendar.zone, fromMs)) {
    const { offsetMs, startMs } = stretch;
    const endMs = Math.min(stretch.endMs, fromMs + HORIZON_DAYS * DAY_MS);
    for (let day = Math.floor((startMs + offsetMs) / DAY_MS); day * DAY_MS - offsetMs < endMs; day += 1) {
      const midnightMs = day * DAY_MS - offsetMs;
      for (const span of calendar.spansOn(day)) {
        const from = Math.max(midnightMs + span.fromMs, startMs);
        const to = Math.min(midnightMs + span.toMs, endMs);
        if (from < to) yield { startMs: from, endMs: to };
      }
    }
    if (endMs < stretch.endMs) return undefined;
  }
  return undefined;
}

/** The error of a search that reached the horizon. */
export function beyondHorizon(calendar: Calendar): Failure {
  return new Failure('rule_broken', 'the deadline would lie more than 100 years ahead; the calendar has too little working time', idOf(calendar));
}

function withoutHours(calendar: Calendar): Failure {
  return new Failure('rule_broken', `version ${String(calendar.version)} of the business calendar has no working hours`, idOf(calendar));
}

function idOf(calendar: Calendar): { organisationId: string; calendarVersion: number } {
  return { organisationId: calendar.organisationId, calendarVersion: calendar.version };
}

/** The spans of an ISO weekday, as written. */
export function spansOfWeekday(calendar: Calendar, weekday: number): readonly WorkingSpan[] {
  const spans: Readonly<Record<string, readonly WorkingSpan[] | undefined>> = calendar.week;
  return spans[String(weekday)] ?? [];
}

/** Minutes since midnight of `HH:MM`; `24:00` is 1440. */
export function minuteOfDay(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
}

/** Ordered and merged, so that calendar data that broke the rules is at least never counted twice. */
function daySpans(spans: readonly WorkingSpan[]): readonly DaySpan[] {
  const ordered = spans
    .map((span) => ({ fromMs: minuteOfDay(span.from) * MINUTE_MS, toMs: minuteOfDay(span.to) * MINUTE_MS }))
    .filter((span) => span.fromMs < span.toMs)
    .sort((a, b) => a.fromMs - b.fromMs);
  return ordered.reduce<DaySpan[]>((merged, span) => {
    const last = merged.at(-1);
    if (last && span.fromMs <= last.toMs) merged[merged.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, span.toMs) };
    else merged.push(span);
    return merged;
  }, []);
}
