import { DAY_MS, dayNumberOf } from '../time/zone';
import { instantOf } from '../../contracts/instant';

/** A cell's value, or what is wrong with it and what to do. */
export type Cell<T> = { readonly value: T } | { readonly wrong: string };

/** Nothing of a clinical trial lies outside; a slip of the finger does. */
const [FIRST_DAY, LAST_DAY] = ['1950-01-01', '2199-12-31'];

/** A day as `2026-03-02`; every other form is read differently by different people. */
export function dayCell(text: string): Cell<string> {
  if (/^\d{4}-\d{2}-\d{2}$/u.test(text)) {
    if (text < FIRST_DAY || text > LAST_DAY) return { wrong: `a day from ${FIRST_DAY} to ${LAST_DAY}` };
    return instantOf(dayNumberOf(text) * DAY_MS).startsWith(text) ? { value: text } : { wrong: 'there is no such day' };
  }
  if (/^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$/u.test(text)) return { wrong: `write it as 2026-03-02: ${text} is read differently in different countries` };
  if (/^\d{5}(\.\d+)?$/u.test(text)) return { wrong: 'the number that a spreadsheet keeps for a day: format the column as 2026-03-02 before exporting it' };
  return { wrong: 'a day like 2026-03-02' };
}

/** One of a list of words, however it is spelt: `Plan review`, `plan-review`. */
export function choiceCell<T extends string>(text: string, options: readonly T[]): Cell<T> {
  const word = text.toLowerCase().replaceAll(/[\s-]+/gu, '_');
  const value = options.find((option) => option === word);
  return value === undefined ? { wrong: `one of ${options.join(', ')}` } : { value };
}

/** Likelihood and impact, `4x5`. */
export function riskCell(text: string): Cell<{ readonly likelihood: number; readonly impact: number }> {
  const [, likelihood, impact] = /^([1-5])\s*[x×*]\s*([1-5])$/u.exec(text.toLowerCase()) ?? [];
  return likelihood === undefined || impact === undefined ? { wrong: 'likelihood x impact, each 1 to 5, e.g. 4x5' } : { value: { likelihood: Number(likelihood), impact: Number(impact) } };
}

export function wholeCell(text: string, { min, max }: { readonly min: number; readonly max: number }): Cell<number> {
  const value = Number(text);
  return /^\d{1,9}$/u.test(text) && value >= min && value <= max ? { value } : { wrong: `a whole number from ${String(min)} to ${String(max)}` };
}

export function yesNoCell(text: string): Cell<'yes' | 'no'> {
  const word = text.toLowerCase();
  if (word === 'yes' || word === 'y') return { value: 'yes' };
  return word === 'no' || word === 'n' ? { value: 'no' } : { wrong: 'yes or no' };
}

/** `none: why none is needed`, or a word of `options` with what is to be said of it. */
export function saidCell<T extends string>(text: string, options: readonly T[]): Cell<{ readonly word: T; readonly detail: string }> {
  const [, word = '', detail = ''] = /^([a-z ]+?)\s*(?::\s*(.*))?$/isu.exec(text) ?? [];
  const found = options.find((option) => option === word.trim().toLowerCase());
  return found === undefined ? { wrong: `${options.join(' or ')}, then a colon and what was found` } : { value: { word: found, detail: detail.trim() } };
}

/** Lines of a cell, apart by line breaks or `;`; parts of a line, apart by `|`. */
export function cellLines(text: string): readonly (readonly string[])[] {
  return text.split(/[\r\n;]+/u).filter((line) => line.trim() !== '').map((line) => line.split('|').map((part) => part.trim()));
}
