import type { Instant } from '../../contracts/instant';
import type { UncheckedMatrixRow } from '../../contracts/matrix';
import { channelCell, levelCell, topicCell, type Cell } from './cells';
import { COLUMNS, type Column, type Mistake, type TableLine } from './columns';
import { findOrganisation, findStudy, NO_STUDY, organisationsOf, type Directory } from './directory';
import { rowKeyOf } from './row';
import { readRowCells } from './rowCells';

/** A matrix row as a table states it. */
export interface TableRow {
  readonly rowKey: string;
  readonly row: UncheckedMatrixRow;
  readonly effectiveFrom: Instant | null;
  /** Spreadsheet rows of its lines. */
  readonly lines: readonly number[];
  /** Spreadsheet row of each of the row's contacts. */
  readonly contactLines: readonly number[];
  /** Every contact of its study and topic could be read; otherwise what is missing here may stand in a line that could not. */
  readonly whole: boolean;
}

type UncheckedContact = UncheckedMatrixRow['contacts'][number];

/** A line whose place is known: which row it belongs to. */
interface Placed {
  readonly line: TableLine;
  readonly studyId: string | null;
  readonly topic: string;
  readonly organisationId: string;
  readonly other: string | null;
  /** undefined: a cell of the contact is wrong. */
  readonly contact: UncheckedContact | undefined;
}

/** Reads lines into matrix rows and says of every cell that is wrong what is wrong with it; nothing is looked up beyond `directory`. */
export function readTable(lines: readonly TableLine[], { directory, now }: { directory: Directory; now: Instant }): { readonly rows: readonly TableRow[]; readonly mistakes: readonly Mistake[] } {
  const mistakes: Mistake[] = [];
  const placed = lines.flatMap((line) => placedLine(line, { directory, mistakes }));
  const grouped = groupBy(keyed(placed, mistakes), ({ rowKey }) => rowKey);
  const complete = new Set(placed.filter(({ contact }) => contact !== undefined).map(({ line }) => line.row));
  const inPlace = new Set(placed.map(({ line }) => line.row));
  // Where a line belongs that names no study, topic or organisation is anybody's guess: most likely beside its neighbours.
  const near = lines.filter((_, index) => [lines[index - 1], lines[index + 1]].some((neighbour) => neighbour && !inPlace.has(neighbour.row)));
  const spoilt = new Set([...lines.filter(({ row }) => !complete.has(row)), ...near].map(whereabouts));
  const rows = [...grouped].map(([rowKey, members]): TableRow => {
    const whole = members.every(({ placed: { line } }) => !spoilt.has(whereabouts(line)));
    return { ...rowOf(members, { directory, now, mistakes }), rowKey, lines: members.map(({ placed: { line } }) => line.row), contactLines: members.flatMap(({ placed: { line, contact } }) => (contact ? [line.row] : [])), whole };
  });
  return { rows, mistakes: mistakes.toSorted(inOrder) };
}

/** Mistakes as somebody reads the table: row by row, from left to right. */
export function inOrder(one: Mistake, other: Mistake): number {
  return one.row - other.row || placeOf(one.column) - placeOf(other.column);
}

function placeOf(column: Column | null): number {
  return column === null ? -1 : COLUMNS.indexOf(column);
}

const whereabouts = ({ cells }: TableLine): string => `${cells.study}\u0000${cells.topic.toLowerCase()}`;

function placedLine(line: TableLine, { directory, mistakes }: { directory: Directory; mistakes: Mistake[] }): Placed[] {
  const { row, cells } = line;
  const wrong = (column: Column, message: string) => mistakes.push({ row, column, message });
  const read = <T>(column: Column, reader: (text: string) => Cell<T>): T | undefined => {
    const cell = reader(cells[column]);
    if ('value' in cell) return cell.value;
    wrong(column, cell.wrong);
    return undefined;
  };
  const topic = read('topic', topicCell);
  const level = read('level', levelCell);
  const channel = read('channel', channelCell);
  const fallback = cells.fallback === '' ? null : read('fallback', channelCell);
  const studyId = read('study', (text) => studyCell(directory, text));
  for (const column of ['organisation', 'contact'] as const) if (cells[column] === '') wrong(column, 'is empty');
  const among = studyId === undefined ? [] : organisationsOf(directory, studyId);
  const organisationCell = (text: string): Cell<string> => {
    const found = findOrganisation(among, text);
    return 'found' in found ? { value: found.found.id } : { wrong: found.problem === 'unknown' ? 'no such organisation works on this study' : 'several organisations have this name: write its id' };
  };
  // Without the study nothing can be said of who works on it.
  const organisationId = studyId === undefined || cells.organisation === '' ? undefined : read('organisation', organisationCell);
  const other = studyId === undefined || cells.with === '' ? null : read('with', organisationCell);
  const personCell = (text: string): Cell<string> => {
    const person = directory.people.find(({ email, organisationId: theirs }) => theirs === organisationId && email === text.toLowerCase());
    return person ? { value: person.id } : { wrong: 'nobody of this organisation has this address' };
  };
  const personId = organisationId === undefined || cells.contact === '' ? undefined : read('contact', personCell);
  if (cells.deputy === '') wrong('deputy', 'is empty: somebody must stand in');
  const deputyId = organisationId === undefined || cells.deputy === '' ? undefined : read('deputy', personCell);
  if (topic === undefined || studyId === undefined || organisationId === undefined || other === undefined) return [];
  if (other === organisationId) {
    wrong('with', 'names the organisation of the line itself');
    return [];
  }
  const isContact = level !== undefined && channel !== undefined && fallback !== undefined && personId !== undefined && deputyId !== undefined;
  const contact = isContact ? { organisationId, level, personId, deputyId, channel, ...(fallback && { fallback }) } : undefined;
  return [{ line, studyId, topic, organisationId, other, contact }];
}

function studyCell(directory: Directory, text: string): Cell<string | null> {
  if (text === '') return { wrong: `is empty; ${NO_STUDY} for issues without a study` };
  if (text === NO_STUDY) return { value: null };
  const found = findStudy(directory, text);
  if ('found' in found) return { value: found.found.id };
  return { wrong: found.problem === 'unknown' ? 'you work on no study with this code' : 'several studies have this code: write its id' };
}

interface Keyed { readonly rowKey: string; readonly organisationIds: readonly string[]; readonly placed: Placed }

/** Which row each line belongs to: the organisations that it names, or those of its study and topic that name no other. */
function keyed(placed: readonly Placed[], mistakes: Mistake[]): readonly Keyed[] {
  const pools = groupBy(placed.filter(({ other }) => other === null), (line) => rowKeyOf({ ...line, organisationIds: [] }));
  return placed.flatMap((line): Keyed[] => {
    const pool = [...new Set((pools.get(rowKeyOf({ ...line, organisationIds: [] })) ?? []).map(({ organisationId }) => organisationId))];
    if (line.other === null && pool.length > 2) {
      if (pool.indexOf(line.organisationId) >= 2) mistakes.push({ row: line.line.row, column: 'with', message: 'more than two organisations in this study and topic: name the other one of this row' });
      return [];
    }
    const organisationIds = line.other === null ? pool : [line.organisationId, line.other];
    return [{ rowKey: rowKeyOf({ ...line, organisationIds }), organisationIds, placed: line }];
  });
}

function rowOf(members: readonly Keyed[], { directory, now, mistakes }: { directory: Directory; now: Instant; mistakes: Mistake[] }): Pick<TableRow, 'row' | 'effectiveFrom'> {
  const [first] = members;
  const { studyId = null, topic = '*' } = first?.placed ?? {};
  const { effectiveFrom, ...fields } = readRowCells(members.map(({ placed }) => placed.line), { among: organisationsOf(directory, studyId), now, mistakes });
  const contacts = members.flatMap(({ placed: { contact } }) => (contact ? [contact] : []));
  return { row: { studyId, topic, organisationIds: [...(first?.organisationIds ?? [])], ...fields, contacts }, effectiveFrom };
}

/** Groups in the order in which they first appear. */
function groupBy<T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
}
