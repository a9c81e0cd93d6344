import type { Logger } from 'pino';
import type { PersonActor } from '../contracts/actor';
import type { WebhookSender } from '../contracts/channels';
import type { Instant } from '../contracts/instant';
import type { Membership, TokenScope } from '../contracts/people';
import type { RetentionRules } from '../contracts/retention';
import type { KeyRing } from '../platform/keyRing';
import type { MailChannel } from '../platform/mail';
import type { Metrics } from '../platform/metrics';
import type { Store } from '../store/connection';
import type { Gateway } from './gateway';

/** What routes are made from; the composition root builds it. */
export interface ApiDeps {
  readonly store: Store;
  readonly gateway: Gateway;
  readonly logger: Logger;
  /** Server time (P18); tests move it. */
  readonly now: () => Instant;
  readonly settings: ApiSettings;
  readonly metrics: Metrics;
  /** Seals what must be readable again, e.g. secrets shared with sources. */
  readonly ring: KeyRing;
  /** For the test of a team channel; absent: this process cannot send. */
  readonly senders?: { readonly mail: MailChannel; readonly webhooks: WebhookSender };
  /** Relieves a person of the open duties that they may do no more; answers on how many records (P11). */
  readonly reassignDuties: (input: { readonly personId: string; readonly reason: string; readonly by: PersonActor }) => Promise<number>;
  /** Shutting down: readiness answers no. */
  readonly isStopping?: () => boolean;
}

export interface ApiSettings {
  readonly publicUrl: string;
  readonly demo: boolean;
  /** The demo's mailbox, proxied at `/dev/mail`; absent in production. */
  readonly mailboxUrl: string | undefined;
  /** How long a caller waits for an answer before 202, ms. */
  readonly answerWithinMs: number;
  /** Networks of reverse proxies that are believed about where a request comes from; absent: none. Lockout and limits go by that address. */
  readonly trustedProxies?: readonly string[];
  /** Requests a minute: per session or token, and per address while nobody is signed in. */
  readonly requestsPerMinute?: { readonly signedIn: number; readonly anonymous: number };
  /** Largest file, bytes, and how long evidence is kept; absent: the product's defaults. */
  readonly evidence?: { readonly maxBytes: number; readonly retention: RetentionRules };
  /** Messages a minute that one inbound source may deliver. */
  readonly deliveredPerMinute?: number;
}

/** The signed-in person behind a request. */
export interface Caller {
  readonly personId: string;
  readonly name: string;
  readonly email: string;
  readonly organisationId: string;
  /** Those in force now. */
  readonly memberships: readonly Membership[];
  /** Somebody else set the last password and nobody independent has verified the person since: what binds their organisation waits. */
  readonly unsettledSince?: Instant;
  readonly credential: { readonly id: string; readonly kind: 'session' | 'token'; readonly scopes: readonly TokenScope[]; readonly expiresAt?: Instant; readonly csrf?: string | null };
}
