import type { CapaState } from '../../contracts/capaState';
import { STAGES } from '../../contracts/capaWords';
import type { Instant } from '../../contracts/instant';
import { capa } from '../capa/machine';
import { assessmentsOf, closingsOf, type MeasuredCapa } from '../capaMetrics/facts';
import { obligationsOf, wasOnTime, wasOverdue, type Against, type Obligation } from '../capaMetrics/obligations';
import type { ViewableRecord } from '../records/viewableRecord';
import { escaped } from '../tables/lines';

/** A line of the table, by column; instants in UTC. */
type Cells = Readonly<Record<string, string | number | null>>;

const STAGE_COLUMNS = STAGES.flatMap((stage) => ['original_due', 'due', 'done'].map((date) => columnOf(stage, date)));

/** Columns of the table of CAPAs, one line each; docs/capa-metrics.md explains them. */
export const CAPA_COLUMNS: readonly string[] = [
  'number', 'id', 'title', 'description', 'status', 'severity', 'classification', 'topic', 'study', 'system', 'raising_organisation', 'accountable_organisation', 'sponsor_impact', 'owner',
  'source_type', 'source_record', 'source_reference', 'opened_at', 'iteration', 'outcome', 'earlier_outcomes', 'root_cause_categories', 'closed_at', 'closed_by',
  'original_due', 'due', 'late_original', 'late_current', 'extensions_granted', ...STAGE_COLUMNS, 'actions', 'effectiveness_metric', 'effectiveness_target', 'policy',
];

/** One CAPA as cells that no spreadsheet takes for a formula, in the order of {@link CAPA_COLUMNS}. */
export function capaRow(record: ViewableRecord, now: Instant): readonly string[] {
  const cells = cellsOf(record, now);
  return CAPA_COLUMNS.map((column) => escaped(String(cells[column] ?? '')));
}

function cellsOf({ _id, state: stored, stateVersion, content, armed }: ViewableRecord, now: Instant): Cells {
  const state: CapaState = capa.migrate(stored, stateVersion);
  const measured: MeasuredCapa = { ...state, armed };
  const present = obligationsOf(measured).filter(({ round }) => round === state.iteration);
  const { source, plan, rootCause } = state;
  return {
    number: state.number, id: _id, title: content.title, description: content.description, status: state.status, severity: state.severity, classification: state.classification, topic: state.topic,
    study: state.studyId, system: state.systemId, raising_organisation: state.raisingOrganisationId, accountable_organisation: state.accountableOrganisationId, sponsor_impact: state.sponsorImpact, owner: state.ownerId,
    source_type: source.type, source_record: source.recordId, source_reference: source.reference, opened_at: state.openedAt, iteration: state.iteration,
    outcome: outcomeOf(state, measured), earlier_outcomes: state.past.map(({ no, outcome }) => `${no}: ${outcome}`).join('; '), root_cause_categories: (rootCause?.cause.categories ?? []).join('; '),
    closed_at: state.closedAt, closed_by: state.closedBy,
    original_due: last(present.map(({ originalDue }) => originalDue)), due: last(present.map(({ due }) => due)),
    late_original: lateness(measured, now, 'original'), late_current: lateness(measured, now, 'current'),
    extensions_granted: state.extensions.filter(({ status }) => status === 'granted').length,
    ...Object.fromEntries(STAGES.flatMap((stage): [string, string | null][] => {
      const run: Obligation | undefined = present.findLast(({ name }) => name === `stage/${stage}`);
      return [[columnOf(stage, 'original_due'), run?.originalDue ?? null], [columnOf(stage, 'due'), run?.due ?? null], [columnOf(stage, 'done'), run?.doneAt ?? null]];
    })),
    actions: state.actions.map(({ id, kind, status, originalDue, due, reported }) => `${id} ${kind} ${status}: original due ${originalDue}, due ${due}, reported ${reported?.at ?? 'never'}`).join('; '),
    effectiveness_metric: plan?.effectiveness?.metric ?? null, effectiveness_target: plan?.effectiveness?.target ?? null, policy: `${state.policy.key}/${state.policy.version}`,
  };
}

function columnOf(stage: string, date: string): string {
  return `${stage.replaceAll('-', '_')}_${date}`;
}

/** What the last signed assessment of this iteration found; a result that nobody signed is none. */
function outcomeOf(state: CapaState, measured: MeasuredCapa): string | null {
  return assessmentsOf(measured).findLast(({ round }) => round === state.iteration)?.outcome ?? null;
}

const last = (dues: readonly (Instant | null)[]): Instant | null => dues.filter((due) => due !== null).toSorted().at(-1) ?? null;

/** Of a closed CAPA whether it was late, of an open one whether it is; of one that was given up nothing. */
function lateness(measured: MeasuredCapa, now: Instant, against: Against): string {
  if (measured.status === 'rejected' || measured.status === 'cancelled' || measured.status === 'draft') return '';
  const closing = measured.closedAt === null ? undefined : closingsOf(measured).at(-1);
  const late = closing ? !wasOnTime(measured, closing, against) : wasOverdue(measured, now, against);
  return late ? 'yes' : 'no';
}
