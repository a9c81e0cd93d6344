import type { Instant } from '../../contracts/instant';
import type { ChainEnd } from '../chainEnd';
import type { Actor } from '../../contracts/actor';
import type { Capability } from '../../contracts/ids';
import type { NoticeRoute } from '../../contracts/channels';
import type { KeyedCode } from '../../contracts/keyedCode';
import type { ArmedDeadline, Effect, EndedDeadline, Json } from '../../contracts/step';
import { anything, defineSchema, flag, integer, nullableText, optionalText, text, texts } from './definition';

/** A record of any capability: the machine's state, its projection for lists, and the end of its audit chain. */
export interface RecordDoc {
  readonly _id: string;
  readonly capability: Capability;
  readonly rev: number;
  readonly number: string;
  readonly stateVersion: number;
  readonly state: Json;
  readonly armed: readonly ArmedDeadline[];
  readonly content: { readonly title: string; readonly description: string; readonly site?: string; readonly country?: string; readonly happenedAt?: string; readonly awareAt?: string };
  /** Projection, derived from state in the same transaction. */
  readonly status: string;
  readonly severity: string;
  readonly topic: string;
  readonly level: number;
  readonly studyId: string | null;
  readonly systemId: string | null;
  readonly raisingOrganisationId: string;
  readonly accountableOrganisationId: string;
  readonly assigneeIds: readonly string[];
  /** Organisations that may see it: parties and shares. */
  readonly visibleTo: readonly string[];
  /** Where lists look for it (domain/lists): a way to it, no right. */
  readonly listedUnder: readonly string[];
  readonly nextDueAt: Instant | null;
  readonly openedAt: Instant;
  readonly updatedAt: Instant;
  readonly done: boolean;
  /** Taken while the record is open; null: given up before. */
  readonly dedupeKey?: string | null;
  /** A drill: out of every list and figure unless asked for (E15). */
  readonly drill: boolean;
  /** Revision up to which the trail holds the content; other than `rev`: a release that kept none of it there wrote last. */
  readonly contentRev?: number;
  /** End of the record's audit chain, so that commit need not read it. */
  readonly chain: ChainEnd;
}

export const recordSchema = defineSchema<RecordDoc>('records', {
  _id: text, capability: text, rev: integer, number: text, stateVersion: integer, state: anything, armed: anything, content: anything,
  status: text, severity: text, topic: text, level: integer, studyId: nullableText, systemId: nullableText,
  raisingOrganisationId: text, accountableOrganisationId: text, assigneeIds: texts, visibleTo: texts, listedUnder: { type: [String], default: [] },
  nextDueAt: nullableText, openedAt: text, updatedAt: text, done: flag, dedupeKey: optionalText, drill: flag, contentRev: { type: Number }, chain: anything,
});

/** One committed step: receipt of its key, outbox of its effects, ledger of its deadlines. */
export interface StepDoc {
  /** `<record id>|<key>` */
  readonly _id: string;
  readonly recordId: string;
  readonly capability: Capability;
  readonly rev: number;
  readonly key: string;
  readonly act: string;
  readonly actor: Actor;
  readonly at: Instant;
  readonly armed: readonly ArmedDeadline[];
  readonly ended: readonly EndedDeadline[];
  readonly effects: readonly Effect[];
  readonly effectsDone: boolean;
  /** What the machine has to know of the effects; kept so that a retry answers the same. */
  readonly outcomes: readonly Json[];
}

export const stepSchema = defineSchema<StepDoc>('steps', {
  _id: text, recordId: text, capability: text, rev: integer, key: text, act: text, actor: anything, at: text,
  armed: anything, ended: anything, effects: anything, effectsDone: flag, outcomes: anything,
});

/** A stored command: what makes a 202 true. */
export interface CommandDoc {
  /** Hash of actor, route, record and Idempotency-Key; also the Temporal update id. */
  readonly _id: string;
  readonly capability: Capability;
  readonly recordId: string;
  readonly act: string;
  readonly body: Json;
  readonly bodyHash: string;
  readonly actor: Actor;
  /** From If-Match: the act is meant for this revision only. */
  readonly expectedRev?: number;
  /** Start argument (contracts/entity.ts NewRecord) when the act opens a record. */
  readonly opening?: Json;
  /** By whoever stored it, over all of the above: a command without it, or that was changed since, is carried out by nobody. */
  readonly authenticator?: KeyedCode;
  readonly status: 'received' | 'answered';
  readonly answer?: { readonly status: number; readonly body: Json };
  readonly receivedAt: Instant;
  readonly answeredAt?: Instant;
  readonly attempts: number;
}

export const commandSchema = defineSchema<CommandDoc>('commands', {
  _id: text, capability: text, recordId: text, act: text, body: anything, bodyHash: text, actor: anything, expectedRev: { type: Number }, opening: anything, authenticator: anything,
  status: text, answer: anything, receivedAt: text, answeredAt: optionalText, attempts: integer,
});

/**
 * One attempt to tell somebody by one channel; `_id` is the intent, so a retry finds it. The first
 * attempt for a person is also their inbox entry, however it went.
 */
export interface NoticeDoc {
  readonly _id: string;
  readonly recordId: string;
  readonly rev: number;
  readonly reason: string;
  readonly side: string | null;
  readonly level: number | null;
  readonly organisationId: string;
  /** Of a team channel `channel/<id>`: no person. */
  readonly personId: string;
  /** Why this person: `contact`, `deputy`, `delegate`, `role`, `named`; `team`: by the channel map. */
  readonly as: string;
  readonly channel: string;
  readonly address: string;
  /** Entry of the channel map that a webhook, or a team's mail, went to. */
  readonly endpointId: string | null;
  readonly messageId: string;
  readonly contentHash: string;
  readonly deadline: string | null;
  readonly due: Instant | null;
  /** The record's when it was told. null: told before this was kept. */
  readonly severity: string | null;
  /** Of a drill: marked wherever it is shown, and in no figure (E15). */
  readonly drill: boolean;
  /** `held`: told later, at `holdUntil` (quiet hours, digest, a team's endpoint that is down). */
  readonly status: 'pending' | 'held' | 'told' | 'failed';
  readonly holdUntil: Instant | null;
  /** The digest that it waits for, or was told with. */
  readonly digestId: string | null;
  /** Of a held one: what is tried after this channel. */
  readonly rest: readonly NoticeRoute[];
  /** The first attempt for this person, where this is a later one. */
  readonly fallbackOf: string | null;
  readonly attempts: number;
  readonly possiblyRepeated: boolean;
  readonly createdAt: Instant;
  readonly toldAt: Instant | null;
  readonly failedAt: Instant | null;
  readonly failure: string | null;
  readonly reachedAt: Instant | null;
  /** When its reader saw it in the inbox. */
  readonly readAt: Instant | null;
}

export const noticeSchema = defineSchema<NoticeDoc>('notices', {
  _id: text, recordId: text, rev: integer, reason: text, side: nullableText, level: { type: Number, default: null }, organisationId: text, personId: text,
  as: text, channel: text, address: { type: String, default: '' }, endpointId: nullableText, messageId: text, contentHash: text, deadline: nullableText, due: nullableText,
  severity: nullableText, drill: { type: Boolean, default: false }, status: text, holdUntil: nullableText, digestId: nullableText, rest: { ...anything, default: [] }, fallbackOf: nullableText,
  attempts: integer, possiblyRepeated: flag, createdAt: text, toldAt: nullableText, failedAt: nullableText,
  failure: nullableText, reachedAt: nullableText, readAt: nullableText,
});

/** A count, a mark, or a series of display numbers: how many of each kind were drawn under its tag. */
export interface CounterDoc { readonly _id: string; readonly value?: number; readonly tag?: string; readonly drawn?: Readonly<Record<string, number>> }
export const counterSchema = defineSchema<CounterDoc>('counters', { _id: text, value: { type: Number }, tag: optionalText, drawn: anything });
