import type { Actor } from './actor';
import type { Capability } from './ids';
import type { KeyedCode } from './keyedCode';
import type { CommandAnswer, Json } from './step';

/** A stored command as its sender sees it: enough to send it again, by whichever process. */
export interface SendableCommand {
  /** Hash of actor, route, record and Idempotency-Key; the update's id. */
  readonly _id: string;
  readonly capability: Capability;
  readonly recordId: string;
  readonly act: string;
  readonly body: Json;
  readonly actor: Actor;
  /** The act is meant for this revision only (If-Match). */
  readonly expectedRev?: number;
  /** A `NewRecord` when the act opens the record. */
  readonly opening?: Json;
  /** By whoever stored it (store/commandAuthenticity.ts). */
  readonly authenticator?: KeyedCode;
}

/**
 * How a sending came out. `pending`: no answer in time, or an engine is out of reach.
 * `gone`: no run takes the command and none kept its outcome; the record decides.
 */
export type Delivery = { readonly answer: CommandAnswer } | 'pending' | 'gone';

/** Sends a command and waits at most `withinMs`. Throws Failure when it is refused. */
export type SendCommand = (command: SendableCommand, withinMs: number) => Promise<Delivery>;
