import fc from 'fast-check';
import type { Calendar } from '../../../contracts/calendar';
import { plusMs, type Instant } from '../../../contracts/instant';
import { addBusinessDays, addBusinessHours } from '../../../domain/time/businessTime';
import { leastHoursAWeek, startOfCalendar, type ProposedCalendar } from '../../../domain/time/calendarNotice';
import { checkCalendar } from '../../../domain/time/calendarRules';
import { defaultCalendar } from '../../../domain/time/defaultHours';

const NOW = '2026-11-23T08:00:00.000Z' as Instant;
const DAY_MS = 86_400_000;
const usual = defaultCalendar({ organisationId: 'cro', zone: 'Europe/Zurich' });
const oneHour: Calendar = { ...usual, version: 1, week: { 1: [{ from: '09:00', to: '10:00' }] } };
/** The usual week, and every day of it a day off but one Monday in four. */
const daysOff: Calendar = {
  ...usual, version: 1, holidays: Array.from({ length: 1100 }, (_, index) => ({ date: plusMs(NOW, index * DAY_MS).slice(0, 10), name: 'off' })).filter((_, index) => index % 28 !== 0),
};
const asked = (more: Partial<ProposedCalendar>): ProposedCalendar => ({ next: { ...usual, version: 1 }, inForce: usual, concernedIds: ['spo'], isUnused: false, wished: undefined, now: NOW, ...more });

describe('calendars that count what is owed to others', () => {
  test('E5 P14 a version begins after ten business days on the calendar in force, and not before', () => {
    expect(startOfCalendar(asked({}))).toEqual({ effectiveFrom: addBusinessDays(usual, NOW, 10) });
    expect(startOfCalendar(asked({ wished: plusMs(NOW, DAY_MS) }))).toMatchObject({ field: 'effectiveFrom', message: expect.stringContaining('notice') as string });
    expect(startOfCalendar(asked({ wished: plusMs(NOW, 40 * DAY_MS) }))).toEqual({ effectiveFrom: plusMs(NOW, 40 * DAY_MS) });
  });

  test('E5 P14 nobody makes four business hours four weeks alone: neither by short days nor by days off', () => {
    for (const next of [oneHour, daysOff]) {
      expect(leastHoursAWeek(next, NOW)).toBeLessThan(20);
      for (const isUnused of [true, false]) expect(startOfCalendar(asked({ next, isUnused }))).toMatchObject({ field: 'week' });
    }
  });

  test('E5 while nobody depends on it, a calendar counts at once; nobody\'s counts backwards', () => {
    expect(startOfCalendar(asked({ isUnused: true }))).toEqual({ effectiveFrom: NOW });
    expect(startOfCalendar(asked({ concernedIds: [], next: oneHour }))).toEqual({ effectiveFrom: NOW });
    for (const concernedIds of [[], ['spo']]) expect(startOfCalendar(asked({ concernedIds, wished: plusMs(NOW, -1) }))).toMatchObject({ field: 'effectiveFrom' });
  });

  test('E5 P14 whatever is asked, a version that concerns others never begins before the end of the notice, nor in the past', () => {
    fc.assert(fc.property(fc.option(fc.integer({ min: -60, max: 120 }), { nil: undefined }), fc.boolean(), fc.boolean(), (days, isUnused, alone) => {
      const start = startOfCalendar(asked({ wished: days === undefined ? undefined : plusMs(NOW, days * DAY_MS), isUnused, concernedIds: alone ? [] : ['spo'] }));
      if ('field' in start) return;
      expect(start.effectiveFrom >= NOW).toBe(true);
      expect(alone || isUnused || start.effectiveFrom >= addBusinessDays(usual, NOW, 10)).toBe(true);
    }), { numRuns: 30 });
  });

  test('E5 a half day is worked until its hour', () => {
    const halved: Calendar = { ...usual, halfDays: [{ date: '2026-12-24', until: '12:00', name: 'Christmas Eve' }], holidays: [{ date: '2026-12-25', name: 'Christmas' }] };
    // Thursday 10:00 in Zurich: two hours until noon, then Monday from 09:00.
    expect(addBusinessHours(halved, '2026-12-24T09:00:00.000Z' as Instant, 4)).toBe('2026-12-28T10:00:00.000Z');
    expect(checkCalendar({ ...halved, halfDays: [...(halved.halfDays ?? []), { date: '2026-12-24', until: '13:00', name: 'twice' }] })).toMatchObject([{ field: 'halfDays.1.date' }]);
  });
});
