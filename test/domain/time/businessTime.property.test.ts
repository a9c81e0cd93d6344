import fc from 'fast-check';
import type { Calendar, WorkingSpan } from '../../../contracts/calendar';
import { epochMsOf, instantOf } from '../../../contracts/instant';
import { addBusinessDays, addBusinessHours, businessMsBetween, isWorking, nextOpening } from '../../../domain/time/businessTime';
import { checkCalendar } from '../../../domain/time/calendarRules';
import { MINUTE, addDays, addMinutes, openingFrom, worksAt } from './bruteForce';
import { calendar } from './calendars';

/** Half hours, quarters, midnight changes (Havana, Santiago, Cairo, Beirut), half-hour changes (Lord Howe), none, and summer time that pauses for Ramadan. */
const ZONES = [
  'Europe/Zurich', 'Europe/London', 'America/New_York', 'America/Sao_Paulo', 'America/St_Johns', 'America/Havana', 'America/Santiago', 'Africa/Cairo',
  'Africa/Casablanca', 'Asia/Beirut', 'Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Sydney', 'Australia/Lord_Howe', 'Pacific/Chatham', 'Atlantic/Azores', 'UTC',
];
const RUNS = 300;

const time = (minute: number): string => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** Up to three spans, often in the small hours, where the clocks change. */
const spans = fc
  .oneof(
    fc.uniqueArray(fc.integer({ min: 0, max: 1440 }), { minLength: 0, maxLength: 6 }),
    fc.uniqueArray(fc.integer({ min: 0, max: 16 }).map((quarter) => quarter * 15), { minLength: 2, maxLength: 6 }),
    fc.constantFrom([0, 1440], [540, 1050], [480, 720, 780, 1020], [960, 1440], [0, 60, 1380, 1440]),
  )
  .map((minutes): WorkingSpan[] => {
    const edges = minutes.toSorted((a, b) => a - b);
    return edges.flatMap((to, index) => (index % 2 === 1 ? [{ from: time(edges[index - 1] ?? 0), to: time(to) }] : []));
  });

const week = fc.record({ '1': spans, '2': spans, '3': spans, '4': spans, '5': spans, '6': spans, '7': spans }, { requiredKeys: [] });

/** Whole minutes between 2024 and 2035, half of them around the days on which clocks change. */
const startMs = fc
  .oneof(
    fc.integer({ min: Date.UTC(2024, 0, 1) / MINUTE, max: Date.UTC(2035, 0, 1) / MINUTE }),
    fc
      .tuple(fc.integer({ min: 2024, max: 2034 }), fc.constantFrom([2, 8], [2, 29], [3, 4], [3, 24], [8, 6], [9, 4], [9, 25], [10, 1]), fc.integer({ min: -5 * 1440, max: 2 * 1440 }))
      .map(([year, [month = 0, day = 1], shift]) => Date.UTC(year, month, day) / MINUTE + shift),
  )
  .map((minute) => minute * MINUTE);

interface Situation {
  readonly hours: Calendar;
  readonly fromMs: number;
}
const situation: fc.Arbitrary<Situation> = fc
  .record({ zone: fc.constantFrom(...ZONES), week, fromMs: startMs, daysOff: fc.uniqueArray(fc.integer({ min: -3, max: 12 }), { maxLength: 5 }) })
  .map(({ zone, week: worked, fromMs, daysOff }) => {
    const holidays = daysOff.map((day) => instantOf(fromMs + day * 1440 * MINUTE).slice(0, 10));
    return { hours: calendar(zone, { week: worked, holidays }), fromMs };
  })
  .filter(({ hours }) => checkCalendar(hours).length === 0);

const minutes = fc.integer({ min: 1, max: 1200 });
const check = <Values>(property: fc.IProperty<Values>): void => {
  fc.assert(property, { numRuns: RUNS });
};

test('E5 business hours agree with counting minute by minute', () => {
  check(
    fc.property(situation, minutes, ({ hours, fromMs }, amount) => {
      expect(addBusinessHours(hours, instantOf(fromMs), amount / 60)).toBe(instantOf(addMinutes(hours, fromMs, amount)));
    }),
  );
});

test('E5 business days agree with turning the leaves of a calendar', () => {
  check(
    fc.property(situation, fc.integer({ min: 1, max: 15 }), ({ hours, fromMs }, amount) => {
      expect(addBusinessDays(hours, instantOf(fromMs), amount)).toBe(instantOf(addDays(hours, fromMs, amount)));
    }),
  );
});

test('E5 opening hours agree with looking at each minute', () => {
  check(
    fc.property(situation, ({ hours, fromMs }) => {
      expect(isWorking(hours, instantOf(fromMs))).toBe(worksAt(hours, fromMs));
      expect(nextOpening(hours, instantOf(fromMs))).toBe(instantOf(openingFrom(hours, fromMs)));
    }),
  );
});

test('E5 a then b hours are a + b hours, and the way back measures the same', () => {
  check(
    fc.property(situation, minutes, minutes, ({ hours, fromMs }, a, b) => {
      const from = instantOf(fromMs);
      const sum = addBusinessHours(hours, from, (a + b) / 60);
      expect(addBusinessHours(hours, addBusinessHours(hours, from, a / 60), b / 60)).toBe(sum);
      expect(businessMsBetween(hours, from, sum)).toBe((a + b) * MINUTE);
    }),
  );
});

test('E5 more time is never due earlier, a later start is never due earlier, nothing is due before it starts', () => {
  check(
    fc.property(situation, minutes, fc.integer({ min: 0, max: 5 * 1440 }), ({ hours, fromMs }, amount, later) => {
      const due = addBusinessHours(hours, instantOf(fromMs), amount / 60);
      expect(epochMsOf(due)).toBeGreaterThanOrEqual(fromMs + amount * MINUTE);
      expect(addBusinessHours(hours, instantOf(fromMs), (amount + 1) / 60) > due).toBe(true);
      expect(addBusinessHours(hours, instantOf(fromMs + later * MINUTE), amount / 60) >= due).toBe(true);
      expect(addBusinessDays(hours, instantOf(fromMs), 2) > addBusinessDays(hours, instantOf(fromMs), 1)).toBe(true);
    }),
  );
});

test('E5 a count of hours ends within working time or exactly at its end', () => {
  check(
    fc.property(situation, minutes, ({ hours, fromMs }, amount) => {
      const due = addBusinessHours(hours, instantOf(fromMs), amount / 60);
      expect(isWorking(hours, instantOf(epochMsOf(due) - 1))).toBe(true);
    }),
  );
});
