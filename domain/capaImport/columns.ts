import type { ImportableStatus } from '../../contracts/capaImport';
import { linesOf, readingOrder, type CellMistake, type Line } from '../tables/lines';

/** Columns of a table of CAPAs, one line for each; docs/capa-import.md explains them. */
export const COLUMNS = [
  'external_number', 'title', 'description', 'study', 'topic', 'system', 'severity', 'classification', 'source_type', 'source_reference',
  'raising_organisation', 'accountable_organisation', 'state', 'opened_on', 'owner',
  'problem_what', 'problem_where', 'problem_when', 'problem_extent', 'serious_breach', 'serious_breach_reason', 'containment',
  'root_cause', 'cause_categories', 'risk_before', 'extent', 'actions',
  'effect_metric', 'effect_baseline', 'effect_target', 'effect_window_days', 'effect_sample', 'effect_source', 'effect_assessor',
  'original_due', 'current_due', 'extensions', 'plan_approvals', 'not_affected_approvals',
  'implementation_verified_on', 'implementation_approvals', 'adverse_effects', 'effectiveness_due',
  'outcome', 'outcome_measured', 'outcome_sample', 'effectiveness_approvals', 'waiver_approvals',
  'closure_summary', 'risk_after', 'closure_approvals', 'closed_on', 'evidence',
] as const;
export type Column = (typeof COLUMNS)[number];
export type ImportLine = Line<Column>;
/** Something wrong in the table. No column: the whole line. */
export type Mistake = CellMistake<Column>;

/** Columns that a table cannot do without, and cells that no line can. */
export const ALWAYS = [
  'external_number', 'title', 'description', 'topic', 'severity', 'classification', 'raising_organisation', 'accountable_organisation', 'state', 'opened_on',
] as const satisfies readonly Column[];

/** Cells that a state needs beside those of the states before it. */
export const NEEDED_FROM: readonly (readonly [ImportableStatus, readonly Column[]])[] = [
  ['triage', ['problem_what', 'problem_where', 'problem_when', 'problem_extent']],
  ['containment', ['owner', 'serious_breach', 'serious_breach_reason']],
  ['investigation', ['containment']],
  ['plan_review', ['root_cause', 'cause_categories', 'risk_before', 'actions', 'effect_metric', 'effect_baseline', 'effect_target', 'effect_window_days', 'effect_sample', 'effect_source', 'effect_assessor']],
  ['plan_approved', ['plan_approvals']],
  ['implementation_verified', ['implementation_verified_on', 'implementation_approvals']],
  ['closure_review', ['outcome', 'outcome_measured', 'outcome_sample', 'effectiveness_approvals']],
  ['closed', ['closure_summary', 'risk_after', 'closure_approvals', 'closed_on']],
];

/** What a signed waiver of the check stands in for (Q14). */
export const WAIVED: readonly Column[] = ['outcome', 'outcome_measured', 'outcome_sample', 'effectiveness_approvals'];

/** Cells that contradict an earlier state: it says that something has not happened yet. */
export const SAID_FROM: readonly (readonly [ImportableStatus, readonly Column[]])[] = [
  ['plan_review', ['plan_approvals']],
  ['implementation_verified', ['implementation_verified_on', 'implementation_approvals', 'effectiveness_due']],
  ['closure_review', ['outcome', 'outcome_measured', 'outcome_sample', 'effectiveness_approvals', 'waiver_approvals']],
  ['closed', ['closure_approvals', 'closed_on']],
];

export const readLines = (records: readonly (readonly string[])[]) => linesOf(records, { columns: COLUMNS, needed: ALWAYS });
export const inOrder = readingOrder(COLUMNS);
