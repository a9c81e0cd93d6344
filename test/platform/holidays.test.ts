import { calendarSchema } from '../../contracts/calendar';
import { ORGANISATIONS } from '../../dev/demo/cast';
import { Failure } from '../../contracts/failures';
import { freezeHolidays } from '../../platform/holidays';

const dates = (asked: Parameters<typeof freezeHolidays>[0]): string[] => freezeHolidays(asked).holidays.map(({ date }) => date);

describe('E5 holidays frozen into a calendar version', () => {
  test('E5 the public holidays of a canton, by the almanac', () => {
    // New Year, Good Friday, Easter and Easter Monday, Labour Day, Ascension, Whit Sunday and Monday, National Day,
    // Federal Fast (a Sunday), Christmas, St Stephen's Day. Berchtold's Day is optional in Zurich.
    expect(dates({ country: 'CH', region: 'ZH', fromYear: 2026, toYear: 2026 })).toEqual([
      '2026-01-01', '2026-04-03', '2026-04-05', '2026-04-06', '2026-05-01', '2026-05-14',
      '2026-05-24', '2026-05-25', '2026-08-01', '2026-09-20', '2026-12-25', '2026-12-26',
    ]);
  });

  test('E5 a region has holidays that its country has not', () => {
    const year = { fromYear: 2026, toYear: 2026 };
    expect(dates({ country: 'DE', region: 'BY', ...year })).toContain('2026-01-06');
    expect(dates({ country: 'DE', ...year })).not.toContain('2026-01-06');
    expect(dates({ country: 'DE', region: 'BY-A', ...year })).toContain('2026-08-08');
    expect(dates({ country: 'DE', region: 'BY', ...year })).not.toContain('2026-08-08');
  });

  test('E5 the source names package, version, region and years', () => {
    expect(freezeHolidays({ country: 'CH', region: 'ZH', fromYear: 2026, toYear: 2031 }).source).toBe('date-holidays 3.37.0 CH-ZH 2026-2031');
    expect(freezeHolidays({ country: 'US', fromYear: 2026, toYear: 2026 }).source).toBe('date-holidays 3.37.0 US 2026-2026');
  });

  test.each(['US', 'CN', 'TR', 'IN', 'AE', 'RU', 'BR'])('E5 %s over ten years: in order, each date once, within the years, as a calendar stores them', (country) => {
    const { holidays, source } = freezeHolidays({ country, fromYear: 2026, toYear: 2035 });
    const days = holidays.map(({ date }) => date);
    expect(days).toEqual([...new Set(days)].sort());
    expect(days.every((date) => date >= '2026-01-01' && date <= '2035-12-31')).toBe(true);
    expect(new Set(days.map((date) => date.slice(0, 4))).size).toBe(10);
    const stored = { organisationId: 'o', version: 1, zone: 'UTC', week: {}, holidays, holidaySource: source };
    expect(calendarSchema.safeParse(stored).error).toBeUndefined();
  });

  test('E5 a holiday of several days takes each of them, one that begins at noon takes none', () => {
    const russia = dates({ country: 'RU', fromYear: 2026, toYear: 2026 });
    expect(russia).toEqual(expect.arrayContaining(['2026-01-02', '2026-01-03', '2026-01-04', '2026-01-05', '2026-01-06']));
    expect(dates({ country: 'IS', fromYear: 2026, toYear: 2026 })).not.toContain('2026-12-24');
  });

  test('E5 a list that is known to lack days says so: by region where none is named, and where it is short', () => {
    const gaps = (place: { country: string; region?: string }) => freezeHolidays({ ...place, fromYear: 2026, toYear: 2027 }).gaps;
    expect(gaps({ country: 'IN' })).toMatchObject([expect.stringContaining('35 regions'), expect.stringContaining('days a year')]);
    expect(gaps({ country: 'CH' })).toHaveLength(1);
    expect([gaps({ country: 'CH', region: 'ZH' }), gaps({ country: 'JP' })]).toEqual([[], []]);
  });

  test('E5 names are English where the data has them', () => {
    const { holidays } = freezeHolidays({ country: 'CH', region: 'ZH', fromYear: 2026, toYear: 2026 });
    expect(holidays[0]).toEqual({ date: '2026-01-01', name: "New Year's Day" });
  });

  test('E5 the answer does not depend on the zone of the machine', () => {
    const zone = process.env['TZ'];
    const asked = { country: 'TR', fromYear: 2026, toYear: 2028 };
    try {
      process.env['TZ'] = 'Pacific/Kiritimati';
      const east = freezeHolidays(asked);
      process.env['TZ'] = 'Pacific/Honolulu';
      expect(freezeHolidays(asked)).toEqual(east);
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });

  test.each([
    ['an unknown country', { country: 'XX', fromYear: 2026, toYear: 2026 }],
    ['a country in small letters', { country: 'ch', fromYear: 2026, toYear: 2026 }],
    ['an unknown region', { country: 'CH', region: 'QQ', fromYear: 2026, toYear: 2026 }],
    ['a region of a country without any', { country: 'AE', region: 'AZ', fromYear: 2026, toYear: 2026 }],
    ['an unknown place', { country: 'DE', region: 'BY-QQ', fromYear: 2026, toYear: 2026 }],
    ['too long a name', { country: 'DE', region: 'BY-A-B', fromYear: 2026, toYear: 2026 }],
    ['years in the wrong order', { country: 'CH', fromYear: 2027, toYear: 2026 }],
    ['too many years', { country: 'CH', fromYear: 2000, toYear: 2050 }],
    ['a part of a year', { country: 'CH', fromYear: 2026.5, toYear: 2027.5 }],
  ])('E5 %s is refused', (_what, asked) => {
    let thrown: unknown;
    try {
      freezeHolidays(asked);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Failure);
    expect(thrown).toMatchObject({ type: 'rule_broken' });
  });

  test.each(ORGANISATIONS.map(({ id, holidays }) => [id, holidays] as const))('E5 the demo\'s list of %s is not known to lack anything', (_, place) => {
    expect(freezeHolidays({ ...place, fromYear: 2026, toYear: 2031 }).gaps).toEqual([]);
  });
});
