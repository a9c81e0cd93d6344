/**
 * Why a payload was refused. `plain`: not encrypted; `foreign`: sealed for another run; `altered`: cut, changed, or sealed
 * with other key bytes; `unknown_key`: sealed with a key that the ring does not hold.
 */
export type RefusedBecause = 'plain' | 'foreign' | 'altered' | 'unknown_key';

/**
 * What the codec hands on in place of a payload that nobody with the key ring sealed for this run. A value and no error:
 * an error would fail the task that carries it, again and again, and so stop an honest run.
 */
export interface RefusedPayload {
  readonly refusedPayload: RefusedBecause;
}

/** Why the first refused one of these values was refused, in words; undefined when none was. */
export function refusedIn(values: readonly unknown[]): string | undefined {
  const refused = values.find(isRefused);
  return refused && IN_WORDS[refused.refusedPayload];
}

const IN_WORDS: Readonly<Record<RefusedBecause, string>> = {
  plain: 'it was not encrypted with the key ring', foreign: 'it was made for another run', altered: 'it was changed, or made with another key ring',
  unknown_key: 'it was made with a key that the key ring does not hold',
};

function isRefused(value: unknown): value is RefusedPayload {
  return typeof value === 'object' && value !== null && 'refusedPayload' in value;
}
