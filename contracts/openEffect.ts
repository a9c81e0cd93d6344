import type { OpenCapa } from './capa';
import type { OpenIssue } from './escalation';

interface Opening {
  readonly kind: 'open';
  readonly intent: string;
}

/** A step opens an issue. */
export interface OpenIssueEffect extends Opening {
  /** Absent: an issue. */
  readonly capability?: 'escalation';
  /** A `dedupeKey` that an open issue has already joins that one. */
  readonly request: OpenIssue;
  /** A fire drill: marked, and out of every figure (E15). */
  readonly drill?: boolean;
}

/** A step opens a CAPA, which names the opener as its source. */
export interface OpenCapaEffect extends Opening {
  readonly capability: 'capa';
  readonly request: OpenCapa;
}

/** A record's step opens another record, once per intent; the opener hears which one it is and both records keep the link. */
export type OpenEffect = OpenIssueEffect | OpenCapaEffect;
