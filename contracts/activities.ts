import type { CommitRequest, CommitResult, EffectOutcome } from './step';

/** What workflows may ask of the outside world; `activities/` implements it, `workflows/` proxies it. */
export interface RecordActivities {
  /** One transaction: state, projection, audit entries, deadlines, pending effects, receipt. Errors: retryable ones only; a refusal is an answer. */
  commit(request: CommitRequest): Promise<CommitResult>;
}

export interface EffectActivities {
  /** Performs the pending effects of these revisions, once per intent; answers what the machine has to know. */
  performEffects(request: { readonly capability: string; readonly recordId: string; readonly revs: readonly number[] }): Promise<readonly EffectOutcome[]>;
}

export interface HousekeepingActivities {
  /** A sign of life; after too long a silence it writes the outage into the ledger. `everyMs`: when the next one is to come, by the schedule. */
  beat(): Promise<{ readonly outageId: string | null; readonly everyMs: number }>;
  /** Compares open records with running workflows and mends both directions; returns what it did. */
  mendRuns(): Promise<{ readonly rebuilt: number; readonly terminated: number; readonly checked: number }>;
  /** Sends stored commands again that have no answer yet. */
  resendCommands(): Promise<{ readonly sent: number; readonly answered: number }>;
  /** Copies the full history of closed runs to the archive. */
  archiveHistories(): Promise<{ readonly archived: number }>;
  /** Keeps one running control for each matrix row that agrees on a frequency. */
  followFrequencies(): Promise<{ readonly opened: number; readonly changed: number; readonly stopped: number }>;
  /** Tells what was held and is due: quiet hours, digests, what a team's receiver did not take at once. */
  deliverHeld(): Promise<{ readonly told: number; readonly failed: number; readonly waiting: number }>;
  /** Removes what was begun to be uploaded and not completed in time; evidence itself stays. */
  expireUploads(): Promise<{ readonly uploads: number; readonly chunks: number }>;
  /** Takes the daily anchor and mails each organisation its receipt. */
  takeAnchor(): Promise<{ readonly anchorId: string; readonly streams: number; readonly mailed: number }>;
}
