import { ApplicationFailure, condition } from '@temporalio/workflow';
import { housekeeping } from './support/activities';

/** Between two signs of life unless the schedule says otherwise, ms. */
const BEAT_EVERY_MS = 60_000;

/**
 * Compares records with runs, sends unanswered commands again, archives closed histories, follows the
 * matrix; gives a sign of life at once, and again while a turn takes long. Started by a Schedule, which
 * says how often.
 */
export async function sentinel({ everyMs = BEAT_EVERY_MS }: { readonly everyMs?: number } = {}): Promise<void> {
  let working = true;
  const alive = async () => {
    do await housekeeping.beat({ everyMs });
    while (!(await condition(() => !working, everyMs)));
  };
  // A missing beat is news of its own, and no reason to leave the work undone.
  const beating = Promise.allSettled([alive()]);
  try {
    await housekeeping.mendRuns();
    await housekeeping.resendCommands();
    await housekeeping.archiveHistories();
    await housekeeping.followFrequencies();
  } finally {
    working = false;
  }
  const [beats] = await beating;
  if (beats.status === 'rejected') throw ApplicationFailure.create({ message: 'no sign of life could be given', cause: beats.reason as Error });
}
