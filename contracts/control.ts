import { z } from 'zod';
import { topicSchema } from './escalation';
import type { Instant } from './instant';
import { instantSchema } from './instantSchema';
import { frequencySchema, type Frequency } from './matrix';

/** Names that cross the border between client, worker and sandbox. */
export const CONTROL = { capability: 'control' } as const;

/** What recurs. `contact`: the two organisations of a matrix row are in contact as often as agreed (E16). */
export const CONTROL_KINDS = ['contact'] as const;
type ControlKind = (typeof CONTROL_KINDS)[number];

/** How a slot ended; each has exactly one. */
export const FATES = ['held', 'late', 'missed', 'waived'] as const;
export type Fate = (typeof FATES)[number];

export const CONTACT_WAYS = ['meeting', 'call', 'mail', 'other'] as const;

const text = (max: number) => z.string().trim().min(1).max(max);
const id = z.string().min(1).max(64);

/** `POST /api/v1/controls`: a contact that was agreed beside the matrix. */
export const openControlSchema = z.strictObject({
  kind: z.enum(CONTROL_KINDS),
  studyId: id.optional(),
  topic: topicSchema,
  organisationIds: z.array(id).min(1).max(2),
  rule: frequencySchema,
  note: text(2000).optional(),
});
export type OpenControl = z.infer<typeof openControlSchema>;

/** Bodies of the acts, by route name. */
export const controlActBodies = {
  'log-contact': z.strictObject({
    /** When it took place; absent: now. */
    at: instantSchema.optional(),
    how: z.enum(CONTACT_WAYS),
    note: text(4000),
    /** Where its record is kept, e.g. a filing reference. */
    evidence: text(500).optional(),
  }),
  /** `slot`: whose contact is meant; another one by now is refused. */
  'confirm-contact': z.strictObject({ slot: z.int().min(1) }),
  'object-to-contact': z.strictObject({ slot: z.int().min(1), reason: text(2000) }),
  waive: z.strictObject({ reason: text(2000) }),
  'change-rule': z.strictObject({ rule: frequencySchema, reason: text(2000) }),
  stop: z.strictObject({ reason: text(2000) }),
} as const;
export type ControlAct = keyof typeof controlActBodies;
export const CONTROL_ACTS = Object.keys(controlActBodies) as readonly ControlAct[];

type BodyOf<A extends ControlAct> = z.infer<(typeof controlActBodies)[A]>;

export type ControlCommand =
  /** `seen`: the open slot as the API found it, because a machine knows a due instant only once it has passed. */
  | { readonly act: 'log-contact'; readonly body: BodyOf<'log-contact'> & { readonly seen?: { readonly slot: number; readonly due: string } } }
  | { readonly act: 'confirm-contact'; readonly body: BodyOf<'confirm-contact'> }
  | { readonly act: 'object-to-contact'; readonly body: BodyOf<'object-to-contact'> }
  | { readonly act: 'waive'; readonly body: BodyOf<'waive'> }
  /** `rowVersion`: the product follows a new version of the matrix row. */
  | { readonly act: 'change-rule'; readonly body: BodyOf<'change-rule'> & { readonly rowVersion?: number } }
  | { readonly act: 'stop'; readonly body: BodyOf<'stop'> }
  /** Another record links here; recorded on both. */
  | { readonly act: 'linked'; readonly body: { readonly recordId: string; readonly kind: string } }
  /** A control of the same row was to be opened again. */
  | { readonly act: 'repeat'; readonly body: { readonly dedupeKey: string; readonly title: string } };

/** A contact on the word of whoever owes it: it fills the slot once the other side confirms it, or does not object in time. */
export interface StatedContact {
  readonly at: Instant;
  readonly how: string;
  readonly note: string;
  readonly evidence: string | null;
  readonly by: { readonly personId: string; readonly organisationId: string };
  /** When the slot was due, as far as it was known then. */
  readonly due: Instant | null;
}

/** How a contact came to count. */
export const STANDINGS = ['witnessed', 'confirmed', 'unopposed'] as const;

/** Whose word a contact counts on, beside that of whoever owes it. */
export interface Witness {
  /** `witnessed`: the other side logged it; `unopposed`: nobody objected in time. */
  readonly standing: (typeof STANDINGS)[number];
  readonly personId: string | null;
  readonly organisationId: string | null;
}

/** The slot that is open: from the last contact, or from where the one before it ended. */
export interface OpenSlot {
  /** From 1, without gaps. */
  readonly no: number;
  readonly from: Instant;
  /** Set when the due instant has passed without a contact: silence is being chased. */
  readonly due: Instant | null;
  /** Waived ahead: it runs out without being chased. */
  readonly waived: { readonly by: string; readonly reason: string } | null;
  /** Waits for the word of the other side; absent: nothing was stated. */
  readonly stated?: StatedContact | null;
  /** The grace counts from here at the earliest: the other side's word was awaited until then. */
  readonly graceFrom?: Instant;
  /** How often a contact of this slot was objected to; absent: never. */
  readonly objections?: number;
}

export interface ControlState {
  readonly id: string;
  readonly number: string;
  readonly kind: ControlKind;
  /** `late`: the due instant of the open slot has passed. */
  readonly status: 'running' | 'late' | 'stopped';
  readonly topic: string;
  readonly studyId: string | null;
  readonly organisationIds: readonly string[];
  /** Who is chased: the responsible organisation is `rule.organisationId`; the other one raises. */
  readonly rule: Frequency;
  readonly openedAt: Instant;
  /** One running control for each matrix row. */
  readonly dedupeKey: string | null;
  /** The matrix row that it follows; null: agreed by hand. */
  readonly row: { readonly key: string; readonly version: number } | null;
  readonly slot: OpenSlot | null;
  /** Contacts that were stated while an earlier one waits: they fill the slots after it, in order. Absent: none. */
  readonly queued?: readonly StatedContact[];
  readonly counts: Readonly<Record<Fate, number>>;
  /** First slot of the present silence: its issue takes note of the following ones (one issue, not a storm). */
  readonly silentSlot: number | null;
  /** When silence was chased last: after an outage several slots pass at once. */
  readonly chasedAt: Instant | null;
  /** When the issue of the present silence was asked for last. */
  readonly raisedAt: Instant | null;
  /** Slots missed since the last contact; absent: the rule never asked for a CAPA. */
  readonly missedInRow?: number;
  /** The slot whose miss asked for the CAPA of the present silence: one for each. */
  readonly capaSlot?: number | null;
  readonly links: readonly { readonly recordId: string; readonly kind: string }[];
}

/** What `open` gets. */
export interface ControlOpening {
  readonly id: string;
  readonly number: string;
  readonly request: Omit<OpenControl, 'note'> & { readonly dedupeKey?: string };
  readonly row: { readonly key: string; readonly version: number } | null;
  /** The first slot begins here. */
  readonly from: Instant;
}

/** A slot that has ended, as lists show it. `until` is where the next one begins. */
export interface ClosedSlot {
  readonly no: number;
  readonly fate: Fate;
  readonly from: Instant;
  readonly due: Instant | null;
  readonly until: Instant;
  readonly closedAt: Instant;
  /** `witness` absent: from before contacts needed one. */
  readonly contact: { readonly at: Instant; readonly how: string; readonly evidence: string | null; readonly witness?: Witness } | null;
  readonly reason: string | null;
}
