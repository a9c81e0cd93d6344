import { z } from 'zod';
import { countrySchema } from './channels';
import type { Instant } from './instant';
import { instantSchema } from './instantSchema';
import { LINK_KINDS } from './links';
import type { PolicyScope } from './policyScope';
import { severitySchema, type Policy, type Severity, type Side } from './policy';

/** Names that cross the border between client, worker and sandbox. */
export const ESCALATION = { workflow: 'escalation', capability: 'escalation' } as const;

const text = (max: number) => z.string().trim().min(1).max(max);
const id = z.string().min(1).max(64);

export const topicSchema = z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/, 'lower-case letters, digits, - and _, at most 40');

/** `POST /api/v1/issues`. */
export const openIssueSchema = z.strictObject({
  studyId: id.optional(),
  topic: topicSchema,
  title: text(200),
  description: text(10_000),
  severity: severitySchema,
  raisingOrganisationId: id,
  accountableOrganisationId: id,
  site: text(120).optional(),
  /** Where it happened: picks team channels of a country (S1.9). */
  country: countrySchema.optional(),
  systemId: id.optional(),
  /** When it happened, and when the raising organisation became aware: two timestamps, never one. */
  happenedAt: instantSchema.optional(),
  awareAt: instantSchema.optional(),
  /** The same trigger twice is one issue. */
  dedupeKey: text(200).optional(),
});
export type OpenIssue = z.infer<typeof openIssueSchema>;

/** Bodies of the acts, by route name. */
export const actBodies = {
  acknowledge: z.strictObject({ note: text(2000).optional() }),
  progress: z.strictObject({ note: text(4000), nextUpdateAt: instantSchema.optional() }),
  comment: z.strictObject({ text: text(4000) }),
  assign: z.strictObject({ personId: id, note: text(2000).optional() }),
  'hand-over': z.strictObject({ toPersonId: id, note: text(2000) }),
  accept: z.strictObject({ note: text(2000).optional() }),
  regrade: z.strictObject({ severity: severitySchema, reason: text(2000) }),
  link: z.strictObject({ recordId: id, kind: z.enum(LINK_KINDS), note: text(2000).optional() }),
  share: z.strictObject({ organisationId: id, extent: z.enum(['whole', 'summary']), reason: text(2000) }),
  unshare: z.strictObject({ organisationId: id, reason: text(2000) }),
  escalate: z.strictObject({ side: z.enum(['raising', 'accountable']).optional(), reason: text(2000) }),
  resolve: z.strictObject({ resolution: text(4000) }),
  confirm: z.strictObject({ note: text(2000).optional() }),
  reject: z.strictObject({ reason: text(2000) }),
  cancel: z.strictObject({ reason: text(2000) }),
  'confirm-cancel': z.strictObject({ note: text(2000).optional() }),
} as const;
export type PersonAct = keyof typeof actBodies;
export const PERSON_ACTS = Object.keys(actBodies) as readonly PersonAct[];

/** A person's act with the facts about people that `commit` checks again. */
export type PersonCommand = { [K in PersonAct]: { readonly act: K; readonly body: z.infer<(typeof actBodies)[K]> & Pinned<K> } }[PersonAct];

/** What the API adds to a body: what was found to allow the act. Absent in commands of earlier releases. */
type Pinned<K extends PersonAct> = K extends 'share' ? { readonly consents?: readonly { readonly id: string; readonly organisationId: string }[] }
  : K extends 'unshare' ? { readonly holdsFiles?: boolean } : unknown;

/** Commands of the product itself. */
export type SystemCommand =
  /** The same trigger came again (E14). */
  | { readonly act: 'repeat'; readonly body: { readonly dedupeKey: string; readonly title: string } }
  /** The machine that raised it says that all is clear: a fact, never a closing. */
  | { readonly act: 'cleared'; readonly body: { readonly dedupeKey: string; readonly at: Instant; readonly source: string } }
  /** A drill's time is over: the issue ends, its report remains (E15). */
  | { readonly act: 'end-drill'; readonly body: { readonly reason: string } }
  /** Another record links here; recorded on both. */
  | { readonly act: 'linked'; readonly body: { readonly recordId: string; readonly kind: string } }
  /** A person left; open duties go to the deputy (P11). */
  | { readonly act: 'relieve'; readonly body: { readonly personId: string; readonly deputyId: string | null; readonly reason: string } };

/** Acts of people whose bodies the API completes with what it pins. */
export type CompletedCommand =
  /** The issue goes on under another version of its policy (P19): never silently. */
  { readonly act: 'replan'; readonly body: { readonly policy: Policy; readonly reason: string } };

export type EscalationCommand = PersonCommand | CompletedCommand | SystemCommand;

export type IssueStatus = 'open' | 'acknowledged' | 'resolved' | 'closed' | 'exhausted' | 'cancelled';

/** One side's climb. */
export interface Track {
  readonly side: Side;
  readonly organisationId: string;
  readonly status: 'climbing' | 'acknowledged' | 'exhausted' | 'settled';
  /** Level told last, from 1. */
  readonly level: number;
  /** Round through the levels, from 1. */
  readonly round: number;
  /** Counts every telling of this track, so that each has an intent of its own. */
  readonly tellings: number;
  /** Levels in a row at which nobody could be told. */
  readonly skipped: number;
  readonly acknowledgedBy: string | null;
  readonly assigneeId: string | null;
  readonly handOver: { readonly fromId: string | null; readonly toId: string } | null;
}

export interface PlanInForce {
  readonly severity: Severity;
  readonly policyKey: string;
  readonly policyVersion: number;
  /** Absent: of the installation. */
  readonly policyScope?: PolicyScope;
  readonly from: Instant;
  readonly reason: string;
}

/** Sight of a record that a third organisation has. */
export interface Share {
  readonly organisationId: string;
  readonly extent: 'whole' | 'summary';
  /** Consents that it rests on. Absent: it needed none, or is older than they are. */
  readonly consentIds?: readonly string[];
}

export interface EscalationState {
  readonly id: string;
  readonly number: string;
  readonly status: IssueStatus;
  readonly topic: string;
  readonly severity: Severity;
  readonly studyId: string | null;
  readonly systemId: string | null;
  readonly raisingOrganisationId: string;
  readonly accountableOrganisationId: string;
  readonly raisedBy: string | null;
  readonly openedAt: Instant;
  readonly dedupeKey: string | null;
  /** The pinned version: a later edit of the policy leaves this issue alone (P19). */
  readonly policy: Policy;
  /** Version of the matrix row that routed the opening; null: routed by role. */
  readonly matrixVersion: number | null;
  /** `*`: the topic has no row of its own, and the one for every other topic routed it. Absent: its own row, none, or an earlier release. */
  readonly matrixTopic?: '*';
  /** A machine raised it with a topic that the two organisations did not choose. Absent: they did, or an earlier release. */
  readonly topicUnknown?: true;
  /** Every plan this issue ran under; the last is in force. */
  readonly plans: readonly PlanInForce[];
  readonly tracks: readonly Track[];
  readonly shares: readonly Share[];
  readonly links: readonly { readonly recordId: string; readonly kind: string }[];
  readonly resolvedBy: string | null;
  /** Times rejected by the raising side. */
  readonly rejections: number;
  readonly cancellation: { readonly by: string; readonly organisationId: string; readonly reason: string } | null;
  /** Resolution deadline lapsed: the KPI is late. */
  readonly resolutionLate: boolean;
  /** Number of the plan, from 1, under which it lapsed last. Absent where it did not, or lapsed in an earlier release. */
  readonly resolutionLateUnder?: number;
  /** Times the review of the exhausted issue lapsed. */
  readonly reviewsLapsed: number;
  /** A review deadline is running because a track is exhausted. */
  readonly underReview: boolean;
  /** A fire drill: its notices are marked, no figure counts it (E15). */
  readonly drill: boolean;
  /** The inbound source that raised it; null: a person did. */
  readonly sourceId: string | null;
  /** Since when the source says that all is clear; null: it does not. */
  readonly clearedAt: Instant | null;
}

/** What `open` gets: the checked request and what the API pinned for it. */
export interface EscalationOpening {
  readonly id: string;
  readonly number: string;
  readonly request: Omit<OpenIssue, 'title' | 'description'>;
  readonly policy: Policy;
  readonly matrixVersion: number | null;
  readonly matrixTopic?: '*';
  readonly topicUnknown?: true;
  readonly raisedBy: string | null;
  readonly drill?: boolean;
  readonly sourceId?: string | null;
}
