import { z } from 'zod';

const localTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a local time, HH:MM');
const zone = z.string().max(64);

/** Local times of every day; `to` is exclusive, and on the next day where it is not after `from`. */
export const quietHoursSchema = z.strictObject({ from: localTime, to: localTime, zone });
export type QuietHours = z.infer<typeof quietHoursSchema>;

/** One letter a day at this local time, instead of one for each informing notice. */
export const digestSchema = z.strictObject({ at: localTime, zone });
export type Digest = z.infer<typeof digestSchema>;

/** How a person wants to be told (E8); by which channel is the matrix's matter. */
export const preferencesSchema = z.strictObject({ quietHours: quietHoursSchema.nullable(), digest: digestSchema.nullable() });
export type Preferences = z.infer<typeof preferencesSchema>;
