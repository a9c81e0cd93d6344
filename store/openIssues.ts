import { ESCALATION } from '../contracts/escalation';
import type { VisibilityFilter } from '../domain/access/ability';
import type { Store } from './connection';
import type { RecordDoc } from './schemas/records';

/**
 * Open issues that run under an older version of a policy, drills apart, in the order of their ids. Reads open
 * issues only, by the index on `done`: few, however many there were.
 */
export async function issuesOnOlderVersions(
  store: Store,
  list: { readonly visibility: VisibilityFilter; readonly key: string; readonly version: number; readonly after?: string | undefined; readonly limit: number },
): Promise<{ readonly items: readonly RecordDoc[]; readonly next?: string }> {
  const { visibility, key, version, after, limit } = list;
  const older = {
    capability: ESCALATION.capability, done: false, drill: false, 'state.policy.key': key, 'state.policy.version': { $lt: version },
    ...(after !== undefined && { _id: { $gt: after } }),
  };
  const found = await store.models.records.find({ $and: [older, visibility] } as never).hint({ done: 1, nextDueAt: 1 }).sort({ _id: 1 }).limit(limit + 1).lean<RecordDoc[]>();
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return found.length > limit && last ? { items, next: last._id } : { items };
}
