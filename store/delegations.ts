import type { Instant } from '../contracts/instant';
import type { AdministeredKind } from './administration';
import type { Store } from './connection';
import type { DelegationDoc } from './schemas/people';

export const delegationKind: AdministeredKind<DelegationDoc> = { kind: 'delegation', model: (store) => store.models.delegations };

/** Who stands in for whom at `at`, of these people; of overlapping delegations the latest begun counts. Chains are not followed. */
export async function delegatesOf(store: Store, personIds: readonly string[], at: Instant): Promise<ReadonlyMap<string, string>> {
  const found = await store.models.delegations
    .find({ personId: { $in: [...personIds] }, active: true, from: { $lte: at }, until: { $gt: at } })
    .sort({ from: 1, _id: -1 })
    .lean<DelegationDoc[]>();
  return new Map(found.map(({ personId, delegateId }) => [personId, delegateId]));
}
