import { OFFICE_SPANS, calendar, everyDay, mondayToFriday } from './calendars';
import type { HandWorked } from './businessHours.table';

const ZURICH = calendar('Europe/Zurich');
const WHIT_MONDAY = calendar('Europe/Zurich', { holidays: ['2026-05-25'] });
const EVERY_DAY = calendar('Europe/Zurich', { week: everyDay('00:00', '24:00') });
const NO_WEDNESDAY = calendar('Europe/Zurich', { week: { '1': OFFICE_SPANS, '2': OFFICE_SPANS, '4': OFFICE_SPANS, '5': OFFICE_SPANS } });
const SHORT_FRIDAY = calendar('Europe/Zurich', { week: { ...mondayToFriday(OFFICE_SPANS), '5': [{ from: '09:00', to: '12:00' }] } });

/** *n business days* is the same local time n working days later; sums done by hand. */
export const BUSINESS_DAYS: readonly HandWorked[] = [
  { title: 'one business day on a weekday', calendar: ZURICH, from: '2026-06-09T08:00:00Z', amount: 1, expected: '2026-06-10T08:00:00Z',
    working: 'Tue 9 Jun 10:00 → Wed 10 10:00 = 08:00Z' },
  { title: 'one business day over a weekend and a holiday Monday', calendar: WHIT_MONDAY, from: '2026-05-22T14:30:00Z', amount: 1, expected: '2026-05-26T14:30:00Z',
    working: 'Fri 22 May 16:30; Sat, Sun, Mon 25 not worked; Tue 26 16:30 = 14:30Z' },
  { title: 'over Easter', calendar: calendar('Europe/Zurich', { holidays: ['2026-04-03', '2026-04-06'] }), from: '2026-04-02T08:00:00Z', amount: 1, expected: '2026-04-07T08:00:00Z',
    working: 'Thu 2 Apr 10:00; Fri 3 and Mon 6 holidays; Tue 7 10:00 = 08:00Z' },
  { title: 'ten business days over a holiday', calendar: WHIT_MONDAY, from: '2026-05-18T08:00:00Z', amount: 10, expected: '2026-06-02T08:00:00Z',
    working: 'from Mon 18 May: 19, 20, 21, 22 (4), 26, 27, 28, 29 (8), 1 Jun (9), 2 Jun (10), at 10:00 = 08:00Z' },
  { title: 'thirty business days', calendar: ZURICH, from: '2026-06-01T08:00:00Z', amount: 30, expected: '2026-07-13T08:00:00Z',
    working: '30 = 6 weeks of 5 days: Mon 1 Jun + 42 days = Mon 13 Jul 10:00 = 08:00Z' },
  { title: 'three business days over the turn of the year', calendar: calendar('Europe/Zurich', { holidays: ['2027-01-01', '2027-01-06'] }), from: '2026-12-31T09:00:00Z', amount: 3, expected: '2027-01-07T09:00:00Z',
    working: 'Thu 31 Dec 10:00; Fri 1 Jan holiday; Mon 4 (1), Tue 5 (2), Wed 6 holiday, Thu 7 (3) 10:00 = 09:00Z' },
  { title: 'over a leap day', calendar: ZURICH, from: '2028-02-28T09:00:00Z', amount: 2, expected: '2028-03-01T09:00:00Z',
    working: 'Mon 28 Feb 2028; Tue 29 Feb (1), Wed 1 Mar (2) 10:00 = 09:00Z' },
  { title: 'a day without hours is not a business day', calendar: NO_WEDNESDAY, from: '2026-06-09T08:00:00Z', amount: 2, expected: '2026-06-12T08:00:00Z',
    working: 'Tue 9 Jun 10:00; Wed none; Thu 11 (1), Fri 12 (2) 10:00 = 08:00Z' },
  { title: 'no days at all, on a Saturday', calendar: ZURICH, from: '2026-06-13T08:00:00Z', amount: 0, expected: '2026-06-13T08:00:00Z',
    working: 'nothing is added, so nothing moves' },
  { title: 'from a Saturday', calendar: ZURICH, from: '2026-06-13T08:00:00Z', amount: 1, expected: '2026-06-16T07:00:00Z',
    working: 'Sat 13 Jun is not worked: counted from the opening of Mon 15 at 09:00; Tue 16 09:00 = 07:00Z' },
  { title: 'from a holiday', calendar: WHIT_MONDAY, from: '2026-05-25T08:00:00Z', amount: 1, expected: '2026-05-27T07:00:00Z',
    working: 'Mon 25 May is a holiday: counted from Tue 26 09:00; Wed 27 09:00 = 07:00Z' },
  { title: 'from after closing keeps the local time', calendar: ZURICH, from: '2026-06-10T18:00:00Z', amount: 1, expected: '2026-06-11T18:00:00Z',
    working: 'Wed 10 Jun 20:00 is a working day: Thu 11 20:00 = 18:00Z' },
  { title: 'from before opening keeps the local time', calendar: ZURICH, from: '2026-06-15T05:00:00Z', amount: 1, expected: '2026-06-16T05:00:00Z',
    working: 'Mon 15 Jun 07:00: Tue 16 07:00 = 05:00Z' },
  { title: 'onto a half day keeps the local time', calendar: SHORT_FRIDAY, from: '2026-06-11T13:00:00Z', amount: 1, expected: '2026-06-12T13:00:00Z',
    working: 'Thu 11 Jun 15:00 → Fri 12 15:00 = 13:00Z, though Friday closes at 12:00' },
  { title: 'a half day counts as a whole business day', calendar: SHORT_FRIDAY, from: '2026-06-11T08:00:00Z', amount: 2, expected: '2026-06-15T08:00:00Z',
    working: 'Thu 11 10:00; Fri 12 (1), Mon 15 (2) 10:00 = 08:00Z' },
  { title: 'Zurich, clocks go forward in between', calendar: ZURICH, from: '2026-03-27T09:00:00Z', amount: 1, expected: '2026-03-30T08:00:00Z',
    working: '09:00Z = Fri 27 Mar 10:00 at +1; Mon 30 10:00 at +2 = 08:00Z' },
  { title: 'New York, clocks go back in between', calendar: calendar('America/New_York'), from: '2026-10-30T14:00:00Z', amount: 1, expected: '2026-11-02T15:00:00Z',
    working: '14:00Z = Fri 30 Oct 10:00 at −4; Mon 2 Nov 10:00 at −5 = 15:00Z' },
  { title: 'Sydney, clocks go forward in between', calendar: calendar('Australia/Sydney'), from: '2026-10-02T00:00:00Z', amount: 2, expected: '2026-10-05T23:00:00Z',
    working: '00:00Z = Fri 2 Oct 10:00 at +10; Mon 5 (1), Tue 6 (2) 10:00 at +11 = Mon 5 23:00Z' },
  { title: 'a local time that the target day skips', calendar: EVERY_DAY, from: '2026-03-28T01:30:00Z', amount: 1, expected: '2026-03-29T01:30:00Z',
    working: '01:30Z = Sat 28 Mar 02:30 at +1; Sun 29 has no 02:30, moved on by the hour: 03:30 at +2 = 01:30Z' },
  { title: 'a local time that the target day has twice', calendar: EVERY_DAY, from: '2026-10-24T00:30:00Z', amount: 1, expected: '2026-10-25T00:30:00Z',
    working: '00:30Z = Sat 24 Oct 02:30 at +2; the first 02:30 of Sun 25 is at +2 = 00:30Z' },
  { title: 'from the second of two equal local times', calendar: EVERY_DAY, from: '2026-10-25T01:30:00Z', amount: 1, expected: '2026-10-26T01:30:00Z',
    working: '01:30Z = Sun 25 Oct 02:30 at +1, the second one; Mon 26 02:30 at +1 = 01:30Z' },
  { title: 'Kolkata, half an hour off the others', calendar: calendar('Asia/Kolkata'), from: '2026-08-14T04:45:00Z', amount: 1, expected: '2026-08-17T04:45:00Z',
    working: '04:45Z = Fri 14 Aug 10:15 at +5:30; Mon 17 10:15 = 04:45Z' },
  { title: 'a local date that is another date in UTC', calendar: calendar('Pacific/Auckland'), from: '2026-06-11T22:00:00Z', amount: 1, expected: '2026-06-14T22:00:00Z',
    working: '22:00Z Thursday = Fri 12 Jun 10:00 at +12; Mon 15 10:00 at +12 = Sun 14 22:00Z' },
];
