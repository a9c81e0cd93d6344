import type { PolicyScope } from '../../contracts/policyScope';
import { slipOf } from '../../domain/topics/nearest';
import { topicsOf } from '../../store/topics';
import { ruleBroken } from '../administer';
import type { ApiDeps } from '../deps';

/** The key of the policy that answers where none is named. */
const FOR_EVERY_TOPIC = 'default';

/**
 * A policy that is named like a topic answers for it; of other names the matrix chooses one. So a new key that is nearly a topic of whom it
 * binds would count for nothing. Throws Failure `rule_broken` with the nearest.
 */
export async function requirePolicyKey({ store }: Pick<ApiDeps, 'store'>, { key, scope }: { readonly key: string; readonly scope: PolicyScope }): Promise<void> {
  const topics = (await topicsOf(store, scope.organisationIds)).map(({ topic }) => topic);
  const meant = slipOf(key, [...topics, FOR_EVERY_TOPIC]);
  if (meant.length === 0) return;
  const message = `no topic of whom it binds; did you mean ${meant.join(' or ')}?`;
  throw ruleBroken(`key: ${key} is ${message}`, { errors: [{ field: 'key', message }], nearest: meant });
}
