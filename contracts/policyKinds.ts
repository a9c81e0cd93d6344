import type { SeverityTimings } from './capaState';
import type { Ladders } from './policy';
import type { PolicyNaming, PolicyScope } from './policyScope';

/** What a version of a policy holds, by the name under which it holds it: the ladders of issues, the timings of CAPAs. */
export interface PolicyContents {
  readonly ladders: Ladders;
  readonly timings: SeverityTimings;
}
export type PolicyContent = keyof PolicyContents;

/** What every version has, whatever it holds. */
export interface PolicyVersion {
  readonly key: string;
  readonly version: number;
  /** An instant: ISO 8601, UTC. */
  readonly effectiveFrom: string;
  /** Regulation, standard, contract or SOP that the timings come from. */
  readonly basis: string;
  /** Absent: of the installation, from before policies belonged to somebody. */
  readonly scope?: PolicyScope | undefined;
  /** On a record: how it came to this policy. */
  readonly named?: PolicyNaming | undefined;
}

/** An immutable, effective-dated version of one kind of policy. */
export type PolicyOf<Name extends PolicyContent> = PolicyVersion & { readonly [K in Name]: PolicyContents[K] };
