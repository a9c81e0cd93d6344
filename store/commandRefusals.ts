import type { ClientSession } from 'mongoose';
import { FAILURES, isEvidence, type Failure } from '../contracts/failures';
import type { Instant } from '../contracts/instant';
import { problemBody } from '../contracts/problem';
import { answerCommand, storedOnce, type CommandResult, type NewCommand } from './commands';
import { inTransaction, type Store } from './connection';
import { peopleByIds } from './people';
import { recordRefusal, type RefusedAct } from './refusals';
import type { CommandDoc } from './schemas/records';

export interface RefusalDeps {
  readonly store: Store;
  readonly now: () => Instant;
}

/**
 * Answers a command with a problem. The answer and its evidence are one transaction: whoever dies or
 * repeats meanwhile, a refusal that was answered is in the trail, once.
 */
export async function refuseCommand({ store, now }: RefusalDeps, command: CommandDoc, refusal: Failure): Promise<{ readonly answer: CommandResult; readonly first: boolean }> {
  const at = now();
  const evidence = await evidenceOf(store, command, { refusal, at });
  return inTransaction(store, async (session) => {
    const answered = await answerCommand(store, { id: command._id, answer: problemOf(command, refusal), at }, session);
    if (answered.first) await keep(store, evidence && { ...evidence, command }, session);
    return answered;
  });
}

/**
 * Stores a command that is refused before it is sent, answered from the first: nobody will ever send
 * it. Known already: the stored one is returned and nothing is kept. Throws Failure `idempotency_key_reused`.
 */
export async function receiveRefused({ store, now }: RefusalDeps, received: NewCommand, refusal: Failure): Promise<{ readonly command: CommandDoc; readonly fresh: boolean }> {
  const at = now();
  const command: CommandDoc = { ...received, status: 'answered', attempts: 0, answer: problemOf(received, refusal), answeredAt: at };
  const evidence = await evidenceOf(store, received, { refusal, at });
  return storedOnce(store, command, () => inTransaction(store, async (session) => {
    await store.models.commands.insertOne(command, { session });
    await keep(store, evidence && { ...evidence, command }, session);
  }));
}

function problemOf({ actor }: NewCommand, refusal: Failure): CommandResult {
  return { status: FAILURES[refusal.type].status, body: problemBody(refusal, actor.correlationId) };
}

/** What the trail says of it; undefined: no person, or a fault of form only. An opening has no record yet, so it is said of the person. */
async function evidenceOf(store: Store, { actor, opening, recordId, act }: NewCommand, { refusal, at }: { refusal: Failure; at: Instant }): Promise<RefusedAct | undefined> {
  if (actor.kind !== 'person' || !isEvidence(refusal.type)) return undefined;
  const { personId, role, organisationId, correlationId } = actor;
  const [person] = await peopleByIds(store, [personId]);
  return {
    recordId: opening === undefined ? recordId : `person/${personId}`, act, correlationId, at, failureType: refusal.type, reason: refusal.message,
    actor: { kind: 'person', personId, name: person?.name ?? personId, role, organisationId },
  };
}

async function keep(store: Store, evidence: RefusedAct | undefined, session: ClientSession): Promise<void> {
  if (evidence) await recordRefusal(store, evidence, session);
}
