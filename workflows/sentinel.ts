import { ApplicationFailure, condition, patched } from '@temporalio/workflow';
import { housekeeping } from './support/activities';

/**
 * Compares records with runs, sends unanswered commands again, archives closed histories, follows the
 * matrix; gives a sign of life at once, and again while a turn takes long. What fails keeps nothing else
 * from being done, and fails the turn at its end. Started by a Schedule.
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
  const failures: unknown[] = [];
  try {
    for (const chore of [housekeeping.mendRuns, housekeeping.resendCommands, housekeeping.archiveHistories, housekeeping.followFrequencies]) {
      try {
        await chore();
      } catch (error) {
        if (!patched('sentinel-goes-on')) throw error;
        failures.push(error);
      }
    }
  } finally {
    working = false;
  }
  const [beats] = await beating;
  if (failures.length > 0) throw failures[0];
  if (beats.status === 'rejected') throw ApplicationFailure.create({ message: 'no sign of life could be given', cause: beats.reason as Error });
}
