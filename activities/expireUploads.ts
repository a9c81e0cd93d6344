import type { Instant } from '../contracts/instant';
import type { Store } from '../store/connection';
import { removeExpiredUploads } from '../store/evidenceUploads';

/** Removes what was begun to be uploaded and never completed; evidence itself is never removed. May be repeated. */
export function expireUploads({ store, now }: { readonly store: Store; readonly now: () => Instant }): Promise<{ readonly uploads: number; readonly chunks: number }> {
  return removeExpiredUploads(store, now());
}
