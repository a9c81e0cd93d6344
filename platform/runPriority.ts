import type { Client } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { priorityOf } from '../contracts/priority';

const { UpdateWorkflowExecutionOptionsRequest } = temporal.api.workflowservice.v1;

/**
 * Gives a run the order of a severity that a command has just changed: its own tasks have kept that
 * of its start, while its commits and effects follow the record. Only order under backlog depends
 * on it, so a failure is left alone.
 */
export async function alignPriority(client: Client, of: { readonly workflowId: string; readonly changed: unknown }): Promise<void> {
  const { priorityKey } = priorityOf(of.changed);
  if (priorityKey === undefined) return;
  const request = UpdateWorkflowExecutionOptionsRequest.fromObject({
    namespace: client.options.namespace, workflowExecution: { workflowId: of.workflowId },
    workflowExecutionOptions: { priority: { priorityKey } }, updateMask: { paths: ['priority.priority_key'] },
  });
  await client.workflowService.updateWorkflowExecutionOptions(request).catch(() => undefined);
}
