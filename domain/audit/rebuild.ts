import type { Json } from '../../contracts/step';
import { canonicalText } from './chain';
import type { Content, ContentChange } from './changes';
import { idOf, segmentsOf } from './paths';

/**
 * The content after a change. Throws RangeError when the change does not fit: its place is not there, or something else
 * stands there than it says.
 */
export function changed(content: Content, change: ContentChange): Content {
  return place(content, segmentsOf(change.path), change) as Content;
}

/** The content after all of them, in order. Throws as `changed` does. */
export function replayed(content: Content, changes: readonly ContentChange[]): Content {
  return changes.reduce(changed, content);
}

function place(value: Json, segments: readonly string[], change: ContentChange): Json {
  const [segment = '', ...rest] = segments;
  if (Array.isArray(value)) return inList(value as readonly Json[], { segment, rest }, change);
  if (typeof value !== 'object' || value === null) throw misfit(change, 'there is nothing that could hold it');
  const held = value as Content;
  const next = after(Object.hasOwn(held, segment) ? held[segment] : undefined, rest, change);
  const others = Object.entries(held).filter(([key]) => key !== segment);
  return Object.fromEntries(next === undefined ? others : [...others, [segment, next]]);
}

function inList(items: readonly Json[], { segment, rest }: { readonly segment: string; readonly rest: readonly string[] }, change: ContentChange): Json {
  const id = idOf(segment);
  const index = id === undefined ? Number(segment) : items.findIndex((item) => idIn(item) === id);
  const known = index >= 0 && index < items.length;
  if (!known && id === undefined && index !== items.length) throw misfit(change, 'the list has no such place');
  const next = after(known ? items[index] : undefined, rest, change);
  if (!known) return next === undefined ? items : [...items, next];
  return next === undefined ? items.toSpliced(index, 1) : items.with(index, next);
}

/** What stands at a place afterwards; undefined: nothing. */
function after(held: Json | undefined, rest: readonly string[], change: ContentChange): Json | undefined {
  if (rest.length > 0) {
    if (held === undefined) throw misfit(change, 'its place is not there');
    return place(held, rest, change);
  }
  if (change.reordered) return ordered(held, change);
  if (held === undefined ? change.old !== undefined : change.old === undefined || canonicalText(held) !== canonicalText(change.old)) throw misfit(change, 'something else stands there');
  return change.new;
}

function ordered(held: Json | undefined, change: ContentChange): Json {
  const items = Array.isArray(held) ? (held as readonly Json[]) : [];
  const ids = Array.isArray(change.new) ? (change.new as readonly Json[]) : [];
  const sorted = ids.map((id) => items.find((item) => idIn(item) === id));
  if (sorted.length !== items.length || sorted.includes(undefined)) throw misfit(change, 'the list has other items');
  return sorted as readonly Json[];
}

function idIn(item: Json): Json | undefined {
  return typeof item === 'object' && item !== null && !Array.isArray(item) ? (item as Content)['id'] : undefined;
}

function misfit({ path }: ContentChange, why: string): RangeError {
  return new RangeError(`a change of ${path} does not fit what was there: ${why}`);
}
