import type { Instant } from '../contracts/instant';
import type { Store } from '../store/connection';
import { noteEndedTokens } from '../store/endedTokens';
import { removeExpiredUploads } from '../store/evidenceUploads';
import { writeCounted } from '../store/refusalBounds';

/** Hourly: removes what was begun to be uploaded and never completed (evidence itself is never removed), and writes down refusals that were only counted and tokens that ended. May be repeated. */
export async function expireUploads({ store, now }: { readonly store: Store; readonly now: () => Instant }): Promise<{ readonly uploads: number; readonly chunks: number }> {
  await writeCounted(store, now());
  await noteEndedTokens(store, now());
  return removeExpiredUploads(store, now());
}
