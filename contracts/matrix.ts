import { z } from 'zod';
import { durationSchema } from './duration';
import type { Instant } from './instant';
import { instantSchema } from './instantSchema';
import { CHANNELS } from './notice';
import type { PartyApproval } from './policyScope';

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
  /** After so many missed slots in a row a CAPA is opened; absent: never. */
  capaAfter: z.int().min(1).max(50).optional(),
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
/** A row before it is checked: that a deputy is missing is a broken rule, not a malformed request. */
export type UncheckedMatrixRow = Omit<MatrixRow, 'contacts'> & { readonly contacts: readonly (Omit<Contact, 'deputyId'> & { readonly deputyId?: string | undefined })[] };

/** How a table may say from when a row counts: a day, or an instant with its offset. */
export const startTextSchemas = { day: z.iso.date(), instant: instantSchema } as const;

/** One organisation's yes to a version of a row (ICH E6(R3) 3.6.1). */
export type MatrixApproval = PartyApproval;

export const PROPOSAL_STATUSES = ['draft', 'proposed', 'effective', 'declined', 'withdrawn'] as const;
type ProposalStatus = (typeof PROPOSAL_STATUSES)[number];

/** A version of a row on its way: it takes effect when every organisation of the row has approved it. */
export interface MatrixProposal {
  /** Row that the version will belong to. */
  readonly rowKey: string;
  readonly row: MatrixRow;
  /** Not before this instant; null, or passed meanwhile: from the last approval on. */
  readonly effectiveFrom: Instant | null;
  /** Number of the row's latest version when this was written; 0: there was none. */
  readonly baseVersion: number;
  readonly status: ProposalStatus;
  readonly proposingOrganisationId: string;
  /** Everybody who wrote, edited or proposed it: they may not approve it. */
  readonly authorIds: readonly string[];
  readonly proposedAt: Instant | null;
  readonly approvals: readonly MatrixApproval[];
  readonly declined: { readonly organisationId: string; readonly personId: string; readonly reason: string; readonly at: Instant } | null;
  /** The version that it became. */
  readonly version: number | null;
  /** Counts up with every change of what an approval signs, from 1; absent on proposals from before signatures, which then have 1. */
  readonly contentVersion?: number;
}
