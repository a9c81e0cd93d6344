import { proxySinks, type Sinks } from '@temporalio/workflow';
import type { Forgery } from '../../contracts/forgery';

/** How a run tells its worker of what it refused: no command, and never while a history is replayed. */
export interface ForgerySinks extends Sinks {
  readonly forgeries: { refused(forgery: Omit<Forgery, 'workflowId'>): void };
}

const { forgeries } = proxySinks<ForgerySinks>();

/** Says that something was refused because this installation did not make it. */
export function tellForgery(what: Forgery['what'], because: string): void {
  forgeries.refused({ what, because });
}
