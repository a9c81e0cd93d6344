import type { ActionState } from './capaState';
import type { AdverseCheck, Closure, Containment, ExtentCheck, Plan, Result, Risk, RootCause, SeriousBreach } from './capaSections';
import type { CapaStatus, Stage } from './capaWords';
import type { Instant } from './instant';

/** States in which a CAPA can come in: every one that is not over. `closed` is still watched. */
export const IMPORTABLE_STATUSES = [
  'draft', 'triage', 'containment', 'investigation', 'plan_review', 'plan_approved', 'implementation', 'implementation_verified',
  'monitoring', 'effectiveness_check', 'closure_review', 'closed',
] as const satisfies readonly CapaStatus[];
export type ImportableStatus = (typeof IMPORTABLE_STATUSES)[number];

/** What can have been approved before the product knew of the CAPA. */
export const ELSEWHERE_SUBJECTS = ['plan', 'implementation', 'effectiveness', 'closure', 'waiver', 'not_affected'] as const;
export type ElsewhereSubject = (typeof ELSEWHERE_SUBJECTS)[number];

/**
 * Approved elsewhere: a statement about paper or another system, with what proves it. It is no signature
 * of this product and is never shown as one (21 CFR 11.50 asks of a signature what nobody knows of this).
 */
export interface ElsewhereApproval {
  readonly subject: ElsewhereSubject;
  readonly name: string;
  readonly organisationId: string;
  readonly role: string | null;
  /** The day, as it was stated. */
  readonly on: string;
  /** The scan; without one, where the original is kept. */
  readonly evidenceId: string | null;
  readonly reference: string | null;
  /** Who brought it in and says so; absent in what came in before that was kept. */
  readonly statedBy?: { readonly personId: string; readonly organisationId: string };
}

/** A stage that runs when the CAPA comes in. */
export interface ImportedStage {
  readonly name: Stage;
  readonly from: Instant;
  readonly originalDue: Instant;
  readonly due: Instant;
  /** Stated by the table; else counted by the policy, and armed as a rule of it. */
  readonly stated: boolean;
}

/** What was done of an action before it came in. */
export interface ImportedAction {
  readonly id: string;
  readonly doneOn: string | null;
  readonly verifiedOn: string | null;
}

/** Where a record that came in is from; stays in its state. */
export interface ImportMark {
  readonly importId: string;
  /** Row of the table, as a spreadsheet counts. */
  readonly row: number;
  readonly externalNumber: string;
  readonly fileSha256: string;
  readonly by: { readonly personId: string; readonly organisationId: string; readonly role: string };
  readonly status: ImportableStatus;
  /** When the ordinary rules apply to what was overdue already. */
  readonly catchUpAt: Instant;
  /** Extensions granted before, by deadline of the first iteration: they count towards the bound (Q8). */
  readonly extensions: readonly { readonly deadline: string; readonly count: number }[];
  readonly actions: readonly ImportedAction[];
  /**
   * Whoever brings a CAPA in speaks for the own organisation only: gates of the other one are signed here by its quality. Absent in
   * what came in before, where statements passed them.
   */
  readonly gates?: 'signed_here';
  /** When it was closed elsewhere, as stated: of a CAPA that waits here for the signatures of its closing. */
  readonly closedElsewhereAt?: Instant;
}

/** What the API has checked of a CAPA that did not begin here. */
export interface ImportedCapa extends ImportMark {
  readonly openedAt: Instant;
  readonly ownerId: string | null;
  readonly seriousBreach: SeriousBreach | null;
  readonly containment: Containment | null;
  readonly riskBefore: Risk | null;
  readonly rootCause: RootCause | null;
  readonly extentCheck: ExtentCheck | null;
  readonly plan: Plan | null;
  /** Of an approved plan; before, there are none. */
  readonly underWay: readonly ActionState[];
  readonly adverseCheck: AdverseCheck | null;
  readonly result: Result | null;
  readonly closure: Closure | null;
  readonly approvals: readonly ElsewhereApproval[];
  readonly running: readonly ImportedStage[];
  /** Stages of which it is known when they ended. */
  readonly ended: readonly { readonly name: Stage; readonly from: Instant; readonly endedAt: Instant }[];
  readonly verifiedAt: Instant | null;
  /** End of the monitoring window, where it still runs. */
  readonly monitoringUntil: Instant | null;
  readonly closedAt: Instant | null;
  /** SHA-256 of the scans, by evidence id. */
  readonly evidenceHashes: Readonly<Record<string, string>>;
}
