import { z } from 'zod';
import { durationSchema } from './duration';
import { roleSchema } from './people';
import { POLICY_NAMINGS, policyScopeSchema } from './policyScope';

export const severitySchema = z.enum(['critical', 'major', 'minor']);
export type Severity = z.infer<typeof severitySchema>;

export const sideSchema = z.enum(['raising', 'accountable']);
export type Side = z.infer<typeof sideSchema>;

/** One level of a ladder: who is told when no contact row names people, and how long they have. */
export const levelSchema = z.strictObject({
  role: roleSchema,
  deputyRole: roleSchema.optional(),
  acknowledgeWithin: durationSchema,
});

/** As far ahead as any duration reaches (contracts/duration.ts), ms. */
const LONGEST_PROMISE_MS = 10 * 366 * 24 * 3_600_000;

/** The timings of one severity (defaults: docs/defaults.md). */
export const ladderSchema = z.strictObject({
  levels: z.array(levelSchema).min(1).max(8),
  /** Further rounds through all levels before the track is exhausted. */
  repeats: z.int().min(0).max(20),
  progressWithin: durationSchema,
  /** The furthest ahead a next update may be promised, calendar ms: a promise must not silence a ladder. */
  promiseAtMostMs: z.int().min(1000).max(LONGEST_PROMISE_MS),
  resolveWithin: durationSchema,
  confirmWithin: durationSchema,
  secondPersonWithin: durationSchema,
  acceptWithin: durationSchema,
  reviewWithin: durationSchema,
  /** Told, beside the last level, when a track is exhausted. */
  exhaustedTells: z.array(roleSchema).max(4),
  warnAt: z.array(z.number().gt(0).lt(1)).max(5),
});
export type Ladder = z.infer<typeof ladderSchema>;

export const laddersSchema = z.strictObject({ critical: ladderSchema, major: ladderSchema, minor: ladderSchema });
export type Ladders = z.infer<typeof laddersSchema>;

/** A policy named like a topic answers for that topic where no matrix row says otherwise. */
export const policyKeySchema = z.string().regex(/^[a-z][a-z0-9_-]{0,59}$/, 'lower-case letters, digits, - and _, at most 60');

/** What a version of any kind of policy has. */
export const versionFields = {
  key: z.string().min(1).max(60),
  version: z.int().min(1),
  effectiveFrom: z.iso.datetime(),
  /** Regulation, standard, contract or SOP that the timings come from. */
  basis: z.string().min(1).max(500),
  /** Absent: of the installation, from before policies belonged to somebody. */
  scope: policyScopeSchema.optional(),
  /** On a record: how it came to this policy. */
  named: z.enum(POLICY_NAMINGS).optional(),
};

/** An escalation policy: immutable version, effective-dated, with the basis it rests on. */
export const policySchema = z.strictObject({ ...versionFields, ladders: laddersSchema });
export type Policy = z.infer<typeof policySchema>;

/** A span as somebody drafts it: that it is nothing, or half a business day, a check names better. */
export const givenDurationSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('calendar'), ms: z.int().min(0) }),
  z.strictObject({ kind: z.literal('business'), unit: z.enum(['hours', 'days']), amount: z.number().min(0) }),
]);

/**
 * Ladders as somebody drafts them: whatever a rule of domain/policy/check.ts names better than a
 * schema could may still be missing or out of bounds here.
 */
const givenLadderSchema = z.strictObject({
  levels: z.array(z.strictObject({ role: roleSchema.nullable().optional(), deputyRole: roleSchema.optional(), acknowledgeWithin: givenDurationSchema })).max(100),
  /** null or missing: without a bound. */
  repeats: z.int().min(0).nullable().optional(),
  progressWithin: givenDurationSchema,
  promiseAtMostMs: z.int().min(0),
  resolveWithin: givenDurationSchema,
  confirmWithin: givenDurationSchema,
  secondPersonWithin: givenDurationSchema,
  acceptWithin: givenDurationSchema,
  reviewWithin: givenDurationSchema.nullable().optional(),
  exhaustedTells: z.array(roleSchema).max(4),
  warnAt: z.array(z.number()).max(5),
});
export type GivenLadder = z.infer<typeof givenLadderSchema>;
export const givenLaddersSchema = z.strictObject({ critical: givenLadderSchema, major: givenLadderSchema, minor: givenLadderSchema });
export type GivenLadders = z.infer<typeof givenLaddersSchema>;

/** What somebody says when a policy is checked. An error stands against publishing, a warning does not. */
export interface PolicyFinding {
  readonly severity: 'error' | 'warning';
  /** Path to the fault: `ladders.critical.levels.2.acknowledgeWithin`. */
  readonly field: string;
  readonly message: string;
}

/** One difference between two versions; a span of time is one value. */
export interface PolicyChange {
  readonly path: string;
  /** null: it was not there. */
  readonly old: unknown;
  /** null: it is not there any more. */
  readonly new: unknown;
}
