import type { Actor } from './actor';
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
}

/** Argument of the update `command`; the actor comes in the header. */
export interface CommandInput {
  readonly act: string;
  readonly body: Json;
  /** Refused with `rev_mismatch` when the record has moved on (If-Match). */
  readonly expectedRev?: number;
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
}
