import type { Calendar } from '../../contracts/calendar';

const WEEKDAYS = ['1', '2', '3', '4', '5'] as const;

/** Business hours of a new installation: 09:00–17:30, Monday to Friday (docs/defaults.md). */
export const DEFAULT_WEEK: Calendar['week'] = Object.fromEntries(WEEKDAYS.map((day) => [day, [{ from: '09:00', to: '17:30' }]]));

/**
 * What counts until an organisation has a calendar of its own: the default hours in its zone, without
 * holidays, as version 0. An alarm must not wait for an administrator.
 */
export function defaultCalendar({ organisationId, zone }: Pick<Calendar, 'organisationId' | 'zone'>): Calendar {
  return { organisationId, version: 0, zone, week: DEFAULT_WEEK, holidays: [], holidaySource: 'none: default hours' };
}
