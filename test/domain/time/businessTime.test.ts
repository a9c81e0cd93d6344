import type { Calendar } from '../../../contracts/calendar';
import { Failure } from '../../../contracts/failures';
import { addBusinessDays, addBusinessHours, businessMsBetween, isWorking, nextOpening } from '../../../domain/time/businessTime';
import { BUSINESS_DAYS } from './businessDays.table';
import { BUSINESS_HOURS } from './businessHours.table';
import { calendar, everyDay, instant, mondayToFriday } from './calendars';

describe('E5 business hours, worked out by hand', () => {
  test.each(BUSINESS_HOURS)('E5 $amount h: $title', ({ calendar: hours, from, amount, expected }) => {
    expect(addBusinessHours(hours, instant(from), amount)).toBe(instant(expected));
  });
});

describe('E5 business days, worked out by hand', () => {
  test.each(BUSINESS_DAYS)('E5 $amount d: $title', ({ calendar: days, from, amount, expected }) => {
    expect(addBusinessDays(days, instant(from), amount)).toBe(instant(expected));
  });
});

test('E5 the tables hold at least 30 cases, each with its working', () => {
  const cases = [...BUSINESS_HOURS, ...BUSINESS_DAYS];
  expect(cases.length).toBeGreaterThanOrEqual(30);
  expect(cases.filter(({ working }) => working.length < 20)).toEqual([]);
  expect(new Set(cases.map(({ title, amount }) => `${title} ${String(amount)}`)).size).toBe(cases.length);
});

describe('E5 opening hours', () => {
  const zurich = calendar('Europe/Zurich', { holidays: ['2026-05-25'] });
  test.each([
    ['2026-05-22T06:59:59.999Z', false, '2026-05-22T07:00:00Z', 'a moment before Friday opens'],
    ['2026-05-22T07:00:00Z', true, '2026-05-22T07:00:00Z', 'the opening itself'],
    ['2026-05-22T15:29:59.999Z', true, '2026-05-22T15:29:59.999Z', 'the last moment of the day'],
    ['2026-05-22T15:30:00Z', false, '2026-05-26T07:00:00Z', 'the closing, before a weekend and a holiday'],
    ['2026-05-25T10:00:00Z', false, '2026-05-26T07:00:00Z', 'noon of a holiday'],
  ])('E5 at %s work is on: %s, next opening %s (%s)', (at, working, opening) => {
    expect(isWorking(zurich, instant(at))).toBe(working);
    expect(nextOpening(zurich, instant(at))).toBe(instant(opening));
  });

  test('E5 a skipped hour is never open and a repeated one is open twice', () => {
    const two = calendar('Europe/Zurich', { week: everyDay('02:00', '03:00') });
    expect(nextOpening(two, instant('2026-03-29T00:00:00Z'))).toBe(instant('2026-03-30T00:00:00Z'));
    expect(isWorking(two, instant('2026-10-25T00:30:00Z'))).toBe(true);
    expect(isWorking(two, instant('2026-10-25T01:30:00Z'))).toBe(true);
    expect(isWorking(two, instant('2026-10-25T02:00:00Z'))).toBe(false);
  });

  test('E5 working time between two instants', () => {
    expect(businessMsBetween(zurich, instant('2026-05-22T14:30:00Z'), instant('2026-05-26T10:00:00Z'))).toBe(4 * 3_600_000);
    expect(businessMsBetween(zurich, instant('2026-05-26T10:00:00Z'), instant('2026-05-22T14:30:00Z'))).toBe(0);
  });
});

describe('E5 calendars that cannot count say so', () => {
  const from = instant('2026-05-22T14:30:00Z');
  const brokenRule = (act: () => unknown, message: RegExp): void => {
    let thrown: unknown;
    try {
      act();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Failure);
    expect(thrown).toMatchObject({ type: 'rule_broken', message: expect.stringMatching(message) });
  };
  const counts: [string, (hours: Calendar) => unknown][] = [
    ['addBusinessHours', (hours) => addBusinessHours(hours, from, 4)],
    ['addBusinessDays', (hours) => addBusinessDays(hours, from, 1)],
    ['isWorking', (hours) => isWorking(hours, from)],
    ['nextOpening', (hours) => nextOpening(hours, from)],
    ['businessMsBetween', (hours) => businessMsBetween(hours, from, from)],
  ];

  test.each(counts)('E5 %s on a calendar without working hours', (_name, count) => {
    brokenRule(() => count(calendar('Europe/Zurich', { week: {} })), /version 3 .*no working hours/);
    brokenRule(() => count(calendar('Europe/Zurich', { week: mondayToFriday([]) })), /no working hours/);
    brokenRule(() => count(calendar('Europe/Zurich', { week: everyDay('09:00', '09:00') })), /no working hours/);
    brokenRule(() => count(calendar('Europe/Zurich', { week: everyDay('22:00', '06:00') })), /no working hours/);
  });

  test.each(counts)('E5 %s in an unknown zone', (_name, count) => {
    brokenRule(() => count(calendar('Mars/Base')), /time zone "Mars\/Base"/);
  });

  test('E5 holidays on every working day end the search', () => {
    const years = Array.from({ length: 130 }, (_, year) => year + 2026);
    const always = years.flatMap((year) => Array.from({ length: 366 }, (_, day) => new Date(Date.UTC(year, 0, 1 + day)).toISOString().slice(0, 10)));
    brokenRule(() => addBusinessHours(calendar('Europe/Zurich', { holidays: always }), from, 4), /more than 100 years ahead/);
    brokenRule(() => addBusinessDays(calendar('Europe/Zurich', { holidays: always }), from, 4), /more than 100 years ahead/);
  });

  test('E5 an hour that daylight saving could skip still ends the search', () => {
    const skipped = calendar('Europe/Zurich', { week: { '7': [{ from: '02:00', to: '03:00' }] } });
    expect(addBusinessHours(skipped, instant('2026-03-28T00:00:00Z'), 1)).toBe(instant('2026-04-05T01:00:00Z'));
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('E5 an amount of %s is refused', (amount) => {
    brokenRule(() => addBusinessHours(calendar('Europe/Zurich'), from, amount), /forward/);
    brokenRule(() => addBusinessDays(calendar('Europe/Zurich'), from, amount), /forward/);
  });

  test('E5 a part of a business day is refused', () => {
    brokenRule(() => addBusinessDays(calendar('Europe/Zurich'), from, 1.5), /say hours/);
  });

  test('E5 spans that overlap, which the rules forbid, are at least not counted twice', () => {
    const twice = calendar('Europe/Zurich', { week: mondayToFriday([{ from: '10:00', to: '17:00' }, { from: '09:00', to: '12:00' }]) });
    expect(addBusinessHours(twice, instant('2026-06-15T07:00:00Z'), 8)).toBe(instant('2026-06-15T15:00:00Z'));
  });
});
