import { z } from 'zod';
import { ACTION_KINDS, ACTION_LEVELS, CAUSE_CATEGORIES, FISHBONE_CATEGORIES, MEASURED_BY, OUTCOMES, VERDICTS, type CountedSource } from './capaWords';
import { durationSchema } from './duration';
import type { Instant } from './instant';
import { dueSchema } from './instantSchema';

const id = z.string().min(1).max(64);
/** What a half-finished draft may leave empty; submitting asks for it. */
const draftText = (max: number) => z.string().trim().max(max).default('');
const evidence = z.array(id).max(50).default([]);

export const problemSchema = z.strictObject({ what: draftText(4000), where: draftText(1000), when: draftText(1000), extent: draftText(4000) });
export type Problem = Readonly<z.output<typeof problemSchema>>;

/** Likelihood × impact, each 1 to 5. */
export const riskSchema = z.strictObject({ likelihood: z.int().min(1).max(5), impact: z.int().min(1).max(5) });
export type Risk = Readonly<z.output<typeof riskSchema>>;

/** Is this a serious breach of the protocol or of GCP (EU 536/2014 Art. 52)? Answered before triage is left (Q16). */
export const seriousBreachSchema = z.strictObject({ answer: z.enum(['yes', 'no']), reason: z.string().trim().min(1).max(4000) });
export type SeriousBreach = Readonly<z.output<typeof seriousBreachSchema>>;

/** How the accountable side sees the problem, beside the statement of the raising side, which it cannot change. */
export const accountableViewSchema = z.strictObject({ text: draftText(8000), evidenceIds: evidence });
export type AccountableView = Readonly<z.output<typeof accountableViewSchema>>;

/** Immediate measures; or why none is needed. */
export const containmentSchema = z.strictObject({
  measures: z.array(z.strictObject({ text: z.string().trim().min(1).max(2000), evidenceIds: evidence })).max(30).default([]),
  noneBecause: draftText(2000),
});
export type Containment = Readonly<z.output<typeof containmentSchema>>;

const cause = z.strictObject({ statement: draftText(4000), categories: z.array(z.enum(CAUSE_CATEGORIES)).max(6).default([]) });

/** The root cause as structured data, with evidence for each answer (Q3). */
export const rootCauseSchema = z.discriminatedUnion('method', [
  z.strictObject({
    method: z.literal('five_why'),
    /** In order: each answers why the one before it is so. */
    chain: z.array(z.strictObject({ why: draftText(1000), because: draftText(2000), evidenceIds: evidence })).max(10).default([]),
    cause,
  }),
  z.strictObject({
    method: z.literal('fishbone'),
    candidates: z.array(z.strictObject({
      category: z.enum(FISHBONE_CATEGORIES), candidate: draftText(2000), evidenceFor: evidence, evidenceAgainst: evidence, verdict: z.enum(VERDICTS).default('open'),
    })).max(60).default([]),
    cause,
  }),
]);
export type RootCause = Readonly<z.output<typeof rootCauseSchema>>;

/** Does the same stand elsewhere: other systems, sites, studies (Q4)? */
export const extentCheckSchema = z.strictObject({ lookedAt: draftText(4000), finding: z.enum(['isolated', 'wider']).nullable().default(null), detail: draftText(4000), evidenceIds: evidence });
export type ExtentCheck = Readonly<z.output<typeof extentCheckSchema>>;

const plannedAction = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,20}$/, 'lower-case letters, digits and -, at most 20'),
  kind: z.enum(ACTION_KINDS),
  /** Not stated: no system-level action in any figure. */
  level: z.enum(ACTION_LEVELS).optional(),
  description: draftText(4000),
  ownerId: id.nullable().default(null),
  organisationId: id.nullable().default(null),
  due: dueSchema.nullable().default(null),
});
export type PlannedAction = Readonly<z.output<typeof plannedAction>>;

/** How it will be seen that the cause is gone; fixed before implementation (Q5). */
const effectiveness = z.strictObject({
  metric: draftText(1000), baseline: draftText(1000), target: draftText(1000),
  /** How long is watched, from the verified implementation. */
  window: durationSchema.nullable().default(null),
  sampleSize: z.int().min(1).max(1_000_000).nullable().default(null),
  /** Share of the sample that must be met, 0 to 1, e.g. 1 for `3 of 3`; absent: the assessor judges by the target's words. */
  goal: z.number().min(0).max(1).optional(),
  source: draftText(1000), measuredBy: z.enum(MEASURED_BY).default('manual'),
  assessorId: id.nullable().default(null), assessorOrganisationId: id.nullable().default(null),
});
export type EffectivenessPlan = Readonly<z.output<typeof effectiveness>>;

export const planSchema = z.strictObject({
  actions: z.array(plannedAction).max(40).default([]),
  effectiveness: effectiveness.nullable().default(null),
  /** Procedures, training and other documents to be updated (ISO 13485 8.5.2 d). */
  documents: z.array(z.string().trim().min(1).max(300)).max(50).default([]),
});
export type Plan = Readonly<z.output<typeof planSchema>>;

/** Did the actions do harm elsewhere (ISO 13485 8.5.2 e)? Asked before the implementation is verified (Q4). */
export const adverseCheckSchema = z.strictObject({ finding: z.enum(['none', 'found']).nullable().default(null), detail: draftText(4000), evidenceIds: evidence });
export type AdverseCheck = Readonly<z.output<typeof adverseCheckSchema>>;

/** What the assessor found; signed by `assess`. */
export const resultSchema = z.strictObject({
  outcome: z.enum(OUTCOMES), measured: z.string().trim().min(1).max(1000), sampleSize: z.int().min(0).max(1_000_000),
  evidenceIds: z.array(id).min(1).max(50), note: draftText(4000),
  /** What people saw, each with its evidence; of effects that the product does not count. */
  observations: z.array(z.strictObject({ what: z.string().trim().min(1).max(1000), met: z.boolean(), evidenceIds: z.array(id).min(1).max(10) })).max(1000).optional(),
});
export type Result = Readonly<z.output<typeof resultSchema>>;

/** What the product counted in the window, with the records that it counted (Q5). Made by the API, and again by commit. */
export interface Measurement {
  readonly source: CountedSource;
  /** Version of the formula (domain/capa/measured.ts). */
  readonly formula: number;
  readonly from: Instant;
  readonly to: Instant;
  readonly numerator: number;
  readonly denominator: number;
  readonly sources: readonly { readonly recordId: string; readonly met: boolean }[];
}

export const closureSchema = z.strictObject({ summary: draftText(8000), riskAfter: riskSchema.nullable().default(null) });
export type Closure = Readonly<z.output<typeof closureSchema>>;

/** What people write piece by piece; a section that is given replaces what was there. */
export const sectionsSchema = z.strictObject({
  problem: problemSchema.optional(), riskBefore: riskSchema.optional(), accountableView: accountableViewSchema.optional(), seriousBreach: seriousBreachSchema.optional(), containment: containmentSchema.optional(),
  rootCause: rootCauseSchema.optional(), extentCheck: extentCheckSchema.optional(), plan: planSchema.optional(), adverseCheck: adverseCheckSchema.optional(),
  result: resultSchema.optional(), closure: closureSchema.optional(),
});
export type Sections = Readonly<z.output<typeof sectionsSchema>>;
export type Section = keyof Sections;
export const SECTIONS = Object.keys(sectionsSchema.shape) as readonly Section[];
