import { lineOf, scopeKeyOf, scopeOf, scopesBinding, type BoundParties, type Scoped } from './scope';

/** A version, as far as it matters from when it counts. `version` counts up in the order in which versions are signed. */
export interface Dated {
  readonly version: number;
  /** An instant: ISO 8601, UTC. */
  readonly effectiveFrom: string;
}

/**
 * The version of one line that counts at `at` (P19): of those that have begun, the one signed last. A version that was
 * signed earlier and begins later than a younger one has begun never counts: what was agreed last stands.
 */
export function inForceAt<Version extends Dated>(versions: readonly Version[], at: string): Version | undefined {
  return versions.filter(({ effectiveFrom }) => effectiveFrom <= at).reduce<Version | undefined>((last, one) => (last && last.version > one.version ? last : one), undefined);
}

/** Versions to come that will never count once another begins at `at`: they were signed before it. */
export function overtakenBy<Version extends Dated>(versions: readonly Version[], at: string): readonly Version[] {
  return versions.filter(({ effectiveFrom }) => effectiveFrom > at);
}

/** The version of a key that counts for these parties at `at`: of the narrowest scope that has one in force. */
export function narrowestInForce<Version extends Dated & Scoped & { readonly key: string }>(versions: readonly Version[], key: string, where: BoundParties & { readonly at: string }): Version | undefined {
  for (const scope of scopesBinding(where)) {
    const line = lineOf(key, scope);
    const found = inForceAt(versions.filter((one) => lineOf(one.key, scopeOf(one)) === line), where.at);
    if (found) return found;
  }
  return undefined;
}

/** The same policy version: key, scope and number. */
export function isSameVersion(one: Scoped & { readonly key: string; readonly version: number }, other: Scoped & { readonly key: string; readonly version: number }): boolean {
  return one.key === other.key && one.version === other.version && scopeKeyOf(scopeOf(one)) === scopeKeyOf(scopeOf(other));
}
