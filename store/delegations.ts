import type { Instant } from '../contracts/instant';
import type { AdministeredKind } from './administration';
import type { Store } from './connection';
import type { DelegationDoc } from './schemas/people';

export const delegationKind: AdministeredKind<DelegationDoc> = { kind: 'delegation', model: (store) => store.models.delegations };

/** Who stands in for a person at `at`, or undefined; of overlapping ones the latest begun counts. Chains are not followed. */
export async function delegateOf(store: Store, personId: string, at: Instant): Promise<string | undefined> {
  const found = await store.models.delegations
    .findOne({ personId, active: true, from: { $lte: at }, until: { $gt: at } })
    .sort({ from: -1, _id: 1 })
    .lean<DelegationDoc>();
  return found?.delegateId;
}
