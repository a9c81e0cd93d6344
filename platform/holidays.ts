import Holidays from 'date-holidays';
import type { HolidaysTypes } from 'date-holidays';
import { version } from 'date-holidays/package.json';
import type { Calendar } from '../contracts/calendar';
import { Failure } from '../contracts/failures';

// Holiday data: date-holidays by commenthol and contributors, https://github.com/commenthol/date-holidays,
// licensed CC-BY-3.0 (its data, from Wikipedia articles, CC BY-SA 3.0); the code is ISC. Attribution is required.

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MOST_YEARS = 50;

export interface HolidaysToFreeze {
  /** ISO 3166-1, e.g. `CH`. */
  readonly country: string;
  /** Region, or region and place, as the data names them: `ZH`, `BY-A`. */
  readonly region?: string;
  readonly fromYear: number;
  /** Inclusive. */
  readonly toYear: number;
}

export interface FrozenHolidays {
  readonly holidays: Calendar['holidays'];
  /** For `holidaySource` of a calendar version. */
  readonly source: string;
  /** What the list is known to lack, in sentences. */
  readonly gaps: readonly string[];
}

/** Fewer public holidays a year than this is less than any of the countries lists that are complete. */
const LEAST_A_YEAR = 8;

/**
 * The public holidays of a country or region, to be stored in a calendar version: whole days only
 * (a holiday that begins at noon is worked), each date once, in order, with English names where there are any.
 * Throws Failure('rule_broken') for an unknown place or a span of years that is not 1 to 50.
 */
export function freezeHolidays({ country, region, fromYear, toYear }: HolidaysToFreeze): FrozenHolidays {
  const years = toYear - fromYear + 1;
  if (!Number.isInteger(fromYear) || !Number.isInteger(toYear) || years < 1 || years > MOST_YEARS) {
    throw new Failure('rule_broken', `holidays are frozen for 1 to ${String(MOST_YEARS)} whole years`, { fromYear, toYear });
  }
  const data = holidaysOf(country, region);
  const names = new Map<string, string>();
  // The year before too: a holiday of several days may reach over new year.
  for (let year = fromYear - 1; year <= toYear; year += 1) {
    for (const holiday of data.getHolidays(year, 'en')) {
      for (const date of wholeDays(holiday)) if (!names.has(date)) names.set(date, holiday.name.slice(0, 120));
    }
  }
  const holidays = [...names]
    .map(([date, name]) => ({ date, name }))
    .filter(({ date }) => Number(date.slice(0, 4)) >= fromYear && Number(date.slice(0, 4)) <= toYear)
    .sort((a, b) => (a.date < b.date ? -1 : 1));
  const place = region === undefined ? country : `${country}-${region}`;
  return { holidays, source: `date-holidays ${version} ${place} ${String(fromYear)}-${String(toYear)}`, gaps: gapsOf({ country, region }, holidays.length / years) };
}

/**
 * Known gaps: the data has lists of its own for regions and none was named, and a list so short that it lacks what is declared
 * each year or by employers. India's national list has a few days; each state and employer declares the rest.
 */
function gapsOf({ country, region }: { readonly country: string; readonly region: string | undefined }, aYear: number): readonly string[] {
  const states = Object.keys({ ...new Holidays().getStates(country) });
  return [
    ...(region === undefined && states.length > 0 ? [`${country} has public holidays by region, and none is named: those of ${states.length === 1 ? 'its region' : `its ${String(states.length)} regions`} are missing`] : []),
    ...(aYear < LEAST_A_YEAR ? [`the list has ${String(Math.round(aYear * 10) / 10)} days a year, fewer than are kept anywhere: add those that are declared locally, or by the employer, as own days`] : []),
  ];
}

function holidaysOf(country: string, region: string | undefined): Holidays {
  const [state, place, ...rest] = region === undefined ? [] : region.split('-');
  const options: HolidaysTypes.Options = { types: ['public'] };
  const all = new Holidays();
  const known =
    Object.hasOwn(all.getCountries(), country) &&
    (state === undefined || Object.hasOwn({ ...all.getStates(country) }, state)) &&
    (state === undefined || place === undefined || Object.hasOwn({ ...all.getRegions(country, state) }, place)) &&
    rest.length === 0;
  if (!known) throw new Failure('rule_broken', 'there is no holiday data for this country or region', { country, region });
  if (state === undefined) return new Holidays(country, options);
  return place === undefined ? new Holidays(country, state, options) : new Holidays(country, state, place, options);
}

/** The dates that a holiday covers from midnight to midnight; an hour of tolerance for a day shortened by daylight saving. */
function wholeDays({ date, start, end }: HolidaysTypes.Holiday): string[] {
  if (!date.includes(' 00:00:00')) return [];
  const first = Date.parse(`${date.slice(0, 10)}T00:00:00Z`);
  const count = Math.floor((end.getTime() - start.getTime() + HOUR_MS) / DAY_MS);
  return Array.from({ length: count }, (_, index) => new Date(first + index * DAY_MS).toISOString().slice(0, 10));
}
