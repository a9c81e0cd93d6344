import { ActivityFailure, CancellationScope, patched, sleep } from '@temporalio/workflow';
import { refusedIn } from '../../contracts/refusedPayload';
import type { CommitRequest, CommitResult } from '../../contracts/step';
import { tellForgery } from './forgeries';

/** Whoever reaches the engine can answer again at once: the pause keeps a run from growing for nothing. */
const PAUSES_MS = [1000, 5000, 60_000];

/**
 * Asks an activity until it has an answer that this installation made: anybody who reaches the engine's port can complete
 * or fail a task, with nothing or with what they saw before, or ask to cancel the run. Our own activities do not fail for good.
 */
export function provenAnswer<T>(ask: () => Promise<T>, unprovenBecause: (answer: T) => string | undefined): Promise<T> {
  return CancellationScope.nonCancellable(() => askUntilProven(ask, unprovenBecause));
}

async function askUntilProven<T>(ask: () => Promise<T>, unprovenBecause: (answer: T) => string | undefined): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    let because: string | undefined;
    try {
      const answer = await ask();
      because = refusedIn([answer]) ?? unprovenBecause(answer);
      if (because === undefined) return answer;
    } catch (error) {
      // A cancelled one too: nothing of ours asks for that, and whoever reaches the engine can fail a task with those words.
      if (!(error instanceof ActivityFailure) || !patched('answers-proven')) throw error;
      because = 'no activity of ours fails for good';
    }
    tellForgery('answer', because);
    await sleep(PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)] ?? 0);
  }
}

/** Why an answer is not that of this commit. Runs from before 0.2.0 have answers that do not say to which step. */
export function unprovenBecause({ source, rev }: CommitRequest, answer: CommitResult): string | undefined {
  const { key } = answer;
  if (key !== undefined && key !== source.key) return 'it is the answer to another step';
  return answer.outcome === 'applied' && answer.rev !== rev ? 'it is the answer to another revision' : undefined;
}
