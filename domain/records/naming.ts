/** Fields that name a record, or an audit finding, to which something is linked. */
const RECORDS: ReadonlySet<string> = new Set(['recordId', 'capaId', 'issueId']);
/** Fields that name a file: an earlier version, the first of its line, the one whose link it has. */
const FILES: ReadonlySet<string> = new Set(['replaces', 'lineId', 'inheritedFrom']);
/** What an entry of a trail says something was, and is: of a link, the bare id. */
const VALUES: ReadonlySet<string> = new Set(['old', 'new']);
/** Numbers of records by their ids, as a report keeps them. */
const BY_ID = 'numbers';
const ID = /^[\w-]{1,64}$/u;
/** As the product makes them: no text of a person holds one by chance. */
const LONG_ID_LENGTH = 32;
const REMOVED = '…';

/** What something that is to be shown names beside what it is about. */
export interface Named {
  /** Ids that may be those of records or findings. */
  readonly records: readonly string[];
  readonly files: readonly string[];
}

/** What of that the reader may not know of. */
export interface Unknown {
  readonly ids: ReadonlySet<string>;
  /** Display numbers of the same records. */
  readonly numbers: ReadonlySet<string>;
}

/** What a record, a trail, a history or a list of them names by id. The record that a row is about is none of it: whoever reads the row was shown that. */
export function namedIn(value: unknown): Named {
  const records = new Set<string>();
  const files = new Set<string>();
  const visit = (held: unknown, isRow: boolean): void => {
    if (Array.isArray(held)) {
      for (const one of held) visit(one, isRow);
      return;
    }
    if (!isPlain(held)) return;
    for (const [key, inside] of Object.entries(held)) {
      if (key === BY_ID && isPlain(inside)) for (const id of Object.keys(inside)) records.add(id);
      if (typeof inside !== 'string') visit(inside, isRow && key === 'items');
      else if (!ID.test(inside)) continue;
      else if (FILES.has(key)) files.add(inside);
      else if (VALUES.has(key) || (RECORDS.has(key) && (!isRow || key === 'issueId'))) records.add(inside);
    }
  };
  visit(value, true);
  return { records: [...records], files: [...files] };
}

/**
 * The same without what its reader may not know of: null where an id or a number stands alone, dots where an id is part of a
 * name. An entry of a chain says that something is withheld, since its hash is that of the whole.
 */
export function withoutUnknown<T>(value: T, unknown: Unknown): T {
  if (unknown.ids.size === 0) return value;
  const long = [...unknown.ids].filter((id) => id.length >= LONG_ID_LENGTH);
  const shown = (held: unknown): unknown => {
    if (typeof held === 'string') return unknown.ids.has(held) || unknown.numbers.has(held) ? null : long.reduce((text, id) => text.replaceAll(id, REMOVED), held);
    if (Array.isArray(held)) return held.map(shown);
    if (!isPlain(held)) return held;
    const fields = Object.entries(held).filter(([key]) => !unknown.ids.has(key)).map(([key, inside]) => [key, shown(inside)] as const);
    if (fields.length === Object.keys(held).length && fields.every(([key, inside]) => inside === held[key])) return held;
    return { ...Object.fromEntries(fields), ...('hash' in held && 'prevHash' in held && { withheld: true }) };
  };
  return shown(value) as T;
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
}
