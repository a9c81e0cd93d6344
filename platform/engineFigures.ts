import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { effectsQueueOf } from '../contracts/taskQueues';
import type { SiteFigures } from './siteMetrics';
import { millisOf } from './timestamps';

const { TASK_QUEUE_TYPE_WORKFLOW, TASK_QUEUE_TYPE_ACTIVITY } = temporal.api.enums.v1.TaskQueueType;
/** The server keeps pollers for five minutes; one that polls comes back within this, ms. */
const POLLER_FRESH_MS = 70_000;

/** Housekeeping that Schedules start (worker/schedules.ts). */
const HOUSEKEEPING = ['sentinel', 'dailyAnchor'] as const;

interface Queue {
  readonly client: Client;
  readonly namespace: string;
  readonly taskQueue: string;
}

/** Backlog and pollers of the product's task queues, and when housekeeping completed last. Rejects when Temporal does not answer. */
export async function engineFigures(queue: Queue): Promise<Pick<SiteFigures, 'queues' | 'housekeepingAgeMs'>> {
  const [workflow, activity, effects, ...ages] = await Promise.all([
    queueFigures(queue, 'workflow'), queueFigures(queue, 'activity'), queueFigures({ ...queue, taskQueue: effectsQueueOf(queue.taskQueue) }, 'effects'), ...HOUSEKEEPING.map(async (type) => [type, await ageOf(queue.client, type)] as const),
  ]);
  return { queues: [workflow, activity, effects], housekeepingAgeMs: Object.fromEntries(ages) };
}

async function queueFigures({ client, namespace, taskQueue }: Queue, kind: SiteFigures['queues'][number]['kind']): Promise<SiteFigures['queues'][number]> {
  const { pollers, stats } = await client.workflowService.describeTaskQueue({
    namespace, taskQueue: { name: taskQueue }, taskQueueType: kind === 'workflow' ? TASK_QUEUE_TYPE_WORKFLOW : TASK_QUEUE_TYPE_ACTIVITY, reportStats: true,
  });
  const fresh = pollers.filter(({ lastAccessTime }) => millisOf(lastAccessTime) > Date.now() - POLLER_FRESH_MS);
  return {
    kind, tasks: Number(stats?.approximateBacklogCount ?? 0), oldestMs: millisOf(stats?.approximateBacklogAge), pollers: new Set(fresh.map(({ identity }) => identity)).size,
  };
}

/** The latest completed run; visibility lists the last closed first. */
async function ageOf(client: Client, workflowType: string): Promise<number | undefined> {
  const query = `WorkflowType = '${workflowType}' AND ExecutionStatus = 'Completed'`;
  for await (const { closeTime } of client.workflow.list({ query, pageSize: 1 })) return closeTime && Math.max(0, Date.now() - closeTime.getTime());
  return undefined;
}
