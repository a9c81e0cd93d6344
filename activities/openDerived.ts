import { ApplicationFailure } from '@temporalio/common';
import type { Actor } from '../contracts/actor';
import { CAPA } from '../contracts/capaWords';
import { ESCALATION } from '../contracts/escalation';
import { Failure, FAILURES } from '../contracts/failures';
import type { OpenEffect } from '../contracts/openEffect';
import type { EffectOutcome } from '../contracts/step';
import { prepareCapa } from '../store/capaOpening';
import { deliverCommand, type DeliveryDeps } from '../store/commandDelivery';
import { derivedCommandId, receiveCommand, type CommandResult } from '../store/commands';
import { prepareOpening } from '../store/issueOpening';
import type { PreparedOpening } from '../store/preparedOpening';
import { sendDerived } from './sendDerived';

const WITHIN_MS = 5000;

/** What a record's step opens, and whose step it is. */
export type DerivedOpening = OpenEffect & { readonly openerId: string };

/**
 * Opens an issue or a CAPA for another record: stored under an id of its own, then sent, so that a retry
 * draws no second number and opens nothing twice. What was opened keeps the link to its opener; the opener
 * hears of it. A refusal is an outcome. Throws while there is no answer: the effect is then tried again.
 */
export async function openDerived(deps: DeliveryDeps, opening: DerivedOpening): Promise<EffectOutcome> {
  const { intent, openerId, capability = ESCALATION.capability } = opening;
  let answer: CommandResult;
  try {
    answer = await answerOf(deps, opening);
  } catch (error) {
    if (!(error instanceof Failure) || FAILURES[error.type].retryable) throw error;
    return { intent, outcome: 'failed', detail: error.message };
  }
  const { recordId, joined, detail } = answer.body as { recordId?: string; joined?: boolean; detail?: string };
  if (answer.status >= 400 || recordId === undefined) return { intent, outcome: 'failed', detail: detail ?? `refused with ${String(answer.status)}` };
  // A CAPA of its own has the link from its opening: its source.
  if (capability !== CAPA.capability || joined === true) await sendDerived(deps, { intent, capability, recordId, act: 'linked', body: { recordId: openerId, kind: 'caused_by' } });
  return { intent, outcome: 'done', detail: joined === true ? `joined an open ${NOUN[capability]}` : 'opened', recordId };
}

const NOUN = { escalation: 'issue', capa: 'CAPA' } as const;

async function answerOf(deps: DeliveryDeps, opening: DerivedOpening): Promise<CommandResult> {
  const at = deps.now();
  const actor = { kind: 'system', name: 'effect', correlationId: opening.intent } as const;
  const prepared = await prepare(deps, opening, { actor, commandId: derivedCommandId(opening.intent, 'open'), at });
  const command = 'known' in prepared ? prepared.known : (await receiveCommand(deps.store, prepared.fresh)).command;
  if (command.answer) return command.answer;
  const delivered = await deliverCommand(deps, command, WITHIN_MS);
  if (delivered.outcome === 'answered') return delivered.answer;
  throw ApplicationFailure.retryable('the opening has no answer yet', 'unavailable');
}

function prepare({ store }: DeliveryDeps, opening: DerivedOpening, raised: { readonly actor: Actor; readonly commandId: string; readonly at: ReturnType<DeliveryDeps['now']> }): Promise<PreparedOpening> {
  if (opening.capability === CAPA.capability) return prepareCapa(store, { ...raised, request: opening.request });
  return prepareOpening(store, { ...raised, request: opening.request, ...(opening.drill === true && { drill: true }) });
}
