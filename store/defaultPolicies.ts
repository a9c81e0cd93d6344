import { Failure } from '../contracts/failures';
import type { Instant } from '../contracts/instant';
import { DEFAULT_POLICIES } from '../domain/escalation/defaults';
import type { Store } from './connection';
import { addPolicy, policyKeys } from './policies';

/** Gives a new installation the default policies; one that has a key keeps what it has. Returns the keys added. */
export async function ensureDefaultPolicies(store: Store, at: Instant): Promise<readonly string[]> {
  const known = await policyKeys(store);
  const missing = DEFAULT_POLICIES.filter((policy) => !known.includes(policy.key));
  const by = { actor: { kind: 'system', name: 'provisioning' }, at, correlationId: 'default-policies' } as const;
  for (const policy of missing) {
    try {
      await addPolicy(store, { policy, reason: 'defaults of a new installation', by });
    } catch (error) {
      // Another process provisions at the same moment.
      if (!(error instanceof Failure) || error.type !== 'exists') throw error;
    }
  }
  return missing.map((policy) => policy.key);
}
