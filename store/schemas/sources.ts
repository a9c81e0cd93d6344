import type { Raises, SourceKind, SourceStrength } from '../../contracts/hooks';
import type { Instant } from '../../contracts/instant';
import { administered, type AdministeredDoc } from './administered';
import { anything, defineSchema, nullableText, text, texts } from './definition';

/** One secret of a source. `kept`: sealed with the key ring (hmac), or its SHA-256 (bearer). */
export interface SourceSecret {
  readonly id: string;
  readonly kept: string;
  readonly createdAt: Instant;
  /** Good until here, exclusive; null: the current one. */
  readonly until: Instant | null;
}

/** A machine that may raise issues for an organisation (P12). Never deleted. */
export interface SourceDoc extends AdministeredDoc {
  /** Which raises what it delivers. */
  readonly organisationId: string;
  readonly name: string;
  readonly kind: SourceKind;
  readonly strength: SourceStrength;
  readonly secrets: readonly SourceSecret[];
  readonly raises: Raises;
}
export const sourceSchema = defineSchema<SourceDoc>('sources', {
  ...administered,
  organisationId: text, name: text, kind: text, strength: text, secrets: anything, raises: anything,
});

/** A signed message that was seen. Not a record: it expires, and what it did is in the audit trail. */
export interface NonceDoc {
  readonly _id: string;
  /** A BSON date: MongoDB's expiry knows no other. */
  readonly expiresAt: Date;
}
export const nonceSchema = defineSchema<NonceDoc>('nonces', { _id: text, expiresAt: { type: Date, required: true } });

/** What the last message of a trouble said, so that saying it again is no news. Not a record: the issue holds what happened. */
export interface TriggerDoc {
  /** The dedupe key. */
  readonly _id: string;
  /** Issue that was last opened or joined. */
  readonly recordId: string | null;
  readonly alerts: readonly string[];
}
export const triggerSchema = defineSchema<TriggerDoc>('triggers', { _id: text, recordId: nullableText, alerts: texts });
