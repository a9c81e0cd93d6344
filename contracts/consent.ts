import { z } from 'zod';
import { instantSchema } from './instantSchema';

const id = z.string().min(1).max(64);
const reason = z.string().trim().min(1).max(2000);

/** What a consent may be about: showing a record to a third organisation, or a file on another record. */
export const CONSENT_SUBJECTS = ['share', 'evidence_link'] as const;
export type ConsentSubject = (typeof CONSENT_SUBJECTS)[number];

export const CONSENT_STATUSES = ['asked', 'given', 'refused', 'withdrawn'] as const;
export type ConsentStatus = (typeof CONSENT_STATUSES)[number];

/** A request that says nothing else can be answered and used for so long, days. */
export const CONSENT_OPEN_DAYS = 14;
/** At most so long, days: what is asked now is not allowed for years. */
export const CONSENT_LONGEST_DAYS = 90;

/** `POST /api/v1/consents`. */
export const askConsentSchema = z.discriminatedUnion('subject', [
  z.strictObject({
    subject: z.literal('share'), recordId: id, organisationId: id.meta({ description: 'To which the record would be shown.' }), extent: z.enum(['whole', 'summary']), reason,
    until: instantSchema.optional(),
  }),
  z.strictObject({
    subject: z.literal('evidence_link'), evidenceId: id, recordId: id.meta({ description: 'On which the file would be shown.' }), reason,
    until: instantSchema.optional().meta({ description: `Until then it can be answered and used; default ${String(CONSENT_OPEN_DAYS)} days, at most ${String(CONSENT_LONGEST_DAYS)}.` }),
  }),
]);
export type AskConsent = z.infer<typeof askConsentSchema>;

/** What a consent allows, as far as rules look at it. */
export interface ConsentTerms {
  readonly subject: ConsentSubject;
  readonly recordId: string;
  /** null: the consent is about the record. */
  readonly evidenceId: string | null;
  readonly extent: 'whole' | 'summary' | null;
  /** Organisations that come to read by it. */
  readonly toOrganisationIds: readonly string[];
  readonly askingOrganisationId: string;
  /** Whose consent it is. */
  readonly ofOrganisationId: string;
  /** Whose study it concerns; null: of none. */
  readonly studyId: string | null;
  readonly status: ConsentStatus;
  /** Last instant at which it can be answered or used. */
  readonly until: string;
  /** When the share, or the link, was made by it: it allows one. null or absent: not yet. */
  readonly usedAt?: string | null;
}
