import { instantOf } from '../../contracts/instant';
import type { Store } from '../../store/connection';
import { addTopic, agreeToTopic } from '../../store/topics';

/** Topics that these organisations have agreed on, whatever a test calls them. */
export async function haveTopics(store: Store, organisationIds: readonly string[], topics: readonly string[]): Promise<void> {
  const by = { actor: { kind: 'system', name: 'provisioning' }, at: instantOf(Date.now()), correlationId: 'seed' } as const;
  const [one = '', other] = organisationIds;
  for (const topic of topics) {
    const doc = await addTopic(store, { asked: { organisationIds: [...organisationIds], topic, label: topic, description: 'of a test' }, person: { personId: 'p', name: 'p', role: 'quality', organisationId: one }, by });
    if (other !== undefined) await agreeToTopic(store, { topic: doc, person: { personId: 'q', name: 'q', role: 'quality', organisationId: other }, reason: 'agreed', by });
  }
}
