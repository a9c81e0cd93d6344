import { Context } from '@temporalio/activity';
import { CAPABILITIES } from '../contracts/ids';
import type { Instant } from '../contracts/instant';
import type { ClosedRuns } from '../platform/closedRuns';
import { putHistory } from '../store/archive';
import type { Store } from '../store/connection';
import { archivedUpTo, markArchivedUpTo } from '../store/archiveMark';

export interface ArchiveDeps {
  readonly store: Store;
  readonly closedRuns: ClosedRuns;
  readonly now: () => Instant;
}

/** Visibility may show a closing late: look again this far back. Archiving twice changes nothing. */
const OVERLAP_MS = 10 * 60_000;

/**
 * Copies the full history of every run closed since the last time. Temporal's history is execution
 * state with a retention, the archive is the evidence (21 CFR 11.10(c)).
 */
export async function archiveHistories(deps: ArchiveDeps): Promise<{ archived: number }> {
  const startedAt = deps.now();
  const since = await archivedUpTo(deps.store, OVERLAP_MS);
  let archived = 0;
  for (const capability of CAPABILITIES) {
    for await (const run of deps.closedRuns({ capability, since })) {
      Context.current().heartbeat();
      const json = await run.history();
      if (json !== undefined && (await putHistory(deps.store, { workflowId: run.workflowId, runId: run.runId, json, at: deps.now() }))) archived += 1;
    }
  }
  await markArchivedUpTo(deps.store, startedAt);
  return { archived };
}
