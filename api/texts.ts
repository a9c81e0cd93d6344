import type { FieldError } from '../contracts/failures';
import { HALF, textFault } from '../contracts/texts';

/** So many show what is wrong. */
const MOST_FAULTS = 20;

/** The texts of a request that no field takes, each by its path; `part` where there is none. Names of members are texts, too. */
export function faultsOfTexts(value: unknown, part: string): FieldError[] {
  const faults: FieldError[] = [];
  const say = (path: readonly string[], text: string): void => {
    const message = textFault(text);
    // A path that is itself at fault is shown as far as it can be.
    if (message !== undefined) faults.push({ field: path.join('.').replaceAll(new RegExp(HALF, 'gu'), '\ufffd').slice(0, 200) || part, message });
  };
  // No recursion: a body may be nested deeper than a stack.
  const left: { readonly path: readonly string[]; readonly value: unknown }[] = [{ path: [], value }];
  for (let next = left.pop(); next && faults.length < MOST_FAULTS; next = left.pop()) {
    const { path } = next;
    if (typeof next.value === 'string') say(path, next.value);
    if (typeof next.value !== 'object' || next.value === null) continue;
    for (const [name, member] of Object.entries(next.value)) {
      if (!Array.isArray(next.value)) say([...path, name], name);
      // Deeper than this no request goes; its schema refuses it.
      if (path.length < 30) left.push({ path: [...path, name], value: member });
    }
  }
  return faults;
}
