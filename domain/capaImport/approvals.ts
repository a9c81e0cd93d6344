import type { ElsewhereApproval, ElsewhereSubject } from '../../contracts/capaImport';
import { findNamed } from '../tables/named';
import { cellLines, dayCell } from './cells';
import type { Column } from './columns';
import { nameById, type Place } from './place';
import type { RowCells } from './rowCells';
import type { ImportWorld, KnownPerson } from './world';

export const APPROVAL_COLUMNS: readonly (readonly [ElsewhereSubject, Column])[] = [
  ['plan', 'plan_approvals'], ['not_affected', 'not_affected_approvals'], ['implementation', 'implementation_approvals'], ['effectiveness', 'effectiveness_approvals'],
  ['waiver', 'waiver_approvals'], ['closure', 'closure_approvals'],
];
const FORM = 'name | organisation | role | 2026-03-02 | scan, one line for each approval';
/** Approvals of a gate: whoever owns the CAPA gives none (Q9). */
const GATES: readonly ElsewhereSubject[] = ['plan', 'implementation', 'closure', 'waiver'];

interface Reading {
  readonly cells: RowCells;
  readonly world: ImportWorld;
  readonly place: Place | undefined;
  readonly owner: KnownPerson | undefined;
  readonly openedOn: string | undefined;
  readonly today: string;
}

/** What the line says was approved elsewhere: by whom, when, and what proves it. */
export function approvalsOf(reading: Reading): readonly ElsewhereApproval[] {
  return APPROVAL_COLUMNS.flatMap(([subject, column]) => {
    const approvals = cellLines(reading.cells.raw(column)).flatMap((parts, index) => approvalOf(reading, { subject, column, parts, no: index + 1 }) ?? []);
    const names = approvals.map(({ name }) => name.toLowerCase());
    const twice = approvals.find(({ name }, index) => names.indexOf(name.toLowerCase()) < index);
    if (twice) reading.cells.wrong(column, `${twice.name} stands twice: each approval is of another person`);
    return approvals;
  });
}

function approvalOf(reading: Reading, of: { subject: ElsewhereSubject; column: Column; parts: readonly string[]; no: number }): ElsewhereApproval | undefined {
  const { cells, world, place, owner, openedOn, today } = reading;
  const { subject, column, parts, no } = of;
  const wrong = (message: string): void => { cells.wrong(column, `approval ${String(no)}: ${message}`); };
  const [name = '', organisation = '', role = '', on = '', scan = ''] = parts;
  if (parts.length !== 5 || name === '' || organisation === '') { wrong(FORM); return; }
  if (name.length > 200 || role.length > 100) { wrong('the name or the role is too long'); return; }
  const found = findNamed(world.organisations, { text: organisation, nameOf: (one) => one.name });
  if (!('found' in found)) { wrong(`no organisation that you work with is called ${organisation.slice(0, 80)}`); return; }
  const organisationId = found.found.id;
  if (place && organisationId !== place.raising.id && organisationId !== place.accountable.id) { wrong(`${found.found.name} is neither of the two organisations`); return; }
  const day = dayCell(on);
  if ('wrong' in day) { wrong(day.wrong); return; }
  if (day.value > today) { wrong(`${day.value} lies in the future`); return; }
  if (openedOn !== undefined && day.value < openedOn) { wrong(`${day.value} lies before the opening`); return; }
  if (owner && GATES.includes(subject) && [owner.name.toLowerCase(), owner.email].includes(name.toLowerCase())) { wrong(`${name} owns this CAPA and cannot have approved it`); return; }
  const proof = proofOf(scan, world);
  if ('wrong' in proof) { wrong(proof.wrong); return; }
  return { subject, name, organisationId, role: role === '' ? null : role, on: day.value, ...proof };
}

/** A scan by the name or id under which the importer uploaded it, or where the original is kept. */
function proofOf(scan: string, world: ImportWorld): Pick<ElsewhereApproval, 'evidenceId' | 'reference'> | { readonly wrong: string } {
  if (scan === '') return { wrong: 'has no scan: name a file that you uploaded, or write ref: and where the original is kept' };
  const [, reference] = /^ref:\s*(.{1,300})$/isu.exec(scan) ?? [];
  if (reference !== undefined) return { evidenceId: null, reference: reference.trim() };
  const file = fileOf(scan, world);
  return 'wrong' in file ? file : { evidenceId: file.found, reference: null };
}

/** Evidence of the importer's by id, or by a file name that only one has. */
export function fileOf(text: string, { files }: ImportWorld): { readonly found: string } | { readonly wrong: string } {
  const found = findNamed(files, { text, nameOf: ({ fileName }) => fileName });
  if ('found' in found) return { found: found.found.id };
  return { wrong: found.problem === 'unknown' ? `you have uploaded no file ${text.slice(0, 120)}: upload it first, or write ref: and where the original is kept` : `you have uploaded several files ${text.slice(0, 120)}: write the id of the one that is meant` };
}

/** Whose approval each gate needs: both organisations', unless the sponsor's has stated that it is not affected (Q10). */
export function checkSeats({ cells, world, place }: { readonly cells: RowCells; readonly world: ImportWorld; readonly place: Place }, approvals: readonly ElsewhereApproval[], passed: readonly ElsewhereSubject[]): void {
  const { raising, accountable, sponsorOrganisationId } = place;
  const stated = approvals.some(({ subject }) => subject === 'not_affected');
  const isAffected = sponsorOrganisationId !== null && !stated;
  const both = isAffected ? [...new Set([accountable.id, raising.id])] : [accountable.id];
  const needed: Readonly<Record<ElsewhereSubject, readonly string[]>> = {
    plan: both, implementation: both, closure: both, effectiveness: [], waiver: [isAffected ? sponsorOrganisationId : accountable.id], not_affected: sponsorOrganisationId === null ? [] : [sponsorOrganisationId],
  };
  for (const [subject, column] of APPROVAL_COLUMNS) {
    if (!cells.has(column) || cells.isWrong(column) || !(passed.includes(subject) || subject === 'waiver' || subject === 'not_affected')) continue;
    const lacking = needed[subject].filter((organisationId) => !approvals.some((approval) => approval.subject === subject && approval.organisationId === organisationId));
    if (lacking.length > 0) cells.wrong(column, `nobody of ${lacking.map((id) => nameById(world, id)).join(' and of ')} approved it: say who did, or bring the CAPA in as it was before this approval`);
  }
  if (cells.has('not_affected_approvals') && (sponsorOrganisationId === null || sponsorOrganisationId === accountable.id)) cells.wrong('not_affected_approvals', 'no sponsor is on it to whom this could apply');
}
