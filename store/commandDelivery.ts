import type { PersonActor } from '../contracts/actor';
import type { SendCommand } from '../contracts/command';
import { Failure, FAILURES } from '../contracts/failures';
import type { Forgery } from '../contracts/forgery';
import { workflowIdOf } from '../contracts/ids';
import type { Instant } from '../contracts/instant';
import { accessRecordOf, extentSeen } from '../domain/access/ability';
import { recordView } from '../domain/records/recordView';
import { personInForce } from './authority';
import { answerCommand, countAttempt, derivedCommandId, bodyHashOf, jsonOf, receiveCommand, type CommandResult } from './commands';
import { forgedBecause } from './commandAuthenticity';
import { refuseCommand } from './commandRefusals';
import type { Store } from './connection';
import { findReceipt, recordWithReceipt } from './receipts';
import { findRecord } from './records';
import type { CommandDoc, RecordDoc } from './schemas/records';

export interface DeliveryDeps {
  readonly store: Store;
  readonly send: SendCommand;
  readonly now: () => Instant;
  /** Told of commands that no holder of the key ring stored so, and of answers that no step bears out. */
  readonly tellForgery?: (forgery: Forgery) => void;
}

/** How a delivery came out. `first`: this call stored the answer; `refusal`: and it is this, kept as evidence already. */
export type Delivered =
  | { readonly outcome: 'answered'; readonly answer: CommandResult; readonly first: boolean; readonly refusal?: Failure }
  | { readonly outcome: 'pending' };

/** How long a joined opening waits for the existing issue to note it, ms; later the re-sending does it. */
const REPEAT_WITHIN_MS = 3000;

/**
 * Sends a stored command and stores its answer: the record as it then is, or the problem. The API
 * and the worker's re-sending both come through here, so a command has one answer whoever sent it.
 */
export async function deliverCommand(deps: DeliveryDeps, command: CommandDoc, withinMs: number): Promise<Delivered> {
  const outcome = await outcomeOf(deps, command, withinMs);
  if (outcome === 'pending') {
    await countAttempt(deps.store, command._id);
    return { outcome };
  }
  if (outcome instanceof Failure) {
    const { answer, first } = await refuseCommand(deps, command, outcome);
    return { outcome: 'answered', answer, first, ...(first && { refusal: outcome }) };
  }
  const { answer, first } = await answerCommand(deps.store, { id: command._id, answer: outcome, at: deps.now() });
  return { outcome: 'answered', answer, first };
}

async function outcomeOf(deps: DeliveryDeps, command: CommandDoc, withinMs: number): Promise<CommandResult | Failure | 'pending'> {
  const forged = forgedBecause(deps.store, command);
  if (forged !== undefined) {
    deps.tellForgery?.({ what: 'command', workflowId: workflowIdOf(command.capability, command.recordId), because: forged });
    return new Failure('not_permitted', FAILURES.not_permitted.meaning);
  }
  try {
    const delivery = await deps.send(command, withinMs);
    // A record that this very act closed has no run any more that could answer a second time.
    if (delivery === 'pending') return command.attempts > 0 && (await isCarriedOut(deps, command)) ? await accepted(deps, command) : delivery;
    return delivery === 'gone' ? await fromTheRecord(deps, command) : await accepted(deps, command);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (FAILURES[error.type].retryable) return 'pending';
    // A run that was made anew knows its acts no more, and judges one that it has done as if it came again.
    if (await isCarriedOut(deps, command)) return accepted(deps, command);
    return error.type === 'exists' ? join(deps, command, error) : error;
  }
}

/** No run takes it: it committed and the answer was lost, or the record is over, or its run waits to be rebuilt. */
async function fromTheRecord(deps: DeliveryDeps, command: CommandDoc): Promise<CommandResult | Failure | 'pending'> {
  if (await isCarriedOut(deps, command)) return accepted(deps, command);
  const record = await findRecord(deps.store, command.recordId);
  return record?.done ? new Failure('wrong_state', `the record is ${record.status}`, { rev: record.rev }) : 'pending';
}

const isCarriedOut = async ({ store }: DeliveryDeps, { recordId, _id: key }: CommandDoc): Promise<boolean> => (await findReceipt(store, { recordId, key })) !== undefined;

/** The engine says that it was carried out: believed when the step is stored. */
async function accepted(deps: DeliveryDeps, command: CommandDoc): Promise<CommandResult | 'pending'> {
  const { actor, opening, recordId, capability, _id } = command;
  const { record, stepRev: rev } = await recordWithReceipt(deps.store, { recordId, key: _id });
  if (rev === undefined) {
    deps.tellForgery?.({ what: 'answer', workflowId: workflowIdOf(capability, recordId), because: 'no step bears it out' });
    return 'pending';
  }
  const status = opening === undefined ? 200 : 201;
  if (actor.kind === 'system') return { status, body: { recordId, rev } };
  return { status, body: record ? viewFor(record, actor) : { recordId, rev } };
}

/** Who could act on it sees all of it. */
function viewFor(record: RecordDoc, { organisationId }: PersonActor) {
  return jsonOf(recordView(record, { extent: 'whole', organisationIds: [organisationId] }));
}

/** The same trigger has an open issue: that one notes the repeat, and is the answer (E14). */
async function join(deps: DeliveryDeps, command: CommandDoc, exists: Failure): Promise<CommandResult | Failure> {
  const { recordId } = exists.extra;
  const { actor, opening } = command;
  if (opening === undefined || typeof recordId !== 'string') return exists;
  await noteRepeat(deps, command, recordId);
  if (actor.kind === 'system') return { status: 200, body: { recordId, joined: true } };
  const [record, person] = await Promise.all([findRecord(deps.store, recordId), personInForce(deps.store, { personId: actor.personId, at: deps.now() })]);
  const extent = record && extentSeen({ memberships: person?.memberships ?? [], record: accessRecordOf(record), now: deps.now() });
  // The key is taken by an issue of the same organisation that this person may not see.
  if (!extent) return new Failure('exists', FAILURES.exists.meaning);
  return { status: 200, body: jsonOf({ ...recordView(record, { extent, organisationIds: [actor.organisationId] }), joined: true }) };
}

async function noteRepeat(deps: DeliveryDeps, opening: CommandDoc, recordId: string): Promise<void> {
  const { request } = (opening.opening as unknown as { opening: { request: { dedupeKey?: string } } }).opening;
  const { title } = (opening.opening as unknown as { content: { title: string } }).content;
  const body = { dedupeKey: request.dedupeKey ?? '', title };
  const { command } = await receiveCommand(deps.store, {
    _id: derivedCommandId(opening._id, 'repeat'), capability: opening.capability, recordId, act: 'repeat', body, bodyHash: bodyHashOf(body),
    actor: { kind: 'system', name: 'effect', correlationId: opening.actor.correlationId }, receivedAt: deps.now(),
  });
  if (command.status === 'received') await deliverCommand(deps, command, REPEAT_WITHIN_MS);
}
