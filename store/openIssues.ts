import { ESCALATION } from '../contracts/escalation';
import type { Policy } from '../contracts/policy';
import type { VisibilityFilter } from '../domain/access/ability';
import { scopeOf } from '../domain/policy/scope';
import type { Store } from './connection';
import type { RecordDoc } from './schemas/records';

/**
 * Open issues of those whom a version binds that run under an older one of its line, or one of a wider scope, drills apart, in the order of their ids. Reads open
 * issues only, by the index on `done`: few, however many there were.
 */
export async function issuesOnOlderVersions(
  store: Store,
  list: { readonly visibility: VisibilityFilter; readonly policy: Pick<Policy, 'key' | 'version' | 'scope'>; readonly after?: string | undefined; readonly limit: number },
): Promise<{ readonly items: readonly RecordDoc[]; readonly next?: string }> {
  const { visibility, policy, after, limit } = list;
  const older = {
    capability: ESCALATION.capability, done: false, drill: false, 'state.policy.key': policy.key, ...boundBy(policy),
    ...(after !== undefined && { _id: { $gt: after } }),
  };
  const found = await store.models.records.find({ $and: [older, visibility] } as never).hint({ done: 1, nextDueAt: 1 }).sort({ _id: 1 }).limit(limit + 1).lean<RecordDoc[]>();
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return found.length > limit && last ? { items, next: last._id } : { items };
}

function boundBy({ version, scope }: Pick<Policy, 'version' | 'scope'>): object {
  const { kind, organisationIds, studyId } = scopeOf({ scope });
  if (kind === 'installation') return { 'state.policy.scope': null, 'state.policy.version': { $lt: version } };
  const ids = [...organisationIds];
  return {
    raisingOrganisationId: { $in: ids }, accountableOrganisationId: { $in: ids }, ...(studyId !== null && { studyId }),
    $nor: [{ 'state.policy.scope.organisationIds': ids, 'state.policy.scope.studyId': studyId, 'state.policy.version': { $gte: version } }],
  };
}
