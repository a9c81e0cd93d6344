import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { STATE_QUERY, type CarriedRecord, type RunState } from '../contracts/entity';
import { workflowIdOf, type Capability } from '../contracts/ids';
import { instantOf, type Instant } from '../contracts/instant';
import { priorityOf } from '../contracts/priority';
import { SEARCH_ATTRIBUTES } from '../contracts/searchAttributes';
import { runAs } from './clientInterceptors';
import { endingOf, obstacleOf, type Ending } from './heldUpRuns';
import type { Obstacle } from './obstacles';

/** A running workflow as visibility shows it. */
export interface VisibleRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly startedAt: Instant;
  readonly state: string | undefined;
  readonly nextDueAt: Instant | undefined;
}

/** What the sentinel does to runs; the only place that starts one from a record or ends one. */
export interface RunKeeper {
  running(capability: Capability): AsyncIterable<VisibleRun>;
  /** Asked of the server itself, because visibility lags; also of one that somebody paused. */
  isRunning(workflowId: string): Promise<boolean>;
  stateOf(workflowId: string): Promise<RunState>;
  /** What keeps a run from going on. Throws where it never began: another one would not either. */
  obstacleOf(workflowId: string): Promise<Obstacle | undefined>;
  endingOf(workflowId: string): Promise<Ending | undefined>;
  terminate(workflowId: string, reason: string): Promise<void>;
  rebuild(capability: Capability, carried: CarriedRecord): Promise<void>;
}

const SENTINEL = { kind: 'system', name: 'sentinel', correlationId: 'sentinel' } as const;
/** A run whose tasks fail never answers. */
const ASKED_WITHIN_MS = 5000;
/** A run that somebody paused is not over, and visibility lists it apart. */
const OPEN: ReadonlySet<string> = new Set(['RUNNING', 'PAUSED']);
const nextDueKey = defineSearchAttributeKey(SEARCH_ATTRIBUTES.nextDueAt.name, 'DATETIME');

export function createRunKeeper(client: Client, taskQueue: string): RunKeeper {
  return {
    async *running(capability) {
      for await (const run of client.workflow.list({ query: `WorkflowType = '${capability}' AND ExecutionStatus = 'Running'` })) {
        const due = run.typedSearchAttributes.get(nextDueKey);
        yield {
          workflowId: run.workflowId, runId: run.runId, startedAt: instantOf(run.startTime.getTime()),
          state: run.typedSearchAttributes.get(SEARCH_ATTRIBUTES.state),
          nextDueAt: due && instantOf(due.getTime()),
        };
      }
    },
    async isRunning(workflowId) {
      try {
        return OPEN.has((await client.workflow.getHandle(workflowId).describe()).status.name);
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },
    stateOf: (workflowId) => client.withDeadline(Date.now() + ASKED_WITHIN_MS, () => client.workflow.getHandle(workflowId).query<RunState>(STATE_QUERY)),
    obstacleOf: (workflowId) => obstacleOf({ client, workflowId }, taskQueue),
    endingOf: (workflowId) => endingOf({ client, workflowId }),
    terminate: async (workflowId, reason) => {
      await runAs(SENTINEL, () => client.workflow.getHandle(workflowId).terminate(reason));
    },
    async rebuild(capability, carried) {
      await runAs(SENTINEL, () => client.workflow.start(capability, {
        taskQueue, workflowId: workflowIdOf(capability, carried.recordId), args: [carried],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE', workflowIdConflictPolicy: 'FAIL', priority: priorityOf(carried.carried.state),
      }));
    },
  };
}
