import { unitsOf } from './pdfText';

/** Free to embed (licence in the package; docs/capa-report.md). Latin, Greek, Cyrillic, Armenian, Georgian and many symbols. */
const FILES = {
  plain: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed.ttf',
  strong: 'dejavu-fonts-ttf/ttf/DejaVuSansCondensed-Bold.ttf',
  code: 'dejavu-fonts-ttf/ttf/DejaVuSansMono.ttf',
} as const;
export type FaceName = keyof typeof FILES;
export type Faces = Readonly<Record<FaceName, Face>>;

/** A font of the document, one letter at a time: a line is as wide as its letters, whatever stands beside them. */
export interface Face {
  /** Its name in the content of pages. */
  readonly id: string;
  /** The object that a page's resources name. */
  readonly resource: () => unknown;
  /** Thousandths of the size above the base line. */
  readonly ascent: number;
  readonly has: (codePoint: number) => boolean;
  /** Width at size 1. */
  readonly widthOf: (text: string) => number;
  /** The text in the encoding of the font, hexadecimal. */
  readonly encoded: (text: string) => string;
}

/**
 * What pdfkit 0.20.2 knows of an embedded font beside its typed surface. Its own `text` shapes every line anew, some
 * milliseconds each, and keeps every word that it ever shaped; a trail of thousands of hashes must do neither.
 */
interface EmbeddedFont {
  readonly id: string;
  readonly ascender: number;
  readonly font: { hasGlyphForCodePoint(codePoint: number): boolean };
  ref(): unknown;
  encode(text: string): readonly [glyphs: readonly string[], positions: readonly { readonly advanceWidth: number }[]];
}

/** Registers the fonts with a document. Throws when a font file is missing. */
export function openFaces(doc: PDFKit.PDFDocument): Faces {
  return { plain: openFace(doc, 'plain'), strong: openFace(doc, 'strong'), code: openFace(doc, 'code') };
}

function openFace(doc: PDFKit.PDFDocument, name: FaceName): Face {
  doc.registerFont(name, require.resolve(FILES[name])).font(name);
  const font = (doc as unknown as { readonly _font: EmbeddedFont })._font;
  const known = new Map<string, { readonly hex: string; readonly width: number }>();
  const glyphOf = (unit: string): { readonly hex: string; readonly width: number } => {
    const found = known.get(unit);
    if (found) return found;
    const [glyphs, positions] = font.encode(unit);
    const glyph = { hex: glyphs.join(''), width: positions.reduce((sum, { advanceWidth }) => sum + advanceWidth, 0) / 1000 };
    known.set(unit, glyph);
    return glyph;
  };
  return {
    id: font.id, ascent: font.ascender, resource: () => font.ref(),
    has: (codePoint) => font.font.hasGlyphForCodePoint(codePoint),
    widthOf: (text) => unitsOf(text).reduce((sum, unit) => sum + glyphOf(unit).width, 0),
    encoded: (text) => unitsOf(text).map((unit) => glyphOf(unit).hex).join(''),
  };
}
