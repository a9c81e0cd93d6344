/** Names that cross the border between client, worker and sandbox. Apart from the schemas, so that workflows need not carry zod. */
export const CAPA = { capability: 'capa' } as const;

/** In the order of the lifecycle; the last three are over, of which `closed` is still watched for recurrence. */
export const CAPA_STATUSES = [
  'draft', 'triage', 'containment', 'investigation', 'plan_review', 'plan_approved', 'implementation', 'implementation_verified',
  'monitoring', 'effectiveness_check', 'closure_review', 'closed', 'rejected', 'cancelled',
] as const;
export type CapaStatus = (typeof CAPA_STATUSES)[number];

/** Corrective: against the cause of what happened. Preventive: against what could (ISO 13485 8.5.2, 8.5.3); reported apart. */
export const ACTION_KINDS = ['corrective', 'preventive'] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

/** Whom an action changes: how work is done (`system`: a procedure, a control, a set-up), or single people (`person`: a reminder, a training). */
export const ACTION_LEVELS = ['system', 'person'] as const;

/** What a CAPA can come from. */
export const SOURCE_TYPES = ['issue', 'incident', 'restoration_test', 'control', 'audit_finding', 'sla_breach', 'kri', 'inspection', 'complaint', 'other'] as const;

/** Never a cause by itself: something let the error happen, or let it pass (Q3). */
export const HUMAN_ERROR = 'human_error';
/** Cause codes of the system level; recurrence is told by them. */
export const SYSTEM_CAUSES = [
  'procedure', 'training_system', 'system_design', 'system_configuration', 'validation', 'access_control', 'change_control',
  'oversight', 'vendor_control', 'resources', 'communication', 'documentation', 'environment', 'material_or_data',
] as const;
export const CAUSE_CATEGORIES = [...SYSTEM_CAUSES, HUMAN_ERROR] as const;
export type CauseCategory = (typeof CAUSE_CATEGORIES)[number];

export const RCA_METHODS = ['five_why', 'fishbone'] as const;
/** The six bones of a fishbone: every one is looked at. */
export const FISHBONE_CATEGORIES = ['people', 'method', 'system', 'material', 'measurement', 'environment'] as const;
export const VERDICTS = ['open', 'ruled_out', 'contributing', 'root_cause'] as const;
/** Fewer answers than this are no chain (judgement). */
export const FEWEST_WHYS = 3;

export const OUTCOMES = ['effective', 'ineffective', 'inconclusive'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Where the figure of an effectiveness plan comes from; `manual`: people measure it. */
export const MEASURED_BY = ['manual', 'restoration_tests', 'escalation_drills', 'access_reviews', 'signed_clauses', 'deadline_lateness', 'contact_slots', 'recurrences', 'issues_on_topic'] as const;

/** Of these the product counts by itself; for the others there is no source in it yet, so people measure, with evidence for each observation. */
export const COUNTED_SOURCES = ['escalation_drills', 'deadline_lateness', 'contact_slots', 'recurrences', 'issues_on_topic'] as const satisfies readonly (typeof MEASURED_BY)[number][];
export type CountedSource = (typeof COUNTED_SOURCES)[number];

/** What one person proposes and a second one signs. */
export const PROPOSAL_KINDS = ['rejection', 'cancellation', 'waiver', 'not_affected'] as const;
export type ProposalKind = (typeof PROPOSAL_KINDS)[number];

/** Three gates that both organisations sign where the sponsor is affected. */
export const GATES = ['plan', 'implementation', 'closure'] as const;
export type Gate = (typeof GATES)[number];

/** Parts that are signed; each counts its own versions. */
export const SIGNED_SUBJECTS = [...GATES, 'effectiveness', ...PROPOSAL_KINDS, 'recurrence'] as const;
export type SignedSubject = (typeof SIGNED_SUBJECTS)[number];

/** Acts that need a signature, and the part that each signs. */
export const SIGNED_ACTS = {
  'approve-plan': 'plan', 'verify-implementation': 'implementation', assess: 'effectiveness', 'approve-closure': 'closure',
  reject: 'rejection', cancel: 'cancellation', waive: 'waiver', 'confirm-not-affected': 'not_affected', reopen: 'recurrence',
} as const satisfies Record<string, SignedSubject>;

/** Acts whose own words are signed with what they are about: their parts need no counter, for each is signed as it is said. */
export const WORDED_ACTS = {
  accept: 'triage', submit: 'containment', 'verify-action': 'action', 'grant-extension': 'extension', 'grant-further-extension': 'extension', 'decline-extension': 'extension',
  regrade: 'severity', 'answer-breach': 'breach', assign: 'assessor', deviate: 'deviation',
} as const;
export type WordedAct = keyof typeof WORDED_ACTS;
export type SignedAct = keyof typeof SIGNED_ACTS | WordedAct;

/** Stages with a deadline of their own; the first five are counted from the opening or from the start of the iteration. */
export const STAGES = ['response', 'root-cause', 'plan', 'corrective', 'preventive', 'verification', 'assessment', 'closure'] as const;
export type Stage = (typeof STAGES)[number];

/** An extension beyond this count is refused (Q8). */
export const MOST_EXTENSIONS = 2;
