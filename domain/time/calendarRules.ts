import type { Calendar } from '../../contracts/calendar';
import type { FieldError } from '../../contracts/failures';
import { minuteOfDay, spansOfWeekday } from './workingTime';
import { isDate, isKnownZone } from './zone';

const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const;
const LEAST_MINUTES_A_WEEK = 60;

/** What a calendar's schema cannot say, one error for each field at fault, named as in the request body; empty when all is well. */
export function checkCalendar(calendar: Calendar): FieldError[] {
  return [...checkZone(calendar), ...checkWeek(calendar), ...checkDates('holidays', calendar.holidays), ...checkDates('halfDays', calendar.halfDays ?? [])];
}

function checkZone({ zone }: Calendar): FieldError[] {
  return isKnownZone(zone) ? [] : [{ field: 'zone', message: 'not a zone of the tz database, such as Europe/Zurich' }];
}

function checkWeek(calendar: Calendar): FieldError[] {
  const errors: FieldError[] = [];
  let minutesAWeek = 0;
  for (const weekday of WEEKDAYS) {
    let closedAt = 0;
    for (const [index, span] of spansOfWeekday(calendar, weekday).entries()) {
      const field = `week.${String(weekday)}.${String(index)}`;
      const from = minuteOfDay(span.from);
      const to = minuteOfDay(span.to);
      if (from >= to) errors.push({ field: `${field}.to`, message: 'must be after from; hours past midnight belong to the next weekday' });
      else if (from < closedAt) errors.push({ field: `${field}.from`, message: 'begins before the span above it has ended' });
      else minutesAWeek += to - from;
      closedAt = Math.max(closedAt, to);
    }
  }
  if (errors.length === 0 && minutesAWeek < LEAST_MINUTES_A_WEEK) {
    errors.push({ field: 'week', message: 'needs at least one working hour' });
  }
  return errors;
}

function checkDates(list: 'holidays' | 'halfDays', days: readonly { readonly date: string }[]): FieldError[] {
  const seen = new Set<string>();
  const errors: FieldError[] = [];
  for (const [index, { date }] of days.entries()) {
    const field = `${list}.${String(index)}.date`;
    if (!isDate(date)) errors.push({ field, message: 'not a date of the calendar' });
    else if (seen.has(date)) errors.push({ field, message: `${date} is listed already` });
    seen.add(date);
  }
  return errors;
}
