import { z } from 'zod';
import { durationSchema } from './duration';
import { CHANNELS } from './notice';

export const channelSchema = z.enum(CHANNELS);

/** One contact: who answers for an organisation at a level, who stands in, and how to reach them. */
export const contactSchema = z.strictObject({
  organisationId: z.string().min(1).max(64),
  level: z.int().min(1).max(8),
  personId: z.string().min(1).max(64),
  deputyId: z.string().min(1).max(64),
  channel: channelSchema,
  /** Tried when the channel fails for good; absent: the product's inbox alone keeps the notice. */
  fallback: channelSchema.optional(),
});
export type Contact = z.infer<typeof contactSchema>;

/** How often the two organisations agreed to be in contact (E16). */
export const frequencySchema = z.strictObject({
  every: durationSchema,
  /** After the due instant silence is chased this long before it becomes an issue. */
  grace: durationSchema,
  /** Whose calendar counts, and who is chased first. */
  organisationId: z.string().min(1).max(64),
});
export type Frequency = z.infer<typeof frequencySchema>;

/** Where messages, acknowledgements and decisions of a topic are filed (S1.4). */
export const filingRuleSchema = z.strictObject({
  /** Zone, section and artifact of the trial master file, e.g. `01.03.02`. */
  tmfReference: z.string().regex(/^\d{2}(\.\d{2}){0,2}$/, 'zone.section.artifact, e.g. 01.03.02'),
  /** The eTMF, share or binder. */
  location: z.string().trim().min(1).max(200),
  responsibleOrganisationId: z.string().min(1).max(64),
});
export type FilingRule = z.infer<typeof filingRuleSchema>;

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
  /** The topic's records may hold protected health information: only `phiChannels` carry its notices (E10). */
  phi: z.boolean().default(false),
  phiChannels: z.array(channelSchema).max(CHANNELS.length).default(['inbox']),
  frequency: frequencySchema.optional(),
  filing: filingRuleSchema.optional(),
});
export type MatrixRow = z.infer<typeof matrixRowSchema>;
/** A row as it is given: defaults may be missing. */
export type GivenMatrixRow = z.input<typeof matrixRowSchema>;
