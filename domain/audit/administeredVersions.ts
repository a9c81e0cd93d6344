import type { AuditEntry } from '../../contracts/audit';
import { changesBetween, type Content, type ContentChange } from './changes';
import { changed } from './rebuild';
import type { AdministrativeStream } from './streams';
import { byRevision, NOT_KEPT, type ContentVersion } from './versions';

/** What an administered thing said as of one of its versions. */
export interface AdministeredVersion extends ContentVersion {
  /** Fields that changed and whose values no trail holds: passwords, second factors, signing secrets. */
  readonly undisclosed: readonly string[];
}

interface Reading {
  readonly content: Content | null;
  readonly missing: string | null;
}

/**
 * Every version of an administered thing, oldest first, rebuilt from its trail alone. A version is a revision that left an entry of
 * content: the creation, a change, a version that was added as a whole. Where the trail does not hold it, it says so and has none.
 */
export function administeredVersions(kind: AdministrativeStream, entries: readonly AuditEntry[]): readonly AdministeredVersion[] {
  const versions: AdministeredVersion[] = [];
  let reading: Reading = { content: null, missing: NOT_KEPT };
  for (const group of byRevision(entries)) {
    const content = group.filter((entry) => tellsContent(kind, entry));
    const [first] = content;
    if (!first) continue;
    const before = reading.content;
    reading = read(reading, kind, content);
    versions.push({
      version: first.rev ?? first.seq, at: first.at, by: first.actor, reason: content.find(({ reason }) => reason !== undefined)?.reason ?? null,
      acts: [...new Set(group.map(({ action }) => action))],
      changes: before && reading.content ? changesBetween(before, reading.content) : content.filter((entry) => isChange(kind, entry) && isDisclosed(entry)).flatMap(changeOf),
      content: reading.content, missing: reading.missing, undisclosed: content.filter((entry) => isChange(kind, entry) && !isDisclosed(entry)).flatMap(({ field }) => field ?? []),
    });
  }
  return versions;
}

const isOpening = (kind: AdministrativeStream, { action }: AuditEntry): boolean => action === `${kind}.created` || action === `${kind}.stored`;
const isVersion = (kind: AdministrativeStream, { action }: AuditEntry): boolean => action === `${kind}.version_added`;
const isChange = (kind: AdministrativeStream, { action, field }: AuditEntry): boolean => field !== undefined && ['changed', 'deactivated', 'reactivated'].some((what) => action === `${kind}.${what}`);
const isDisclosed = ({ old, new: now }: AuditEntry): boolean => old !== undefined || now !== undefined;
const tellsContent = (kind: AdministrativeStream, entry: AuditEntry): boolean => isOpening(kind, entry) || isVersion(kind, entry) || isChange(kind, entry);

function read(reading: Reading, kind: AdministrativeStream, group: readonly AuditEntry[]): Reading {
  const opening = group.find((entry) => isOpening(kind, entry));
  // Whatever is created counts until somebody ends it; a file does not end.
  if (opening) return heldOf(opening.detail === undefined ? undefined : { ...(opening.detail as Content), ...(opening.action.endsWith('.created') && { active: true }) });
  const whole = group.find((entry) => isVersion(kind, entry));
  // The changes beside it are against the version before it.
  if (whole) return heldOf(whole.new as Content | undefined);
  return group.filter(isDisclosed).reduce(changedBy, reading);
}

const heldOf = (content: Content | undefined): Reading => (content === undefined ? { content: null, missing: NOT_KEPT } : { content, missing: null });

function changedBy(reading: Reading, entry: AuditEntry): Reading {
  const [change] = changeOf(entry);
  if (!reading.content || !change) return reading;
  try {
    return { ...reading, content: changed(withDefault(reading.content, change), change) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { content: null, missing: `seq ${String(entry.seq)} does not fit: ${error.message}` };
  }
}

/** Creations of earlier releases left out what nobody had given: the first change says what the store held there. */
function withDefault(content: Content, { path, old }: ContentChange): Content {
  return old === undefined || path.includes('/') || Object.hasOwn(content, path) ? content : { ...content, [path]: old };
}

function changeOf({ field, old, new: now, detail }: AuditEntry): readonly ContentChange[] {
  if (field === undefined) return [];
  const { reordered } = (detail ?? {}) as { readonly reordered?: unknown };
  return [{ path: field, ...(old !== undefined && { old }), ...(now !== undefined && { new: now }), ...(reordered === true && { reordered: true as const }) }];
}
