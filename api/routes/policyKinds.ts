import type { z } from 'zod';
import { capaPolicySchema, givenTimingsSchema, severityTimingsSchema, type GivenTimings } from '../../contracts/capaPolicy';
import { givenLaddersSchema, laddersSchema, policySchema, type GivenLadders, type PolicyFinding } from '../../contracts/policy';
import type { PolicyContent, PolicyContents } from '../../contracts/policyKinds';
import { checkTimings, soundTimings } from '../../domain/capa/checkTimings';
import { checkLadders, soundLadders, type StaffedScope } from '../../domain/policy/check';
import { capaPolicies, ladderPolicies, type StoredPolicies } from '../../store/policies';
import { capaPolicyDrafts, ladderDrafts, type PolicyDrafts } from '../../store/policyDrafts';
import { CAPA_POLICIES, LADDER_POLICIES, type PolicyKind } from '../../store/policyKinds';

/** What somebody drafts: it may break rules that are said by path, not by schema. */
export interface GivenContents {
  readonly ladders: GivenLadders;
  readonly timings: GivenTimings;
}

/** One kind of policy as the API offers it. */
export interface OfferedPolicies<Name extends PolicyContent> {
  readonly path: '/api/v1/policies' | '/api/v1/capa-policies';
  /** In sentences: `policy`, `CAPA policy`. */
  readonly noun: string;
  /** Ids of its schemas in the OpenAPI document begin so. */
  readonly schemaId: 'Policy' | 'CapaPolicy';
  /** What a version never touches once they run. */
  readonly pinnedBy: string;
  readonly kind: PolicyKind<Name>;
  readonly stored: StoredPolicies<Name>;
  readonly drafts: PolicyDrafts<Name>;
  readonly given: z.ZodType<GivenContents[Name]>;
  readonly content: z.ZodType<PolicyContents[Name]>;
  readonly policy: z.ZodObject;
  /** What is wrong or doubtful; errors keep it from being saved. */
  readonly check: (given: GivenContents[Name] | PolicyContents[Name], scopes: readonly StaffedScope[]) => readonly PolicyFinding[];
  /** Only of what {@link check} found no error in. */
  readonly sound: (given: GivenContents[Name] | PolicyContents[Name]) => PolicyContents[Name];
}

export const OFFERED_LADDERS: OfferedPolicies<'ladders'> = {
  path: '/api/v1/policies', noun: 'policy', schemaId: 'Policy', pinnedBy: 'running issues', kind: LADDER_POLICIES, stored: ladderPolicies, drafts: ladderDrafts,
  given: givenLaddersSchema, content: laddersSchema, policy: policySchema, check: checkLadders, sound: soundLadders,
};
/** Timings of CAPAs (Q11): whom a stage waits for follows from the CAPA, so that nothing about seats is checked. */
export const OFFERED_TIMINGS: OfferedPolicies<'timings'> = {
  path: '/api/v1/capa-policies', noun: 'CAPA policy', schemaId: 'CapaPolicy', pinnedBy: 'running CAPAs', kind: CAPA_POLICIES, stored: capaPolicies, drafts: capaPolicyDrafts,
  given: givenTimingsSchema, content: severityTimingsSchema, policy: capaPolicySchema, check: (given) => checkTimings(given), sound: soundTimings,
};
