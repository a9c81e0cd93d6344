import { PROTOTYPES } from './confusables';

/** Scripts that people's names are written in together: one, or one of these families, and Latin beside it. */
const FAMILIES: readonly (readonly string[])[] = [['Han', 'Hiragana', 'Katakana'], ['Han', 'Hangul'], ['Han', 'Bopomofo']];
const SCRIPTS = [
  'Latin', 'Greek', 'Cyrillic', 'Armenian', 'Hebrew', 'Arabic', 'Syriac', 'Thaana', 'Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil', 'Telugu', 'Kannada',
  'Malayalam', 'Sinhala', 'Thai', 'Lao', 'Tibetan', 'Myanmar', 'Georgian', 'Ethiopic', 'Khmer', 'Mongolian', 'Han', 'Hiragana', 'Katakana', 'Hangul', 'Bopomofo',
] as const;
const OF_SCRIPT = SCRIPTS.map((script) => ({ script, pattern: new RegExp(`\\p{Script_Extensions=${script}}`, 'u') }));

const NAME = /^[\p{L}\p{M}\p{Nd}\p{P} ]+$/u;
/** Titles and codes of studies say doses and relations, too. */
const TITLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]+$/u;
/** Drawn as nothing, or as a blank: fillers, selectors of variants, joiners; and the Arabic stretch, which draws a letter longer. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\u0640]/u;
const VISIBLE = /[\p{L}\p{N}]/u;

export type NameKind = 'name' | 'title';

/** What is wrong with a printed name, in a sentence; undefined: nothing. `name`: of people and organisations; `title`: codes and titles of studies. */
export function faultOfName(text: string, kind: NameKind = 'name'): string | undefined {
  if (!(kind === 'name' ? NAME : TITLE).test(text)) {
    return kind === 'name' ? 'one line of letters, marks, digits, blanks and punctuation' : 'one line of letters, marks, digits, signs, blanks and punctuation';
  }
  if (INVISIBLE.test(text)) return 'no characters that nobody sees';
  if (!VISIBLE.test(text)) return 'needs a letter';
  if (/^[\p{M}]|\p{M}{4}/u.test(text)) return 'marks stand on letters, three at most';
  const whole = scriptsOf(text);
  if (!whole) return 'letters of one script, and Latin beside it';
  // A word of two scripts is read as one of them.
  if (kind === 'name' && text.split(/[\s\p{P}]+/u).some((word) => new Set(scriptsNeeded(word)).size > 1 && !isFamily(scriptsNeeded(word)))) return 'each word in letters of one script';
  return undefined;
}

/**
 * UTS 39's skeletons, without blanks and punctuation: one drawn as it is written, where I is like l, and one drawn in small letters.
 * Names that share either are taken for one another.
 */
export function skeletonsOf(text: string): readonly [string, string] {
  const drawn = (from: string): string => Array.from(from.normalize('NFD').replaceAll(new RegExp(INVISIBLE, 'gu'), ''), (character) => PROTOTYPES.get(character) ?? character).join('').toLowerCase().replaceAll(/[^\p{L}\p{M}\p{N}]/gu, '');
  return [drawn(text), drawn(text.toLowerCase())];
}

/** Which of other names a name may be taken for; undefined: none. A suffix tells people of one name apart: `Ana Berg (Basel)`. */
export function confusedWith(text: string, others: readonly string[]): string | undefined {
  const own = skeletonsOf(text);
  return others.find((other) => skeletonsOf(other).some((skeleton, index) => skeleton === own[index]));
}

/** Pairs of names that are taken for one another, one of each list. */
export function confusedPairs(some: readonly string[], others: readonly string[]): readonly (readonly [string, string])[] {
  const known = [0, 1].map((way) => new Map(others.map((other) => [skeletonsOf(other)[way], other])));
  return some.flatMap((one) => {
    const skeletons = skeletonsOf(one);
    const other = known[0]?.get(skeletons[0]) ?? known[1]?.get(skeletons[1]);
    return other === undefined ? [] : [[one, other] as const];
  });
}

function scriptsOf(text: string): readonly string[] | undefined {
  const others = scriptsNeeded(text).filter((script) => script !== 'Latin');
  return others.length <= 1 || isFamily(others) ? others : undefined;
}

/** The scripts of the letters that belong to one alone. `?`: one that is not known here, by its letter. */
function scriptsNeeded(text: string): readonly string[] {
  const found = new Set<string>();
  for (const letter of text.normalize('NFKC').match(/\p{L}/gu) ?? []) {
    const scripts = OF_SCRIPT.filter(({ pattern }) => pattern.test(letter)).map(({ script }) => script);
    if (scripts.length <= 1) found.add(scripts[0] ?? '?');
  }
  return [...found];
}

function isFamily(scripts: readonly string[]): boolean {
  return FAMILIES.some((family) => scripts.every((script) => family.includes(script)));
}
