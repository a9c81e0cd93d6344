interface Named { readonly id: string }
/** Found, or why not. */
export type Found<T> = { readonly found: T } | { readonly problem: 'unknown' | 'ambiguous' };

/** Finds by id, or by a name that only one bears, whatever its case. */
export function findNamed<T extends Named>(all: readonly T[], { text, nameOf }: { text: string; nameOf: (one: T) => string }): Found<T> {
  const byId = all.find(({ id }) => id === text);
  if (byId) return { found: byId };
  const wanted = text.toLowerCase();
  const [first, second] = all.filter((one) => nameOf(one).trim().toLowerCase() === wanted);
  if (!first) return { problem: 'unknown' };
  return second ? { problem: 'ambiguous' } : { found: first };
}
