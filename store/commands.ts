import { createHash } from 'node:crypto';
import type { ClientSession } from 'mongoose';
import { Failure, FAILURES } from '../contracts/failures';
import type { Instant } from '../contracts/instant';
import type { Json } from '../contracts/step';
import { canonicalText } from '../domain/audit/chain';
import { vouchFor } from './commandAuthenticity';
import type { Store } from './connection';
import { isDuplicateKey } from './duplicateKey';
import type { CommandDoc } from './schemas/records';

export type CommandResult = NonNullable<CommandDoc['answer']>;

/**
 * Id of a command: the same person repeating the same request on the same record gives the same id,
 * anything else another. `recordId` is null where the request opens a record.
 */
export function commandIdOf(request: { personId: string; route: string; recordId: string | null; key: string }): string {
  return sha256(JSON.stringify([request.personId, request.route, request.recordId, request.key]));
}

/** Id of a command that follows from another, e.g. the repeat that a joined opening becomes. */
export function derivedCommandId(commandId: string, purpose: string): string {
  return sha256(JSON.stringify([commandId, purpose]));
}

/** Hash of a request's body, whatever the order of its fields. */
export function bodyHashOf(body: unknown): string {
  return sha256(canonicalText(body));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export type NewCommand = Omit<CommandDoc, 'status' | 'answer' | 'answeredAt' | 'attempts' | 'authenticator'>;

/**
 * Stores a command, once. Known already: the stored one is returned, with the answer that it may
 * have. Throws Failure `idempotency_key_reused` when the stored one had another body.
 */
export async function receiveCommand(store: Store, received: NewCommand): Promise<{ readonly command: CommandDoc; readonly fresh: boolean }> {
  const command = newCommand(store, received);
  return storedOnce(store, command, async () => { await store.models.commands.insertOne(command); });
}

/** Stores a command by `insert`, or answers the one of this id that is stored already. Throws Failure `idempotency_key_reused` when that one had another body. */
export async function storedOnce(store: Store, command: CommandDoc, insert: () => Promise<void>): Promise<{ readonly command: CommandDoc; readonly fresh: boolean }> {
  try {
    await insert();
    return { command, fresh: true };
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
  const stored = await findCommand(store, command._id);
  if (!stored) throw new Error(`command ${command._id} is neither new nor stored`);
  requireSameBody(stored, command.bodyHash);
  return { command: stored, fresh: false };
}

/** Stores a command in the transaction of what asks for it. Throws the driver's duplicate key error when it is stored already. */
export async function insertCommand(store: Store, received: NewCommand, session: ClientSession): Promise<void> {
  await store.models.commands.insertOne(newCommand(store, received), { session });
}

/** The same of many at once. */
export async function insertCommands(store: Store, received: readonly NewCommand[], session: ClientSession): Promise<void> {
  await store.models.commands.insertMany(received.map((one) => newCommand(store, one)), { session });
}

/** As the database gives it back: its authenticator is over that. */
function newCommand(store: Store, received: NewCommand): CommandDoc {
  return vouchFor(store, { ...received, body: jsonOf(received.body), status: 'received', attempts: 0 });
}

/** Throws Failure `idempotency_key_reused` unless the stored command had this body. */
export function requireSameBody(stored: CommandDoc, bodyHash: string): void {
  if (stored.bodyHash !== bodyHash) throw new Failure('idempotency_key_reused', FAILURES.idempotency_key_reused.meaning);
}

/** The stored command, or undefined. */
export async function findCommand(store: Store, id: string): Promise<CommandDoc | undefined> {
  return (await store.models.commands.findById(id).lean<CommandDoc>()) ?? undefined;
}

/** Stores the answer unless there is one. Returns the answer that stands and whether it is this one. */
export async function answerCommand(
  store: Store,
  { id, answer, at }: { readonly id: string; readonly answer: CommandResult; readonly at: Instant },
  session?: ClientSession,
): Promise<{ readonly answer: CommandResult; readonly first: boolean }> {
  const written = await store.models.commands.updateOne({ _id: id, status: 'received' }, { $set: { status: 'answered', answer, answeredAt: at } }, session ? { session } : {});
  if (written.modifiedCount === 1) return { answer, first: true };
  const stored = await findCommand(store, id);
  if (!stored?.answer) throw new Error(`command ${id} cannot be answered: it is not stored`);
  return { answer: stored.answer, first: false };
}

/** Commands received before `olderThan` that have no answer, oldest first. */
export async function unansweredCommands(store: Store, { olderThan, limit }: { olderThan: Instant; limit: number }): Promise<readonly CommandDoc[]> {
  return store.models.commands
    .find({ status: 'received', receivedAt: { $lt: olderThan } })
    .sort({ receivedAt: 1, _id: 1 })
    .limit(limit)
    .lean<CommandDoc[]>();
}

/** Counts a sending that brought no answer. */
export async function countAttempt(store: Store, id: string): Promise<void> {
  await store.models.commands.updateOne({ _id: id, status: 'received' }, { $inc: { attempts: 1 } });
}

/** The JSON of a plain value; drops members that are undefined. */
export function jsonOf(value: unknown): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}
