import { Failure } from '../contracts/failures';
import type { Instant } from '../contracts/instant';
import type { PolicyContent, PolicyOf } from '../contracts/policyKinds';
import { DEFAULT_CAPA_POLICIES } from '../domain/capa/defaults';
import { DEFAULT_POLICIES } from '../domain/escalation/defaults';
import type { By } from './administration';
import type { Store } from './connection';
import { capaPolicies, ladderPolicies, type StoredPolicies } from './policies';

/** Gives a new installation the default policies; one that has a key keeps what it has. Returns the keys added, of each kind. */
export async function ensureDefaultPolicies(store: Store, at: Instant): Promise<{ readonly ladders: readonly string[]; readonly timings: readonly string[] }> {
  const by: By = { actor: { kind: 'system', name: 'provisioning' }, at, correlationId: 'default-policies' };
  const reason = 'defaults of a new installation';
  return {
    ladders: await ensurePolicies(store, ladderPolicies, { policies: DEFAULT_POLICIES, reason, by }),
    timings: await ensurePolicies(store, capaPolicies, { policies: DEFAULT_CAPA_POLICIES, reason, by }),
  };
}

/** Adds those policies whose key is not known yet. Returns their keys. */
export async function ensurePolicies<Name extends PolicyContent>(
  store: Store, stored: StoredPolicies<Name>, { policies, reason, by }: { readonly policies: readonly PolicyOf<Name>[]; readonly reason: string; readonly by: By },
): Promise<readonly string[]> {
  const known = await stored.keys(store);
  const missing = policies.filter((policy) => !known.includes(policy.key));
  for (const policy of missing) {
    try {
      await stored.add(store, { policy, reason, by });
    } catch (error) {
      // Another process provisions at the same moment.
      if (!(error instanceof Failure) || error.type !== 'exists') throw error;
    }
  }
  return missing.map((policy) => policy.key);
}
