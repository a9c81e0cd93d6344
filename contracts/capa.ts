import { z } from 'zod';
import { planSchema, problemSchema, riskSchema, sectionsSchema, seriousBreachSchema, type Measurement } from './capaSections';
import { ACTION_KINDS, PROPOSAL_KINDS, SOURCE_TYPES, type CauseCategory } from './capaWords';
import { topicSchema } from './escalation';
import type { EvidenceRef } from './evidence';
import type { Instant } from './instant';
import { dueSchema } from './instantSchema';
import { LINK_KINDS } from './links';
import { severitySchema } from './policy';

const text = (max: number) => z.string().trim().min(1).max(max);
const id = z.string().min(1).max(64);

/** Where a CAPA comes from: a record of this product, or what is kept elsewhere (Q2). */
export const sourceSchema = z.strictObject({ type: z.enum(SOURCE_TYPES), recordId: id.optional(), reference: text(300).optional() })
  .refine(({ recordId, reference }) => recordId !== undefined || reference !== undefined, { path: ['reference'], message: 'name the record, or say what it is' });

/** `POST /api/v1/capas`. */
export const openCapaSchema = z.strictObject({
  studyId: id.optional(),
  topic: topicSchema,
  title: text(200),
  description: text(10_000),
  severity: severitySchema,
  classification: z.enum(ACTION_KINDS),
  /** To whom it is owed, and who owes it; the sponsor affected is one of the two. */
  raisingOrganisationId: id,
  accountableOrganisationId: id,
  systemId: id.optional(),
  source: sourceSchema,
  problem: problemSchema.optional(),
  riskBefore: riskSchema.optional(),
  /** true: half-finished, to be submitted later. */
  draft: z.boolean().optional(),
  /** The same trigger twice is one CAPA. */
  dedupeKey: text(200).optional(),
});
export type OpenCapa = z.infer<typeof openCapaSchema>;

/** `POST /api/v1/issues/{id}/capa`, `…/controls/{id}/capa`: what is not said is taken from the record, which becomes the source. */
export const openFromRecordSchema = openCapaSchema.omit({ source: true }).partial();
export type OpenFromRecord = z.infer<typeof openFromRecordSchema>;

/** Id of the signing grant; missing, the act is refused with `signature_required`. */
const signature = id.optional();
const signed = z.strictObject({ signature, note: text(2000).optional() });
const extensionNo = z.int().min(1).max(1000);

/** Sections, and why they change: needed from the first submission of a part on. */
const written = sectionsSchema.extend({ reason: text(2000).optional() });

/** Bodies of the acts, by route name. */
export const capaActBodies = {
  comment: z.strictObject({ text: text(4000) }),
  link: z.strictObject({ recordId: id, kind: z.enum(LINK_KINDS), note: text(2000).optional() }),
  save: written.refine(({ reason: _reason, ...sections }) => Object.values(sections).some((section) => section !== undefined), { message: 'nothing to save' }),
  /** Signed in containment only. */
  submit: z.strictObject({ ...sectionsSchema.shape, reason: text(2000).optional(), signature }),
  return: z.strictObject({ comments: text(4000) }),
  accept: z.strictObject({ ownerId: id, seriousBreach: seriousBreachSchema.optional(), note: text(2000).optional(), signature }),
  regrade: z.strictObject({ severity: severitySchema, reason: text(2000), signature }),
  'answer-breach': z.strictObject({ answer: z.enum(['yes', 'no']), reason: text(4000), signature }),
  /** What was told to the authority, e.g. the number that CTIS gave. */
  'report-breach': z.strictObject({ reference: text(300), note: text(2000).optional() }),
  /** Signed for the assessor. */
  assign: z.strictObject({ duty: z.enum(['owner', 'assessor', 'action']), actionId: id.optional(), personId: id, reason: text(2000), signature })
    .refine(({ duty, actionId }) => (duty === 'action') === (actionId !== undefined), { path: ['actionId'], message: 'names the action, for the duty action only' }),
  'approve-plan': signed,
  start: z.strictObject({ note: text(2000).optional() }),
  'revise-plan': z.strictObject({ plan: planSchema, reason: text(2000) }),
  'report-action': z.strictObject({ actionId: id, evidenceIds: z.array(id).min(1).max(50), note: text(4000).optional() }),
  /** Signed where the action is accepted, or its verification undone. */
  'verify-action': z.strictObject({ actionId: id, accepted: z.boolean(), note: text(4000).optional(), signature })
    .refine(({ accepted, note }) => accepted || note !== undefined, { path: ['note'], message: 'say what is missing' }),
  'verify-implementation': signed,
  'start-monitoring': z.strictObject({ note: text(2000).optional() }),
  assess: signed,
  /** Effective all the same, below the goal: quality of both sides says why. */
  deviate: z.strictObject({ reason: text(4000), signature }),
  'approve-closure': signed,
  propose: z.strictObject({ what: z.enum(PROPOSAL_KINDS), reason: text(4000), duplicateOf: id.optional() }),
  decline: z.strictObject({ what: z.enum(PROPOSAL_KINDS), reason: text(2000) }),
  reject: signed,
  cancel: signed,
  waive: signed,
  'confirm-not-affected': signed,
  'request-extension': z.strictObject({
    /** `action/<id>` or `stage/<name>`. */
    deadline: z.string().regex(/^(action|stage)\/[a-z0-9-]{1,20}$/, 'action/<id> or stage/<name>'),
    newDue: dueSchema, justification: text(4000),
    /** What keeps the risk down meanwhile. */
    interimControl: text(4000),
  }),
  'grant-extension': z.strictObject({ no: extensionNo, note: text(2000).optional(), signature }),
  'grant-further-extension': z.strictObject({ no: extensionNo, note: text(2000).optional(), signature }),
  'decline-extension': z.strictObject({ no: extensionNo, reason: text(2000), signature }),
  /** `reason`: without a recurrence that waits for a decision. */
  reopen: signed.extend({ reason: text(4000).optional() }),
  'decline-recurrence': z.strictObject({ reason: text(4000) }),
} as const;
export type CapaAct = keyof typeof capaActBodies;
export const CAPA_ACTS = Object.keys(capaActBodies) as readonly CapaAct[];

type BodyOf<A extends CapaAct> = z.output<(typeof capaActBodies)[A]>;

/** Acts whose body names evidence. */
export const EVIDENCED_ACTS = ['save', 'submit', 'report-action'] as const satisfies readonly CapaAct[];
type EvidencedAct = (typeof EVIDENCED_ACTS)[number];
type CompletedAct = EvidencedAct | 'request-extension' | 'regrade' | 'accept';

/** What the API adds: the SHA-256 of the evidence that the body names, so that signatures cover the very files. */
export interface PinnedEvidence {
  readonly pinned?: readonly EvidenceRef[];
  /** The API demands a reason for changing what was submitted; absent in commands of releases that did not. */
  readonly asksReason?: true;
  /** What the API counted, with a result. */
  readonly measurement?: Measurement;
}

/** A deadline of a stage as the API found it armed. */
export interface RunningDeadline {
  readonly name: string;
  readonly due: Instant;
}

/** What people ask for. `currentDue`: the armed deadline as the API found it, because a machine knows a stage's due instant only once it has passed. */
export type CapaPersonCommand =
  | { [A in Exclude<CapaAct, CompletedAct>]: { readonly act: A; readonly body: BodyOf<A> } }[Exclude<CapaAct, CompletedAct>]
  | { [A in EvidencedAct]: { readonly act: A; readonly body: BodyOf<A> & PinnedEvidence } }[EvidencedAct]
  | { readonly act: 'regrade'; readonly body: BodyOf<'regrade'> & { readonly running?: readonly RunningDeadline[] } }
  /** `coversBreach`: the API has the answer signed with the rest; absent in commands of releases that did not. */
  | { readonly act: 'accept'; readonly body: BodyOf<'accept'> & { readonly coversBreach?: true } }
  | { readonly act: 'request-extension'; readonly body: BodyOf<'request-extension'> & { readonly currentDue?: Instant | null } };

/** Commands of the product itself. */
export type CapaSystemCommand =
  /** Another record links here; recorded on both. */
  | { readonly act: 'linked'; readonly body: { readonly recordId: string; readonly kind: string } }
  /** The same trigger came again. */
  | { readonly act: 'repeat'; readonly body: { readonly dedupeKey: string; readonly title: string } }
  /** Within the watch, another CAPA found the same cause on the same system (Q7). */
  | { readonly act: 'recurred'; readonly body: { readonly capaId: string; readonly number: string; readonly categories: readonly CauseCategory[] } }
  /** A person left; open duties go to the deputy (P11). */
  | { readonly act: 'relieve'; readonly body: { readonly personId: string; readonly deputyId: string | null; readonly reason: string } };

export type CapaCommand = CapaPersonCommand | CapaSystemCommand;
