import { z } from 'zod';
import { durationSchema } from './duration';
import { roleSchema } from './people';

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

/** The timings of one severity (defaults: docs/defaults.md). */
export const ladderSchema = z.strictObject({
  levels: z.array(levelSchema).min(1).max(8),
  /** Further rounds through all levels before the track is exhausted. */
  repeats: z.int().min(0).max(20),
  progressWithin: durationSchema,
  /** The furthest ahead a next update may be promised, calendar ms: a promise must not silence a ladder. */
  promiseAtMostMs: z.int().min(1000),
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

/** An escalation policy: immutable version, effective-dated, with the basis it rests on. */
export const policySchema = z.strictObject({
  key: z.string().min(1).max(60),
  version: z.int().min(1),
  effectiveFrom: z.iso.datetime(),
  /** Regulation, standard, contract or SOP that the timings come from. */
  basis: z.string().min(1).max(500),
  ladders: z.strictObject({ critical: ladderSchema, major: ladderSchema, minor: ladderSchema }),
});
export type Policy = z.infer<typeof policySchema>;
