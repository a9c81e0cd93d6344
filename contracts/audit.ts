import type { Instant } from './instant';
import type { Json } from './step';

/** Who stands behind an entry, as an inspector reads it (EMA 6.2.1: user name, role, organisation). */
export type AuditActor =
  | { readonly kind: 'person'; readonly personId: string; readonly name: string; readonly role: string; readonly organisationId: string }
  | {
      readonly kind: 'system';
      readonly name: string;
      readonly workflowId?: string;
      readonly runId?: string;
      readonly definition?: string;
      readonly policyVersion?: string;
    };

/** An entry before it is chained. */
export interface AuditDraft {
  readonly streamId: string;
  readonly at: Instant;
  /** IANA zone of the server clock that gave `at`; always `UTC` here (E6(R3) 4.2.2(d)). */
  readonly zone: 'UTC';
  readonly actor: AuditActor;
  readonly action: string;
  readonly field?: string;
  readonly old?: Json;
  readonly new?: Json;
  readonly reason?: string;
  readonly detail?: Json;
  readonly correlationId: string;
  /** Revision of the record that this entry led to. */
  readonly rev?: number;
  readonly visibleTo?: readonly string[];
  /** What the step or change left stored, by part. Of a step, on its last entry. */
  readonly documents?: DocumentHashes;
}

/** SHA-256, in hex, over the RFC 8785 form of stored documents, by part: `state`, `step`, `version`, `link/<record>`. */
export type DocumentHashes = Readonly<Record<string, string>>;

/**
 * A chained entry: `hash` is SHA-256 over the RFC 8785 form of everything but itself. Beside it the store keeps a
 * {@link Seal} of the hash, which is no part of the entry: it says who wrote it down, not what happened.
 */
export interface AuditEntry extends AuditDraft {
  readonly seq: number;
  readonly prevHash: string;
  readonly hash: string;
}

/** HMAC-SHA-256 over an entry's hash, in hex, by a key that follows from the key ring's key `keyId`. */
export interface Seal {
  readonly keyId: string;
  readonly mac: string;
}

/** Seals what the product writes, and knows what it sealed: whoever has the database alone can do neither. */
export interface Sealer {
  codeOf(text: string): Seal;
  /** `unknown_key`: the ring at hand does not hold the key that the seal names. */
  check(text: string, seal: Seal): 'good' | 'bad' | 'unknown_key';
}

/** End of a chain. An empty chain has length 0 and the zero hash. */
export interface ChainHead {
  readonly streamId: string;
  readonly length: number;
  readonly head: string;
}

/** What is mailed to an organisation each day: kept elsewhere, it proves the chains. */
export interface AnchorReceipt {
  readonly kind: 'cro-oversight/anchor-receipt';
  readonly version: 1;
  readonly anchorId: string;
  readonly at: Instant;
  readonly root: string;
  readonly streams: number;
  readonly previousRoot: string;
  readonly organisationId: string;
  readonly heads: readonly ChainHead[];
}
