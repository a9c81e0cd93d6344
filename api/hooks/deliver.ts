import type { SystemActor } from '../../contracts/actor';
import { OPEN_ACT } from '../../contracts/entity';
import { ESCALATION } from '../../contracts/escalation';
import { Failure, FAILURES, isFailureType } from '../../contracts/failures';
import type { HookAnswer } from '../../contracts/hooks';
import type { Instant } from '../../contracts/instant';
import { decide, type Decision } from '../../domain/hooks/decide';
import { dedupeKeyOf, issueOf, type Trigger } from '../../domain/hooks/trigger';
import { deliverCommand } from '../../store/commandDelivery';
import { bodyHashOf, derivedCommandId, findCommand, receiveCommand, requireSameBody, type CommandResult, type NewCommand } from '../../store/commands';
import { prepareOpening } from '../../store/issueOpening';
import { findRecord } from '../../store/records';
import type { CommandDoc, RecordDoc } from '../../store/schemas/records';
import type { SourceDoc } from '../../store/schemas/sources';
import { isOpening, lastTrigger, openIssueOf, rememberTrigger } from '../../store/sources';
import type { PathDeps } from '../commands/commandPath';

/** An authentic message, read. */
export interface Message {
  readonly source: SourceDoc;
  readonly trigger: Trigger;
  /** The sender's name for this message; absent where it has none, and its content says what it is. */
  readonly messageId: string | undefined;
  readonly bodyHash: string;
  readonly correlationId: string;
}

/** A stock Alertmanager gives up after 10 s; the command is stored, so nobody need wait longer. */
const ANSWER_WITHIN_MS = 5000;
/** The issue may close between the look and the act: look once more. */
const ROUNDS = 2;
const RETRY_AFTER_S = 10;

interface Situation extends Message {
  readonly round: number;
  readonly now: Instant;
  readonly dedupeKey: string;
  readonly actor: SystemActor;
  readonly decision: Decision;
  readonly issue: RecordDoc | undefined;
  readonly previousId: string | null;
}

/**
 * Brings a trigger to its issue by the command path (docs/architecture.md): stored first, sent, answered once; a
 * resend is the same command. Throws Failure `rule_broken`, `idempotency_key_reused`, `unavailable`.
 */
export async function deliverTrigger(deps: PathDeps, message: Message): Promise<HookAnswer> {
  const { source, trigger } = message;
  const dedupeKey = dedupeKeyOf(source._id, trigger.key);
  const last = await lastTrigger(deps.store, dedupeKey);
  for (let round = 1; ; round += 1) {
    const open = await openIssueOf(deps.store, { organisationId: source.organisationId, dedupeKey });
    const decision = decide(trigger, { issue: open?.state, noted: last?.alerts });
    const situation: Situation = {
      ...message, round, dedupeKey, decision, issue: open?.record, previousId: last?.recordId ?? null, now: deps.now(),
      actor: { kind: 'system', name: `source/${source._id}`, correlationId: message.correlationId },
    };
    const command = await commandFor(deps, situation);
    // The all-clear has overtaken its own trouble: the sender says it again when the engine is back.
    if (!command && decision === 'nothing_open' && await isOpening(deps.store, dedupeKey)) throw new Failure('unavailable', FAILURES.unavailable.meaning, { retryAfterSeconds: RETRY_AFTER_S });
    const result = command && await settle(deps, command);
    if (command && isProblem(result) && result.type === 'wrong_state' && command.act !== OPEN_ACT && round < ROUNDS) continue;
    const answer = await answerTo(deps, { situation, command, result });
    if (trigger.alerts) await remember(deps, { dedupeKey, answer, last, alerts: trigger.status === 'firing' ? trigger.alerts : [] });
    return answer;
  }
}

/** The command that this message is; undefined: it changes nothing. */
async function commandFor(deps: PathDeps, situation: Situation): Promise<CommandDoc | undefined> {
  const { bodyHash, decision } = situation;
  const id = commandIdOf(situation);
  const stored = await findCommand(deps.store, id);
  if (stored) {
    requireSameBody(stored, bodyHash);
    return stored;
  }
  const fresh = decision === 'open' ? await opening(deps, situation, id) : noting(situation, id);
  return fresh && (await receiveCommand(deps.store, { ...fresh, bodyHash })).command;
}

/** With a message id, that; else what the message says and what it meets, so that another flap is another command. */
function commandIdOf({ source, messageId, round, dedupeKey, decision, trigger, issue, previousId }: Situation): string {
  const what = messageId === undefined
    ? ['group', dedupeKey, decision, trigger.alerts ?? [], issue ? [issue._id, issue.rev] : [previousId]]
    : ['message', messageId, round];
  return derivedCommandId(`source/${source._id}`, JSON.stringify(what));
}

async function opening(deps: PathDeps, situation: Situation, commandId: string): Promise<NewCommand> {
  const { source, trigger, actor, now, bodyHash } = situation;
  const request = issueOf(trigger, { ...source, id: source._id });
  try {
    const prepared = await prepareOpening(deps.store, { request, actor, commandId, at: now, sourceId: source._id });
    return 'fresh' in prepared ? prepared.fresh : prepared.known;
  } catch (error) {
    // The same message at the same moment: its command keeps the message's hash, not the request's.
    const stored = error instanceof Failure && error.type === 'idempotency_key_reused' ? await findCommand(deps.store, commandId) : undefined;
    if (stored?.bodyHash === bodyHash) return stored;
    throw error;
  }
}

function noting({ decision, issue, dedupeKey, trigger, source, actor, now }: Situation, commandId: string): Omit<NewCommand, 'bodyHash'> | undefined {
  if (!issue || decision === 'known' || decision === 'nothing_open') return undefined;
  const cleared = { dedupeKey, at: trigger.at !== undefined && trigger.at <= now ? trigger.at : now, source: `source/${source._id}` };
  const noted = decision === 'clear' ? { act: 'cleared', body: cleared } : { act: 'repeat', body: { dedupeKey, title: trigger.title } };
  return { ...noted, _id: commandId, capability: ESCALATION.capability, recordId: issue._id, actor, receivedAt: now };
}

type Problem = Pick<Failure, 'type' | 'message'>;
type Settled = { readonly status: number; readonly recordId: string } | Problem | 'pending';

const isProblem = (result: Settled | undefined): result is Problem => typeof result === 'object' && 'type' in result;

async function settle({ store, gateway, now, settings, metrics }: PathDeps, command: CommandDoc): Promise<Settled> {
  if (command.answer) return readAnswer(command.answer);
  const delivered = await deliverCommand({ store, now, send: gateway.send }, command, Math.min(ANSWER_WITHIN_MS, settings.answerWithinMs));
  const outcome = delivered.outcome === 'pending' ? 'pending' : delivered.answer.status < 400 ? 'applied' : 'refused';
  metrics.commands.inc({ capability: command.capability, act: command.act, outcome });
  return delivered.outcome === 'pending' ? 'pending' : readAnswer(delivered.answer);
}

function readAnswer({ status, body }: CommandResult): Settled {
  const { recordId, type, detail } = (typeof body === 'object' && body !== null ? body : {}) as { readonly recordId?: unknown; readonly type?: unknown; readonly detail?: unknown };
  if (status < 400 && typeof recordId === 'string') return { status, recordId };
  const name = String(type).replace('/problems/', '');
  return { type: isFailureType(name) ? name : 'internal', message: String(detail) };
}

async function answerTo({ store }: PathDeps, { situation, command, result }: { situation: Situation; command: CommandDoc | undefined; result: Settled | undefined }): Promise<HookAnswer> {
  const { issue, trigger } = situation;
  if (!command || result === undefined) {
    const outcome = !issue ? 'nothing_open' : trigger.status === 'firing' ? 'joined' : 'cleared';
    return { issueId: issue?._id ?? null, number: issue?.number ?? null, outcome };
  }
  if (isProblem(result)) throw new Failure(result.type, result.message);
  if (result === 'pending') return { issueId: issue?._id ?? null, number: issue?.number ?? null, outcome: 'accepted' };
  const record = issue?._id === result.recordId ? issue : await findRecord(store, result.recordId);
  const outcome = command.act === 'cleared' ? 'cleared' : command.act === OPEN_ACT && result.status === 201 ? 'opened' : 'joined';
  return { issueId: result.recordId, number: record?.number ?? null, outcome };
}

async function remember({ store }: PathDeps, { dedupeKey, answer, last, alerts }: { dedupeKey: string; answer: HookAnswer; last: { recordId: string | null; alerts: readonly string[] } | undefined; alerts: readonly string[] }): Promise<void> {
  const recordId = answer.issueId ?? last?.recordId ?? null;
  if (last && last.recordId === recordId && bodyHashOf(last.alerts) === bodyHashOf(alerts)) return;
  if (answer.outcome !== 'nothing_open') await rememberTrigger(store, { _id: dedupeKey, recordId, alerts });
}
