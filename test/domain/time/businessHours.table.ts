import type { Calendar } from '../../../contracts/calendar';
import { OFFICE_SPANS, calendar, everyDay, mondayToFriday } from './calendars';

/** One sum done by hand; `working` is the arithmetic, `expected` was written down from it and not from the program. */
export interface HandWorked {
  readonly title: string;
  readonly calendar: Calendar;
  readonly from: string;
  readonly amount: number;
  readonly expected: string;
  readonly working: string;
}

const ZURICH = calendar('Europe/Zurich');
const WHIT_MONDAY = calendar('Europe/Zurich', { holidays: ['2026-05-25'] });
const LUNCH = calendar('Europe/Zurich', { week: mondayToFriday([{ from: '08:00', to: '12:00' }, { from: '13:00', to: '17:00' }]) });
const LATE = calendar('Europe/Zurich', { week: mondayToFriday([{ from: '16:00', to: '24:00' }]) });
const ROUND_THE_CLOCK = calendar('Europe/Zurich', { week: everyDay('00:00', '24:00') });
const NO_WEDNESDAY = calendar('Europe/Zurich', { week: { '1': OFFICE_SPANS, '2': OFFICE_SPANS, '4': OFFICE_SPANS, '5': OFFICE_SPANS } });
const EMPTY_FRIDAY = calendar('Europe/Zurich', { week: { ...mondayToFriday(OFFICE_SPANS), '5': [] } });
const SHORT_FRIDAY = calendar('Europe/Zurich', { week: { ...mondayToFriday(OFFICE_SPANS), '5': [{ from: '09:00', to: '12:00' }] } });
const nights = (zone: string): Calendar => calendar(zone, { week: everyDay('00:00', '06:00') });
const two = (zone: string): Calendar => calendar(zone, { week: everyDay('02:00', '03:00') });

/** Zurich is UTC+1 in winter, +2 in summer; New York −5/−4; Sydney +10/+11; London 0/+1; Kolkata +5:30; São Paulo −3. */
export const BUSINESS_HOURS: readonly HandWorked[] = [
  // Weekends and holidays
  { title: 'four business hours from Friday 16:30 before a holiday Monday', calendar: WHIT_MONDAY, from: '2026-05-22T14:30:00Z', amount: 4, expected: '2026-05-26T10:00:00Z',
    working: '14:30Z = Fri 22 May 16:30. Fri 16:30–17:30 = 1 h; Sat, Sun, Mon 25 (holiday) = 0; Tue 26 09:00 + 3 h = 12:00 summer time = 10:00Z' },
  { title: 'the same Friday without the holiday', calendar: ZURICH, from: '2026-05-22T14:30:00Z', amount: 4, expected: '2026-05-25T10:00:00Z',
    working: 'Fri 1 h; Mon 25 09:00 + 3 h = 12:00 = 10:00Z' },
  { title: 'Good Friday and Easter Monday', calendar: calendar('Europe/Zurich', { holidays: ['2026-04-03', '2026-04-06'] }), from: '2026-04-02T14:30:00Z', amount: 4, expected: '2026-04-07T10:00:00Z',
    working: 'Thu 2 Apr 16:30–17:30 = 1 h; Fri 3 to Mon 6 = 0; Tue 7 09:00 + 3 h = 12:00 = 10:00Z' },
  { title: 'a holiday that is not a working day anyway', calendar: calendar('Europe/Zurich', { holidays: ['2026-05-23'] }), from: '2026-05-22T14:30:00Z', amount: 4, expected: '2026-05-25T10:00:00Z',
    working: '23 May is a Saturday, so as without it: Fri 1 h, Mon 25 09:00 + 3 h = 12:00 = 10:00Z' },
  { title: 'the turn of the year', calendar: calendar('Europe/Zurich', { holidays: ['2027-01-01'] }), from: '2026-12-31T15:30:00Z', amount: 4, expected: '2027-01-04T11:00:00Z',
    working: '15:30Z = Thu 31 Dec 16:30 winter time: 1 h; Fri 1 Jan holiday; weekend; Mon 4 Jan 09:00 + 3 h = 12:00 = 11:00Z' },
  { title: 'a whole week', calendar: ZURICH, from: '2026-06-15T07:00:00Z', amount: 42.5, expected: '2026-06-19T15:30:00Z',
    working: '5 days × 8.5 h = 42.5 h: from Mon 15 Jun 09:00 to the closing of Fri 19 at 17:30 = 15:30Z' },
  { title: 'from a Saturday', calendar: ZURICH, from: '2026-06-13T08:00:00Z', amount: 4, expected: '2026-06-15T11:00:00Z',
    working: 'Sat 13 Jun does not count; Mon 15 09:00 + 4 h = 13:00 = 11:00Z' },
  // Before, after and at the edges of the day
  { title: 'from before opening', calendar: ZURICH, from: '2026-06-15T04:00:00Z', amount: 4, expected: '2026-06-15T11:00:00Z',
    working: 'Mon 06:00; opens 09:00, + 4 h = 13:00 = 11:00Z' },
  { title: 'from after closing', calendar: ZURICH, from: '2026-06-15T18:00:00Z', amount: 4, expected: '2026-06-16T11:00:00Z',
    working: 'Mon 20:00; Tue 16 09:00 + 4 h = 13:00 = 11:00Z' },
  { title: 'from exactly the opening to exactly the closing', calendar: ZURICH, from: '2026-06-15T07:00:00Z', amount: 8.5, expected: '2026-06-15T15:30:00Z',
    working: 'Mon 09:00 + 8.5 h = 17:30 = 15:30Z; it stays at the closing' },
  { title: 'one minute past the closing', calendar: ZURICH, from: '2026-06-15T14:31:00Z', amount: 1, expected: '2026-06-16T07:01:00Z',
    working: 'Mon 16:31–17:30 = 59 min; 1 min left: Tue 16 09:01 = 07:01Z' },
  { title: 'from exactly the closing', calendar: ZURICH, from: '2026-06-15T15:30:00Z', amount: 1, expected: '2026-06-16T08:00:00Z',
    working: 'the span ends at 17:30, so nothing of Monday; Tue 16 09:00 + 1 h = 10:00 = 08:00Z' },
  { title: 'no hours at all, on a Saturday', calendar: ZURICH, from: '2026-06-13T08:00:00Z', amount: 0, expected: '2026-06-13T08:00:00Z',
    working: 'nothing is added, so nothing moves, not even to the opening' },
  { title: 'a quarter of an hour', calendar: ZURICH, from: '2026-06-12T15:15:00Z', amount: 0.25, expected: '2026-06-12T15:30:00Z',
    working: 'Fri 17:15 + 15 min = 17:30 = 15:30Z' },
  { title: 'seconds and milliseconds are kept', calendar: ZURICH, from: '2026-06-12T14:30:15.250Z', amount: 4, expected: '2026-06-15T10:00:15.250Z',
    working: 'Fri 16:30:15.250 to 17:30 = 59:44.750; 4 h − that = 3:00:15.250; Mon 15 09:00 + that = 12:00:15.250 = 10:00:15.250Z' },
  // Lunch, days without hours, midnight
  { title: 'across lunch', calendar: LUNCH, from: '2026-06-09T09:30:00Z', amount: 1, expected: '2026-06-09T11:30:00Z',
    working: 'Tue 11:30–12:00 = 0.5 h; 13:00 + 0.5 h = 13:30 = 11:30Z' },
  { title: 'from within lunch', calendar: LUNCH, from: '2026-06-09T10:30:00Z', amount: 1, expected: '2026-06-09T12:00:00Z',
    working: '12:30 is lunch; 13:00 + 1 h = 14:00 = 12:00Z' },
  { title: 'ending exactly when lunch begins', calendar: LUNCH, from: '2026-06-09T09:00:00Z', amount: 1, expected: '2026-06-09T10:00:00Z',
    working: '11:00 + 1 h = 12:00 = 10:00Z, not 13:00' },
  { title: 'a full day around lunch', calendar: LUNCH, from: '2026-06-09T06:00:00Z', amount: 8, expected: '2026-06-09T15:00:00Z',
    working: '08:00–12:00 = 4 h, 13:00–17:00 = 4 h: 17:00 = 15:00Z' },
  { title: 'three days around lunch', calendar: LUNCH, from: '2026-06-09T13:00:00Z', amount: 15, expected: '2026-06-11T12:00:00Z',
    working: 'Tue 15:00–17:00 = 2; Wed 8 (10); Thu 08:00–12:00 = 4 (14); 13:00 + 1 = 14:00 = 12:00Z' },
  { title: 'a weekday that is missing from the week', calendar: NO_WEDNESDAY, from: '2026-06-09T14:30:00Z', amount: 4, expected: '2026-06-11T10:00:00Z',
    working: 'Tue 9 Jun 16:30–17:30 = 1 h; Wed 0; Thu 11 09:00 + 3 h = 12:00 = 10:00Z' },
  { title: 'a weekday with an empty list of hours', calendar: EMPTY_FRIDAY, from: '2026-06-11T15:00:00Z', amount: 1, expected: '2026-06-15T07:30:00Z',
    working: 'Thu 17:00–17:30 = 0.5 h; Fri, Sat, Sun 0; Mon 15 09:30 = 07:30Z' },
  { title: 'a short Friday', calendar: SHORT_FRIDAY, from: '2026-06-12T09:00:00Z', amount: 4, expected: '2026-06-15T10:00:00Z',
    working: 'Fri 11:00–12:00 = 1 h; Mon 15 09:00 + 3 h = 12:00 = 10:00Z' },
  { title: 'ending at 24:00', calendar: LATE, from: '2026-06-12T21:00:00Z', amount: 1, expected: '2026-06-12T22:00:00Z',
    working: 'Fri 23:00 + 1 h = 24:00 = Sat 00:00 summer time = Fri 22:00Z' },
  { title: 'past 24:00', calendar: LATE, from: '2026-06-12T21:00:00Z', amount: 2, expected: '2026-06-15T15:00:00Z',
    working: 'Fri 23:00–24:00 = 1 h; Mon 15 16:00 + 1 h = 17:00 = 15:00Z' },
  { title: 'round the clock, where midnight is no border', calendar: ROUND_THE_CLOCK, from: '2026-06-09T15:00:00Z', amount: 36, expected: '2026-06-11T03:00:00Z',
    working: 'every hour counts: 9 Jun 15:00Z + 36 h = 11 Jun 03:00Z' },
  // Over the weekend in which the clocks change
  { title: 'Zurich, clocks go forward over the weekend', calendar: ZURICH, from: '2026-03-27T15:30:00Z', amount: 4, expected: '2026-03-30T10:00:00Z',
    working: '15:30Z = Fri 27 Mar 16:30 at +1: 1 h; Mon 30 09:00 + 3 h = 12:00 at +2 = 10:00Z' },
  { title: 'Zurich, clocks go back over the weekend', calendar: ZURICH, from: '2026-10-23T14:30:00Z', amount: 4, expected: '2026-10-26T11:00:00Z',
    working: '14:30Z = Fri 23 Oct 16:30 at +2: 1 h; Mon 26 12:00 at +1 = 11:00Z' },
  { title: 'New York, clocks go forward over the weekend', calendar: calendar('America/New_York'), from: '2026-03-06T21:30:00Z', amount: 4, expected: '2026-03-09T16:00:00Z',
    working: '21:30Z = Fri 6 Mar 16:30 at −5: 1 h; Mon 9 12:00 at −4 = 16:00Z' },
  { title: 'New York, clocks go back over the weekend', calendar: calendar('America/New_York'), from: '2026-10-30T20:30:00Z', amount: 4, expected: '2026-11-02T17:00:00Z',
    working: '20:30Z = Fri 30 Oct 16:30 at −4: 1 h; Mon 2 Nov 12:00 at −5 = 17:00Z' },
  { title: 'Sydney, clocks go back over the weekend', calendar: calendar('Australia/Sydney'), from: '2026-04-03T05:30:00Z', amount: 4, expected: '2026-04-06T02:00:00Z',
    working: '05:30Z = Fri 3 Apr 16:30 at +11: 1 h; Mon 6 12:00 at +10 = 02:00Z' },
  { title: 'Sydney, clocks go forward over the weekend', calendar: calendar('Australia/Sydney'), from: '2026-10-02T06:30:00Z', amount: 4, expected: '2026-10-05T01:00:00Z',
    working: '06:30Z = Fri 2 Oct 16:30 at +10: 1 h; Mon 5 12:00 at +11 = 01:00Z' },
  { title: 'London, clocks go forward over the weekend', calendar: calendar('Europe/London'), from: '2026-03-27T16:30:00Z', amount: 4, expected: '2026-03-30T11:00:00Z',
    working: 'Fri 27 Mar 16:30 at 0: 1 h; Mon 30 12:00 at +1 = 11:00Z' },
  { title: 'London, clocks go back over the weekend', calendar: calendar('Europe/London'), from: '2026-10-23T15:30:00Z', amount: 4, expected: '2026-10-26T12:00:00Z',
    working: '15:30Z = Fri 23 Oct 16:30 at +1: 1 h; Mon 26 12:00 at 0 = 12:00Z' },
  // Within the span in which the clocks change: worked nights 00:00–06:00, every day
  { title: 'Zurich, a night of five hours', calendar: nights('Europe/Zurich'), from: '2026-03-28T23:00:00Z', amount: 5, expected: '2026-03-29T04:00:00Z',
    working: '23:00Z = Sun 29 Mar 00:00 at +1; 02:00–03:00 is skipped, 06:00 at +2 = 04:00Z: 5 h, all of the night' },
  { title: 'Zurich, a night of seven hours', calendar: nights('Europe/Zurich'), from: '2026-10-24T22:00:00Z', amount: 7, expected: '2026-10-25T05:00:00Z',
    working: '22:00Z = Sun 25 Oct 00:00 at +2; 02:00–03:00 twice, 06:00 at +1 = 05:00Z: 7 h, all of the night' },
  { title: 'New York, within a night of five hours', calendar: nights('America/New_York'), from: '2026-03-08T05:00:00Z', amount: 3, expected: '2026-03-08T08:00:00Z',
    working: '05:00Z = Sun 8 Mar 00:00 at −5; + 3 real hours = 08:00Z, which reads 04:00 at −4' },
  { title: 'New York, beyond a night of seven hours', calendar: nights('America/New_York'), from: '2026-11-01T04:00:00Z', amount: 8, expected: '2026-11-02T06:00:00Z',
    working: '04:00Z = Sun 1 Nov 00:00 at −4, until 06:00 at −5 = 11:00Z: 7 h; Mon 2 00:00 at −5 = 05:00Z, + 1 h = 06:00Z' },
  { title: 'Sydney, beyond a night of seven hours', calendar: nights('Australia/Sydney'), from: '2026-04-04T13:00:00Z', amount: 7.5, expected: '2026-04-05T14:30:00Z',
    working: '13:00Z = Sun 5 Apr 00:00 at +11, until 06:00 at +10 = 20:00Z: 7 h; Mon 6 00:00 at +10 = 5 Apr 14:00Z, + 0.5 h = 14:30Z' },
  { title: 'Sydney, beyond a night of five hours', calendar: nights('Australia/Sydney'), from: '2026-10-03T14:00:00Z', amount: 6, expected: '2026-10-04T14:00:00Z',
    working: '14:00Z = Sun 4 Oct 00:00 at +10, until 06:00 at +11 = 19:00Z: 5 h; Mon 5 00:00 at +11 = 4 Oct 13:00Z, + 1 h = 14:00Z' },
  { title: 'London, beyond a night of five hours', calendar: nights('Europe/London'), from: '2026-03-29T00:00:00Z', amount: 6, expected: '2026-03-30T00:00:00Z',
    working: 'Sun 29 Mar 00:00 at 0, until 06:00 at +1 = 05:00Z: 5 h; Mon 30 00:00 at +1 = 29 Mar 23:00Z, + 1 h = 30 Mar 00:00Z' },
  { title: 'London, within a night of seven hours', calendar: nights('Europe/London'), from: '2026-10-24T23:00:00Z', amount: 6.5, expected: '2026-10-25T05:30:00Z',
    working: '23:00Z = Sun 25 Oct 00:00 at +1, until 06:00 at 0 = 06:00Z: 7 h; 23:00Z + 6.5 h = 05:30Z' },
  { title: 'Lord Howe, clocks go back by half an hour', calendar: nights('Australia/Lord_Howe'), from: '2026-04-04T13:00:00Z', amount: 6.5, expected: '2026-04-04T19:30:00Z',
    working: '13:00Z = Sun 5 Apr 00:00 at +11, until 06:00 at +10:30 = 19:30Z: 6.5 h, all of the night' },
  { title: 'the only hour of the day is skipped', calendar: two('Europe/Zurich'), from: '2026-03-28T23:00:00Z', amount: 1, expected: '2026-03-30T01:00:00Z',
    working: 'Sun 29 Mar has no 02:00–03:00: 0 h; Mon 30 02:00–03:00 at +2 = 00:00Z–01:00Z: 1 h' },
  { title: 'the only hour of the day is repeated', calendar: two('Europe/Zurich'), from: '2026-10-24T22:00:00Z', amount: 2, expected: '2026-10-25T02:00:00Z',
    working: 'Sun 25 Oct 02:00–03:00 at +2 = 00:00Z–01:00Z and again at +1 = 01:00Z–02:00Z: 2 h' },
  // Zones
  { title: 'Kolkata, half an hour off the others', calendar: calendar('Asia/Kolkata'), from: '2026-06-12T11:00:00Z', amount: 4, expected: '2026-06-15T06:30:00Z',
    working: '11:00Z = Fri 12 Jun 16:30 at +5:30: 1 h; Mon 15 12:00 at +5:30 = 06:30Z' },
  { title: 'São Paulo, which gave up summer time in 2019', calendar: calendar('America/Sao_Paulo'), from: '2026-10-16T19:30:00Z', amount: 4, expected: '2026-10-19T15:00:00Z',
    working: '19:30Z = Fri 16 Oct 16:30 at −3: 1 h; Mon 19 12:00 at −3 = 15:00Z' },
];
