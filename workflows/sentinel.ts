import { ApplicationFailure, condition } from '@temporalio/workflow';
import { housekeeping } from './support/activities';

/**
 * Compares records with runs, sends unanswered commands again, archives closed histories, follows the
 * matrix; gives a sign of life at once, and again while a turn takes long. Started by a Schedule.
 */
export async function sentinel(): Promise<void> {
  let working = true;
  const alive = async () => {
    let beaten: { readonly everyMs: number };
    do beaten = await housekeeping.beat();
    while (!(await condition(() => !working, beaten.everyMs)));
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
