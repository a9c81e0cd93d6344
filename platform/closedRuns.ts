import type { Client } from '@temporalio/client';
import type { Capability } from '../contracts/ids';
import type { Instant } from '../contracts/instant';
import { fetchRunJson } from './runHistories';

export interface ClosedRun {
  readonly workflowId: string;
  readonly runId: string;
  /** Replayable JSON, payloads still encrypted; undefined when past its retention. */
  history(): Promise<string | undefined>;
}

/** The runs of a capability that closed since an instant, however they closed. */
export type ClosedRuns = (of: { capability: Capability; since: Instant }) => AsyncIterable<ClosedRun>;

export function createClosedRuns(client: Client): ClosedRuns {
  return async function* closedRuns({ capability, since }) {
    const query = `WorkflowType = '${capability}' AND ExecutionStatus != 'Running' AND CloseTime >= '${since}'`;
    for await (const { workflowId, runId } of client.workflow.list({ query })) {
      yield { workflowId, runId, history: () => fetchRunJson(client, { workflowId, runId }) };
    }
  };
}
