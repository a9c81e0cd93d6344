import type { PlannedDocument } from '../contracts/document';
import { type Face, type FaceName, type Faces } from './pdfFonts';
import { printable, wrapped } from './pdfText';

/** A4 in points, 1/72 inch. */
const WIDTH = 595.28;
const HEIGHT = 841.89;
const SIDE = 48;
const TOP = 62;
const BOTTOM = 56;
export const INNER_WIDTH = WIDTH - 2 * SIDE;
/** Room for blocks on an empty page. */
export const INNER_HEIGHT = HEIGHT - TOP - BOTTOM;
const TOTAL = 'Total';
const SMALL = 7;

/** Red, green, blue, 0 to 1; sRGB by the document's output intent. */
export type Ink = readonly [red: number, green: number, blue: number];
export const BLACK: Ink = [0.08, 0.08, 0.08];
export const GREY: Ink = [0.4, 0.4, 0.4];
const RULE: Ink = [0.72, 0.72, 0.72];
export const SHADE: Ink = [0.93, 0.94, 0.96];

/** A line ready to be set: printable text, and where. */
export interface SetLine {
  readonly text: string;
  readonly face: Face;
  readonly size: number;
  readonly ink: Ink;
  readonly x: number;
  /** Of the top of its letters, from the top of the page. */
  readonly y: number;
}

/** The pages of a document as they are filled from top to bottom. */
export class Pages {
  readonly #doc: PDFKit.PDFDocument;
  readonly #faces: Faces;
  readonly #plan: Pick<PlannedDocument, 'header' | 'footer'>;
  /** Drawn on every page, written when the number of pages is known. */
  readonly #total: PDFKit.PDFKitReference;
  #count = 0;
  #y = TOP;

  constructor(doc: PDFKit.PDFDocument, faces: Faces, plan: Pick<PlannedDocument, 'header' | 'footer'>) {
    this.#doc = doc;
    this.#faces = faces;
    this.#plan = plan;
    const ref = (doc as unknown as { ref(data: object): PDFKit.PDFKitReference }).ref.bind(doc);
    this.#total = ref({ Type: 'XObject', Subtype: 'Form', BBox: [0, -3, 60, 12], Resources: { Font: { [faces.plain.id]: faces.plain.resource() } } });
  }

  /** Where the next block begins. */
  get y(): number {
    return this.#y;
  }

  /** Height that is left on this page. */
  get left(): number {
    return this.#count === 0 ? 0 : HEIGHT - BOTTOM - this.#y;
  }

  down(height: number): void {
    this.#y += height;
  }

  /** A gap; none at the top of a page. */
  gap(height: number): void {
    if (this.#y > TOP) this.#y = Math.min(this.#y + height, HEIGHT - BOTTOM);
  }

  /** Goes on to a new page unless this much room is left. */
  ensure(height: number): void {
    if (this.left < Math.min(height, INNER_HEIGHT)) this.turn();
  }

  turn(): void {
    this.#doc.addPage();
    this.#count += 1;
    this.#y = TOP;
    this.artifact('Pagination', () => { this.#frame(); });
  }

  /** What belongs to the page and not to what the document says. */
  artifact(type: 'Pagination' | 'Layout', draw: () => void): void {
    this.#doc.markContent('Artifact', { type });
    draw();
    this.#doc.endMarkedContent();
  }

  printable(text: string, face: FaceName): string {
    return printable(text, (codePoint) => this.#faces[face].has(codePoint));
  }

  /** Sets lines on the present page. */
  set(lines: readonly SetLine[]): void {
    const shown = lines.filter(({ text }) => text !== '');
    if (shown.length === 0) return;
    const texts = shown.map(({ text, face, size, ink, x, y }) => {
      this.#use(face);
      return `${ink.join(' ')} rg /${face.id} ${number(size)} Tf 1 0 0 1 ${number(x)} ${number(HEIGHT - y - (face.ascent * size) / 1000)} Tm <${face.encoded(text)}> Tj`;
    });
    this.#write(`q 1 0 0 -1 0 ${number(HEIGHT)} cm BT ${texts.join('\n')} ET Q`);
  }

  /** A filled rectangle. */
  fill({ x, y, width, height, ink }: { readonly x: number; readonly y: number; readonly width: number; readonly height: number; readonly ink: Ink }): void {
    this.#write(`q ${ink.join(' ')} rg ${number(x)} ${number(y)} ${number(width)} ${number(height)} re f Q`);
  }

  /** A hairline from side to side. */
  rule(y: number): void {
    this.fill({ x: SIDE, y, width: INNER_WIDTH, height: 0.5, ink: RULE });
  }

  /** Writes how many pages there are; at least one. */
  end(): void {
    if (this.#count === 0) this.turn();
    const { plain } = this.#faces;
    this.#total.end(`${GREY.join(' ')} rg BT /${plain.id} ${number(SMALL)} Tf <${plain.encoded(String(this.#count))}> Tj ET`);
  }

  #frame(): void {
    const { plain, strong } = this.#faces;
    const ink = GREY;
    const page = `Page ${String(this.#count)} of `;
    const x = SIDE + INNER_WIDTH - 60;
    const header = shortened(this.printable(this.#plan.header, 'strong'), INNER_WIDTH / (SMALL + 1), strong);
    const footer = shortened(this.printable(this.#plan.footer, 'plain'), (x - SIDE - 10) / SMALL, plain);
    const y = HEIGHT - BOTTOM + 16;
    this.set([
      { text: header, face: strong, size: SMALL + 1, ink, x: SIDE, y: TOP - 26 },
      { text: footer, face: plain, size: SMALL, ink, x: SIDE, y },
      { text: page, face: plain, size: SMALL, ink, x, y },
    ]);
    this.rule(TOP - 12);
    this.rule(HEIGHT - BOTTOM + 10);
    const resources = this.#doc.page as unknown as { readonly xobjects: Record<string, unknown> };
    resources.xobjects[TOTAL] = this.#total;
    const base = HEIGHT - y - (plain.ascent * SMALL) / 1000;
    this.#write(`q 1 0 0 -1 0 ${number(HEIGHT)} cm 1 0 0 1 ${number(x + plain.widthOf(page) * SMALL)} ${number(base)} cm /${TOTAL} Do Q`);
  }

  #use(face: Face): void {
    const { fonts } = this.#doc.page as unknown as { readonly fonts: Record<string, unknown> };
    fonts[face.id] ??= face.resource();
  }

  #write(content: string): void {
    (this.#doc as unknown as { addContent(data: string): void }).addContent(content);
  }
}

/** One line of a text; what does not fit is cut off visibly. */
function shortened(text: string, width: number, face: Face): string {
  const [first = '', ...rest] = wrapped(text, width - face.widthOf('…'), face.widthOf);
  return rest.length === 0 ? first : `${first}…`;
}

export const LEFT = SIDE;
export const PAGE_SIZE: [number, number] = [WIDTH, HEIGHT];

/** As PDF writes numbers: no exponent, three decimals (a 2,500th of an inch on paper). */
const number = (value: number): string => String(Math.round(value * 1000) / 1000);
