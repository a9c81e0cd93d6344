/** Before the id of an item of a list; its position stands alone. */
const ID = 'id:';

/** A place in a content: keys, positions (`2`) and ids of items (`id:c1`), apart by `/`; `~1` and `~0` stand for `/` and `~` (as in RFC 6901). */
export function pathOf(segments: readonly string[]): string {
  return segments.map((segment) => segment.replaceAll('~', '~0').replaceAll('/', '~1')).join('/');
}

/** The segments of a path; at least one. */
export function segmentsOf(path: string): readonly string[] {
  return path.split('/').map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The segment of a list's item that has an id. */
export const idSegment = (id: string): string => `${ID}${id}`;

/** The id that a segment names in a list; undefined: it is a position. */
export function idOf(segment: string): string | undefined {
  return segment.startsWith(ID) ? segment.slice(ID.length) : undefined;
}
