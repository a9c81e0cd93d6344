import type { Instant } from '../contracts/instant';
import type { MatrixRow } from '../contracts/matrix';
import { completeRow, type RowFindings } from '../domain/matrix/checkRow';
import type { Column, Mistake, TableLine } from '../domain/matrix/columns';
import { rowDifference, type RowChange } from '../domain/matrix/difference';
import type { Directory } from '../domain/matrix/directory';
import { draftingSeat, startsInThePast, type ProposalActor, type ProposalSeat } from '../domain/matrix/proposal';
import { inOrder, readTable, type TableRow } from '../domain/matrix/readTable';
import { sameRow } from '../domain/matrix/row';
import type { Store } from './connection';
import { latestVersions, matrixVersionsById, versionsInForce } from './matrix';
import { checkRows } from './matrixFacts';
import { proposalsUnderWay } from './matrixProposals';
import { knownOrganisationIds, organisationsByIds } from './organisations';
import { canonicalEmail } from './people';
import type { MatrixDoc, MatrixProposalDoc } from './schemas/matrix';
import type { PersonDoc, StudyDoc } from './schemas/people';

/** What becomes of one matrix row of a table. */
export interface PlannedRow {
  readonly rowKey: string;
  /** `unchanged`: as in force or already to come; `proposed`: the same waits for approval already. */
  readonly outcome: 'new' | 'changed' | 'unchanged' | 'proposed';
  /** Spreadsheet rows that it stands in. */
  readonly lines: readonly number[];
  readonly row: MatrixRow;
  readonly effectiveFrom: Instant | null;
  readonly baseVersion: number;
  /** Of the proposal that says the same. */
  readonly proposalId: string | null;
  readonly changes: readonly RowChange[];
  readonly warnings: readonly Mistake[];
  /** Under which the row would be proposed; undefined: nothing is. */
  readonly seat: ProposalSeat | undefined;
}

export interface ImportPlan {
  readonly rows: readonly PlannedRow[];
  /** Any of them: nothing is to be imported. */
  readonly mistakes: readonly Mistake[];
}

interface Reader extends ProposalActor {
  readonly organisationId: string;
}

/** Reads a table against what is stored and says what importing it would do; changes nothing. */
export async function planImport(store: Store, { lines, reader, now }: { lines: readonly TableLine[]; reader: Reader; now: Instant }): Promise<ImportPlan> {
  const addresses = [...new Set(lines.flatMap(({ cells }) => [cells.contact, cells.deputy]).map(canonicalEmail))];
  const directory = await directoryFor(store, { reader, people: { email: { $in: addresses } } });
  const table = readTable(lines, { directory, now });
  const rowKeys = table.rows.map(({ rowKey }) => rowKey);
  const [inForce, latest, underWay, findings] = await Promise.all([
    versionsInForce(store, { rowKeys, at: now }), latestVersions(store, rowKeys), proposalsUnderWay(store, rowKeys), checkRows(store, table.rows, now),
  ]);
  const toCome = await matrixVersionsById(store, [...latest].map(([rowKey, version]) => `${rowKey}/${String(version)}`));
  const mistakes = [...table.mistakes];
  const rows = table.rows.flatMap((each, index): PlannedRow[] => {
    const known = { before: inForce.get(each.rowKey), latest: toCome.find(({ rowKey }) => rowKey === each.rowKey), underWay: underWay.filter(({ rowKey }) => rowKey === each.rowKey) };
    const planned = plan(each, { ...known, findings: findings[index] ?? { errors: [], warnings: [] }, reader, now });
    mistakes.push(...planned.mistakes);
    return planned.row ? [planned.row] : [];
  });
  return { rows, mistakes: mistakes.toSorted(inOrder) };
}

/** The names that a table of this reader may use: the own organisations', and of those they share a study with. */
export async function directoryFor(store: Store, { reader, people }: { reader: Reader; people: { email: { $in: readonly string[] } } | { _id: { $in: readonly string[] } } }): Promise<Directory> {
  // Two CROs of one study do not learn of each other here, unless they have a row together.
  const [known, partners] = await Promise.all([knownOrganisationIds(store, reader.organisationId), store.models.matrix.distinct('organisationIds', { organisationIds: reader.organisationId })]);
  const ids = [...new Set([...known, ...partners])];
  const seats = reader.memberships.map(({ organisationId, studyId }) => ({ organisationIds: organisationId, ...(studyId !== null && { _id: studyId }) }));
  const [studies, organisations, named] = await Promise.all([
    seats.length === 0 ? [] : store.models.studies.find({ $or: seats }).lean<StudyDoc[]>(),
    organisationsByIds(store, ids),
    store.models.people.find({ ...people, organisationId: { $in: ids } } as never).lean<PersonDoc[]>(),
  ]);
  return {
    studies: studies.map(({ _id: id, code, organisationIds }) => ({ id, code, organisationIds })),
    organisations: organisations.map(({ _id: id, name }) => ({ id, name })),
    people: named.map(({ _id: id, email, organisationId }) => ({ id, email, organisationId })),
  };
}

interface Known {
  readonly before: MatrixDoc | undefined;
  readonly latest: MatrixDoc | undefined;
  readonly underWay: readonly MatrixProposalDoc[];
  readonly findings: RowFindings;
  readonly reader: Reader;
  readonly now: Instant;
}

function plan(each: TableRow, known: Known): { readonly row?: PlannedRow; readonly mistakes: readonly Mistake[] } {
  const { before, latest, underWay, reader, now } = known;
  const first = each.lines[0] ?? 1;
  const { memberships } = reader;
  if (!each.row.organisationIds.some((id) => memberships.some(({ organisationId }) => organisationId === id))) {
    return { mistakes: [{ row: first, column: 'organisation', message: 'neither organisation of this row is yours' }] };
  }
  const row = completeRow(each.row);
  const said = { rowKey: each.rowKey, lines: each.lines, baseVersion: latest?.version ?? 0, proposalId: null, changes: [], warnings: [], seat: undefined };
  const isKept = [before, latest].some((version) => version && row && each.whole && sameRow(version, row));
  if (row && isKept) return { row: { ...said, row, outcome: 'unchanged', effectiveFrom: null }, mistakes: [] };
  const seat = draftingSeat(each.row, each.row.organisationIds, { actor: reader, now });
  // An exported row keeps the start of its version: repeated in a changed row it says nothing.
  const effectiveFrom = each.effectiveFrom === before?.effectiveFrom ? null : each.effectiveFrom;
  const mistakes = [
    ...(seat ? [] : [{ row: first, column: 'organisation', message: 'no role of yours drafts rows for an organisation of this one' } as const]),
    ...(startsInThePast(effectiveFrom, now) ? [{ row: first, column: 'effective_from', message: 'lies in the past' } as const] : []),
    ...known.findings.errors.flatMap((error) => mistakeOf(each, error)),
  ];
  if (mistakes.length > 0 || !row || !each.whole) return { mistakes };
  const same = underWay.find((proposal) => proposal.baseVersion === said.baseVersion && proposal.effectiveFrom === effectiveFrom && sameRow(proposal.row, row));
  const warnings = known.findings.warnings.flatMap((warning) => mistakeOf(each, warning));
  const outcome = same ? 'proposed' : before || latest ? 'changed' : 'new';
  return { row: { ...said, row, outcome, effectiveFrom, proposalId: same?._id ?? null, changes: rowDifference(before, row), warnings, seat: same ? undefined : seat }, mistakes: [] };
}

/** Columns that stand for a field of a row, and of a contact. */
const ROW_COLUMN: Readonly<Record<string, Column>> = {
  studyId: 'study', organisationIds: 'organisation', policyKey: 'policy', contacts: 'level', 'frequency.organisationId': 'frequency_organisation',
  'filing.responsibleOrganisationId': 'filing_organisation',
};
const CONTACT_COLUMN: Readonly<Record<string, Column>> = {
  organisationId: 'organisation', level: 'level', personId: 'contact', deputyId: 'deputy', channel: 'channel', fallback: 'fallback',
};

/** Where in the table a finding stands; nothing for what a wrong cell, reported already, explains. */
function mistakeOf(each: TableRow, { field, message }: { field: string; message: string }): Mistake[] {
  const [, index, name] = /^contacts\.(\d+)\.(\w+)$/u.exec(field) ?? [];
  if (index !== undefined) return [{ row: each.contactLines[Number(index)] ?? 1, column: CONTACT_COLUMN[name ?? ''] ?? null, message }];
  const isExplained = (field === 'contacts' && !each.whole) || (field === 'policyKey' && each.row.policyKey === '');
  return isExplained ? [] : [{ row: each.lines[0] ?? 1, column: ROW_COLUMN[field] ?? null, message }];
}
