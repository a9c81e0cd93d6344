import type { Fact, Json } from '../../contracts/step';
import { idSegment, pathOf } from './paths';

/** One difference between two versions of a content. `old` absent: there was nothing; `new` absent: it is gone. */
export interface ContentChange {
  /** Where, as domain/audit/paths.ts writes it. */
  readonly path: string;
  readonly old?: Json;
  readonly new?: Json;
  /** The items of the list at `path` stand in another order; `old` and `new` are their ids. */
  readonly reordered?: true;
}

export type Content = { readonly [key: string]: Json };

/**
 * What differs, leaf by leaf: a text whole, a list whose items have ids item by item, any other list by position, whatever
 * appears or vanishes as one. Applied in this order to `before` (rebuild.ts) the changes give `after` to the letter.
 */
export function changesBetween(before: Content, after: Content): readonly ContentChange[] {
  return ofObjects([], before, after);
}

/** The changes as entries of the trail. */
export function changeFacts(changes: readonly ContentChange[]): readonly Fact[] {
  return changes.map(({ path, reordered, ...values }) => ({ action: reordered ? 'content.reordered' : 'content.changed', field: path, ...values }));
}

function between(at: readonly string[], old: Json, value: Json): readonly ContentChange[] {
  if (isList(old) && isList(value)) return hasIds([...old, ...value]) && isUnique(old) && isUnique(value) ? ofItems(at, old, value) : ofPositions(at, old, value);
  if (isObject(old) && isObject(value)) return ofObjects(at, old, value);
  return old === value ? [] : [{ path: pathOf(at), old, new: value }];
}

function ofObjects(at: readonly string[], before: Content, after: Content): readonly ContentChange[] {
  // In one order, whatever order a store gives the members.
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return keys.flatMap((key) => ofPlace([...at, key], own(before, key), own(after, key)));
}

function ofPlace(at: readonly string[], old: Json | undefined, value: Json | undefined): readonly ContentChange[] {
  if (old === undefined) return value === undefined ? [] : [{ path: pathOf(at), new: value }];
  return value === undefined ? [{ path: pathOf(at), old }] : between(at, old, value);
}

/** From the last one back, so that no earlier one changes its place meanwhile. */
function ofPositions(at: readonly string[], before: readonly Json[], after: readonly Json[]): readonly ContentChange[] {
  const kept = after.slice(0, before.length).flatMap((value, index) => between([...at, String(index)], before[index] ?? null, value));
  const gone = before.slice(after.length).map((old, index): ContentChange => ({ path: pathOf([...at, String(after.length + index)]), old }));
  const come = after.slice(before.length).map((value, index): ContentChange => ({ path: pathOf([...at, String(before.length + index)]), new: value }));
  return [...kept, ...gone.toReversed(), ...come];
}

function ofItems(at: readonly string[], before: readonly Item[], after: readonly Item[]): readonly ContentChange[] {
  const old = new Map(before.map((item) => [item.id, item]));
  const now = new Map(after.map((item) => [item.id, item]));
  const changes = [...new Set([...old.keys(), ...now.keys()])].flatMap((id) => ofPlace([...at, idSegment(id)], old.get(id), now.get(id)));
  // What is gone vanishes, what is new stands at the end: only another order needs saying.
  const follows = [...old.keys()].filter((id) => now.has(id)).concat([...now.keys()].filter((id) => !old.has(id)));
  const wanted = [...now.keys()];
  return follows.every((id, index) => id === wanted[index]) ? changes : [...changes, { path: pathOf(at), old: follows, new: wanted, reordered: true }];
}

type Item = Content & { readonly id: string };
const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const isObject = (value: Json): value is Content => typeof value === 'object' && value !== null && !isList(value);
const hasIds = (items: readonly Json[]): items is readonly Item[] => items.every((item) => isObject(item) && typeof own(item, 'id') === 'string');
const isUnique = (items: readonly Json[]): items is readonly Item[] => new Set((items as readonly Item[]).map(({ id }) => id)).size === items.length;

/** A property that JSON would write; names like `constructor` are none of the prototype's here. */
function own(value: Content, key: string): Json | undefined {
  return Object.hasOwn(value, key) ? value[key] : undefined;
}
