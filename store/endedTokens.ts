import type { Instant } from '../contracts/instant';
import { appendToStream } from './auditLog';
import { inTransaction, type Store } from './connection';
import type { CredentialDoc } from './schemas/people';
import { signInStreamOf } from './signIns';

const PAGE = 1000;

/**
 * Writes to the trail of each person which of their tokens ended by its date (21 CFR 11.300(b)): nobody acts then, so the product
 * says it itself. Answers how many. What ended before this release says so too, with its date.
 */
export async function noteEndedTokens(store: Store, now: Instant): Promise<number> {
  const ended = await store.models.credentials.find({ kind: 'token', revokedAt: null, expiresAt: { $lte: now }, endNoted: { $ne: true } }).sort({ expiresAt: 1 }).limit(PAGE).lean<CredentialDoc[]>();
  for (const { _id, publicId, personId, name, expiresAt } of ended) {
    await inTransaction(store, async (session) => {
      const { modifiedCount } = await store.models.credentials.updateOne({ _id, endNoted: { $ne: true } }, { $set: { endNoted: true } }, { session });
      if (modifiedCount === 0) return;
      const streamId = signInStreamOf(personId);
      await appendToStream(store, {
        streamId, drafts: [{ streamId, at: now, zone: 'UTC', actor: { kind: 'system', name: 'housekeeping' }, action: 'token.expired', correlationId: publicId, detail: { token: publicId, name, expiresAt } }],
      }, session);
    });
  }
  return ended.length;
}
