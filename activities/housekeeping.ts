import { Context } from '@temporalio/activity';
import type { HousekeepingActivities } from '../contracts/activities';
import { archiveHistories, type ArchiveDeps } from './archiveHistories';
import { mailAnchor, type AnchorDeps } from './mailAnchor';
import { mendRuns, type MendDeps } from './mendRuns';

export interface HousekeepingDeps extends MendDeps, ArchiveDeps, AnchorDeps {
  /** Sends stored commands again that have no answer yet. */
  readonly resendUnanswered: () => Promise<{ readonly sent: number; readonly answered: number }>;
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
    mendRuns: () => mendRuns(deps),
    resendCommands: () => beating(deps.resendUnanswered),
    archiveHistories: () => archiveHistories(deps),
    takeAnchor: () => mailAnchor(deps),
  };
}
