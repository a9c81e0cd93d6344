/** A surrogate without its other half. */
export const HALF = /\p{Surrogate}/u;
/** Characters that show nothing: format characters, fillers, selectors, and the blank of Braille. */
const HIDDEN = /[\p{Default_Ignorable_Code_Point}\u2800]/gu;
const VISIBLE = /[\p{Letter}\p{Number}\p{Punctuation}\p{Symbol}]/u;

/**
 * What is wrong with a text before any rule of its field: half of a character, which no file, letter or hash takes; or
 * characters of which none can be seen. Undefined: nothing. Blanks alone are left to the field: it trims them.
 */
export function textFault(text: string): string | undefined {
  if (HALF.test(text)) return 'holds half of a character (a lone surrogate)';
  return text.trim() === '' || VISIBLE.test(text.replaceAll(HIDDEN, '')) ? undefined : 'holds no character that can be seen';
}
