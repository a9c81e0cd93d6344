import type { SystemActor } from '../contracts/actor';
import { deliverCommand, type DeliveryDeps } from '../store/commandDelivery';
import { bodyHashOf, derivedCommandId, receiveCommand } from '../store/commands';
import type { DerivedCommand } from './effects';

const WITHIN_MS = 5000;
const EFFECT: SystemActor = { kind: 'system', name: 'effect', correlationId: 'effect' };

/**
 * What one record's step asks of another: stored under an id of its own, then sent. Without an answer
 * it stays stored and is sent again by housekeeping; refused, the refusal is its answer.
 */
export async function sendDerived(deps: DeliveryDeps, effect: DerivedCommand): Promise<void> {
  const { intent, capability, recordId, act, body } = effect;
  const { command } = await receiveCommand(deps.store, {
    _id: derivedCommandId(intent, act), capability, recordId, act, body, bodyHash: bodyHashOf(body),
    actor: { ...EFFECT, correlationId: intent }, receivedAt: deps.now(),
  });
  if (command.status === 'received') await deliverCommand(deps, command, WITHIN_MS);
}
