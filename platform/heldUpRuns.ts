import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { refusedIn } from '../contracts/refusedPayload';
import { effectsQueueOf } from '../contracts/taskQueues';
import { obstacleIn, type Obstacle } from './obstacles';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

interface Run {
  readonly client: Client;
  readonly workflowId: string;
}

/** What keeps a run from going on, and whether it is somebody else's doing. Throws where it never began: another one would not either. */
export async function obstacleOf({ client, workflowId }: Run, taskQueue: string): Promise<Obstacle | undefined> {
  const handle = client.workflow.getHandle(workflowId);
  const found = obstacleIn((await handle.describe()).raw, { taskQueues: [taskQueue, effectsQueueOf(taskQueue)], nowMs: Date.now() });
  if (!found || found.foreign) return found;
  const events = (await handle.fetchHistory()).events ?? [];
  // The engine writes down how the first try went.
  if (found.unlessLate && !events.findLast(isTried)?.workflowTaskFailedEventAttributes) return undefined;
  if (!events.some((event) => event.workflowTaskCompletedEventAttributes)) throw new Error('the run cannot begin');
  const forged = refusedIn(await opened({ client, workflowId }, events.flatMap(payloadsOf)));
  return forged === undefined ? found : { because: `the run could not go on: it holds a payload of which ${forged}`, foreign: true };
}

const isTried = (event: HistoryEvent): boolean => Boolean(event.workflowTaskFailedEventAttributes ?? event.workflowTaskTimedOutEventAttributes);

/** What the record's own run brought in, or got. Markers and headers are the engine's, and readable. */
function payloadsOf(event: HistoryEvent): readonly Payload[] {
  return [
    event.activityTaskScheduledEventAttributes?.input, event.activityTaskCompletedEventAttributes?.result, event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.args,
  ].flatMap((found) => found?.payloads ?? []);
}

/**
 * How the newest run ended. `over`: it was completed, and `ended`: terminated, by a holder of the key ring; `foreign`: by
 * somebody else; undefined: it runs, or the engine knows of none.
 */
export type Ending = 'over' | 'ended' | 'foreign';

export async function endingOf({ client, workflowId }: Run): Promise<Ending | undefined> {
  const last = await lastEvent({ client, workflowId });
  if (!last) return undefined;
  const { workflowExecutionTerminatedEventAttributes: terminated, workflowExecutionCompletedEventAttributes: completed } = last;
  const payloads = (terminated ? terminated.details : completed?.result)?.payloads ?? [];
  const [said] = await opened({ client, workflowId }, payloads);
  // Our own terminations say who; a run that is over answers nothing.
  if (terminated) return typeof said === 'object' && said !== null && 'actor' in said ? 'ended' : 'foreign';
  return payloads.length > 0 && said === undefined ? 'over' : 'foreign';
}

/** That which closed the newest run; undefined while it runs, and where the engine knows of none. */
async function lastEvent({ client, workflowId }: Run): Promise<HistoryEvent | undefined> {
  try {
    const { status, runId } = await client.workflow.getHandle(workflowId).describe();
    if (status.name === 'RUNNING') return undefined;
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace, execution: { workflowId, runId },
      historyEventFilterType: temporal.api.enums.v1.HistoryEventFilterType.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT,
    });
    return history?.events?.at(-1);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** What the payloads hold; what no holder of the ring sealed for this run is a refused one. */
async function opened({ client, workflowId }: Run, payloads: readonly Payload[]): Promise<readonly unknown[]> {
  const context = { type: 'workflow', workflowId, namespace: client.options.namespace } as const;
  let decoded: Payload[] = [...payloads];
  for (const codec of client.options.loadedDataConverter.payloadCodecs) decoded = await codec.decode(decoded, context);
  return decoded.map((payload) => defaultPayloadConverter.fromPayload<unknown>(payload));
}
