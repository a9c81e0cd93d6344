import type { Topic } from '../../contracts/topic';
import { administered, type AdministeredDoc } from './administered';
import { anything, defineSchema, text, texts } from './definition';
import type { ByPerson } from './evidence';

/** A topic of a pair of organisations beside those that everybody has; it counts once the other one has agreed. */
export interface TopicDoc extends AdministeredDoc, Topic {
  /** Sorted; one: of that organisation's own records. */
  readonly organisationIds: readonly string[];
  readonly pairKey: string;
  readonly proposedBy: ByPerson;
  /** null: the other organisation has not agreed. */
  readonly agreedBy: ByPerson | null;
}
export const topicDocSchema = defineSchema<TopicDoc>('topics', { ...administered, organisationIds: texts, pairKey: text, topic: text, label: text, description: text, proposedBy: anything, agreedBy: anything });
