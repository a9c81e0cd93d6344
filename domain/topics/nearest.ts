/** At most so many letters away is taken for a slip. */
const SLIP = 3;
const SHOWN = 3;

/** Insertions, deletions, replacements and exchanges of neighbours that turn one word into the other. */
export function distance(one: string, other: string): number {
  const rows = Array.from({ length: one.length + 1 }, (_, i) => Array.from({ length: other.length + 1 }, (_unused, j) => (i === 0 ? j : j === 0 ? i : 0)));
  const at = (i: number, j: number): number => rows[i]?.[j] ?? 0;
  for (let i = 1; i <= one.length; i += 1) {
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1] === other[j - 1];
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1] ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY;
      const row = rows[i];
      if (row) row[j] = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + (same ? 0 : 1), swapped);
    }
  }
  return at(one.length, other.length);
}

/** The known words that were probably meant, nearest first; none when nothing is near. */
export function nearest(word: string, known: readonly string[]): readonly string[] {
  const near = known
    .map((name) => ({ name, far: distance(word, name) }))
    .filter(({ name, far }) => far <= Math.min(SLIP, Math.ceil(Math.max(word.length, name.length) / 2)))
    .toSorted((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1));
  const best = near[0]?.far ?? 0;
  return near.filter(({ far }) => far <= best + 1).slice(0, SHOWN).map(({ name }) => name);
}

/** What is said of a topic that the organisations do not have. */
export function unknownTopic(topic: string, known: readonly string[]): { readonly message: string; readonly nearest: readonly string[] } {
  const near = nearest(topic, known);
  const meant = near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`;
  return { message: `${topic} is no topic of these organisations${meant} (GET /api/v1/topics)`, nearest: near };
}

/** Topics that a policy's key was probably meant to be, nearest first: a policy is named as its authors like, so that only a slip of the pen is one. */
export function slipOf(key: string, known: readonly string[]): readonly string[] {
  return known.includes(key) ? [] : nearest(key, known).filter((topic) => distance(key, topic) <= (key.length > 5 ? 2 : 1));
}
