/** Workflows and commits of every capability. */
export const OVERSIGHT_QUEUE = 'oversight';

/** The queue of what records do to the outside, beside that of their runs and commits: a slow mail server fills its own slots, and no answer waits for it. */
export function effectsQueueOf(taskQueue: string): string {
  return `${taskQueue}-effects`;
}
