import type { ChannelEntry, SealedSecret } from '../../contracts/channels';
import type { Instant } from '../../contracts/instant';
import type { Digest, QuietHours } from '../../contracts/preferences';
import { administered, type AdministeredDoc } from './administered';
import { anything, defineSchema, flag, integer, nullableText, text, texts } from './definition';

/** How the last test of an entry went. */
export interface ChannelTest {
  readonly at: Instant;
  readonly outcome: 'accepted' | 'rejected' | 'deferred' | 'unknown';
  readonly reason: string | null;
}

/** An entry of the channel map. */
export interface ChannelDoc extends AdministeredDoc, ChannelEntry {
  /** Newest first; empty for mail. */
  readonly secrets: readonly SealedSecret[];
  readonly lastTest: ChannelTest | null;
}
export const channelSchema = defineSchema<ChannelDoc>('channels', {
  ...administered, organisationId: text, name: text, studyId: nullableText, country: nullableText, role: nullableText, severities: { ...anything, default: null },
  channel: text, target: text, phiApproved: flag, secrets: anything, lastTest: { ...anything, default: null },
});

/** A person's preferences; `_id` is the person's. */
export interface PreferencesDoc extends AdministeredDoc {
  readonly quietHours: QuietHours | null;
  readonly digest: Digest | null;
}
export const preferencesDocSchema = defineSchema<PreferencesDoc>('preferences', {
  ...administered, quietHours: { ...anything, default: null }, digest: { ...anything, default: null },
});

/** One letter that tells several notices; `_id` is `digest/<person>/<local date>`, so a retry finds it. */
export interface DigestDoc {
  readonly _id: string;
  readonly personId: string;
  readonly address: string;
  /** Fixed at the claim: a repetition lists the same. */
  readonly noticeIds: readonly string[];
  readonly messageId: string;
  readonly contentHash: string | null;
  readonly status: 'pending' | 'told' | 'failed';
  readonly attempts: number;
  readonly possiblyRepeated: boolean;
  readonly createdAt: Instant;
  readonly toldAt: Instant | null;
  readonly failure: string | null;
}
export const digestDocSchema = defineSchema<DigestDoc>('digests', {
  _id: text, personId: text, address: text, noticeIds: texts, messageId: text, contentHash: nullableText, status: text, attempts: integer,
  possiblyRepeated: flag, createdAt: text, toldAt: nullableText, failure: nullableText,
});
