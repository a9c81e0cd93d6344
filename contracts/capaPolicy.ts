import { z } from 'zod';
import { STAGES, type Stage } from './capaWords';
import { durationSchema } from './duration';
import { givenDurationSchema, versionFields } from './policy';

/** The spans of one severity that are no stage's. */
export const OTHER_SPANS = ['monitoring', 'decision', 'recurrenceWatch'] as const;
export type CapaSpan = Stage | (typeof OTHER_SPANS)[number];
/** Every span that a policy times, in the order of a CAPA's life. */
export const CAPA_SPANS: readonly CapaSpan[] = [...STAGES, ...OTHER_SPANS];

function bySeverity<Timings extends z.ZodType>(timings: Timings) {
  return z.strictObject({ critical: timings, major: timings, minor: timings });
}

function timingsOf<Span extends z.ZodType>(span: Span) {
  return z.strictObject({
    response: span, 'root-cause': span, plan: span, corrective: span, preventive: span, verification: span, assessment: span, closure: span,
    monitoring: span, decision: span, recurrenceWatch: span,
  });
}

/** The timings of one CAPA policy (contracts/capaState.ts says what each is). */
export const severityTimingsSchema = bySeverity(timingsOf(durationSchema).extend({ warnAt: z.array(z.number().gt(0).lt(1)).max(5) }));
/** Timings as somebody drafts them: what is wrong with them domain/capa/checkTimings.ts names better than a schema. */
export const givenTimingsSchema = bySeverity(timingsOf(givenDurationSchema).extend({ warnAt: z.array(z.number()).max(5).readonly() }));
export type GivenTimings = z.infer<typeof givenTimingsSchema>;

export const capaPolicySchema = z.strictObject({ ...versionFields, timings: severityTimingsSchema });
