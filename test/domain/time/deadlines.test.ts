import { businessDays, businessHours, calendarDays, hours, minutes, seconds } from '../../../contracts/spans';
import { Failure } from '../../../contracts/failures';
import type { ArmedDeadline, DeadlineRule } from '../../../contracts/step';
import { resolveDeadline } from '../../../domain/time/deadlines';
import { calendar, instant } from './calendars';

const TZDB = '2025c';
const ZURICH = calendar('Europe/Zurich', { holidays: ['2026-05-25'] });
/** Friday 22 May 2026, 16:30 in Zurich. */
const FRIDAY = instant('2026-05-22T14:30:00Z');

const rule = (after: DeadlineRule['after'], changes: Partial<DeadlineRule> = {}): DeadlineRule => ({
  name: 'ack/accountable',
  from: FRIDAY,
  after,
  organisationId: 'org-1',
  warnAt: [0.5, 0.8],
  ...changes,
});
const dues = (armed: readonly ArmedDeadline[]): [string, string][] => armed.map(({ name, due }) => [name, due]);
const failureOf = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return error;
  }
};

describe('E5 deadlines', () => {
  test('E5 four business hours from Friday 16:30 before a holiday Monday are due on Tuesday, warnings at shares of working time', () => {
    // 50 % = 2 h: Friday 1 h, Tuesday 10:00. 80 % = 3 h 12: Friday 1 h, Tuesday 11:12.
    expect(dues(resolveDeadline({ rule: rule(businessHours(4)), calendar: ZURICH, tzdb: TZDB }))).toEqual([
      ['ack/accountable', '2026-05-26T10:00:00.000Z'],
      ['ack/accountable#50', '2026-05-26T08:00:00.000Z'],
      ['ack/accountable#80', '2026-05-26T09:12:00.000Z'],
    ]);
  });

  test('E5 a business day is warned about at shares of the working hours in between', () => {
    // Friday 16:30 to Tuesday 16:30 holds 1 h + 7.5 h = 8.5 h. 50 % = 4 h 15: Tuesday 09:00 + 3 h 15 = 12:15. 80 % = 6 h 48: Tuesday 14:48.
    expect(dues(resolveDeadline({ rule: rule(businessDays(1)), calendar: ZURICH, tzdb: TZDB }))).toEqual([
      ['ack/accountable', '2026-05-26T14:30:00.000Z'],
      ['ack/accountable#50', '2026-05-26T10:15:00.000Z'],
      ['ack/accountable#80', '2026-05-26T12:48:00.000Z'],
    ]);
  });

  test('E5 every armed deadline says which calendar and zone data counted it, and carries its rule', () => {
    const asked = rule(businessHours(4));
    const armed = resolveDeadline({ rule: asked, calendar: ZURICH, tzdb: TZDB });
    expect(armed[0]).toEqual({
      name: 'ack/accountable', due: '2026-05-26T10:00:00.000Z', armedAt: FRIDAY, rule: asked, calendar: { organisationId: 'org-1', version: 3, tzdb: TZDB },
    });
    expect(armed[1]).toEqual({ ...armed[0], name: 'ack/accountable#50', due: '2026-05-26T08:00:00.000Z', warning: 0.5 });
  });

  test('E5 calendar time counts weekends and holidays and names no calendar, given one or not', () => {
    const expected = [
      ['ack/accountable', '2026-05-24T14:30:00.000Z'],
      ['ack/accountable#50', '2026-05-23T14:30:00.000Z'],
      ['ack/accountable#80', '2026-05-24T04:54:00.000Z'],
    ];
    for (const given of [{}, { calendar: ZURICH }]) {
      const armed = resolveDeadline({ rule: rule(calendarDays(2)), tzdb: TZDB, ...given });
      expect(dues(armed)).toEqual(expected);
      expect(armed.every((deadline) => !('calendar' in deadline))).toBe(true);
    }
  });

  test('E5 a promised instant is due as promised, with warnings at shares of elapsed time', () => {
    const at = instant('2026-05-23T00:30:00Z');
    expect(dues(resolveDeadline({ rule: rule({ kind: 'at', at }), tzdb: TZDB }))).toEqual([
      ['ack/accountable', '2026-05-23T00:30:00.000Z'],
      ['ack/accountable#50', '2026-05-22T19:30:00.000Z'],
      ['ack/accountable#80', '2026-05-22T22:30:00.000Z'],
    ]);
  });

  test('E5 a promised instant that has passed is due at once, without warnings', () => {
    const at = instant('2026-05-22T10:00:00Z');
    expect(dues(resolveDeadline({ rule: rule({ kind: 'at', at }), tzdb: TZDB }))).toEqual([['ack/accountable', '2026-05-22T10:00:00.000Z']]);
  });
});

describe('E6 working hours pause the clock', () => {
  test.each([
    ['Friday after closing', '2026-05-22T18:00:00Z'],
    ['Saturday', '2026-05-23T10:00:00Z'],
    ['the holiday Monday', '2026-05-25T10:00:00Z'],
    ['Tuesday before opening', '2026-05-26T04:00:00Z'],
  ])('E6 raised on %s, four business hours begin at the next opening', (_when, from) => {
    expect(dues(resolveDeadline({ rule: rule(businessHours(4), { from: instant(from) }), calendar: ZURICH, tzdb: TZDB }))).toEqual([
      ['ack/accountable', '2026-05-26T11:00:00.000Z'],
      ['ack/accountable#50', '2026-05-26T09:00:00.000Z'],
      ['ack/accountable#80', '2026-05-26T10:12:00.000Z'],
    ]);
  });
});

describe('E5 warnings that would not help', () => {
  const names = (after: DeadlineRule['after'], warnAt?: readonly number[]): string[] => {
    const asked: DeadlineRule = { name: 'a', from: FRIDAY, after, organisationId: 'org-1', ...(warnAt ? { warnAt } : {}) };
    return resolveDeadline({ rule: asked, calendar: ZURICH, tzdb: TZDB }).map(({ name }) => name);
  };

  test.each([
    ['ten seconds', seconds(10), ['a']],
    ['ten minutes: 5 and 2 left', minutes(10), ['a', 'a#50']],
    ['just under ten minutes', seconds(599), ['a']],
    ['twenty-five minutes: 12.5 and 5 left', minutes(25), ['a', 'a#50', 'a#80']],
    ['just under twenty-five minutes', seconds(1499), ['a', 'a#50']],
    ['a tenth of a business hour: 3 minutes left', businessHours(0.1), ['a']],
  ])('E5 %s', (_span, after, expected) => {
    expect(names(after, [0.5, 0.8])).toEqual(expected);
  });

  test('E5 a rule without warnings has none', () => {
    expect(names(hours(4))).toEqual(['a']);
  });

  test('E5 shares come in order, once each, with names that keep them apart', () => {
    expect(names(hours(4), [0.8, 0.5, 0.8, 1 / 3, 0.334])).toEqual(['a', 'a#33.3333', 'a#33.4', 'a#50', 'a#80']);
  });

  test('E5 a share so small that it rounds to the start is left out', () => {
    expect(names(hours(4), [1e-9])).toEqual(['a']);
  });

  test.each([0, 1, -0.5, 1.5, Number.NaN])('E5 a share of %s is refused', (share) => {
    expect(failureOf(() => names(hours(4), [share]))).toMatchObject({ type: 'rule_broken' });
  });
});

describe('E5 business time needs the right calendar', () => {
  test('E5 without a calendar the rule is refused and says whose is missing', () => {
    const failure = failureOf(() => resolveDeadline({ rule: rule(businessHours(4)), tzdb: TZDB }));
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ type: 'rule_broken', message: expect.stringContaining('org-1'), extra: { organisationId: 'org-1', missingCalendar: true } });
  });

  test('E5 the calendar of another organisation is a defect', () => {
    const other = { ...ZURICH, organisationId: 'org-2' };
    expect(failureOf(() => resolveDeadline({ rule: rule(businessHours(4)), calendar: other, tzdb: TZDB }))).toMatchObject({ type: 'internal' });
  });

  test('E5 a calendar without hours is refused', () => {
    expect(failureOf(() => resolveDeadline({ rule: rule(businessDays(1)), calendar: calendar('Europe/Zurich', { week: {} }), tzdb: TZDB }))).toMatchObject({ type: 'rule_broken' });
  });
});
