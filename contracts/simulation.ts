import { z } from 'zod';
import type { Instant } from './instant';
import { instantSchema } from './instantSchema';
import { topicSchema } from './escalation';
import { scopeKeySchema } from './policyScope';
import { laddersSchema, severitySchema, sideSchema, type Severity, type Side } from './policy';

const id = z.string().min(1).max(64);

/** Which ladders are tried: a published version (unless said, the one that counts for the parties), a draft, or ladders as they stand here. */
export const triedPolicySchema = z.union([
  z.strictObject({ key: z.string().min(1).max(60), version: z.int().min(1).optional(), scope: scopeKeySchema.optional() }),
  z.strictObject({ draftId: id }),
  z.strictObject({ ladders: laddersSchema }),
]);
export type TriedPolicy = z.infer<typeof triedPolicySchema>;

export const SIMULATED_ACTS = ['acknowledge', 'progress', 'escalate', 'regrade', 'assign', 'resolve', 'confirm', 'reject', 'cancel', 'confirm-cancel'] as const;
export type SimulatedActName = (typeof SIMULATED_ACTS)[number];

/** What somebody does during a simulation, at an instant or so long after the opening. */
export const simulatedActSchema = z.strictObject({
  at: instantSchema.optional(),
  afterMs: z.int().min(0).max(400 * 24 * 3_600_000).optional(),
  side: sideSchema,
  act: z.enum(SIMULATED_ACTS),
  /** Who acts; absent: whom the side's last telling reached. */
  personId: id.optional(),
  /** Of a regrade. */
  severity: severitySchema.optional(),
  /** Of an assignment. */
  toPersonId: id.optional(),
  /** Of progress: the promised next update. */
  nextUpdateAt: instantSchema.optional(),
}).refine(({ at, afterMs }) => (at === undefined) !== (afterMs === undefined), { path: ['at'], message: 'give either at or afterMs' })
  .refine(({ act, severity }) => act !== 'regrade' || severity !== undefined, { path: ['severity'], message: 'a regrade needs one' })
  .refine(({ act, toPersonId }) => act !== 'assign' || toPersonId !== undefined, { path: ['toPersonId'], message: 'an assignment needs one' });
export type SimulatedAct = z.infer<typeof simulatedActSchema>;

/** `POST /api/v1/simulations` */
export const simulationSchema = z.strictObject({
  policy: triedPolicySchema,
  severity: severitySchema,
  /** When the issue would be raised. */
  at: instantSchema,
  studyId: id.optional(),
  topic: topicSchema.default('simulation'),
  raisingOrganisationId: id,
  accountableOrganisationId: id,
  /** Who would raise it, and is told of its resolution. */
  raisedBy: id.optional(),
  /** Who is not there: all the time, or from–to. */
  away: z.array(z.union([id, z.strictObject({ personId: id, from: instantSchema.optional(), until: instantSchema.optional() })])).max(100).default([]),
  acts: z.array(simulatedActSchema).max(50).default([]),
});
export type SimulationRequest = z.infer<typeof simulationSchema>;

/** Why a step was taken. */
export type Cause =
  | { readonly kind: 'opened' }
  | { readonly kind: 'lapsed'; readonly deadline: string; readonly due: Instant }
  | { readonly kind: 'warned'; readonly deadline: string; readonly share: number }
  /** Nobody was there to be told. */
  | { readonly kind: 'nobody' }
  | { readonly kind: 'act'; readonly act: string; readonly personId: string | null };

/** One person told, or, where `personId` is null, a telling that finds nobody. */
export interface SimulatedTelling {
  readonly at: Instant;
  readonly organisationId: string;
  readonly side: Side | null;
  readonly level: number | null;
  readonly reason: string;
  /** What the notice asks for, until when, counted on whose calendar; null: calendar time, or nothing is due. */
  readonly deadline: string | null;
  readonly due: Instant | null;
  readonly calendar: { readonly organisationId: string; readonly version: number } | null;
  readonly personId: string | null;
  readonly name: string | null;
  readonly role: string | null;
  readonly as: string | null;
  readonly cause: Cause;
}

export interface RefusedAct {
  readonly at: Instant;
  readonly act: string;
  readonly side: Side | null;
  readonly type: string;
  readonly reason: string;
}

/** How a simulation ends: over; only the review of an exhausted issue is left; or cut off at its bound. */
export type SimulationEnd = { readonly at: Instant; readonly as: 'closed' | 'cancelled' | 'exhausted' | 'bounded'; readonly status: string };

export interface Simulation {
  readonly tellings: readonly SimulatedTelling[];
  readonly refused: readonly RefusedAct[];
  readonly end: SimulationEnd;
  /** The same in plain words, one line a telling. */
  readonly lines: readonly string[];
}

/** What a course of an issue amounted to, recorded or replayed. */
export interface CourseSummary {
  /** Highest level told, by side. */
  readonly levels: { readonly accountable: number; readonly raising: number };
  /** Notices: one for each audience and reason, however many people stand there. */
  readonly tellings: number;
  /** Deadlines that passed without their act, by name, warnings apart. */
  readonly missed: Readonly<Record<string, number>>;
  readonly exhausted: boolean;
  readonly acknowledgedAfterMs: { readonly accountable: number | null; readonly raising: number | null };
}

export interface BacktestedIssue {
  readonly id: string;
  readonly number: string;
  readonly severity: Severity;
  readonly ranUnder: { readonly key: string; readonly version: number };
  readonly recorded: CourseSummary;
  readonly candidate: CourseSummary;
  /** Names of what differs; empty: the candidate would have changed nothing. */
  readonly differs: readonly string[];
  /** Acts that the candidate would have refused at their moment. */
  readonly refused: readonly RefusedAct[];
  /** Acts that were left out, because the candidate stands for the whole course: changes of policy. */
  readonly skipped: readonly string[];
}
