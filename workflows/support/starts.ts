import { workflowInfo } from '@temporalio/workflow';
import { refusedIn } from '../../contracts/refusedPayload';
import { tellForgery } from './forgeries';
import { refusal } from './refusal';

/**
 * Ends a run at once whose start this installation did not make, or made for another record: anybody who reaches the
 * engine can start one. Throws a refusal that fails the run, so that an honest opening may still begin.
 */
export function requireOurStart(capability: string, start: { readonly recordId: string }): void {
  const because = refusedIn([start]) ?? (workflowInfo().workflowId === `${capability}/${start.recordId}` ? undefined : 'it was made for another run');
  if (because === undefined) return;
  tellForgery('start', because);
  throw refusal('not_permitted', because, {});
}
