import { existsSync, readFileSync } from 'node:fs';

const LONGEST = 300;
/** Lines that say where, not what. */
const NOISE = /^\s*at |^Node\.js v|^\s*[\]}]?\s*$|^\s*\^+\s*$/;

/** The last line of a log that says something, shortened; of a structured line, its message and error. */
export function lastWords(file: string): string {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  const last = lines.filter((line) => !NOISE.test(line)).at(-1);
  return last === undefined ? 'it said nothing' : worded(last).slice(0, LONGEST);
}

function worded(line: string): string {
  try {
    const { msg, err } = JSON.parse(line) as { msg?: unknown; err?: { message?: unknown } };
    return [msg, err?.message].filter((part) => typeof part === 'string').join(': ') || line;
  } catch {
    return line;
  }
}
