import type { AuditEntry } from '../../contracts/audit';
import type { Signable } from '../../contracts/signature';
import type { Json } from '../../contracts/step';
import { changesBetween, type Content, type ContentChange } from '../audit/changes';
import { contentVersions, type ContentVersion } from '../audit/versions';

/** A version in the report. Its content is given where somebody decided on it; the others are rebuilt from the trail that the report holds. */
export interface ReportedVersion extends Omit<ContentVersion, 'content'> {
  /** The act that decided on this version: it was returned, or an iteration ended with it. */
  readonly decidedBy: 'work.returned' | 'iteration.begun' | null;
  readonly content: Content | null;
}

/** Every version of what the CAPA says, of the entries that may be read. */
export function reportedVersions(entries: readonly AuditEntry[]): readonly ReportedVersion[] {
  const versions = contentVersions(entries);
  return versions.map(({ content, ...version }, index) => {
    const decidedBy = decisionOn(versions[index + 1]);
    return { ...version, decidedBy, content: decidedBy === null ? null : content };
  });
}

function decisionOn(next: ContentVersion | undefined): ReportedVersion['decidedBy'] {
  if (next?.acts.includes('work.returned')) return 'work.returned';
  return next?.changes.some(({ path }) => path === 'iteration') ? 'iteration.begun' : null;
}

/** How what a signature covered differs from what stands there now; null: that part is not there any more. */
export function sinceSigned({ content }: { readonly content: Json }, now: Signable | undefined): readonly ContentChange[] | null {
  return now ? changesBetween({ signed: content }, { signed: now.content }).map((change) => ({ ...change, path: change.path.replace(/^signed\/?/u, '') })) : null;
}

/** A content as leaves, by their paths, for paper. */
export function leavesOf(content: Json): readonly { readonly path: string; readonly value: Json }[] {
  const visit = (path: string, value: Json): readonly { readonly path: string; readonly value: Json }[] => {
    if (typeof value !== 'object' || value === null) return [{ path, value }];
    const entries = Object.entries(value as Readonly<Record<string, Json>>);
    return entries.length === 0 ? [{ path, value }] : entries.flatMap(([key, held]) => visit(path === '' ? key : `${path}/${key}`, held));
  };
  return visit('', content);
}
