import { mayAct, type AccessRecord } from '../access/ability';
import { sponsorOf } from '../capa/opening';
import { findNamed } from '../tables/named';
import type { Column, ImportLine } from './columns';
import type { RowCells } from './rowCells';
import type { ImportWorld, KnownOrganisation } from './world';

/** Where a CAPA belongs: the two organisations, the study, and what rights look at. */
export interface Place {
  readonly raising: KnownOrganisation;
  readonly accountable: KnownOrganisation;
  readonly studyId: string | null;
  readonly topic: string;
  readonly systemId: string | null;
  readonly sponsorOrganisationId: string | null;
}

const TOPIC = /^[a-z][a-z0-9_-]{0,39}$/u;
const NO_STUDY = '(none)';
const nameOf = ({ name }: KnownOrganisation): string => name;

/** Whose file it is: the first accountable organisation for which the importer may import something. */
export function organisationOfFile(lines: readonly ImportLine[], { organisations, importer, now }: Pick<ImportWorld, 'organisations' | 'importer' | 'now'>): string | undefined {
  for (const { cells } of lines) {
    const found = findNamed(organisations, { text: cells.accountable_organisation, nameOf });
    if ('found' in found && seatsOf(importer, found.found.id, now).length > 0) return found.found.id;
  }
  return undefined;
}

const seatsOf = ({ memberships }: ImportWorld['importer'], organisationId: string, now: ImportWorld['now']) =>
  memberships.filter((membership) => membership.organisationId === organisationId
    && mayAct({ memberships: [membership], act: 'capa:import', record: recordOf({ raising: organisationId, accountable: organisationId, studyId: membership.studyId }), now }) !== undefined);

/** What rights look at before the CAPA exists. */
export function recordOf(of: { raising: string; accountable: string; studyId: string | null; topic?: string; systemId?: string | null; assigneeIds?: readonly string[] }): AccessRecord {
  const { raising, accountable, studyId, topic = '', systemId = null, assigneeIds = [] } = of;
  return { raisingOrganisationId: raising, accountableOrganisationId: accountable, studyId, topic, systemId, visibleTo: [...new Set([raising, accountable])], assigneeIds };
}

/** Reads where a line belongs; undefined: something of it is wrong, and said. */
export function placeOf(cells: RowCells, world: ImportWorld): Place | undefined {
  const topic = cells.read('topic', (text) => (TOPIC.test(text.toLowerCase()) ? { value: text.toLowerCase() } : { wrong: 'lower-case letters, digits, - and _, at most 40' }));
  const systemId = cells.text('system', 64) ?? null;
  const raising = organisationIn(cells, 'raising_organisation', world);
  const accountable = organisationIn(cells, 'accountable_organisation', world);
  const study = studyIn(cells, world);
  if (!raising || !accountable || study === undefined) return undefined;
  const studyId = study?.id ?? null;
  const fault = topic === undefined ? undefined : world.topicFault(topic, raising.id);
  if (fault !== undefined) cells.wrong('topic', fault);
  if (world.organisationId !== undefined && accountable.id !== world.organisationId && seatsOf(world.importer, accountable.id, world.now).length > 0) {
    cells.wrong('accountable_organisation', `this file is of ${nameById(world, world.organisationId)}: bring in the CAPAs of each organisation with a file of its own`); return;
  }
  const record = recordOf({ raising: raising.id, accountable: accountable.id, studyId, topic: topic ?? '', systemId });
  if (!mayAct({ memberships: world.importer.memberships, act: 'capa:import', record, now: world.now })) {
    cells.wrong('accountable_organisation', 'not yours to bring in: quality assurance of the organisation that owes the CAPA does that, for its own studies'); return;
  }
  const strangers = study === null ? [] : [['raising_organisation', raising], ['accountable_organisation', accountable]] as const;
  for (const [column, { id, name }] of strangers) if (study && !study.organisationIds.includes(id)) cells.wrong(column, `${name} does not work on ${study.code}`);
  if (study && !cells.isWrong('raising_organisation') && raising.kind !== 'sponsor' && accountable.kind !== 'sponsor') cells.wrong('raising_organisation', 'on a study the sponsor is one of the two organisations');
  if (cells.isWrong('raising_organisation') || cells.isWrong('accountable_organisation')) return undefined;
  const kindOf = (id: string): string | undefined => [raising, accountable].find((one) => one.id === id)?.kind;
  return { raising, accountable, studyId, topic: topic ?? '', systemId, sponsorOrganisationId: sponsorOf({ raisingOrganisationId: raising.id, accountableOrganisationId: accountable.id }, kindOf) };
}

export const nameById = ({ organisations }: ImportWorld, id: string): string => organisations.find((one) => one.id === id)?.name ?? id;

function organisationIn(cells: RowCells, column: Column, { organisations }: ImportWorld): KnownOrganisation | undefined {
  return cells.read(column, (text) => {
    const found = findNamed(organisations, { text, nameOf });
    if ('found' in found) return { value: found.found };
    return { wrong: found.problem === 'unknown' ? `no organisation that you work with is called ${text.slice(0, 80)}` : 'several organisations are called so: write its id' };
  });
}

/** null: without a study; undefined: wrong. */
function studyIn(cells: RowCells, { studies }: ImportWorld): ImportWorld['studies'][number] | null | undefined {
  if (!cells.has('study') || cells.raw('study') === NO_STUDY) return null;
  return cells.read('study', (text) => {
    const found = findNamed(studies, { text, nameOf: ({ code }) => code });
    return 'found' in found ? { value: found.found } : { wrong: found.problem === 'unknown' ? `no study of yours has the code ${text.slice(0, 80)}` : 'several studies have this code: write its id' };
  });
}
