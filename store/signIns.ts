import type { Instant } from '../contracts/instant';
import type { Store } from './connection';

/** Failed attempts of a person that are written out within an hour; more are counted (defaults: 20). */
const WRITTEN_AN_HOUR = 20;

/** Audit stream of what a person signed in with; beside that of the person, whose chain is theirs alone. */
export const signInStreamOf = (personId: string): string => `sign-ins/person/${personId}`;

/**
 * Counts a failed sign-in of the hour. `isWritten`: it is one of those to be written out; `unwritten`: how many before it, in an earlier hour, were only counted.
 * Strangers could otherwise fill somebody's trail.
 */
export async function countFailedSignIn(store: Store, { personId, at }: { readonly personId: string; readonly at: Instant }): Promise<{ readonly isWritten: boolean; readonly unwritten: number }> {
  const hour = at.slice(0, 13);
  const counted = await store.models.signInFailures.findOneAndUpdate({ _id: personId }, [{ $set: {
    unwritten: { $cond: [{ $eq: ['$hour', hour] }, '$unwritten', { $max: [0, { $subtract: [{ $ifNull: ['$failed', 0] }, WRITTEN_AN_HOUR] }] }] },
    failed: { $cond: [{ $eq: ['$hour', hour] }, { $add: ['$failed', 1] }, 1] }, hour: { $literal: hour },
  } }], { upsert: true, returnDocument: 'after', updatePipeline: true }).lean<{ readonly failed: number; readonly unwritten: number }>();
  const { failed, unwritten } = counted;
  return { isWritten: failed <= WRITTEN_AN_HOUR, unwritten: failed === 1 ? unwritten : 0 };
}
