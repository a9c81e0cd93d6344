import type { Actor } from './actor';
import type { Duration } from './duration';
import type { FailureType } from './failures';
import type { Instant } from './instant';
import type { KeyedCode } from './keyedCode';
import type { SignatureDemand } from './signature';

/** A JSON value: what state, facts and effects are made of. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * A deadline as a rule. `commit` resolves it to an absolute instant on the calendar of
 * `organisationId`; arming a name that is armed replaces it.
 */
export interface DeadlineRule {
  /** Unique among the armed ones of a record, e.g. `ack/accountable`. */
  readonly name: string;
  /** Counted from here; an explicit instant rather than "now", so that a retry computes the same. */
  readonly from: Instant;
  /** A duration, or an instant somebody promised. */
  readonly after: Duration | { readonly kind: 'at'; readonly at: Instant };
  /** Whose calendar counts business time. */
  readonly organisationId: string;
  /** Shares of the span after which to warn, e.g. `[0.5, 0.8]`. */
  readonly warnAt?: readonly number[];
  /** Where a deadline goes on that began earlier: warnings up to here have had their time. */
  readonly warnAfter?: Instant;
  /** Its passing goes on with the climb that an act interrupted; absent: it begins one. */
  readonly resumes?: true;
}

/** A rule resolved by `commit`; what timers wait for. A warning is an armed deadline of its own, named `<name>#<percent>`. */
export interface ArmedDeadline {
  readonly name: string;
  readonly due: Instant;
  readonly armedAt: Instant;
  /** Set on a warning: the share of the span that has passed, e.g. 0.8. */
  readonly warning?: number;
  readonly rule: DeadlineRule;
  /** Which calendar data counted it; absent for calendar time. */
  readonly calendar?: { readonly organisationId: string; readonly version: number; readonly tzdb: string };
}

/** One line of the audit trail: what changed, or what happened. */
export interface Fact {
  /** Closed, dotted, past tense: `issue.acknowledged`, `deadline.missed`. */
  readonly action: string;
  readonly field?: string;
  readonly old?: Json;
  readonly new?: Json;
  readonly reason?: string;
  readonly detail?: { readonly [key: string]: Json };
  /** Organisations that may read this entry; absent: everybody who may read the record. */
  readonly visibleTo?: readonly string[];
}

/** Something to do outside the lock, once per intent. */
export interface Effect {
  /** What is intended, unique for ever: `escalation/<id>/accountable/1/level/2/notify`. */
  readonly intent: string;
  readonly kind: 'notify' | 'command' | 'open' | 'recurrences';
  readonly [key: string]: Json;
}

/** How an effect came out, where the machine has to know. */
export interface EffectOutcome {
  readonly intent: string;
  readonly outcome: 'done' | 'nobody' | 'failed';
  /** One line for the record, e.g. why nobody could be told. */
  readonly detail: string;
  /** The record that an `open` effect opened or joined. */
  readonly recordId?: string;
}

/** What a machine answers: the next state and what follows from it. */
export interface Step<State> {
  readonly state: State;
  readonly facts: readonly Fact[];
  readonly arm: readonly DeadlineRule[];
  /** Names (or, with a trailing `/*`, prefixes; `*`: all) of deadlines whose awaited act has come. */
  readonly disarm: readonly string[];
  /** Likewise, of deadlines that end without their act: nothing waits for it any more. */
  readonly lift?: readonly string[];
  readonly effects: readonly Effect[];
  /** The signature without which commit refuses the step. */
  readonly sign?: SignatureDemand;
  /** The record is closed; the workflow ends. */
  readonly done?: boolean;
}

/** What an open record waits for. */
export interface Waiting {
  readonly for: string;
  readonly until?: Instant;
  readonly rule?: string;
  readonly calendarVersion?: number;
  /** Who can move it: roles of an organisation, or named people. */
  readonly movers: readonly Mover[];
}
export interface Mover {
  readonly organisationId: string;
  readonly acts: readonly string[];
  readonly personId?: string;
}

/** Where a step came from; together with the record id it is the key of its receipt. */
export interface StepSource {
  /** `open`, `<command id>`, `lapse/<name>/<due>`, `settle/<intent>`, `rebuilt/<run id>`. */
  readonly key: string;
  /** The act or trigger in plain words: `acknowledge`, `lapse`. */
  readonly act: string;
  readonly actor: Actor;
  /** Of a command, as it travelled. Absent from updates and openings from before 0.2.0. */
  readonly authenticator?: KeyedCode;
  /** Of `settle`: the outcome, and the revisions one of whose steps intended it. Absent from runs from before 0.2.0. */
  readonly settled?: { readonly outcome: EffectOutcome; readonly revs: readonly number[] };
}

export interface CommitRequest {
  readonly capability: string;
  readonly recordId: string;
  readonly source: StepSource;
  /** The fence: the record must be at `rev - 1`. */
  readonly rev: number;
  /** Hash of the state that the step follows, which must be the record's. Absent with the opening, and from runs of 0.1.0. */
  readonly follows?: string;
  readonly at: Instant;
  readonly step: Step<Json>;
  /** Deadlines armed before this step, so that commit can say which it ended. */
  readonly armed: readonly ArmedDeadline[];
  /** Set when the step is a passed deadline. */
  readonly lapsed?: { readonly name: string; readonly due: Instant };
  /** Content that is stored once at opening and never travels again. */
  readonly content?: Json;
  readonly run: { readonly workflowId: string; readonly runId: string; readonly definition: string };
}

export type CommitResult = CommitOutcome & {
  /** The step that it answers; absent from those before 0.2.0. */
  readonly key?: string;
};

export type CommitOutcome =
  | { readonly outcome: 'applied'; readonly rev: number; readonly armed: readonly ArmedDeadline[] }
  /** The receipt exists with another rev: the first answer stands, nothing changed. `record` is what the store holds now. */
  | { readonly outcome: 'duplicate'; readonly rev: number; readonly record: StoredRecord }
  /** The store holds another rev, or another state, than the fence expects: adopt what it has. */
  | { readonly outcome: 'conflict'; readonly record: StoredRecord }
  | { readonly outcome: 'refused'; readonly type: FailureType; readonly reason: string; readonly extra: { readonly [key: string]: Json } };

/**
 * How a deadline ended. `met`: its act came in time; `missed`: it came, but after the due instant;
 * `lifted`: nothing waits for it any more; `replaced`: armed anew.
 */
export interface EndedDeadline {
  readonly name: string;
  readonly due: Instant;
  readonly outcome: 'fired' | 'met' | 'missed' | 'lifted' | 'replaced';
  readonly at: Instant;
  readonly lateByMs: number;
}

/** A record as a workflow adopts it. */
export interface StoredRecord {
  readonly rev: number;
  readonly state: Json;
  readonly stateVersion: number;
  readonly armed: readonly ArmedDeadline[];
  readonly done: boolean;
}

/** The answer of an accepted command. */
export interface CommandAnswer {
  readonly recordId: string;
  readonly rev: number;
  readonly duplicate: boolean;
}
