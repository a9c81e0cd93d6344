import { setMaxListeners } from 'node:events';
import { isGrpcServiceError, WithStartWorkflowOperation, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError, type Client } from '@temporalio/client';
import { ApplicationFailure, TypedSearchAttributes, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Priority } from '@temporalio/common';
import type { Delivery, SendableCommand, SendCommand } from '../contracts/command';
import { COMMAND_UPDATE, type CommandInput, type RefusalProof } from '../contracts/entity';
import { Failure, FAILURES, isFailureType } from '../contracts/failures';
import { workflowIdOf } from '../contracts/ids';
import { priorityOf } from '../contracts/priority';
import { refusedIn } from '../contracts/refusedPayload';
import { SEARCH_ATTRIBUTES } from '../contracts/searchAttributes';
import type { CommandAnswer } from '../contracts/step';
import { runAs } from './clientInterceptors';
import { alignPriority } from './runPriority';

/** Between two runs, or with a worker that went away in the middle: the same update id again is safe. */
const REPEATABLE = new Set(['Continuing', 'continuing', 'AcceptedUpdateCompletedWorkflow', 'UnprocessedUpdate']);
const TRIES = 20;
const PAUSE_MS = 150;
/** gRPC ALREADY_EXISTS, NOT_FOUND: no run takes the command. */
const GONE_CODES = new Set([5, 6]);
/** gRPC INVALID_ARGUMENT, UNIMPLEMENTED: no waiting mends these, so they must be seen. */
const DEFECT_CODES = new Set([3, 12]);
/** gRPC UNAVAILABLE: a server that is just starting answers within the bound. */
const UNAVAILABLE_CODE = 14;
/** What kept outcomes are asked for; they are there at once or not at all. */
const OUTCOME_WITHIN_MS = 2000;

interface Sending {
  readonly client: Client;
  readonly taskQueue: string;
  readonly command: SendableCommand;
}

/** Sends stored commands to their workflows as updates whose id is the command's, so that Temporal takes each once. */
export function createCommandSender({ client, taskQueue }: { readonly client: Client; readonly taskQueue: string }): SendCommand {
  return async (command, withinMs) => {
    const abort = new AbortController();
    // Each attempt of the client's own repeats adds a listener; Node would warn of a leak after ten.
    setMaxListeners(0, abort.signal);
    const bound = afterMs(withinMs, 'pending' as const);
    try {
      const sent = client.withAbortSignal(abort.signal, async () => runAs(command.actor, async () => repeat({ client, taskQueue, command }, abort.signal)));
      // The call may be deaf to the signal while it connects.
      return await Promise.race([sent, bound.promise]);
    } finally {
      bound.clear();
      abort.abort();
    }
  };
}

async function repeat(sending: Sending, signal: AbortSignal): Promise<Delivery> {
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const delivery = await sendOnce(sending);
    if (delivery !== 'again') return delivery;
    if (signal.aborted) return 'pending';
    await afterMs(PAUSE_MS * Math.min(tries, 5), undefined).promise;
  }
  return 'pending';
}

async function sendOnce(sending: Sending): Promise<Delivery | 'again'> {
  try {
    return proven(await update(sending)) ?? 'again';
  } catch (error) {
    const outcome = outcomeOf(error, sending.command);
    return outcome === 'gone' ? keptOutcome(sending) : outcome;
  }
}

async function update({ client, taskQueue, command }: Sending): Promise<CommandAnswer> {
  const { _id: updateId, act, body, expectedRev, recordId, opening, actor, authenticator } = command;
  if (!authenticator) throw new Error(`command ${updateId} was stored by no holder of the key ring`);
  const workflowId = workflowIdOf(command.capability, recordId);
  const input: CommandInput = { act, body, ...(expectedRev !== undefined && { expectedRev }), vouched: { commandId: updateId, actor, authenticator } };
  const options = { updateId, args: [input] as [CommandInput] };
  if (opening === undefined) {
    const answer = await client.workflow.getHandle(workflowId).executeUpdate<CommandAnswer, [CommandInput]>(COMMAND_UPDATE, options);
    await alignPriority(client, { workflowId, changed: body });
    return answer;
  }
  return client.workflow.executeUpdateWithStart<() => Promise<unknown>, CommandAnswer, [CommandInput]>(COMMAND_UPDATE, {
    ...options,
    startWorkflowOperation: new WithStartWorkflowOperation(command.capability, {
      workflowId, taskQueue, args: [{ ...(opening as object), authenticator }] as never,
      workflowIdConflictPolicy: 'USE_EXISTING',
      // A closed record gets no second life; a run that was terminated before its opening does.
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      typedSearchAttributes: firstShown(opening), priority: firstOrder(opening),
    }),
  });
}

/** What lists in Temporal show from the first moment; the workflow updates it when it changes. */
function firstShown(opening: unknown): TypedSearchAttributes {
  const { opening: { request: { severity } = {} } = {} } = opening as { opening?: { request?: { severity?: unknown } } };
  return new TypedSearchAttributes([
    { key: SEARCH_ATTRIBUTES.state, value: 'open' },
    { key: SEARCH_ATTRIBUTES.level, value: 1 },
    ...(typeof severity === 'string' ? [{ key: SEARCH_ATTRIBUTES.severity, value: severity }] : []),
  ]);
}

function firstOrder(opening: unknown): Priority {
  const { opening: { request, drill } = {} } = opening as { opening?: { request?: object; drill?: unknown } };
  return priorityOf({ ...request, drill });
}

/** A closed run still knows the outcomes of its updates: the caller may only have missed the answer. */
async function keptOutcome({ client, command }: Sending): Promise<Delivery> {
  const handle = client.workflow.getHandle(workflowIdOf(command.capability, command.recordId)).getUpdateHandle<CommandAnswer>(command._id);
  const bound = afterMs(OUTCOME_WITHIN_MS, 'gone' as const);
  try {
    const answer = await Promise.race([handle.result(), bound.promise]);
    return answer === 'gone' ? 'gone' : proven(answer) ?? 'pending';
  } catch (error) {
    const outcome = outcomeOf(error, command);
    return outcome === 'again' ? 'gone' : outcome;
  } finally {
    bound.clear();
  }
}

/** What an error of the client means. Throws Failure for a refusal; never looks at message text. */
function outcomeOf(error: unknown, { _id }: SendableCommand): 'pending' | 'gone' | 'again' {
  if (error instanceof WorkflowUpdateFailedError) {
    const { cause } = error;
    if (!(cause instanceof ApplicationFailure)) throw error;
    if (REPEATABLE.has(cause.type ?? '') || !isProven(cause, _id)) return 'again';
    throw refusalOf(cause);
  }
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return 'pending';
  if (error instanceof WorkflowNotFoundError || error instanceof WorkflowExecutionAlreadyStartedError) return 'gone';
  const status = isGrpcServiceError(error) ? error : error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : undefined;
  if (Number(status?.code) === UNAVAILABLE_CODE) return 'again';
  // Whatever else the engine says, the command is stored and will be sent again.
  if (status && !DEFECT_CODES.has(status.code)) return GONE_CODES.has(status.code) ? 'gone' : 'pending';
  throw error;
}

/** Whoever answers in the workers' place can say neither that a command was carried out nor that it was refused. */
function proven(answer: CommandAnswer): { readonly answer: CommandAnswer } | undefined {
  return refusedIn([answer]) === undefined ? { answer } : undefined;
}

/** The readable type is believed where the details, which only the key ring can write, say the same of this command. */
function isProven({ type, details }: ApplicationFailure, commandId: string): boolean {
  const [, proof] = (details ?? []) as [unknown, Partial<RefusalProof> | undefined];
  return proof?.type === type && proof?.commandId === commandId;
}

function refusalOf({ type, message, details }: ApplicationFailure): Failure {
  if (!isFailureType(type)) return new Failure('internal', FAILURES.internal.meaning);
  const [extra] = details ?? [];
  return new Failure(type, message, typeof extra === 'object' && extra !== null ? { ...extra } : {});
}

function afterMs<T>(ms: number, value: T): { promise: Promise<T>; clear: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const promise = new Promise<T>((resolve) => {
    timer = setTimeout(() => {
      resolve(value);
    }, ms);
  });
  return { promise, clear: () => { clearTimeout(timer); } };
}
