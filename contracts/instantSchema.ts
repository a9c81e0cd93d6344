import { z } from 'zod';
import { parseInstant } from './instant';

/** An instant as clients say it: ISO 8601 with an offset. Stored ones sort as text, so the year in UTC has four digits. */
export const instantSchema = z.iso.datetime({ offset: true, abort: true }).refine((text) => parseInstant(text) !== undefined, 'not an instant of the years 0000 to 9999');

/** The last year that a date may be promised for: timers and calendars count further, people do not. */
const LAST_PROMISED = '2200-01-01T00:00:00.000Z';

/** An instant that something will be due at: before the year 2200. */
export const dueSchema = instantSchema.refine((text) => (parseInstant(text) ?? LAST_PROMISED) < LAST_PROMISED, 'must lie before the year 2200');
