import type { Signable } from '../../contracts/signature';
import { contentHashOf } from './demand';

/** Version of the part that an act signs, after a change: one more where its content is another, 1 where there was none. */
export function contentVersionAfter(before: Signable | undefined, after: Signable | undefined): number {
  if (!before || !after) return 1;
  return before.version + (contentHashOf(before.content) === contentHashOf(after.content) ? 0 : 1);
}
