import { createHash } from 'node:crypto';
import { RateLimiterMongo, RateLimiterRes } from 'rate-limiter-flexible';
import type { Store } from './connection';

/** Defaults ("Lockout"): 5 bad attempts, 15 minutes; signing in: per person and address, signing: per person. */
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
  const limiter = attemptsOf(store, 'sign-in');
  return {
    attempt: async (who) => {
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

export interface SigningLimits {
  /** Counts an attempt to sign before it is checked. `locked`: none is checked for so long; `isLast`: if this one is bad, it locks. */
  attempt(personId: string): Promise<{ readonly lockedForSeconds: number } | { readonly isLast: boolean }>;
  /** Locks the signer now, from whichever address. */
  lock(personId: string): Promise<void>;
  /** The attempt was good: forget the bad ones. */
  forgive(personId: string): Promise<void>;
}

/** Counts bad attempts to sign (21 CFR 11.300(d)) as those to sign in are counted. */
export function signingLimits(store: Store): SigningLimits {
  const limiter = attemptsOf(store, 'signing');
  return {
    attempt: async (personId) => {
      try {
        return { isLast: (await limiter.consume(personId)).consumedPoints >= BAD_ATTEMPTS };
      } catch (error) {
        if (!(error instanceof RateLimiterRes)) throw error;
        return { lockedForSeconds: Math.ceil(error.msBeforeNext / 1000) };
      }
    },
    lock: async (personId) => {
      await limiter.block(personId, LOCK_SECONDS);
    },
    forgive: async (personId) => {
      await limiter.delete(personId);
    },
  };
}

/** A counter of one kind of attempts. Its indexes are made by provisioning: the application may make none. */
function attemptsOf(store: Store, keyPrefix: string): RateLimiterMongo {
  return new RateLimiterMongo({
    storeClient: store.connection.getClient(),
    dbName: store.connection.name,
    tableName: 'sign_in_attempts',
    keyPrefix,
    points: BAD_ATTEMPTS,
    duration: LOCK_SECONDS,
    blockDuration: LOCK_SECONDS,
    disableIndexesCreation: true,
  });
}

/** Hashed: what people mistype into an address field may be a password. */
function keyOf({ email, address }: { email: string; address: string }): string {
  return createHash('sha256').update(`${email}|${address}`).digest('hex');
}
