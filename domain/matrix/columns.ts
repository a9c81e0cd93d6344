/** Columns of a communication matrix as a table, one line per contact; docs/matrix.md explains each. */
export const COLUMNS = [
  'study', 'topic', 'organisation', 'with', 'level', 'contact', 'deputy', 'channel', 'fallback', 'policy', 'effective_from', 'phi', 'phi_channels',
  'frequency', 'frequency_grace', 'frequency_organisation', 'tmf_reference', 'filing_location', 'filing_organisation',
] as const;
export type Column = (typeof COLUMNS)[number];

/** Columns that a table cannot do without. */
const NEEDED_COLUMNS: readonly Column[] = ['study', 'topic', 'organisation', 'level', 'contact', 'deputy', 'channel', 'policy'];

/** Columns that say something of the whole row: any of its lines may, none may contradict another. */
export const ROW_COLUMNS = [
  'policy', 'effective_from', 'phi', 'phi_channels', 'frequency', 'frequency_grace', 'frequency_organisation', 'tmf_reference', 'filing_location', 'filing_organisation',
] as const satisfies readonly Column[];
export type RowColumn = (typeof ROW_COLUMNS)[number];

export type Cells = Readonly<Record<Column, string>>;

/** A line of a table; `row` is its number in a spreadsheet, where the header is row 1. */
export interface TableLine {
  readonly row: number;
  readonly cells: Cells;
}

/** Something wrong in a table. No column: the whole line. */
export interface Mistake {
  readonly row: number;
  readonly column: Column | null;
  readonly message: string;
}

/** The mistake as problems name fields: `row 7, deputy`. */
export function mistakeField({ row, column }: Mistake): string {
  return column === null ? `row ${String(row)}` : `row ${String(row)}, ${column}`;
}

/** Reads a table's records, the header first: columns in any order, blank lines left out. */
export function readLines(records: readonly (readonly string[])[]): { readonly lines: readonly TableLine[]; readonly mistakes: readonly Mistake[] } {
  const [header = [], ...rest] = records;
  const names = header.map((name) => name.trim().toLowerCase().replaceAll(/[ -]/gu, '_'));
  const mistakes: Mistake[] = [];
  const inHeader = (message: string, column: Column | null = null) => mistakes.push({ row: 1, column, message });
  const columns = names.map((name, index) => {
    const column = COLUMNS.find((each) => each === name);
    if (name !== '' && !column) inHeader(`there is no column ${name.slice(0, 40)}`);
    if (column && names.indexOf(name) < index) inHeader('the column stands twice', column);
    return column;
  });
  for (const column of NEEDED_COLUMNS) if (!columns.includes(column)) inHeader('the column is missing', column);
  if (mistakes.length > 0) return { lines: [], mistakes };
  const lines = rest.flatMap((cells, index): TableLine[] => {
    const row = index + 2;
    if (cells.every((cell) => cell.trim() === '')) return [];
    if (cells.slice(columns.length).some((cell) => cell.trim() !== '')) mistakes.push({ row, column: null, message: `has ${String(cells.length)} cells, the header ${String(columns.length)}` });
    const cellOf = (column: Column): string => unescaped(cells[columns.indexOf(column)]?.trim() ?? '');
    return [{ row, cells: Object.fromEntries(COLUMNS.map((column) => [column, columns.includes(column) ? cellOf(column) : ''])) as Cells }];
  });
  if (lines.length === 0) mistakes.push({ row: 1, column: null, message: 'the table has no lines' });
  return { lines, mistakes };
}

/** What spreadsheets take for a formula. */
const FORMULA = /^'*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/u;

/** Keeps a spreadsheet from running a cell (CSV injection); {@link readLines} takes the mark off again. */
export function escaped(cell: string): string {
  return FORMULA.test(cell) ? `'${cell}` : cell;
}

function unescaped(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
}
