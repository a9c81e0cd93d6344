import { z } from 'zod';
import type { Instant } from './instant';
import type { Channel } from './notice';
import { roleSchema } from './people';
import { severitySchema } from './policy';

/** How a sending came out where the outcome is known; one that leaves it unknown throws. */
export type ChannelOutcome =
  | { readonly outcome: 'accepted' }
  /** `rejected`: never will be; `deferred`: surely not taken, trying again is safe. */
  | { readonly outcome: 'rejected' | 'deferred'; readonly reason: string };

/** One way to try for one person: blocked ones are recorded with the reason, never used (E10). */
export interface NoticeRoute {
  readonly channel: Channel;
  /** Mail address or URL; empty for the inbox. */
  readonly address: string;
  /** Entry of the channel map behind a webhook. */
  readonly endpointId: string | null;
  readonly blocked: string | null;
}

/** Ways to tell a team: its inbox is each member's own. */
export const TEAM_CHANNELS = ['email', 'webhook'] as const satisfies readonly Channel[];

/** ISO 3166-1 alpha-2. */
export const countrySchema = z.string().regex(/^[A-Z]{2}$/, 'a country code of two capital letters, such as CH');

/**
 * An entry of an organisation's channel map (S1.9): what is told to a level, or to a function, of
 * that organisation is told here too. null: any.
 */
export const channelEntrySchema = z.strictObject({
  organisationId: z.string().min(1).max(64),
  name: z.string().trim().min(1).max(120),
  studyId: z.string().min(1).max(64).nullable().default(null),
  country: countrySchema.nullable().default(null),
  /** The function: the role that the level, or the notice, names. */
  role: roleSchema.nullable().default(null),
  severities: z.array(severitySchema).min(1).max(3).nullable().default(null),
  channel: z.enum(TEAM_CHANNELS),
  /** Mail address or https URL. */
  target: z.string().trim().min(3).max(500),
  /** May carry notices of records that may hold protected health information. */
  phiApproved: z.boolean().default(false),
});
export type ChannelEntry = z.infer<typeof channelEntrySchema>;

/** A signing secret as it is stored: sealed with the key ring. */
export interface SealedSecret {
  readonly sealed: string;
  readonly createdAt: Instant;
  /** Signs until then; null: the newest. */
  readonly until: Instant | null;
}

/** A signed POST after Standard Webhooks: https://www.standardwebhooks.com. */
export interface OutboundMessage {
  readonly url: string;
  /** `webhook-id`: the same for every repetition. */
  readonly id: string;
  readonly at: Instant;
  readonly body: string;
  /** `whsec_…`; one signature each, the newest first. */
  readonly secrets: readonly string[];
}

/** Sends signed messages. Throws when nobody knows whether the receiver took it. */
export interface WebhookSender {
  /** Why nothing can ever be sent to this URL, as far as its text says; undefined: perhaps it can. */
  unusable(url: string): string | undefined;
  post(message: OutboundMessage): Promise<ChannelOutcome>;
}

/** Opens a secret that was sealed for `context`, e.g. `channel/<id>`. Throws when it cannot. */
export type OpenSecret = (sealed: string, context: string) => string;
export type SealSecret = (text: string, context: string) => string;
