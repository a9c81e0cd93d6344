import { housekeeping } from './support/activities';

/** Tells what quiet hours, digests and teams' receivers held up. Started by a Schedule. */
export async function deliverHeld(): Promise<void> {
  await housekeeping.deliverHeld();
}
