import { z } from 'zod';

/**
 * How long something may take. `calendar` counts every minute; `business` counts on the
 * target organisation's calendar: hours are working hours, *n days* is the same local time
 * n working days later.
 */
export const durationSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('calendar'), ms: z.int().min(1000).max(10 * 366 * 24 * 3_600_000) }),
  z.strictObject({ kind: z.literal('business'), unit: z.enum(['hours', 'days']), amount: z.number().positive().max(2000) })
    .refine(({ unit, amount }) => unit === 'hours' || Number.isInteger(amount), { path: ['amount'], message: 'business days are whole' }),
]);
export type Duration = z.infer<typeof durationSchema>;

export const seconds = (n: number): Duration => ({ kind: 'calendar', ms: n * 1000 });
export const minutes = (n: number): Duration => seconds(n * 60);
export const hours = (n: number): Duration => minutes(n * 60);
export const calendarDays = (n: number): Duration => hours(n * 24);
export const businessHours = (amount: number): Duration => ({ kind: 'business', unit: 'hours', amount });
export const businessDays = (amount: number): Duration => ({ kind: 'business', unit: 'days', amount });
