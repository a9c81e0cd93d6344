import { isGrpcServiceError, ServiceError, type Client } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { Failure, FAILURES } from '../contracts/failures';
import { createCommandSender } from '../platform/commandGateway';
import { decodedEvents, fetchRuns } from '../platform/runHistories';
import type { Gateway } from './gateway';

/** How long Temporal may take to say that it is well, ms. */
const HEALTH_WITHIN_MS = 2000;
/** How long reading all runs of a workflow may take, ms. */
const HISTORY_WITHIN_MS = 10_000;
/** temporal.api.enums.v1.TaskQueueType WORKFLOW. */
const WORKFLOW_QUEUE = 1;
/** A poller counts for this long after its last poll; long polls last a minute. */
const POLLER_FRESH_MS = 90_000;

/** The way to Temporal over a client that encrypts and says who acts. */
export function createTemporalGateway({ client, taskQueue, codec }: { readonly client: Client; readonly taskQueue: string; readonly codec: PayloadCodec }): Gateway {
  const { namespace } = client.options;
  const answers = async (ask: () => Promise<boolean>): Promise<boolean> => {
    try {
      return await client.withDeadline(Date.now() + HEALTH_WITHIN_MS, ask);
    } catch {
      return false;
    }
  };
  const decode: Gateway['decode'] = async ({ runId, json }) => ({ runId, events: await decodedEvents(json, [codec]) });
  return {
    send: createCommandSender({ client, taskQueue }),
    history: async (workflowId) => Promise.all((await reachable(async () => client.withDeadline(Date.now() + HISTORY_WITHIN_MS, async () => fetchRuns(client, workflowId)))).map(decode)),
    decode,
    healthy: async () =>
      answers(async () => {
        await client.workflowService.describeNamespace({ namespace });
        return true;
      }),
    workerPolls: async () =>
      answers(async () => {
        const { pollers } = await client.workflowService.describeTaskQueue({ namespace, taskQueue: { name: taskQueue }, taskQueueType: WORKFLOW_QUEUE });
        return pollers.some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 > Date.now() - POLLER_FRESH_MS);
      }),
  };
}

async function reachable<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (isGrpcServiceError(error) || error instanceof ServiceError) throw new Failure('unavailable', FAILURES.unavailable.meaning, { retryAfterSeconds: 5 });
    throw error;
  }
}
