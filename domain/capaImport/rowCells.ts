import type { Cell } from './cells';
import type { Column, ImportLine, Mistake } from './columns';

/** One line while it is read: what is wrong with it is collected, all of it. */
export class RowCells {
  readonly mistakes: Mistake[] = [];
  readonly #line: ImportLine;

  constructor(line: ImportLine) {
    this.#line = line;
  }

  get row(): number {
    return this.#line.row;
  }

  /** The cell as it stands; empty: ''. */
  raw(column: Column): string {
    return this.#line.cells[column];
  }

  has(column: Column): boolean {
    return this.raw(column) !== '';
  }

  wrong(column: Column, message: string): void {
    this.mistakes.push({ row: this.row, column, message });
  }

  isWrong(column: Column): boolean {
    return this.mistakes.some((mistake) => mistake.column === column);
  }

  /** A text of at most `max` characters; undefined: empty, or too long. */
  text(column: Column, max: number): string | undefined {
    const text = this.raw(column);
    if (text.length > max) { this.wrong(column, `has ${String(text.length)} characters, at most ${String(max)} are taken`); return; }
    return text === '' ? undefined : text;
  }

  /** What a reader makes of the cell; undefined: empty, or wrong. */
  read<T>(column: Column, reader: (text: string) => Cell<T>): T | undefined {
    if (!this.has(column)) return undefined;
    const cell = reader(this.raw(column));
    if ('value' in cell) return cell.value;
    this.wrong(column, cell.wrong);
    return undefined;
  }
}
