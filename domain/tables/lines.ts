/** A line of a table; `row` is its number in a spreadsheet, where the header is row 1. */
export interface Line<Column extends string> {
  readonly row: number;
  readonly cells: Readonly<Record<Column, string>>;
}

/** Something wrong in a table. No column: the whole line. */
export interface CellMistake<Column extends string> {
  readonly row: number;
  readonly column: Column | null;
  readonly message: string;
}

/** The mistake as problems name fields: `row 7, deputy`. */
export function mistakeField({ row, column }: CellMistake<string>): string {
  return column === null ? `row ${String(row)}` : `row ${String(row)}, ${column}`;
}

/** Mistakes as somebody reads a table of these columns: row by row, from left to right. */
export function readingOrder<Column extends string>(columns: readonly Column[]): (one: CellMistake<Column>, other: CellMistake<Column>) => number {
  const placeOf = (column: Column | null): number => (column === null ? -1 : columns.indexOf(column));
  return (one, other) => one.row - other.row || placeOf(one.column) - placeOf(other.column);
}

/** Reads a table's records, the header first: columns in any order, blank lines left out. */
export function linesOf<Column extends string>(
  records: readonly (readonly string[])[], { columns: known, needed, passedOver = [] }: { readonly columns: readonly Column[]; readonly needed: readonly Column[]; readonly passedOver?: readonly string[] },
): { readonly lines: readonly Line<Column>[]; readonly mistakes: readonly CellMistake<Column>[] } {
  const [header = [], ...rest] = records;
  const names = header.map((name) => name.trim().toLowerCase().replaceAll(/[ -]/gu, '_'));
  const mistakes: CellMistake<Column>[] = [];
  const inHeader = (message: string, column: Column | null = null) => mistakes.push({ row: 1, column, message });
  const columns = names.map((name, index) => {
    const column = known.find((each) => each === name);
    if (name !== '' && !column && !passedOver.includes(name)) inHeader(`there is no column ${name.slice(0, 40)}`);
    if (column && names.indexOf(name) < index) inHeader('the column stands twice', column);
    return column;
  });
  for (const column of needed) if (!columns.includes(column)) inHeader('the column is missing', column);
  if (mistakes.length > 0) return { lines: [], mistakes };
  const lines = rest.flatMap((cells, index): Line<Column>[] => {
    const row = index + 2;
    if (cells.every((cell) => cell.trim() === '')) return [];
    if (cells.slice(columns.length).some((cell) => cell.trim() !== '')) mistakes.push({ row, column: null, message: `has ${String(cells.length)} cells, the header ${String(columns.length)}` });
    const cellOf = (column: Column): string => unescaped(cells[columns.indexOf(column)]?.trim() ?? '');
    return [{ row, cells: Object.fromEntries(known.map((column) => [column, columns.includes(column) ? cellOf(column) : ''])) as Record<Column, string> }];
  });
  if (lines.length === 0) mistakes.push({ row: 1, column: null, message: 'the table has no lines' });
  return { lines, mistakes };
}

/** What spreadsheets take for a formula, also after spaces; and the characters that they drop from the beginning of a cell (OWASP, CSV injection). */
const FORMULA = /^'*(?:\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[\t\r\n])/u;

/** Keeps a spreadsheet from running a cell (CSV injection); {@link linesOf} takes the mark off again. */
export function escaped(cell: string): string {
  return FORMULA.test(cell) ? `'${cell}` : cell;
}

/** Takes the mark of {@link escaped} off again. */
export function unescaped(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
}
