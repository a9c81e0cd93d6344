import { instantOf, epochMsOf } from '../contracts/instant';
import { deliverCommand, type Delivered, type DeliveryDeps } from './commandDelivery';
import { unansweredCommands } from './commands';
import type { CommandDoc } from './schemas/records';

/** Records whose commands are sent at the same time. */
const LANES = 8;
const BATCH = 200;
const WITHIN_MS = 5000;
/** No sending is begun later in a turn than this, ms: after a storm the sentinel's other chores, and the answers that workers are busy with, come first. */
const BUDGET_MS = 20_000;

/**
 * Sends commands again that were received longer than `olderThanMs` ago and have no answer: that is
 * what makes a 202 true. Commands of one record go in the order received; the first that gets no
 * answer holds the rest back.
 */
export async function resendUnanswered(
  deps: DeliveryDeps,
  { olderThanMs, budgetMs = BUDGET_MS, onError }: { readonly olderThanMs: number; readonly budgetMs?: number; readonly onError?: (error: unknown, commandId: string) => void },
): Promise<{ readonly sent: number; readonly answered: number }> {
  const olderThan = instantOf(epochMsOf(deps.now()) - olderThanMs);
  const waiting = [...byRecord(await unansweredCommands(deps.store, { olderThan, limit: BATCH })).values()];
  const counts = { sent: 0, answered: 0 };
  const startedAt = performance.now();
  const isOver = (): boolean => performance.now() - startedAt >= budgetMs;
  const lane = async (): Promise<void> => {
    for (let commands = waiting.shift(); commands !== undefined; commands = waiting.shift()) {
      for (const command of commands) {
        counts.sent += 1;
        const delivered = await deliver(deps, command, onError);
        if (delivered?.outcome === 'answered') counts.answered += 1;
        if (isOver()) return;
        if (delivered?.outcome !== 'answered') break;
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return counts;
}

/** A defect in one command must not keep the others waiting. */
async function deliver(deps: DeliveryDeps, command: CommandDoc, onError?: (error: unknown, commandId: string) => void): Promise<Delivered | undefined> {
  try {
    return await deliverCommand(deps, command, WITHIN_MS);
  } catch (error) {
    onError?.(error, command._id);
    return undefined;
  }
}

function byRecord(commands: readonly CommandDoc[]): Map<string, CommandDoc[]> {
  const records = new Map<string, CommandDoc[]>();
  for (const command of commands) records.set(command.recordId, [...(records.get(command.recordId) ?? []), command]);
  return records;
}
