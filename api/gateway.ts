import type { SendCommand } from '../contracts/command';
import type { HistoryRun } from '../domain/timeline/history';

/** The API's only way to Temporal. */
export interface Gateway {
  /**
   * Sends a stored command to its workflow as an update whose id is the command's, opening the
   * workflow first when the act opens. Repeats within the bound on `continuing` and the SDK's
   * between-runs errors. Throws Failure for refusals.
   */
  readonly send: SendCommand;
  /** Events of every run of a workflow that Temporal still has, decoded. */
  history(workflowId: string): Promise<readonly HistoryRun[]>;
  /** Events of a history that was archived, decoded. */
  decode(history: { readonly runId: string; readonly json: string }): Promise<HistoryRun>;
  /** Whether Temporal answers. */
  healthy(): Promise<boolean>;
  /** Whether a worker polls our queue. */
  workerPolls(): Promise<boolean>;
}

export type { HistoryRun };
