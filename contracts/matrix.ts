import { z } from 'zod';

/** One contact: who answers for an organisation at a level, and who stands in. */
export const contactSchema = z.strictObject({
  organisationId: z.string().min(1).max(64),
  level: z.int().min(1).max(8),
  personId: z.string().min(1).max(64),
  deputyId: z.string().min(1).max(64),
  channel: z.enum(['email']),
});
export type Contact = z.infer<typeof contactSchema>;

/**
 * A row of the communication matrix (ICH E6(R3) 3.6.1): per study and topic, who answers on both
 * sides and which ladder applies. Versions are immutable and effective-dated.
 */
export const matrixRowSchema = z.strictObject({
  /** null: issues without a study. */
  studyId: z.string().max(64).nullable(),
  /** `*` answers for topics without a row of their own. */
  topic: z.string().regex(/^(\*|[a-z][a-z0-9_-]{0,39})$/),
  organisationIds: z.array(z.string().max(64)).min(1).max(2),
  policyKey: z.string().min(1).max(60),
  contacts: z.array(contactSchema).min(1).max(40),
});
export type MatrixRow = z.infer<typeof matrixRowSchema>;
