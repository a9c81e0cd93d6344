import type { PolicyChange } from '../../contracts/policy';
import type { PolicyContents, PolicyVersion } from '../../contracts/policyKinds';

type Compared = Pick<PolicyVersion, 'basis'> & Partial<PolicyContents>;

/**
 * What differs between two versions of a kind, by path, in the order of the new one; a span of time is one
 * value, a level that only one of them has is one too. Without an old version everything is new.
 */
export function differencesOf(old: Compared | undefined, next: Compared): readonly PolicyChange[] {
  return compare('', old && partsOf(old), partsOf(next));
}

/** What people decide of a version: not its number, nor its date. */
function partsOf({ basis, ladders, timings }: Compared): object {
  return { basis, ...(ladders && { ladders }), ...(timings && { timings }) };
}

function compare(path: string, old: unknown, next: unknown): readonly PolicyChange[] {
  if (!isBranch(old) || !isBranch(next)) return same(old, next) ? [] : [{ path, old: old ?? null, new: next ?? null }];
  const names = [...new Set([...Object.keys(next), ...Object.keys(old)])];
  return names.flatMap((name) => compare(path === '' ? name : `${path}.${name}`, memberOf(old, name), memberOf(next, name)));
}

type Branch = Readonly<Record<string, unknown>>;

/** An object or list whose members are compared one by one; durations and lists of plain values are values. */
function isBranch(value: unknown): value is Branch {
  if (typeof value !== 'object' || value === null || 'kind' in value) return false;
  return !Array.isArray(value) || value.some((item) => typeof item === 'object');
}

const memberOf = (branch: Branch, name: string): unknown => (Object.hasOwn(branch, name) ? branch[name] : undefined);

/** Plain values, durations, and lists of plain values; members of a duration come in any order. */
function same(old: unknown, next: unknown): boolean {
  return textOf(old) === textOf(next);
}

function textOf(value: unknown): string {
  // undefined has no JSON; null is what a missing value is shown as.
  return JSON.stringify(value ?? null, (_name, member: unknown) => (isPlainObject(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member));
}

const isPlainObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
