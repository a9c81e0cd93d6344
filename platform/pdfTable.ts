import type { Cell, Line } from '../contracts/document';
import type { Faces } from './pdfFonts';
import { BLACK, GREY, INNER_HEIGHT, INNER_WIDTH, LEFT, SHADE, type Ink, type Pages, type SetLine } from './pdfPage';
import { wrapped } from './pdfText';

const PADDING = 3;
const LEADING = 1.28;
/** A row shorter than this share of a page is not torn apart. */
const KEPT_WHOLE = 0.3;

const STYLES = {
  plain: { face: 'plain', size: 8, ink: BLACK },
  strong: { face: 'strong', size: 8, ink: BLACK },
  code: { face: 'code', size: 6.4, ink: BLACK },
  quiet: { face: 'plain', size: 6.8, ink: GREY },
} as const satisfies Readonly<Record<'plain' | NonNullable<Line['style']>, { readonly face: keyof Faces; readonly size: number; readonly ink: Ink }>>;

export interface TableShape {
  /** Of each column, against the others. */
  readonly shares: readonly number[];
  /** Absent: the first cell of each row is its heading. */
  readonly headings?: readonly string[];
}

/** A line of a cell before it has its place. */
type Measured = Pick<SetLine, 'text' | 'face' | 'size' | 'ink'> & { readonly height: number };
type Row = readonly (readonly Measured[])[];

/** Sets a table row by row, each row between two `yield`s; headings are repeated on every page. */
export class Table {
  readonly #doc: PDFKit.PDFDocument;
  readonly #pages: Pages;
  readonly #faces: Faces;
  readonly #widths: readonly number[];
  readonly #shape: TableShape;
  readonly #headings: Row | undefined;

  constructor(doc: PDFKit.PDFDocument, { pages, faces }: { readonly pages: Pages; readonly faces: Faces }, shape: TableShape) {
    this.#doc = doc;
    this.#pages = pages;
    this.#faces = faces;
    this.#shape = shape;
    const all = shape.shares.reduce((sum, share) => sum + share, 0);
    this.#widths = shape.shares.map((share) => (share / all) * INNER_WIDTH);
    this.#headings = shape.headings && this.#measured(shape.headings.map((text): Cell => [{ text, style: 'strong' }]));
  }

  /** `begin` is told what height the beginning of the table needs, and sets what goes before it. */
  *set(rows: Iterable<readonly Cell[]>, parent: PDFKit.PDFStructureElement, begin: (needed: number) => void): Generator<void> {
    let table: PDFKit.PDFStructureElement | undefined;
    for (const cells of rows) {
      const row = this.#measured(cells);
      const height = heightOf(row);
      if (table) {
        if (height > this.#pages.left && height < INNER_HEIGHT * KEPT_WHOLE) this.#turn();
      } else {
        begin((this.#headings ? heightOf(this.#headings) : 0) + Math.min(height, INNER_HEIGHT * KEPT_WHOLE));
        table = this.#doc.struct('Table');
        parent.add(table);
        this.#head(table);
      }
      this.#row(row, table);
      yield;
    }
    table?.end();
  }

  #head(table: PDFKit.PDFStructureElement): void {
    const headings = this.#headings;
    if (!headings) return;
    const row = this.#doc.struct('TR');
    table.add(row);
    this.#shaded(headings);
    this.#cells(headings, headings.map(() => this.#cellOf(row, 'Column')));
    row.end();
    this.#pages.down(heightOf(headings));
  }

  #turn(): void {
    this.#pages.turn();
    if (!this.#headings) return;
    const headings = this.#headings;
    this.#shaded(headings);
    // Said once to whoever listens; here only for the eye.
    this.#pages.artifact('Pagination', () => { this.#pages.set(this.#placed(headings)); });
    this.#pages.down(heightOf(headings));
  }

  #row(cells: Row, table: PDFKit.PDFStructureElement): void {
    const row = this.#doc.struct('TR');
    table.add(row);
    const elements = cells.map((_cell, index) => this.#cellOf(row, this.#headings === undefined && index === 0 ? 'Row' : undefined));
    let rest = cells;
    while (rest.some((lines) => lines.length > 0)) {
      const parts = rest.map((lines) => fitting(lines, this.#pages.left - 2 * PADDING));
      const now = parts.map(([fits]) => fits);
      if (now.every((lines) => lines.length === 0)) {
        this.#turn();
        continue;
      }
      this.#cells(now, elements);
      this.#pages.down(heightOf(now));
      this.#pages.artifact('Layout', () => { this.#pages.rule(this.#pages.y - 0.25); });
      rest = parts.map(([, later]) => later);
    }
    row.end();
  }

  /** A cell of a row; with a scope, the heading of its row or column. */
  #cellOf(row: PDFKit.PDFStructureElement, scope?: 'Row' | 'Column'): PDFKit.PDFStructureElement {
    const options: PDFKit.Mixins.StructureElementOptions & { readonly scope?: string } = scope ? { scope } : {};
    const cell = this.#doc.struct(scope ? 'TH' : 'TD', options);
    row.add(cell);
    return cell;
  }

  #cells(cells: Row, elements: readonly PDFKit.PDFStructureElement[]): void {
    this.#placedByCell(cells).forEach((lines, index) => {
      if (lines.length > 0) elements[index]?.add(() => { this.#pages.set(lines); });
    });
  }

  #shaded(row: Row): void {
    this.#pages.artifact('Layout', () => { this.#pages.fill({ x: LEFT, y: this.#pages.y, width: INNER_WIDTH, height: heightOf(row), ink: SHADE }); });
  }

  #placed(row: Row): readonly SetLine[] {
    return this.#placedByCell(row).flat();
  }

  #placedByCell(row: Row): readonly (readonly SetLine[])[] {
    let x = LEFT;
    return row.map((lines, index) => {
      const own: SetLine[] = [];
      let y = this.#pages.y + PADDING;
      for (const { height, ...line } of lines) {
        own.push({ ...line, x: x + PADDING, y });
        y += height;
      }
      x += this.#widths[index] ?? 0;
      return own;
    });
  }

  #measured(cells: readonly Cell[]): Row {
    return cells.map((cell, index) => {
      const isLabel = this.#shape.headings === undefined && index === 0;
      const lines: readonly Line[] = typeof cell === 'string' ? [{ text: cell, ...(isLabel && { style: 'strong' }) }] : cell;
      const width = (this.#widths[index] ?? 0) - 2 * PADDING;
      return lines.flatMap(({ text, style }) => {
        const { face: name, size, ink } = STYLES[style ?? 'plain'];
        const face = this.#faces[name];
        return wrapped(this.#pages.printable(text, name), width / size, face.widthOf).map((line) => ({ text: line, face, size, ink, height: size * LEADING }));
      });
    });
  }
}

/** The lines that fit into a height, and those that do not. */
function fitting(lines: readonly Measured[], height: number): readonly [readonly Measured[], readonly Measured[]] {
  let used = 0;
  const at = lines.findIndex((line) => {
    used += line.height;
    return used > height;
  });
  return at === -1 ? [lines, []] : [lines.slice(0, at), lines.slice(at)];
}

function heightOf(row: Row): number {
  return 2 * PADDING + Math.max(0, ...row.map((lines) => lines.reduce((sum, { height }) => sum + height, 0)));
}
