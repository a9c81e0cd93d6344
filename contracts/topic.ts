import { z } from 'zod';
import { topicSchema } from './escalation';

const id = z.string().min(1).max(64);

/** `POST /api/v1/topics`: a topic of two organisations, or of one for itself. */
export const addTopicSchema = z.strictObject({
  organisationIds: z.array(id).min(1).max(2).meta({ description: 'The pair; one organisation alone: for its own records.' }),
  topic: topicSchema,
  label: z.string().trim().min(1).max(60),
  description: z.string().trim().min(1).max(400),
});
export type AddTopic = z.infer<typeof addTopicSchema>;

/** A topic as people choose it. */
export interface Topic {
  readonly topic: string;
  readonly label: string;
  readonly description: string;
}
