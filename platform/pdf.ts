import { Readable } from 'node:stream';
import PDFDocument from 'pdfkit';
import type { Block, Cell, PlannedDocument } from '../contracts/document';
import { openFaces, type Faces } from './pdfFonts';
import { BLACK, GREY, INNER_WIDTH, LEFT, PAGE_SIZE, Pages } from './pdfPage';
import { Table, type TableShape } from './pdfTable';
import { wrapped } from './pdfText';

const PRODUCER = 'cro-oversight';
const HEADINGS = {
  1: { size: 15, above: 0, below: 6 },
  2: { size: 11.5, above: 16, below: 4 },
  3: { size: 9.5, above: 10, below: 3 },
} as const;
/** Lines of a text that stay with the heading above it. */
const KEPT_LINES = 3;
const TEXT_SIZE = 8.5;
const LEADING = 1.32;
const LABEL_SHARES = [24, 76] as const;

/**
 * Sets a planned document as PDF/A-3b (ISO 19005-3), tagged, with bookmarks and its attachment. The same plan gives the same
 * bytes on every machine: no clock, no zone, no locale, and nothing compressed, for compressors differ. Bytes come as they
 * are asked for, page by page.
 */
export function renderPdf(plan: PlannedDocument): Readable {
  return Readable.from(bytesOf(plan), { objectMode: false });
}

async function* bytesOf(plan: PlannedDocument): AsyncGenerator<Uint8Array> {
  const doc = openDocument(plan);
  const drawn = function* (): Generator<Uint8Array> {
    for (const chunk of chunksIn(doc)) yield chunk;
  };
  for (const _step of set(doc, plan)) {
    yield* drawn();
    // One block after another, so that other requests have their turn.
    await new Promise((resolve) => { setImmediate(resolve); });
  }
  doc.end();
  yield* drawn();
}

function* chunksIn(doc: PDFKit.PDFDocument): Generator<Uint8Array> {
  for (let chunk: unknown = doc.read(); chunk instanceof Uint8Array; chunk = doc.read()) yield chunk;
}

function openDocument({ title, at, language, attachment }: PlannedDocument): PDFKit.PDFDocument {
  const date = new Date(at);
  const doc = new PDFDocument({
    pdfVersion: '1.7', subset: 'PDF/A-3b', tagged: true, displayTitle: true, lang: language, compress: false, autoFirstPage: false, font: '', size: PAGE_SIZE, margin: 0,
    info: { Title: title, Author: PRODUCER, Creator: PRODUCER, Producer: PRODUCER, CreationDate: date },
  });
  const { name, mediaType: type, description, bytes } = attachment;
  const options = { name, type, description, creationDate: date, modifiedDate: date, relationship: 'Source' };
  doc.file(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), options);
  return doc;
}

function* set(doc: PDFKit.PDFDocument, plan: PlannedDocument): Generator<void> {
  const faces = openFaces(doc);
  const pages = new Pages(doc, faces, plan);
  const root = doc.struct('Document');
  doc.addStructure(root);
  const setting: Setting = { doc, faces, pages, root, marks: bookmarks(doc) };
  // A heading waits for what stands below it: it never ends a page.
  let waiting: readonly MeasuredHeading[] = [];
  for (const block of plan.blocks) {
    if (block.kind === 'heading') {
      waiting = [...waiting, measuredHeading(block, setting)];
      continue;
    }
    const headings = waiting;
    waiting = [];
    yield* setBlock(block, setting, (needed) => { setHeadings(headings, setting, needed); });
    yield;
  }
  setHeadings(waiting, setting, 0);
  root.end();
  pages.end();
}

interface Setting {
  readonly doc: PDFKit.PDFDocument;
  readonly faces: Faces;
  readonly pages: Pages;
  readonly root: PDFKit.PDFStructureElement;
  readonly marks: (level: 1 | 2 | 3, title: string) => void;
}
type Heading = Extract<Block, { kind: 'heading' }>;
/** Sets the headings that wait, on a page with room for them and for what a block needs to begin. */
type Begin = (needed: number) => void;

function* setBlock(block: Exclude<Block, Heading>, setting: Setting, begin: Begin): Generator<void> {
  switch (block.kind) {
    case 'text':
      setText(block, setting, begin);
      return;
    case 'facts':
      yield* setTable({ rows: block.facts, shape: { shares: LABEL_SHARES } }, setting, begin);
      return;
    case 'table':
      yield* setTable({ rows: block.rows, shape: { shares: block.columns.map(({ share }) => share), headings: block.columns.map(({ label }) => label) } }, setting, begin);
  }
}

function* setTable({ rows, shape }: { readonly rows: Iterable<readonly Cell[]>; readonly shape: TableShape }, { doc, faces, pages, root }: Setting, begin: Begin): Generator<void> {
  yield* new Table(doc, { pages, faces }, shape).set(rows, root, begin);
  pages.gap(4);
}

interface MeasuredHeading { readonly level: 1 | 2 | 3; readonly text: string; readonly lines: readonly string[]; readonly height: number }

function measuredHeading({ level, text }: Heading, { faces, pages }: Setting): MeasuredHeading {
  const { size, above, below } = HEADINGS[level];
  const lines = wrapped(pages.printable(text, 'strong'), INNER_WIDTH / size, faces.strong.widthOf);
  return { level, text, lines, height: above + lines.length * size * LEADING + below };
}

function setHeadings(headings: readonly MeasuredHeading[], { doc, faces, pages, root, marks }: Setting, needed: number): void {
  pages.ensure(headings.reduce((sum, { height }) => sum + height, 0) + needed);
  for (const { level, text, lines } of headings) {
    const { size, above, below } = HEADINGS[level];
    pages.gap(above);
    marks(level, text);
    const placed = lines.map((line, index) => ({ text: line, face: faces.strong, size, ink: BLACK, x: LEFT, y: pages.y + index * size * LEADING }));
    root.add(doc.struct(`H${String(level)}`, {}, [() => { pages.set(placed); }]));
    pages.down(lines.length * size * LEADING + below);
  }
}

function setText({ text, quiet = false }: Extract<Block, { kind: 'text' }>, { doc, faces, pages, root }: Setting, begin: Begin): void {
  const size = quiet ? TEXT_SIZE - 1 : TEXT_SIZE;
  const lines = wrapped(pages.printable(text, 'plain'), INNER_WIDTH / size, faces.plain.widthOf);
  begin(Math.min(lines.length, KEPT_LINES) * size * LEADING);
  const element = doc.struct('P');
  root.add(element);
  for (const line of lines) {
    pages.ensure(size * LEADING);
    const placed = [{ text: line, face: faces.plain, size, ink: quiet ? GREY : BLACK, x: LEFT, y: pages.y }];
    if (line !== '') element.add(() => { pages.set(placed); });
    pages.down(size * LEADING);
  }
  element.end();
  pages.gap(4);
}

/** Bookmarks, nested as the headings are. */
function bookmarks(doc: PDFKit.PDFDocument): Setting['marks'] {
  const open: PDFKit.PDFOutline[] = [doc.outline];
  return (level, title) => {
    open.length = Math.min(open.length, level);
    const parent = open.at(-1) ?? doc.outline;
    open.push(parent.addItem(title, { expanded: level === 1 }));
  };
}
