import { createHash } from 'node:crypto';
import { RateLimiterMongo, RateLimiterRes } from 'rate-limiter-flexible';
import type { Store } from './connection';

/** Defaults ("Lockout"): 5 bad attempts, 15 minutes, per person and address. */
const BAD_ATTEMPTS = 5;
const LOCK_SECONDS = 15 * 60;

export interface Lock {
  readonly lockedForSeconds: number;
  /** Whether this attempt is the one that met the lock first. */
  readonly locking: boolean;
}

export interface LoginLimits {
  /** Counts an attempt before it is checked. The lock, when there is one. */
  attempt(who: { email: string; address: string }): Promise<Lock | undefined>;
  /** The attempt was good: forget the bad ones. */
  forgive(who: { email: string; address: string }): Promise<void>;
}

/** Counts sign-in attempts in MongoDB, so that neither a restart nor a second process forgets them. */
export function loginLimits(store: Store): LoginLimits {
  const limiter = new RateLimiterMongo({
    storeClient: store.connection.getClient(),
    dbName: store.connection.name,
    tableName: 'sign_in_attempts',
    keyPrefix: 'sign-in',
    points: BAD_ATTEMPTS,
    duration: LOCK_SECONDS,
    blockDuration: LOCK_SECONDS,
    disableIndexesCreation: true,
  });
  let indexes: Promise<void> | undefined;
  return {
    attempt: async (who) => {
      // On first use, not on construction: the API also starts while MongoDB is away. A failure is tried again.
      await (indexes ??= limiter.createIndexes().catch((error: unknown) => {
        indexes = undefined;
        throw error;
      }));
      try {
        await limiter.consume(keyOf(who));
        return undefined;
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        return { lockedForSeconds: Math.ceil(error.msBeforeNext / 1000), locking: error.consumedPoints === BAD_ATTEMPTS + 1 };
      }
    },
    forgive: async (who) => {
      await limiter.delete(keyOf(who));
    },
  };
}

/** Hashed: what people mistype into an address field may be a password. */
function keyOf({ email, address }: { email: string; address: string }): string {
  return createHash('sha256').update(`${email}|${address}`).digest('hex');
}
