import type { OpenIssue } from './escalation';

/** A record's step opens an issue, once per intent; the opener hears which one it is and both records keep the link. */
export interface OpenEffect {
  readonly kind: 'open';
  readonly intent: string;
  /** A `dedupeKey` that an open issue has already joins that one. */
  readonly request: OpenIssue;
  /** A fire drill: marked, and out of every figure (E15). */
  readonly drill?: boolean;
}
