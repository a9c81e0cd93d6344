import type { OpenCapa } from './capa';
import type { AccountableView, AdverseCheck, Closure, Containment, ExtentCheck, Measurement, Plan, Problem, Result, Risk, RootCause, SeriousBreach } from './capaSections';
import type { ElsewhereApproval, ImportedCapa, ImportMark } from './capaImport';
import type { ActionKind, CapaStatus, CauseCategory, Gate, Outcome, ProposalKind, SignedSubject, Stage } from './capaWords';
import type { Duration } from './duration';
import type { Instant } from './instant';
import type { PolicyOf } from './policyKinds';
import type { Severity } from './policy';

/** How long each stage of one severity may take (docs/capa.md). */
export interface CapaTimings extends Readonly<Record<Stage, Duration>> {
  /** Window that a plan is offered; what the plan says counts. */
  readonly monitoring: Duration;
  /** A second person for a proposal, an approver for an extension, quality for a recurrence. */
  readonly decision: Duration;
  /** From closing: the same cause on the same system counts as ineffective. */
  readonly recurrenceWatch: Duration;
  readonly warnAt: readonly number[];
}

/** By severity, as a policy holds them. */
export type SeverityTimings = Readonly<Record<Severity, CapaTimings>>;

/** Immutable version of the timings; pinned by each CAPA (P19). */
export type CapaPolicy = PolicyOf<'timings'>;

/** A person's hand in the record. */
export interface By {
  readonly personId: string;
  readonly organisationId: string;
  readonly role: string;
  readonly at: Instant;
  /** By signature; absent: it is from before such acts were signed. */
  readonly signed?: true;
}

/** An answer to the question of serious breach (Q16); every one stays. */
export interface BreachAnswer extends SeriousBreach {
  /** null: given before answers were kept. */
  readonly by: By | null;
}

/** One side's quality says why a result counts as effective although its goal was missed (Q5). */
export interface Deviation {
  readonly reason: string;
  readonly by: By;
}

/** A change of the severity, with the stages' due instants that it replaced (Q11). */
export interface Regrading {
  readonly from: Severity;
  readonly to: Severity;
  readonly reason: string;
  readonly by: By;
  readonly before: readonly { readonly name: string; readonly due: Instant }[];
}

/** One signed seat of a gate. */
export interface Approval extends By {
  readonly gate: Gate;
  /** Of the part that was signed. */
  readonly version: number;
}

/** An action while it is carried out; what was planned stays in the plan. */
export interface ActionState {
  readonly id: string;
  readonly kind: ActionKind;
  readonly description: string;
  readonly ownerId: string | null;
  readonly organisationId: string;
  /** Never changes; metrics count on it beside `due` (Q15). */
  readonly originalDue: Instant;
  readonly due: Instant;
  readonly status: 'open' | 'reported' | 'verified';
  readonly evidenceIds: readonly string[];
  readonly reported: By | null;
  readonly verified: By | null;
  /** How often it was sent back; absent: never. */
  readonly reopened?: number;
  /** When its due instant passed unmet. */
  readonly missedAt: Instant | null;
}

/** One stage of one iteration. Due instants are known to the state once they have passed or were extended. */
export interface StageState {
  readonly name: Stage;
  readonly iteration: number;
  readonly from: Instant;
  readonly originalDue: Instant | null;
  readonly due: Instant | null;
  readonly endedAt: Instant | null;
  readonly missedAt: Instant | null;
}

export interface Extension {
  readonly no: number;
  readonly iteration: number;
  /** Name of the deadline: `action/<id>`, `stage/<name>`. */
  readonly deadline: string;
  /** 1 or 2: which extension of this deadline it would be. */
  readonly count: number;
  readonly from: Instant;
  readonly to: Instant;
  readonly justification: string;
  readonly interimControl: string;
  /** Asked for after the date had passed. */
  readonly late: boolean;
  readonly requested: By;
  readonly status: 'pending' | 'granted' | 'declined' | 'lapsed';
  readonly decided: By | null;
}

/** What waits for a second person's signature, or has had it. */
export interface Proposal {
  readonly reason: string;
  readonly duplicateOf: string | null;
  readonly proposed: By;
  readonly status: 'pending' | 'signed' | 'declined' | 'lapsed' | 'overtaken';
  readonly decided: By | null;
}

/** Why quality is asked to open a closed CAPA again. */
export interface Recurrence {
  readonly capaId: string;
  readonly number: string;
  readonly categories: readonly CauseCategory[];
  readonly at: Instant;
  readonly status: 'pending' | 'reopened' | 'declined';
  readonly decided: By | null;
  readonly reason: string | null;
}

/** What an earlier iteration tried, and how it came out. */
export interface PastIteration {
  readonly no: number;
  readonly endedAt: Instant;
  readonly outcome: Outcome | 'recurred' | 'reopened';
  readonly rootCause: RootCause | null;
  readonly plan: Plan | null;
  readonly actions: readonly ActionState[];
  readonly result: Result | null;
  readonly measurement?: Measurement | null;
  readonly deviations?: readonly Deviation[];
  readonly approvals: readonly Approval[];
}

export interface CapaState {
  readonly id: string;
  readonly number: string;
  readonly status: CapaStatus;
  readonly drill: false;
  readonly severity: Severity;
  readonly classification: ActionKind;
  readonly topic: string;
  readonly studyId: string | null;
  readonly systemId: string | null;
  readonly raisingOrganisationId: string;
  readonly accountableOrganisationId: string;
  /** Which of the two is the sponsor; null: one organisation's own matter, no sponsor is on it. */
  readonly sponsorOrganisationId: string | null;
  readonly visibleTo: readonly string[];
  readonly raisedBy: string | null;
  /** The organisation of whoever opened it; absent in what was opened before that was kept, or by the product. */
  readonly openedBy?: string;
  readonly openedAt: Instant;
  readonly dedupeKey: string | null;
  readonly source: { readonly type: string; readonly recordId: string | null; readonly reference: string | null };
  readonly policy: CapaPolicy;
  readonly ownerId: string | null;
  readonly assessor: { readonly personId: string | null; readonly organisationId: string } | null;
  /** Default where there is a sponsor; `not_affected` only by the sponsor's quality signature (Q10). */
  readonly sponsorImpact: 'affected' | 'not_affected' | 'no_sponsor';
  readonly iteration: number;
  readonly iterationFrom: Instant;
  readonly problem: Problem;
  readonly riskBefore: Risk | null;
  /** Which organisation stated problem and risk, where it was not the raising one. */
  readonly statedBy?: Readonly<Partial<Record<'problem' | 'riskBefore', string>>>;
  /** The accountable side's view of the problem; absent: it wrote none. */
  readonly accountableView?: AccountableView | null;
  readonly seriousBreach: SeriousBreach | null;
  /** Every answer to the question of serious breach, oldest first; absent: of before they were kept. */
  readonly breachAnswers?: readonly BreachAnswer[];
  /** The report to the authority that an answer "yes" asks for; null: none is due. */
  readonly breachReport?: { readonly awareAt: Instant; readonly missedAt: Instant | null; readonly reported: (By & { readonly reference: string }) | null } | null;
  readonly regradings?: readonly Regrading[];
  /** Who accepted it in triage, and who handed the containment over; absent: before that was kept. */
  readonly accepted?: By & { readonly coversBreach?: true };
  readonly contained?: By;
  readonly containment: Containment | null;
  readonly rootCause: RootCause | null;
  readonly extentCheck: ExtentCheck | null;
  readonly plan: Plan | null;
  readonly actions: readonly ActionState[];
  readonly adverseCheck: AdverseCheck | null;
  readonly result: Result | null;
  readonly closure: Closure | null;
  /** What the product counted when the result was written; absent or null: people measured. */
  readonly measurement?: Measurement | null;
  /** Of the present result, one for each side; another result has none. */
  readonly deviations?: readonly Deviation[];
  /** The gate that waits for signatures; null: somebody is still working. */
  readonly submitted: Gate | null;
  readonly approvals: readonly Approval[];
  readonly versions: Readonly<Record<SignedSubject, number>>;
  readonly returns: readonly { readonly what: string; readonly iteration: number; readonly comments: string; readonly by: By }[];
  readonly stages: readonly StageState[];
  readonly extensions: readonly Extension[];
  readonly proposals: Readonly<Record<ProposalKind, Proposal | null>>;
  readonly verifiedAt: Instant | null;
  /** Times that monitoring was extended as inconclusive in this iteration; one at most. */
  readonly monitoringExtended: number;
  readonly closedAt: Instant | null;
  /** How it came to its closing: found effective, or the check was waived. */
  readonly closedBy: 'effective' | 'waived' | null;
  readonly watchOver: boolean;
  readonly recurrence: Recurrence | null;
  readonly past: readonly PastIteration[];
  /** SHA-256 of the evidence that its parts name, by id; evidence is immutable, so each id has one (11.70). */
  readonly evidenceHashes: Readonly<Record<string, string>>;
  /** People who left while it was open: a plan that names them gives them nothing. */
  readonly gone: readonly string[];
  readonly links: readonly { readonly recordId: string; readonly kind: string }[];
  /** Where it came from, if it did not begin here. */
  readonly imported?: ImportMark;
  /** Of the first iteration, if it did not begin here; no signatures. */
  readonly approvedElsewhere?: readonly ElsewhereApproval[];
}

/** What `open` gets: the checked request and what the API pinned for it. */
export interface CapaOpening {
  readonly id: string;
  readonly number: string;
  readonly request: Omit<OpenCapa, 'title' | 'description'>;
  readonly policy: CapaPolicy;
  readonly sponsorOrganisationId: string | null;
  readonly raisedBy: string | null;
  /** For which organisation the opening was done; absent: the raising one. */
  readonly raisedFrom?: string;
  /** The same, kept in the state: absent in openings from before. */
  readonly openedBy?: string;
  /** It did not begin here: it enters at the state that it has. */
  readonly imported?: ImportedCapa;
}
