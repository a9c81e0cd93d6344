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
