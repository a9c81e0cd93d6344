/** Characters that leave no mark or that turn the reading direction: printed, they would vanish or mislead. */
const UNSEEN = /[\p{C}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/u;
/** Scripts that are read from right to left, or whose letters change with their neighbours: set letter by letter they would be wrong. */
const UNSET = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/**
 * The text as it can be printed: what the font does not have, what nobody would see and what cannot be set letter by letter
 * stands as its code point, `[U+6F22]`; a tab as spaces. Nothing vanishes.
 */
export function printable(text: string, has: (codePoint: number) => boolean): string {
  const plain = text.normalize('NFC').replaceAll(/\r\n?/gu, '\n').replaceAll('\t', '    ');
  return Array.from(plain, (character) => {
    const codePoint = character.codePointAt(0) ?? 0;
    if (character === '\n') return character;
    return has(codePoint) && !UNSEEN.test(character) && !UNSET.test(character) ? character : `[U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}]`;
  }).join('');
}

/** A letter with the marks on it, which are set together. */
const UNIT = /\P{M}\p{M}*|\p{M}+/gu;
export const unitsOf = (text: string): readonly string[] => text.match(UNIT) ?? [];

/** Words, and the spaces between them; a line may also end behind a hyphen or a slash. */
const TOKEN = /\s+|[^\s/-]*[/-]+|[^\s/-]+/gu;

/** Breaks a text into lines no wider than `width`; a word that is wider is broken where the line ends. Units of `widthOf` and `width` are the same. */
export function wrapped(text: string, width: number, widthOf: (text: string) => number): readonly string[] {
  return text.split('\n').flatMap((paragraph) => wrappedParagraph(paragraph, width, widthOf));
}

function wrappedParagraph(paragraph: string, width: number, widthOf: (text: string) => number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  const put = (part: string, partWidth: number): void => {
    line += part;
    used += partWidth;
  };
  const next = (): void => {
    lines.push(line.trimEnd());
    line = '';
    used = 0;
  };
  for (const [token] of paragraph.matchAll(TOKEN)) {
    const wide = widthOf(token);
    const isSpace = token.trim() === '';
    if (used + wide <= width) put(token, wide);
    else if (isSpace) next();
    else {
      if (used > 0) next();
      if (wide <= width) put(token, wide);
      else {
        for (const unit of unitsOf(token)) {
          const unitWidth = widthOf(unit);
          if (used > 0 && used + unitWidth > width) next();
          put(unit, unitWidth);
        }
      }
    }
  }
  lines.push(line.trimEnd());
  return lines;
}
