import type { AuditActor, AuditEntry } from '../../contracts/audit';
import type { Instant } from '../../contracts/instant';
import type { Content, ContentChange } from './changes';
import { changed } from './rebuild';

/** A record's content as of one revision that changed it. */
export interface ContentVersion {
  /** The revision; the version of an administered thing. */
  readonly version: number;
  readonly at: Instant;
  readonly by: AuditActor;
  /** null: none was given. */
  readonly reason: string | null;
  /** What was done: actions of the revision's other entries. */
  readonly acts: readonly string[];
  /** Against the version before it; empty for the first. */
  readonly changes: readonly ContentChange[];
  /** null: the trail does not hold it, see `missing`. */
  readonly content: Content | null;
  readonly missing: string | null;
}

/** Said of revisions of releases that kept no content in the trail. */
export const NOT_KEPT = 'written by a release that kept no content in the trail';

/** The system actor of what no step did: what a release found, and what its shape of the state changes. */
export const RELEASE = 'release';
const CHANGES = ['content.changed', 'content.reordered'];
const isContent = ({ action }: AuditEntry): boolean => action.startsWith('content.');

/**
 * Every version of a record's content, oldest first, rebuilt from its trail alone: no record is looked at. Revisions that changed no
 * content are no versions. Where the trail holds no content, or does not fit together, the version says so and has none.
 */
export function contentVersions(entries: readonly AuditEntry[]): readonly ContentVersion[] {
  const versions: ContentVersion[] = [];
  let state: Reading = { born: {}, content: null, missing: NOT_KEPT };
  for (const group of byRevision(entries)) {
    const [first] = group;
    if (!first || !(group.some(isContent) || WRITTEN.some((action) => group.some((entry) => entry.action === action)))) continue;
    state = group.filter(isContent).reduce(read, state);
    const own = group.find(({ actor }) => actor.kind === 'person' || actor.name !== RELEASE) ?? first;
    versions.push({
      version: first.rev ?? 0, at: first.at, by: own.actor, reason: group.find(({ reason }) => reason !== undefined)?.reason ?? null,
      acts: [...new Set(group.filter((entry) => !isContent(entry) && !entry.action.startsWith('deadline.')).map(({ action }) => action))],
      changes: group.filter(({ action }) => CHANGES.includes(action)).map(changeOf), content: state.content && { ...state.born, ...state.content }, missing: state.missing,
    });
  }
  return versions;
}

/** Facts of earlier releases that changed content without holding it. */
const WRITTEN = ['section.written', 'plan.revised'];

interface Reading {
  /** What is stored beside the state, once. */
  readonly born: Content;
  readonly content: Content | null;
  readonly missing: string | null;
}

function read(reading: Reading, entry: AuditEntry): Reading {
  const { action, detail } = entry;
  if (action === 'content.recorded') {
    const held = (detail as { readonly content?: Content } | undefined)?.content;
    return { born: (entry.new ?? {}) as Content, content: held ?? null, missing: held ? null : NOT_KEPT };
  }
  if (action === 'content.restated') return { ...reading, content: (entry.new ?? {}) as Content, missing: null };
  if (!reading.content) return reading;
  try {
    return { ...reading, content: changed(reading.content, changeOf(entry)) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { ...reading, content: null, missing: `seq ${String(entry.seq)} does not fit: ${error.message}` };
  }
}

function changeOf({ action, field = '', ...entry }: AuditEntry): ContentChange {
  return { path: field, ...(entry.old !== undefined && { old: entry.old }), ...(entry.new !== undefined && { new: entry.new }), ...(action === 'content.reordered' && { reordered: true }) };
}

/** Entries of one revision stand together. */
export function byRevision(entries: readonly AuditEntry[]): readonly (readonly AuditEntry[])[] {
  const groups: AuditEntry[][] = [];
  for (const entry of entries) {
    const last = groups.at(-1);
    if (last?.[0]?.rev === entry.rev && last) last.push(entry);
    else groups.push([entry]);
  }
  return groups;
}
