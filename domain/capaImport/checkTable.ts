import { inOrder, type ImportLine, type Mistake } from './columns';
import { canonicalNumber, checkRow, type CheckedCapa } from './checkRow';
import type { ImportWorld } from './world';

/** Reads a table of CAPAs: every mistake of every line, in reading order, and the lines that have none. Nothing is looked up beyond `world`. */
export function checkTable(lines: readonly ImportLine[], world: ImportWorld): { readonly capas: readonly CheckedCapa[]; readonly mistakes: readonly Mistake[] } {
  const rows = lines.map((line) => checkRow(line, world));
  const mistakes = [...rows.flatMap((row) => row.mistakes), ...repeated(lines), ...uncounted(lines, world)];
  return { capas: rows.flatMap(({ checked }) => (checked ? [checked] : [])), mistakes: mistakes.toSorted(inOrder) };
}

/** Without a calendar nobody can count its business days. */
function uncounted([first]: readonly ImportLine[], { organisationId, calendar }: ImportWorld): readonly Mistake[] {
  return !first || organisationId === undefined || calendar ? [] : [{ row: first.row, column: 'accountable_organisation', message: 'has no business calendar: have its administrator add one first' }];
}

/** The same number twice: the second line is the mistake. */
function repeated(lines: readonly ImportLine[]): readonly Mistake[] {
  const first = new Map<string, number>();
  return lines.flatMap(({ row, cells: { external_number: text } }): Mistake[] => {
    const number = canonicalNumber(text);
    const before = first.get(number);
    if (before === undefined) first.set(number, row);
    return number === '' || before === undefined ? [] : [{ row, column: 'external_number', message: `stands in row ${String(before)} already` }];
  });
}
