import { ApplicationFailure } from '@temporalio/common';
import { Failure, FAILURES } from '../contracts/failures';
import type { OpenEffect } from '../contracts/openEffect';
import type { EffectOutcome } from '../contracts/step';
import { deliverCommand, type DeliveryDeps } from '../store/commandDelivery';
import { derivedCommandId, receiveCommand, type CommandResult } from '../store/commands';
import { prepareOpening } from '../store/issueOpening';
import { sendDerived } from './sendDerived';

const WITHIN_MS = 5000;

/** What a record's step opens, and whose step it is. */
export type DerivedOpening = Pick<OpenEffect, 'intent' | 'request' | 'drill'> & { readonly openerId: string };

/**
 * Opens an issue for another record: stored under an id of its own, then sent, so that a retry draws no
 * second number and opens nothing twice. The issue keeps the link to its opener; the opener hears of the
 * issue. A refusal is an outcome. Throws while there is no answer: the effect is then tried again.
 */
export async function openDerived(deps: DeliveryDeps, opening: DerivedOpening): Promise<EffectOutcome> {
  const { intent, openerId } = opening;
  let answer: CommandResult;
  try {
    answer = await answerOf(deps, opening);
  } catch (error) {
    if (!(error instanceof Failure) || FAILURES[error.type].retryable) throw error;
    return { intent, outcome: 'failed', detail: error.message };
  }
  const { recordId, joined, detail } = answer.body as { recordId?: string; joined?: boolean; detail?: string };
  if (answer.status >= 400 || recordId === undefined) return { intent, outcome: 'failed', detail: detail ?? `refused with ${String(answer.status)}` };
  await sendDerived(deps, { intent, capability: 'escalation', recordId, act: 'linked', body: { recordId: openerId, kind: 'caused_by' } });
  return { intent, outcome: 'done', detail: joined === true ? 'joined an open issue' : 'opened', recordId };
}

async function answerOf(deps: DeliveryDeps, { intent, request, drill }: DerivedOpening): Promise<CommandResult> {
  const at = deps.now();
  const actor = { kind: 'system', name: 'effect', correlationId: intent } as const;
  const prepared = await prepareOpening(deps.store, { request, actor, commandId: derivedCommandId(intent, 'open'), at, ...(drill === true && { drill }) });
  const command = 'known' in prepared ? prepared.known : (await receiveCommand(deps.store, prepared.fresh)).command;
  if (command.answer) return command.answer;
  const delivered = await deliverCommand(deps, command, WITHIN_MS);
  if (delivered.outcome === 'answered') return delivered.answer;
  throw ApplicationFailure.retryable('the opening has no answer yet', 'unavailable');
}
