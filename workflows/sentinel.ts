import { housekeeping } from './support/activities';

/** Compares records with runs, sends unanswered commands again, archives closed histories. Started by a Schedule. */
export async function sentinel(): Promise<void> {
  await housekeeping.mendRuns();
  await housekeeping.resendCommands();
  await housekeeping.archiveHistories();
}
