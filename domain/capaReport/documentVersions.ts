import type { Block, Cell, Line } from '../../contracts/document';
import type { ContentChange } from '../audit/changes';
import type { Shown } from './documentCapa';
import { leavesOf, type ReportedVersion } from './versions';
import { facts, heading, plain, quiet, sentence, strong, table, utc, words, type Names } from './wording';

/** Every version of what the CAPA says: who wrote it, why, and what it changed; those that were decided on as a whole. */
export function versions({ report: { versions: all }, names }: Shown): readonly Block[] {
  const rows = all.map((version): readonly Cell[] => [
    [strong(String(version.version)), quiet(utc(version.at))],
    [plain(version.by.kind === 'person' ? version.by.name : `the product: ${version.by.name}`), ...(version.by.kind === 'person' ? [quiet(words(version.by.role))] : []), ...version.acts.map((act) => quiet(act)), ...(version.reason === null ? [] : [plain(`reason: ${version.reason}`)])],
    version.missing === null ? changed(version.changes, names, 'the first version') : [strong(version.missing)],
  ]);
  return [
    heading(2, 'Versions'),
    sentence('Each is rebuilt from the audit trail below. What stood in a version is what stood in the one before it, with these changes.'),
    table([['Revision', 16], ['By', 26], ['Changed', 58]], rows, 'The trail holds no version.'),
    ...all.filter(({ content }) => content !== null).flatMap((version) => decided(version, names)),
  ];
}

function decided({ version, decidedBy, content }: ReportedVersion, names: Names): readonly Block[] {
  const what = decidedBy === 'work.returned' ? 'as it was returned' : 'as its iteration ended';
  return [heading(3, `Version ${String(version)}, ${what}`), table([['Where', 34], ['What stood there', 66]], leavesOf(content ?? {}).map(({ path, value }) => [path, names.value(value)]), 'Nothing.')];
}

/** What signatures covered that is not so any more: as it was signed, and how it differs now. */
export function signedBefore({ report: { signatures }, names }: Shown): readonly Block[] {
  const older = signatures.filter(({ standing }) => standing !== 'this_version');
  const contents = [...new Map(older.map((signature) => [signature.contentHash, signature])).values()];
  return contents.flatMap(({ subject, version, content, since, contentHash }): readonly Block[] => [
    heading(3, `As signed: ${words(subject)}, version ${String(version)}`),
    facts(['Signed by', older.filter((one) => one.contentHash === contentHash).map(({ printedName }) => printedName).join('\n')]),
    table([['Where', 34], ['What was signed', 66]], leavesOf(content).map(({ path, value }) => [path, names.value(value)]), 'Nothing.'),
    since === null ? sentence('That part is not there any more.') : table([['What has changed since', 100]], [[changed(since, names, 'nothing but the number of its version')]], ''),
  ]);
}

function changed(changes: readonly ContentChange[], names: Names, none: string): readonly Line[] {
  if (changes.length === 0) return [quiet(none)];
  return changes.flatMap(({ path, old, new: value }) => [strong(path), plain(`${names.value(old)} → ${names.value(value)}`)]);
}
