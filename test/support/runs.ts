import type { temporal } from '@temporalio/proto';
import type { World } from './world';

interface Run {
  readonly runId: string;
  readonly history: temporal.api.history.v1.IHistory;
}

/** Every run of a workflow, oldest first: each names the one that it continues. Visibility, which lags, is not asked. */
export async function runsOf(world: World, workflowId: string): Promise<readonly Run[]> {
  const runs: Run[] = [];
  let runId: string | null | undefined = (await world.client.workflow.getHandle(workflowId).describe()).runId;
  while (runId) {
    const history = await world.client.workflow.getHandle(workflowId, runId).fetchHistory();
    runs.unshift({ runId, history });
    runId = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
  }
  return runs;
}
