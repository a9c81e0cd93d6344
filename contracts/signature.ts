import { z } from 'zod';
import type { Instant } from './instant';
import type { Json } from './step';

/** What a signature can mean (21 CFR 11.50(a)(3)); each act allows some of them. */
export const MEANINGS = ['author', 'review', 'approval', 'verification', 'assessment', 'rejection', 'waiver', 'cancellation', 'agreement'] as const;
export const meaningSchema = z.enum(MEANINGS);
export type Meaning = (typeof MEANINGS)[number];

/** The part of a record that an act signs, as it is now. */
export interface Signable {
  /** Which part: `plan`, `closure`. */
  readonly subject: string;
  /** Counts up with every change of the part, from 1. */
  readonly version: number;
  /** What the signature covers; its RFC 8785 form is hashed (21 CFR 11.70). */
  readonly content: Json;
  /** From which the signer chooses. */
  readonly meanings: readonly Meaning[];
}

/** A signature that a step needs: commit consumes the grant in the same transaction, or refuses the step. */
export interface SignatureDemand {
  readonly grantId: string;
  readonly act: string;
  readonly subject: string;
  readonly version: number;
  /** SHA-256 of the content, hex. */
  readonly contentHash: string;
}

/** One signature, as it is shown wherever its record is (21 CFR 11.50). */
export interface Signature {
  readonly id: string;
  readonly recordId: string;
  /** Revision of the record that the signature made. */
  readonly rev: number;
  readonly act: string;
  readonly subject: string;
  readonly version: number;
  readonly contentHash: string;
  readonly meaning: Meaning;
  readonly personId: string;
  readonly printedName: string;
  readonly role: string;
  readonly organisationId: string;
  readonly organisationName: string;
  /** When the credentials were checked. */
  readonly signedAt: Instant;
  /** IANA zone of the signer, for reading `signedAt` as they did. */
  readonly zone: string;
}

/** In the body of an act that is signed. */
export const grantIdSchema = z.string().min(1).max(64);

/** What a signer proves to be themselves by. `password` and `totp` only they know or hold. */
export const SIGNING_COMPONENTS = ['email', 'password', 'totp'] as const;
export type SigningComponent = (typeof SIGNING_COMPONENTS)[number];

/** How long a grant may be used, ms (defaults: signing grant 60 s). */
export const GRANT_MS = 60_000;

/** `POST /api/v1/signing-grants`. Which components are needed depends on what was signed before in the session. */
export const signingGrantSchema = z.strictObject({
  recordId: z.string().min(1).max(64),
  /** The act that is to be signed, by its route name. */
  act: z.string().min(1).max(64),
  /** What the act will say, without its signature: of acts whose own words are signed. */
  body: z.record(z.string(), z.unknown()).optional(),
  meaning: meaningSchema,
  /** IANA zone of the signer. */
  zone: z.string().min(1).max(64),
  email: z.string().min(3).max(254).optional(),
  password: z.string().min(1).max(200).optional(),
  totp: z.string().regex(/^\d{6}$/, 'six digits').optional(),
});
export type AskForGrant = z.infer<typeof signingGrantSchema>;

/** The right to sign once, as it is stored: what the signer saw when the credentials were checked. */
export interface SigningGrant extends Omit<Signature, 'rev'> {
  /** The session in which it was given. */
  readonly sessionId: string;
  /** What is signed; kept with the signature, so that it verifies for ever. */
  readonly content: Json;
  /** Version of the accountability statement that the signer had accepted. */
  readonly statementVersion: number;
  /** Exclusive. */
  readonly expiresAt: Instant;
  readonly usedAt: Instant | null;
}

/** Why a grant does not carry an act. */
export const GRANT_FAULTS = ['unknown', 'used', 'expired', 'withdrawn', 'other_session', 'other_person', 'other_organisation', 'other_record', 'other_act', 'changed'] as const;
export type GrantFault = (typeof GRANT_FAULTS)[number];

/** What signers accept before they sign (21 CFR 11.10(j)); a change is a new version. */
export interface AccountabilityStatement {
  readonly version: number;
  readonly text: string;
}
export interface AcceptedStatement {
  readonly version: number;
  readonly textHash: string;
  readonly at: Instant;
}

/** By which document somebody's identity was verified; its number is not kept. */
export const DOCUMENT_KINDS = ['passport', 'identity_card', 'driving_licence', 'residence_permit', 'employee_badge', 'other'] as const;
export const documentKindSchema = z.enum(DOCUMENT_KINDS);

/** Who verified a person's identity, when, by which kind of document (21 CFR 11.100(b)). */
export interface VerifiedIdentity {
  readonly verifiedBy: string;
  readonly verifiedByName: string;
  readonly organisationId: string;
  readonly at: Instant;
  readonly documentKind: (typeof DOCUMENT_KINDS)[number];
  /** From when on the person may sign; absent: from the first. */
  readonly signsFrom?: Instant;
  /** The second administrator who consented before that. */
  readonly consentedBy?: string;
  /** Made by provisioning, outside the product. */
  readonly provisioned?: boolean;
}

/** What signing depends on of a person. */
export interface SignerFacts {
  /** The password in force was set by the person. */
  readonly passwordOwn: boolean;
  /** Who last gave the person a password; null: nobody. */
  readonly passwordGivenBy: string | null;
  readonly identity: VerifiedIdentity | null;
  readonly acceptedStatement: AcceptedStatement | null;
}
