import type { Calendar } from '../../../contracts/calendar';

/**
 * Counts minute by minute and asks Intl, not the polyfill, what the wall clock reads: slow,
 * obvious, and sharing nothing with the code under test.
 */
export const MINUTE = 60_000;
const QUARTER = 15 * MINUTE;
const DAY = 1440 * MINUTE;

const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<number, number>>();

/** Offset of a zone; no zone has changed its clocks off the quarter of an hour since 2011. */
export function offsetAt(zone: string, ms: number): number {
  const known = offsets.get(zone) ?? new Map<number, number>();
  offsets.set(zone, known);
  const quarter = Math.floor(ms / QUARTER) * QUARTER;
  const offset = known.get(quarter) ?? readWallClock(zone, quarter) - quarter;
  known.set(quarter, offset);
  return offset;
}

function readWallClock(zone: string, ms: number): number {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
    formats.set(zone, format);
  }
  return Date.parse(`${format.format(ms).replace(' ', 'T')}Z`);
}

const localAt = (calendar: Calendar, ms: number): number => ms + offsetAt(calendar.zone, ms);

const NAMES = ['7', '1', '2', '3', '4', '5', '6'] as const;

function spansOf(calendar: Calendar, localMs: number): readonly { from: string; to: string }[] {
  const spans = calendar.week[NAMES[new Date(localMs).getUTCDay()] ?? '7'] ?? [];
  if (spans.length === 0) return [];
  const date = new Date(localMs).toISOString().slice(0, 10);
  return calendar.holidays.some((holiday) => holiday.date === date) ? [] : spans;
}

/** Whether the minute that begins at `ms` is worked. */
export function worksAt(calendar: Calendar, ms: number): boolean {
  const localMs = localAt(calendar, ms);
  const spans = spansOf(calendar, localMs);
  if (spans.length === 0) return false;
  const time = new Date(localMs).toISOString().slice(11, 16);
  return spans.some(({ from, to }) => from <= time && time < to);
}

export function openingFrom(calendar: Calendar, fromMs: number): number {
  let ms = fromMs;
  while (!worksAt(calendar, ms)) ms += MINUTE;
  return ms;
}

export function addMinutes(calendar: Calendar, fromMs: number, minutes: number): number {
  let ms = fromMs;
  for (let left = minutes; left > 0; ms += MINUTE) if (worksAt(calendar, ms)) left -= 1;
  return ms;
}

export function addDays(calendar: Calendar, fromMs: number, days: number): number {
  const worked = (localMs: number): boolean => spansOf(calendar, localMs).length > 0;
  const startMs = worked(localAt(calendar, fromMs)) ? fromMs : openingFrom(calendar, fromMs);
  let targetMs = localAt(calendar, startMs);
  for (let left = days; left > 0; ) {
    targetMs += DAY;
    if (worked(targetMs)) left -= 1;
  }
  return firstReading(calendar, targetMs);
}

/** The first minute at which the wall clock reads `localMs`; when it skips it, as if the clocks had not yet changed. */
function firstReading(calendar: Calendar, localMs: number): number {
  const around = Array.from({ length: (2 * DAY) / MINUTE }, (_, index) => localMs - DAY + index * MINUTE);
  const exact = around.find((ms) => localAt(calendar, ms) === localMs);
  if (exact !== undefined) return exact;
  const afterGap = around.find((ms) => localAt(calendar, ms) > localMs) ?? Number.NaN;
  return localMs - offsetAt(calendar.zone, afterGap - MINUTE);
}
