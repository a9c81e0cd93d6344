import { createHash } from 'node:crypto';
import { NONCE_KEPT_MS } from '../contracts/hooks';
import { epochMsOf, type Instant } from '../contracts/instant';
import type { Store } from './connection';
import { isDuplicateKey } from './duplicateKey';

/** A signed message: the sender's id for it, and when it was signed (s since 1970). */
export interface SeenMessage {
  readonly sourceId: string;
  readonly messageId: string;
  readonly signedAtS: number;
}

/**
 * Marks a signed message as seen; false when it was seen before. A sender that repeats itself signs
 * anew, so the same id at another second is a resend and not a replay.
 */
export async function takeNonce(store: Store, message: SeenMessage, now: Instant): Promise<boolean> {
  try {
    await store.models.nonces.insertOne({ _id: nonceOf(message), expiresAt: new Date(epochMsOf(now) + NONCE_KEPT_MS) });
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/** Forgets a message that could not be acted on, so that the same bytes may come again. */
export async function releaseNonce(store: Store, message: SeenMessage): Promise<void> {
  await store.models.nonces.deleteOne({ _id: nonceOf(message) });
}

/** Hashed: ids of senders may be of any length. */
function nonceOf({ sourceId, messageId, signedAtS }: SeenMessage): string {
  return createHash('sha256').update(JSON.stringify([sourceId, messageId, signedAtS])).digest('hex');
}
