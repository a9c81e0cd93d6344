import type { Calendar, WorkingSpan } from '../../../contracts/calendar';
import { parseInstant, type Instant } from '../../../contracts/instant';

export const OFFICE_SPANS: WorkingSpan[] = [{ from: '09:00', to: '17:30' }];

/** Monday to Friday 09:00–17:30 unless told otherwise. */
export function calendar(zone: string, changes: { week?: Calendar['week']; holidays?: readonly string[] } = {}): Calendar {
  return {
    organisationId: 'org-1',
    version: 3,
    zone,
    week: changes.week ?? mondayToFriday(OFFICE_SPANS),
    holidays: (changes.holidays ?? []).map((date) => ({ date, name: `holiday ${date}` })),
    holidaySource: 'by hand',
  };
}

export function mondayToFriday(spans: WorkingSpan[]): Calendar['week'] {
  return { '1': spans, '2': spans, '3': spans, '4': spans, '5': spans };
}

export function everyDay(from: string, to: string): Calendar['week'] {
  const spans = [{ from, to }];
  return { ...mondayToFriday(spans), '6': spans, '7': spans };
}

export function instant(text: string): Instant {
  const parsed = parseInstant(text);
  if (!parsed) throw new Error(`not an instant: ${text}`);
  return parsed;
}
