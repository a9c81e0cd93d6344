import { housekeeping } from './support/activities';

/** Removes uploads that nobody completed. Started by a Schedule. */
export async function expireUploads(): Promise<void> {
  await housekeeping.expireUploads();
}
