import type { AcceptedStatement, AccountabilityStatement, Meaning, Signature, SignerFacts, SigningGrant, VerifiedIdentity } from '../../contracts/signature';
import type { Instant } from '../../contracts/instant';
import type { Json } from '../../contracts/step';
import { administered, type AdministeredDoc } from './administered';
import { anything, defineSchema, flag, integer, nullableText, text } from './definition';

/** Fields that grant and signature share, by the same names. */
const signed = {
  _id: text, recordId: text, act: text, subject: text, version: integer, contentHash: text, content: anything, meaning: text,
  personId: text, printedName: text, role: text, organisationId: text, organisationName: text, signedAt: text, zone: text, statementVersion: integer,
};

/** The right to sign once; `_id` is what an act names it by. Not a record: what came of it is. */
export interface SigningGrantDoc extends Omit<SigningGrant, 'id'> { readonly _id: string }
export const signingGrantSchema = defineSchema<SigningGrantDoc>('signing_grants', { ...signed, sessionId: text, expiresAt: text, usedAt: nullableText });

/**
 * One electronic signature; `_id` is that of the grant that was used up for it. In the audit database: the
 * application may insert and read, nothing else (21 CFR 11.70).
 */
export interface SignatureDoc extends Omit<Signature, 'id'> {
  readonly _id: string;
  readonly meaning: Meaning;
  /** What was signed, so that the signature verifies whatever the record becomes. */
  readonly content: Json;
  readonly statementVersion: number;
}
export const signatureSchema = defineSchema<SignatureDoc>('signatures', { ...signed, rev: integer });

/** What signing depends on of a person; `_id` is the person's. Absent: nothing was done yet. */
export interface SignerDoc extends AdministeredDoc, SignerFacts {
  /** Since when somebody else's password was the last that the person was not verified after: they administer and consent to nothing. Null, absent: they may. */
  readonly unsettledSince?: Instant | null;
  readonly identity: VerifiedIdentity | null;
  readonly acceptedStatement: AcceptedStatement | null;
  /** The second factor; its secret is sealed with the key ring. */
  readonly totp: { readonly sealed: string; readonly confirmedAt: Instant | null } | null;
  /** The last time step whose code was used: no code counts twice (RFC 6238 5.2). Not audited, every use moves it. */
  readonly totpStep: number;
}
export const signerSchema = defineSchema<SignerDoc>('signers', {
  ...administered, passwordOwn: flag, passwordGivenBy: nullableText, identity: anything, unsettledSince: { type: String }, acceptedStatement: anything, totp: anything, totpStep: integer,
});

/** Immutable version of the accountability statement; `_id` is `accountability/<version>`. */
export interface StatementDoc extends AccountabilityStatement { readonly _id: string; readonly createdAt: Instant }
export const statementSchema = defineSchema<StatementDoc>('statements', { _id: text, version: integer, text, createdAt: text });
