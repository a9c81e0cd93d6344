import type { SystemActor } from '../contracts/actor';
import type { Capability } from '../contracts/ids';
import type { Json } from '../contracts/step';
import { deliverCommand, type DeliveryDeps } from '../store/commandDelivery';
import { bodyHashOf, derivedCommandId, receiveCommand } from '../store/commands';
import { findRecord } from '../store/records';

const WITHIN_MS = 5000;
const EFFECT: SystemActor = { kind: 'system', name: 'effect', correlationId: 'effect' };

/** A command to another record, of whichever capability it is. */
export interface DerivedCommand {
  readonly intent: string;
  /** Absent: looked up. */
  readonly capability?: Capability;
  readonly recordId: string;
  readonly act: string;
  readonly body: Json;
}

/**
 * What one record's step asks of another: stored under an id of its own, then sent. Without an answer
 * it stays stored and is sent again by housekeeping; refused, the refusal is its answer. A record that
 * is not there is asked nothing.
 */
export async function sendDerived(deps: DeliveryDeps, effect: DerivedCommand): Promise<void> {
  const { intent, recordId, act, body } = effect;
  const capability = effect.capability ?? (await findRecord(deps.store, recordId))?.capability;
  if (!capability) return;
  const { command } = await receiveCommand(deps.store, {
    _id: derivedCommandId(intent, act), capability, recordId, act, body, bodyHash: bodyHashOf(body),
    actor: { ...EFFECT, correlationId: intent }, receivedAt: deps.now(),
  });
  if (command.status === 'received') await deliverCommand(deps, command, WITHIN_MS);
}
