import { linesOf, type CellMistake, type Line } from '../tables/lines';

export { escaped, mistakeField } from '../tables/lines';

/** Columns of a communication matrix as a table, one line per contact; docs/matrix.md explains each. */
export const COLUMNS = [
  'study', 'topic', 'organisation', 'with', 'level', 'contact', 'deputy', 'channel', 'fallback', 'policy', 'effective_from', 'phi', 'phi_channels',
  'frequency', 'frequency_grace', 'frequency_organisation', 'frequency_capa_after', 'tmf_reference', 'filing_location', 'filing_organisation',
] as const;
export type Column = (typeof COLUMNS)[number];

/** Columns that an export says beside, and an import passes over: who signed is not put in by a table. */
export const TOLD_COLUMNS = ['signatures'] as const;

/** Columns that a table cannot do without. */
const NEEDED_COLUMNS: readonly Column[] = ['study', 'topic', 'organisation', 'level', 'contact', 'deputy', 'channel', 'policy'];

/** Columns that say something of the whole row: any of its lines may, none may contradict another. */
export const ROW_COLUMNS = [
  'policy', 'effective_from', 'phi', 'phi_channels', 'frequency', 'frequency_grace', 'frequency_organisation', 'frequency_capa_after', 'tmf_reference', 'filing_location', 'filing_organisation',
] as const satisfies readonly Column[];
export type RowColumn = (typeof ROW_COLUMNS)[number];

export type TableLine = Line<Column>;
export type Cells = TableLine['cells'];
/** Something wrong in a table. No column: the whole line. */
export type Mistake = CellMistake<Column>;

/** Reads a table's records, the header first: columns in any order, blank lines left out. */
export const readLines = (records: readonly (readonly string[])[]) => linesOf(records, { columns: COLUMNS, needed: NEEDED_COLUMNS, passedOver: TOLD_COLUMNS });
