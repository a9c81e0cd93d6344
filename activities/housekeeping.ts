import { Context } from '@temporalio/activity';
import type { HousekeepingActivities } from '../contracts/activities';
import { beat, type BeatDeps } from './beat';
import { deliverHeld } from './deliverHeld';
import { expireUploads } from './expireUploads';
import { archiveHistories, type ArchiveDeps } from './archiveHistories';
import type { Followed } from './followFrequencies';
import { mailAnchor, type AnchorDeps } from './mailAnchor';
import { mendRuns, type MendDeps } from './mendRuns';
import type { TellingDeps } from './sending';
import { tellAnnouncements } from './tellAnnouncements';

export interface HousekeepingDeps extends MendDeps, ArchiveDeps, AnchorDeps, TellingDeps {
  /** Sends stored commands again that have no answer yet. */
  readonly resendUnanswered: () => Promise<{ readonly sent: number; readonly answered: number }>;
  /** What a sign of life says of the worker and its schedule. */
  readonly life: Pick<BeatDeps, 'startedAt' | 'turns'>;
  /** Brings controls in line with the matrix rows in force. */
  readonly followFrequencies: () => Promise<Followed>;
}

const HEARTBEAT_MS = 5000;

/** Keeps the server sure of a long activity that has no loop of its own to beat in. */
async function beating<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = setInterval(() => { context.heartbeat(); }, HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
  }
}

/** What Schedules drive. */
export function createHousekeepingActivities(deps: HousekeepingDeps): HousekeepingActivities {
  return {
    beat: () => beat({ ...deps, ...deps.life }),
    mendRuns: () => mendRuns(deps),
    resendCommands: () => beating(deps.resendUnanswered),
    archiveHistories: () => archiveHistories(deps),
    followFrequencies: () => beating(deps.followFrequencies),
    deliverHeld: () => beating(async () => {
      await tellAnnouncements(deps);
      return deliverHeld(deps);
    }),
    expireUploads: () => beating(() => expireUploads(deps)),
    takeAnchor: () => mailAnchor(deps),
  };
}
