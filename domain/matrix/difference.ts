import type { MatrixRow } from '../../contracts/matrix';
import type { Json } from '../../contracts/step';
import { fixedForm, ordered } from './row';

/** One thing in which two versions of a row differ; null: not there. */
export interface RowChange {
  /** A field of the row, or `contacts/<organisation>/<level>`. */
  readonly field: string;
  readonly old: Json;
  readonly new: Json;
}

/** What changes when `after` takes the place of `before` (undefined: there is no version yet), contacts level by level. Empty: nothing. */
export function rowDifference(before: MatrixRow | undefined, after: MatrixRow): readonly RowChange[] {
  const [old, next] = [before ? partsOf(before) : new Map<string, Json>(), partsOf(after)];
  const fields = [...new Set([...old.keys(), ...next.keys()])];
  return fields
    .map((field) => ({ field, old: old.get(field) ?? null, new: next.get(field) ?? null }))
    .filter((change) => JSON.stringify(change.old) !== JSON.stringify(change.new));
}

/** The row's parts by name, in a fixed order. */
function partsOf(row: MatrixRow): ReadonlyMap<string, Json> {
  const { contacts, ...rest } = fixedForm(row);
  const parts = new Map<string, Json>(Object.entries(ordered(rest) as Record<string, Json>));
  for (const { organisationId, level, ...contact } of contacts) {
    const field = `contacts/${organisationId}/${String(level)}`;
    const known = parts.get(field);
    parts.set(field, [...(Array.isArray(known) ? (known as Json[]) : []), ordered(contact) as Json]);
  }
  return parts;
}
