import { z } from 'zod';

const localTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a local time, HH:MM');
const localDate = z.iso.date();

/** Working hours of one weekday; several spans allow a lunch break. `to` is exclusive; `24:00` ends at midnight. */
export const workingSpanSchema = z.strictObject({ from: localTime, to: z.union([localTime, z.literal('24:00')]) });

/** ISO weekday numbers as keys: 1 is Monday, 7 is Sunday. A missing weekday is not worked. */
export const weekSchema = z.partialRecord(z.enum(['1', '2', '3', '4', '5', '6', '7']), z.array(workingSpanSchema).max(4));

/**
 * An organisation's business calendar. Versions are immutable: holidays are frozen into the
 * version, so a later release of holiday data cannot move a deadline that was computed before.
 */
export const calendarSchema = z.strictObject({
  organisationId: z.string(),
  /** 0: the default hours, which count until there is a version. */
  version: z.int().min(0),
  zone: z.string().max(64),
  week: weekSchema,
  holidays: z.array(z.strictObject({ date: localDate, name: z.string().max(120) })).max(4000),
  /** Days that end early: nothing is worked from `until` on, e.g. 24 December from 12:00. */
  halfDays: z.array(z.strictObject({ date: localDate, until: localTime, name: z.string().max(120) })).max(400).optional(),
  /** Where the holidays came from, e.g. `date-holidays 3.37.0 CH-ZH 2026-2031`. */
  holidaySource: z.string().max(200),
  /** What the list of public holidays was known to lack when it was frozen; absent: nothing, or a release before gaps were kept. */
  holidayGaps: z.array(z.string().max(400)).max(10).optional(),
  /** From when it counts; absent: since it was added, or a release before notice was given. */
  effectiveFrom: z.iso.datetime().optional(),
});
export type Calendar = z.infer<typeof calendarSchema>;
export type WorkingSpan = z.infer<typeof workingSpanSchema>;
