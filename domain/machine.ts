import type { Actor } from '../contracts/actor';
import type { Refusal } from '../contracts/failures';
import type { Instant } from '../contracts/instant';
import type { Signable } from '../contracts/signature';
import type { ArmedDeadline, EffectOutcome, Json, Step, Waiting } from '../contracts/step';

/** A command as a machine sees it: the act, its body, who acts. */
export interface Commanded<Command> {
  readonly command: Command;
  readonly actor: Actor;
  /** It was accepted under the rules from before the machine's `tightened`, in a history that is being replayed. */
  readonly earlier?: true;
}

/**
 * A capability's rules: pure functions over plain JSON state. The shell runs them, the simulator
 * and the back-test run the same ones over a virtual clock.
 */
export interface Machine<State, Command, Opening> {
  readonly capability: string;
  /** Of the state's shape. */
  readonly version: number;
  /**
   * Id of the patch with which its rules for commands became stricter (workflows/PATCHES.md): what was accepted before comes with
   * `earlier`, because a history that is replayed decides again what was decided then.
   */
  readonly tightened?: string;
  /** Lifts a state of an older shape; records outlive releases. */
  migrate(state: Json, fromVersion: number): State;
  open(opening: Opening, now: Instant): Step<State>;
  /** Sequence, authority facts, separation of duties. Synchronous; undefined means allowed. */
  refuse(state: State, commanded: Commanded<Command>, now: Instant): Refusal | undefined;
  apply(state: State, commanded: Commanded<Command>, now: Instant): Step<State>;
  /** What a passed deadline (or warning) changes. */
  lapse(state: State, deadline: ArmedDeadline, now: Instant): Step<State>;
  /**
   * What an act signs, as it is now, in every state of the record: whether a signature is of this version is
   * asked long after the act (domain/signature). The content leaves out what the act itself changes, such as
   * status or approvals. undefined: the act needs no signature, or the part does not exist. `said`: the act's body, of acts whose own
   * words are signed; later the content's `said`.
   */
  signable?(state: State, act: string, said?: Json): Signable | undefined;
  /** What an effect's outcome changes; undefined when it changes nothing. */
  settle(state: State, outcome: EffectOutcome, now: Instant): Step<State> | undefined;
  waiting(state: State, armed: readonly ArmedDeadline[]): readonly Waiting[];
  /**
   * Where a long story turns over a leaf: when the answer changes, the run goes on as a new one at the next quiet moment, so
   * that no history holds more than a chapter and none outlives many releases. Absent: only the server suggests a new run.
   */
  chapter?(state: State): string;
  /** What lists in Temporal show: upserted only when it changes. */
  shown(state: State): { readonly state: string; readonly severity: string; readonly level: number };
}
