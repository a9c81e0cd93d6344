import type { DrillState } from '../contracts/drill';
import { drill } from '../domain/drill/machine';
import { drillReport } from '../domain/drill/report';
import { timelineOf, type Timeline } from '../domain/timeline/timeline';
import type { Store } from './connection';
import { noticesOf } from './notices';
import type { RecordDoc } from './schemas/records';
import { timelineSources } from './timeline';

/** The report of a drill, computed from what was stored about it and about its issue, as far as these organisations may read that. */
export async function reportOf(store: Store, { record, organisationIds }: { record: RecordDoc; organisationIds: readonly string[] }): Promise<ReturnType<typeof drillReport>> {
  const state = drill.migrate(record.state, record.stateVersion);
  const [notices, story] = await Promise.all([noticesOf(store, record._id), storyOf(store, state, organisationIds)]);
  return drillReport(state, { notices, story });
}

async function storyOf(store: Store, { issue }: DrillState, organisationIds: readonly string[]): Promise<Timeline | undefined> {
  if (!issue?.recordId) return undefined;
  // Drills are not shared: whoever reads one is of a party.
  return timelineOf({ ...await timelineSources(store, issue.recordId), reader: { organisationIds, partyIds: organisationIds } });
}
