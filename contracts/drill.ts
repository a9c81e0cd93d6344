import { z } from 'zod';
import { durationSchema, type Duration } from './duration';
import { openIssueSchema, type OpenIssue } from './escalation';
import type { Instant } from './instant';
import type { Severity } from './policy';

/** Names that cross the border between client, worker and sandbox. */
export const DRILL = { capability: 'drill' } as const;

/** `reachability`: is everybody of a matrix row reached? `escalation`: does the ladder work? Both by the real path (E15). */
export const DRILL_KINDS = ['reachability', 'escalation'] as const;
type DrillKind = (typeof DRILL_KINDS)[number];

const text = (max: number) => z.string().trim().min(1).max(max);
const id = z.string().min(1).max(64);

/** How long people have: to confirm that they were reached, or to acknowledge. */
const window = durationSchema;

/** `POST /api/v1/drills`. */
export const openDrillSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('reachability'),
    studyId: id.optional(),
    topic: z.string().regex(/^(\*|[a-z][a-z0-9_-]{0,39})$/, 'a topic, or * for the row of every other topic'),
    organisationIds: z.array(id).min(1).max(2),
    window,
    note: text(2000).optional(),
  }),
  openIssueSchema.omit({ dedupeKey: true, happenedAt: true, awareAt: true }).extend({ kind: z.literal('escalation'), window, note: text(2000).optional() }),
]);
export type OpenDrill = z.infer<typeof openDrillSchema>;

/** Bodies of the acts, by route name. */
export const drillActBodies = {
  confirm: z.strictObject({ note: text(2000).optional() }),
  end: z.strictObject({ reason: text(2000) }),
} as const;
export type DrillAct = keyof typeof drillActBodies;
export const DRILL_ACTS = Object.keys(drillActBodies) as readonly DrillAct[];

export type DrillCommand =
  | { [K in DrillAct]: { readonly act: K; readonly body: z.infer<(typeof drillActBodies)[K]> } }[DrillAct]
  /** Every track of the drill's issue is acknowledged: what was to be shown is shown. */
  | { readonly act: 'issue-acknowledged'; readonly body: { readonly recordId: string } }
  /** Another record links here; recorded on both. */
  | { readonly act: 'linked'; readonly body: { readonly recordId: string; readonly kind: string } }
  /** A person left while the drill ran (P11). */
  | { readonly act: 'relieve'; readonly body: { readonly personId: string; readonly deputyId: string | null; readonly reason: string } };

/** A person of the row, told once however many seats they hold. */
export interface DrilledPerson {
  readonly personId: string;
  readonly organisationId: string;
  readonly seats: readonly { readonly level: number; readonly as: 'contact' | 'deputy' }[];
}

/** What became of telling one person and of their answer. */
interface DrillAnswer {
  readonly personId: string;
  /** Set by the person's confirmation. */
  readonly confirmedAt: Instant | null;
  /** Why nobody could be told; null as long as nothing says so. */
  readonly unreachable: string | null;
}

export interface DrillState {
  readonly id: string;
  readonly number: string;
  readonly kind: DrillKind;
  readonly drill: true;
  readonly status: 'running' | 'reported';
  readonly topic: string;
  readonly severity: Severity;
  readonly studyId: string | null;
  readonly raisingOrganisationId: string;
  readonly accountableOrganisationId: string;
  readonly startedBy: string;
  readonly startedFor: string;
  readonly openedAt: Instant;
  readonly window: Duration;
  /** Version of the matrix row whose people are told; null: not of this kind. */
  readonly matrixVersion: number | null;
  readonly people: readonly DrilledPerson[];
  readonly answers: readonly DrillAnswer[];
  /** The fire drill's issue: asked for, opened, or refused. */
  readonly issue: { readonly recordId: string | null; readonly failure: string | null } | null;
  readonly endedAt: Instant | null;
  readonly endReason: string | null;
  readonly links: readonly { readonly recordId: string; readonly kind: string }[];
}

/** What `open` gets: the checked request and the people that the API found for it. */
export interface DrillOpening {
  readonly id: string;
  readonly number: string;
  readonly kind: DrillKind;
  readonly drill: true;
  readonly request: { readonly severity: Severity };
  readonly topic: string;
  readonly studyId: string | null;
  readonly raisingOrganisationId: string;
  readonly accountableOrganisationId: string;
  readonly startedBy: string;
  readonly startedFor: string;
  readonly window: Duration;
  readonly matrixVersion: number | null;
  readonly people: readonly DrilledPerson[];
  /** What the fire drill raises. */
  readonly issue: OpenIssue | null;
}
