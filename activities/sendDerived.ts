import type { SystemActor } from '../contracts/actor';
import { ESCALATION } from '../contracts/escalation';
import type { Json } from '../contracts/step';
import { deliverCommand, type DeliveryDeps } from '../store/commandDelivery';
import { bodyHashOf, derivedCommandId, receiveCommand } from '../store/commands';

const WITHIN_MS = 5000;
const EFFECT: SystemActor = { kind: 'system', name: 'effect', correlationId: 'effect' };

/**
 * What one record's step asks of another: stored under an id of its own, then sent. Without an answer
 * it stays stored and is sent again by housekeeping; refused, the refusal is its answer.
 */
export async function sendDerived(deps: DeliveryDeps, effect: { intent: string; recordId: string; act: string; body: Json }): Promise<void> {
  const { intent, recordId, act, body } = effect;
  const { command } = await receiveCommand(deps.store, {
    _id: derivedCommandId(intent, act), capability: ESCALATION.capability, recordId, act, body, bodyHash: bodyHashOf(body),
    actor: { ...EFFECT, correlationId: intent }, receivedAt: deps.now(),
  });
  if (command.status === 'received') await deliverCommand(deps, command, WITHIN_MS);
}
