import type { OpenCapa } from '../../contracts/capa';
import { IMPORTABLE_STATUSES, type ElsewhereSubject, type ImportableStatus, type ImportedCapa } from '../../contracts/capaImport';
import type { CapaPolicy } from '../../contracts/capaState';
import { ACTION_KINDS, SOURCE_TYPES } from '../../contracts/capaWords';
import { actionsOf } from './actions';
import { approvalsOf, checkSeats, fileOf } from './approvals';
import { extensionsOf, statedDue } from './due';
import { cellLines, choiceCell, dayCell, riskCell, saidCell } from './cells';
import { ALWAYS, NEEDED_FROM, SAID_FROM, WAIVED, type Column, type ImportLine, type Mistake } from './columns';
import { containmentOf, effectivenessOf, extentOf, resultOf, rootCauseOf, seriousBreachOf } from './content';
import { dayReader } from './days';
import { checkDuties } from './duties';
import { milestonesOf } from './milestones';
import { isPast, isWatching } from './order';
import { personFor } from './people';
import { placeOf, type Place } from './place';
import { RowCells } from './rowCells';
import type { ImportWorld, KnownPerson } from './world';
import { clocksOf } from './clocks';

/** A line that can be brought in. */
export interface CheckedCapa {
  readonly row: number;
  readonly externalNumber: string;
  readonly request: OpenCapa;
  readonly sponsorOrganisationId: string | null;
  readonly policy: CapaPolicy;
  readonly imported: Omit<ImportedCapa, 'importId' | 'fileSha256' | 'by'>;
  /** Scans and other files that belong to it. */
  readonly evidenceIds: readonly string[];
  /** Deadlines that have passed already. */
  readonly overdue: readonly string[];
}

/** From which state on each gate has been passed. */
const PASSED_FROM: readonly (readonly [ElsewhereSubject, ImportableStatus])[] = [['plan', 'plan_approved'], ['implementation', 'implementation_verified'], ['effectiveness', 'closure_review'], ['closure', 'closed']];
const SEVERITIES = ['critical', 'major', 'minor'] as const;

/** Reads one line against what is known; every mistake of it is said, or it can be brought in. */
export function checkRow(line: ImportLine, world: ImportWorld): { readonly checked?: CheckedCapa; readonly mistakes: readonly Mistake[] } {
  const cells = new RowCells(line);
  const place = placeOf(cells, world);
  const days = dayReader(world.calendar?.zone ?? 'UTC', world.now);
  const status = statusOf(cells);
  checkNeeds(cells, status);
  const basics = basicsOf(cells);
  checkTaken(cells, world);
  const parties = { organisationIds: place ? [place.raising.id, place.accountable.id] : [], studyId: place?.studyId ?? null };
  const policy = world.policyFor(cells.raw('topic').toLowerCase(), parties);
  if (place && !policy && !cells.isWrong('topic')) cells.wrong('topic', 'no CAPA policy is in force for it');
  const timings = basics.severity && policy?.timings[basics.severity];
  const openedOn = cells.read('opened_on', dayCell);
  if (openedOn !== undefined && openedOn > days.today) cells.wrong('opened_on', 'lies in the future');
  const owner = ownerOf(cells, { world, place });
  const actions = actionsOf({ cells, world, place, days, openedOn });
  const effect = effectivenessOf(cells, { world, place });
  const approvals = approvalsOf({ cells, world, place, owner, openedOn, today: days.today });
  checkDuties(cells, { owner, actions, assessor: effect?.assessor, classification: basics.classification, status });
  const milestones = milestonesOf(cells, { days, status, openedOn, approvals, effect: effect?.plan, timings, now: world.now, severity: basics.severity });
  const scans = approvals.flatMap(({ evidenceId }) => (evidenceId === null ? [] : [evidenceId]));
  const evidenceIds = [...new Set([...scans, ...filesOf(cells, world)])];
  const sections = {
    seriousBreach: seriousBreachOf(cells), containment: containmentOf(cells), rootCause: rootCauseOf(cells), extentCheck: extentOf(cells),
    riskBefore: cells.read('risk_before', riskCell) ?? null, riskAfter: cells.read('risk_after', riskCell) ?? null, summary: cells.text('closure_summary', 8000), adverse: cells.read('adverse_effects', (text) => saidCell(text, ['none', 'found'] as const)),
    result: resultOf(cells, approvals.flatMap(({ subject, evidenceId }) => (subject === 'effectiveness' && evidenceId !== null ? [evidenceId] : []))),
  };
  if (place) checkSeats({ cells, world, place }, approvals, status ? PASSED_FROM.filter(([, from]) => isPast(status, from)).map(([subject]) => subject) : []);
  const stated = statedDue(cells, { status, classification: basics.classification, openedOn, days });
  const { externalNumber, title, description, severity, classification, problem } = basics;
  const { calendar } = world;
  if (cells.mistakes.length > 0 || !place || !status || !calendar || !milestones || externalNumber === undefined || title === undefined || description === undefined || !severity || !classification || !policy || !timings) {
    return { mistakes: cells.mistakes };
  }
  const clocks = clocksOf({ status, world, calendar, days, milestones, actions, timings, stated });
  const request: OpenCapa = {
    ...(place.studyId !== null && { studyId: place.studyId }), topic: place.topic, title, description, severity, classification, raisingOrganisationId: place.raising.id, accountableOrganisationId: place.accountable.id,
    ...(place.systemId !== null && { systemId: place.systemId }), source: basics.source, ...(problem && { problem }), ...(status === 'draft' && { draft: true }),
  };
  const { riskAfter, summary, adverse, ...written } = sections;
  return {
    mistakes: [],
    checked: {
      row: line.row, externalNumber, request, sponsorOrganisationId: place.sponsorOrganisationId, policy, evidenceIds, overdue: clocks.overdue,
      imported: {
        row: line.row, externalNumber, status, gates: 'signed_here', catchUpAt: world.catchUpAt, extensions: extensionsOf(stated, actions), actions: actions.map(({ mark }) => mark), openedAt: milestones.openedAt,
        ownerId: isPast(status, 'containment') ? owner?.id ?? null : null, ...written, plan: actions.length === 0 && !effect ? null : { actions: actions.map(({ planned }) => planned), effectiveness: effect?.plan ?? null, documents: [] },
        underWay: clocks.underWay, adverseCheck: adverse ? { finding: adverse.word, detail: adverse.detail, evidenceIds: [] } : null,
        closure: summary === undefined ? null : { summary, riskAfter }, approvals, running: clocks.running, ended: clocks.ended,
        verifiedAt: milestones.verifiedAt, monitoringUntil: isWatching(status) ? milestones.monitoredAt : null, closedAt: milestones.closedAt,
        evidenceHashes: Object.fromEntries(world.files.filter(({ id }) => evidenceIds.includes(id)).map(({ id, sha256 }) => [id, sha256])),
      },
    },
  };
}

function statusOf(cells: RowCells): ImportableStatus | undefined {
  return cells.read('state', (text) => {
    const word = text.toLowerCase().trim();
    if (word === 'rejected' || word.startsWith('cancel')) return { wrong: 'what was dropped is over: leave it in its archive' };
    return choiceCell(text, IMPORTABLE_STATUSES);
  });
}

/** What the state needs and is not there; what is there and contradicts it. */
function checkNeeds(cells: RowCells, status: ImportableStatus | undefined): void {
  for (const column of ALWAYS) if (!cells.has(column)) cells.wrong(column, 'is empty');
  if (!status) return;
  const isWaived = cells.has('waiver_approvals');
  for (const [from, columns] of NEEDED_FROM) {
    if (!isPast(status, from)) continue;
    for (const column of columns) if (!cells.has(column) && !(isWaived && WAIVED.includes(column))) cells.wrong(column, `is empty, but a CAPA in ${status} has it`);
  }
  for (const [from, columns] of SAID_FROM) {
    if (isPast(status, from)) continue;
    for (const column of columns) if (cells.has(column)) cells.wrong(column, `says more than the state ${status}: correct one of the two`);
  }
}

function basicsOf(cells: RowCells) {
  const part = (column: Column, max: number): string => cells.text(column, max) ?? '';
  const problem = { what: part('problem_what', 4000), where: part('problem_where', 1000), when: part('problem_when', 1000), extent: part('problem_extent', 4000) };
  const externalNumber = cells.text('external_number', 100);
  const type = cells.read('source_type', (text) => choiceCell(text, SOURCE_TYPES)) ?? 'other';
  return {
    externalNumber, title: cells.text('title', 200), description: cells.text('description', 10_000), problem: Object.values(problem).some((text) => text !== '') ? problem : undefined,
    severity: cells.read('severity', (text) => choiceCell(text, SEVERITIES)), classification: cells.read('classification', (text) => choiceCell(text, ACTION_KINDS)),
    source: { type, reference: cells.text('source_reference', 300) ?? `brought in as ${externalNumber ?? ''}` },
  };
}

/** Numbers are compared without regard to case and blanks. */
export const canonicalNumber = (text: string): string => text.toLowerCase().replaceAll(/\s+/gu, '');

function checkTaken(cells: RowCells, { taken }: ImportWorld): void {
  const known = taken.get(canonicalNumber(cells.raw('external_number')));
  if (known !== undefined) cells.wrong('external_number', `was brought in already and is ${known}: leave the line out`);
}

function ownerOf(cells: RowCells, { world, place }: { world: ImportWorld; place: Place | undefined }): KnownPerson | undefined {
  return cells.read('owner', (email) => {
    const person = personFor(world, { email, act: 'capa:own', duty: 'the owner', organisationIds: place && [place.accountable.id], place });
    return 'found' in person ? { value: person.found } : person;
  });
}

function filesOf(cells: RowCells, world: ImportWorld): readonly string[] {
  return cellLines(cells.raw('evidence')).flatMap(([name = '']) => {
    const file = fileOf(name, world);
    if ('wrong' in file) { cells.wrong('evidence', file.wrong); return []; }
    return [file.found];
  });
}
