import { mongo } from 'mongoose';
import { Failure, FAILURES } from '../contracts/failures';

/** How long the server may work on one page or figure before it is given up, ms: an answer that comes later helps nobody. */
export const LIST_WITHIN_MS = 5000;

/** MaxTimeMSExpired: the server gave up at its `maxTimeMS`. */
const TIME_IS_UP = 50;

/** Awaits queries that carry `maxTimeMS`. Throws Failure `took_too_long` when the server gave one up. */
export async function withinTime<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof mongo.MongoServerError && error.code === TIME_IS_UP) throw new Failure('took_too_long', FAILURES.took_too_long.meaning, { retryAfterSeconds: 30 });
    throw error;
  }
}
