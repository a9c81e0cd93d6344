import { temporal } from '@temporalio/proto';

/** `ours`: events that the product's own commands wrote; `all`: with the workflow tasks, whose number is the server's (a busy machine splits one in two). */
export interface EventCount {
  readonly ours: number;
  readonly all: number;
}

const { EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, EVENT_TYPE_WORKFLOW_TASK_STARTED, EVENT_TYPE_WORKFLOW_TASK_COMPLETED } = temporal.api.enums.v1.EventType;
const TASK_EVENTS = new Set<unknown>([EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, EVENT_TYPE_WORKFLOW_TASK_STARTED, EVENT_TYPE_WORKFLOW_TASK_COMPLETED]);

export function eventCountOf({ events }: temporal.api.history.v1.IHistory): EventCount {
  const own = (events ?? []).filter((event) => !TASK_EVENTS.has(event.eventType));
  return { ours: own.length, all: events?.length ?? 0 };
}
