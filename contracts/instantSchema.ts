import { z } from 'zod';
import { parseInstant } from './instant';

/** An instant as clients say it: ISO 8601 with an offset. Stored ones sort as text, so the year in UTC has four digits. */
export const instantSchema = z.iso.datetime({ offset: true, abort: true }).refine((text) => parseInstant(text) !== undefined, 'not an instant of the years 0000 to 9999');
