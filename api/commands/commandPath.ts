import type { PersonActor } from '../../contracts/actor';
import { Failure, FAILURES, KeptRefusal } from '../../contracts/failures';
import { recordPathOf } from '../../contracts/ids';
import { deliverCommand, type Delivered } from '../../store/commandDelivery';
import { receiveRefused } from '../../store/commandRefusals';
import { commandIdOf, receiveCommand, type CommandResult, type NewCommand } from '../../store/commands';
import type { CommandDoc } from '../../store/schemas/records';
import type { ApiDeps, Caller } from '../deps';
import { failureOf } from '../problem';
import type { Outgoing } from '../route';
import { etagOf } from '../views/issue';

export type PathDeps = Pick<ApiDeps, 'store' | 'gateway' | 'now' | 'settings' | 'metrics'>;

/** A request that acts, parsed. */
export interface Acting<Body> {
  readonly caller: Caller;
  readonly correlationId: string;
  /** The caller's Idempotency-Key. */
  readonly key: string;
  readonly body: Body;
}

/** Seconds after which a pending command is worth asking for again. */
const RETRY_AFTER_S = 2;

/** Id of the command that a request is: the same for every repetition of it. */
export function requestIdOf({ caller, key }: Pick<Acting<unknown>, 'caller' | 'key'>, route: string, recordId: string | null): string {
  return commandIdOf({ personId: caller.personId, route, recordId, key });
}

/** Who acts, under the membership that allows it. */
export function actorFor({ caller, correlationId }: Pick<Acting<unknown>, 'caller' | 'correlationId'>, allowed: { role: string; organisationId: string }): PersonActor {
  return { kind: 'person', personId: caller.personId, organisationId: allowed.organisationId, role: allowed.role, correlationId };
}

/**
 * From a permitted request to its answer: checked, stored, then sent, answered once (docs/architecture.md). What
 * is stored without an answer will be sent, whoever dies meanwhile, so `check` comes before; what it
 * throws becomes the command's answer. A repetition gets the first answer even if the world has moved on.
 */
export async function runCommand(deps: PathDeps, command: NewCommand, check: () => Promise<void>): Promise<Outgoing> {
  const refusal = await failureFrom(check);
  const received = await (refusal ? receiveRefused(deps, command, refusal) : receiveCommand(deps.store, command));
  if (!received.fresh) return repeated(deps, received.command);
  if (refusal) throw new KeptRefusal(refusal);
  return outgoing(await deliver(deps, received.command), received.command);
}

/** The same request again: the first answer, or, while there is none, one more sending under the same id. */
export async function repeated(deps: PathDeps, command: CommandDoc): Promise<Outgoing> {
  return command.answer ? answerOf(command, { ...command.answer, replayed: true }) : outgoing(await deliver(deps, command), command);
}

async function deliver(deps: PathDeps, command: CommandDoc): Promise<Delivered> {
  const { store, gateway, now, settings, metrics } = deps;
  const delivered = await deliverCommand({ store, now, send: gateway.send }, command, settings.answerWithinMs).catch(pendingIfAway);
  const outcome = delivered.outcome === 'pending' ? 'pending' : delivered.answer.status < 400 ? 'applied' : 'refused';
  metrics.commands.inc({ capability: command.capability, act: command.act, outcome });
  return delivered;
}

/** MongoDB went away after it had stored the command: it will run, so nobody is told that nothing was stored. */
function pendingIfAway(error: unknown): Delivered {
  if (failureOf(error).type === 'unavailable') return { outcome: 'pending' };
  throw error;
}

function outgoing(delivered: Delivered, command: CommandDoc): Outgoing {
  if (delivered.outcome === 'pending') return pendingAnswer(command._id);
  // Thrown once, by whoever answered.
  if (delivered.refusal) throw new KeptRefusal(delivered.refusal);
  return answerOf(command, { ...delivered.answer, replayed: !delivered.first });
}

/** 202: stored, will run, its answer will be readable. */
export function pendingAnswer(commandId: string): Outgoing {
  const location = commandLocation(commandId);
  return {
    status: 202, headers: { Location: location, 'Retry-After': String(RETRY_AFTER_S) },
    body: { id: commandId, status: 'received', answer: null, location },
  };
}

export const commandLocation = (commandId: string): string => `/api/v1/commands/${commandId}`;

function answerOf(command: CommandDoc, { status, body, replayed }: CommandResult & { readonly replayed: boolean }): Outgoing {
  const headers = { ...headersOf(command, { status, body }), ...(replayed && { 'Idempotency-Replayed': 'true' }) };
  return { status, body, headers };
}

function headersOf({ capability }: CommandDoc, { status, body }: CommandResult): Readonly<Record<string, string>> {
  if (status >= 400) return { 'Content-Type': 'application/problem+json' };
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return {};
  const { id, rev } = body as { readonly id?: unknown; readonly rev?: unknown };
  return {
    ...(typeof rev === 'number' && { ETag: etagOf(rev) }),
    ...(status === 201 && typeof id === 'string' && { Location: `/api/v1/${recordPathOf(capability)}/${id}` }),
  };
}

async function failureFrom(check: () => Promise<void>): Promise<Failure | undefined> {
  try {
    await check();
    return undefined;
  } catch (error) {
    if (error instanceof Failure && !FAILURES[error.type].retryable) return error;
    throw error;
  }
}
