import type { Actor } from './actor';
import type { KeyedCode } from './keyedCode';
import type { ArmedDeadline, Json } from './step';

/** Start of an entity workflow: a new record (sent by update-with-start), or one that goes on. */
export type EntityStart<Opening> = NewRecord<Opening> | CarriedRecord;

export interface NewRecord<Opening> {
  readonly recordId: string;
  readonly opening: Opening;
  /** Stored once by the opening commit, never carried. */
  readonly content: Json;
  /** Id of the command that opens: the key of the opening step. */
  readonly openKey: string;
  readonly actor: Actor;
  /** That of the command. Absent from openings from before 0.2.0. */
  readonly authenticator?: KeyedCode;
}

/** Argument of the update `command`. Encrypted, unlike the header, so what it says of the actor counts. */
export interface CommandInput {
  readonly act: string;
  readonly body: Json;
  /** Refused with `rev_mismatch` when the record has moved on (If-Match). */
  readonly expectedRev?: number;
  /** Whose command it is. Absent from updates from before 0.2.0, whose actor is in the header. */
  readonly vouched?: Vouched;
}

/** Second of a refusal's details. */
export interface RefusalProof {
  readonly type: string;
  readonly commandId: string;
}

/** What binds an input to one stored command of one actor. */
export interface Vouched {
  /** The update's id. */
  readonly commandId: string;
  readonly actor: Actor;
  readonly authenticator: KeyedCode;
}

export interface CarriedRecord {
  readonly recordId: string;
  readonly carried: {
    readonly rev: number;
    readonly state: Json;
    readonly stateVersion: number;
    readonly armed: readonly ArmedDeadline[];
    /** Revisions whose effects were still under way. */
    readonly unperformed: readonly number[];
  };
  /** Why the run was made from the record: said on the record (rule 2 of the shell). */
  readonly rebuilt?: string;
}

/** The one update of every entity workflow; its id is the command's id. */
export const COMMAND_UPDATE = 'command';
/** The act that a starting caller sends with the opening: answers when the opening is committed. */
export const OPEN_ACT = 'open';
/** Query: revision and armed deadlines of a run, for the sentinel and for debugging. */
export const STATE_QUERY = 'state';

export interface RunState {
  readonly rev: number;
  readonly armed: readonly ArmedDeadline[];
  readonly state: Json;
  /** Revisions whose effects it still waits for; absent from runs from before 0.2.0. */
  readonly unperformed?: readonly number[];
}
