import { z } from 'zod';
import type { Instant } from './instant';

/** Whom a policy binds, the narrowest first: in this order the version that counts is looked for (docs/policies.md). */
export const SCOPE_KINDS = ['study', 'pair', 'organisation', 'installation'] as const;
export type ScopeKind = (typeof SCOPE_KINDS)[number];

const id = z.string().min(1).max(64);

/**
 * Whose a policy version is. It binds the issues and CAPAs whose parties are exactly these organisations, on this study or,
 * without one, on any; each of them signs it. `installation`: of nobody, for those who agreed on nothing.
 */
export const policyScopeSchema = z.object({
  kind: z.enum(SCOPE_KINDS),
  /** Parties, sorted: none, one or two. */
  organisationIds: z.array(id).max(2).readonly(),
  studyId: id.nullable(),
});
export type PolicyScope = z.infer<typeof policyScopeSchema>;

/** A scope as a request names it. */
export const givenScopeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('installation') }),
  z.strictObject({ kind: z.literal('organisation'), organisationId: id }),
  z.strictObject({ kind: z.literal('pair'), organisationIds: z.array(id).length(2) }),
  z.strictObject({ kind: z.literal('study'), studyId: id, organisationIds: z.array(id).min(1).max(2) }),
]);
export type GivenScope = z.infer<typeof givenScopeSchema>;

/** The place of a scope, as lists and addresses write it: `<study or ->/<organisations, sorted>`; `installation`. */
export const scopeKeySchema = z.string().regex(/^(?:installation|[^/@\s]{1,64}\/[^/@\s]{1,130})$/, 'installation, or <study or ->/<organisation>+<organisation>');

/** How a record came to a policy: its matrix row names the key, the key is named like the topic, neither, or the raising side moved it. */
export type PolicyNaming = 'row' | 'topic' | 'default' | 'moved';
export const POLICY_NAMINGS = ['row', 'topic', 'default', 'moved'] as const satisfies readonly PolicyNaming[];

/** One organisation's yes to what several agree on (ICH E6(R3) 3.6.1). */
export interface PartyApproval {
  readonly organisationId: string;
  readonly personId: string;
  readonly role: string;
  readonly at: Instant;
  /** The electronic signature; absent: given before approvals were signed, or put in by provisioning. */
  readonly signatureId?: string;
}
