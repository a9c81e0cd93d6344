import type { ImportableStatus, ImportedCapa } from '../../../contracts/capaImport';
import { IMPORTABLE_STATUSES } from '../../../contracts/capaImport';
import type { Instant } from '../../../contracts/instant';
import type { Role } from '../../../contracts/people';
import { CAPA_DEFAULT } from '../../../domain/capa/defaults';
import { checkTable } from '../../../domain/capaImport/checkTable';
import { COLUMNS, NEEDED_FROM, ALWAYS, type Column, type ImportLine } from '../../../domain/capaImport/columns';
import type { ImportWorld } from '../../../domain/capaImport/world';
import { capa } from '../../../domain/capa/machine';
import { VirtualRun } from '../../../domain/simulation/virtualRun';
import { at, CRO, PEOPLE, SPONSOR, type Run } from '../capa/capas';
import { calendar } from '../time/calendars';

/** A Monday morning in Zurich, without daylight saving. */
export const NOW = at('2026-11-23T09:00:00Z');
export const CATCH_UP = at('2026-12-07T09:00:00Z');
export const office = { ...calendar('Europe/Zurich'), organisationId: CRO };

const ROLES: Readonly<Record<string, Role>> = { ann: 'quality', amy: 'quality_head', sam: 'study_lead', bob: 'project_manager', bea: 'quality', ben: 'quality_head', eve: 'executive', cal: 'contributor', cyd: 'contributor', dan: 'quality' };
const people = Object.values(PEOPLE).filter(({ personId, organisationId }) => ROLES[personId] !== undefined && !(personId === 'bea' && organisationId === SPONSOR))
  .map(({ personId: id, organisationId }) => ({
    id, name: `${id} of ${organisationId}`, email: `${id}@${organisationId}.example`, organisationId, active: true,
    memberships: [{ id: `m-${id}`, personId: id, organisationId, role: ROLES[id] ?? 'contributor', studyId: null, systemIds: [], from: at('2026-01-01T00:00:00Z'), until: null }],
  }));

/** What a table is checked against: one sponsor, one CRO, whose quality brings CAPAs in. */
export const worldAt = (now: Instant = NOW, more: Partial<ImportWorld> = {}): ImportWorld => ({
  now, catchUpAt: CATCH_UP, people, tzdb: '2025c', calendar: office, organisationId: CRO, files: [], taken: new Map(), topicFault: () => undefined, policyFor: (topic) => (topic === 'backup' ? CAPA_DEFAULT : undefined),
  organisations: [{ id: SPONSOR, name: 'Sponsor', kind: 'sponsor' }, { id: CRO, name: 'Cro', kind: 'cro' }], studies: [{ id: 'study-1', code: 'ST-1', organisationIds: [SPONSOR, CRO] }],
  importer: { personId: 'bea', memberships: people.find(({ id }) => id === 'bea')?.memberships ?? [] }, ...more,
});

const approval = (on: string, { both = true } = {}): string =>
  [`Quentin of QA | Cro | QA | ${on} | ref: binder 7`, ...(both ? [`Paula of QA | Sponsor | QA | ${on} | ref: binder 7`] : [])].join(' ; ');

/** Everything that a closed CAPA has; a state takes what it needs. */
const WHOLE: Readonly<Partial<Record<Column, string>>> = {
  external_number: 'X-1', title: 't', description: 'd', study: 'ST-1', topic: 'backup', system: 'etmf', severity: 'major', classification: 'corrective', raising_organisation: 'Sponsor', accountable_organisation: 'Cro',
  opened_on: '2026-11-02', owner: 'bob@cro-1.example', problem_what: 'w', problem_where: 'w', problem_when: 'w', problem_extent: 'All documents of study 1', serious_breach: 'no', serious_breach_reason: 'r',
  containment: 'a second copy', root_cause: 'c', cause_categories: 'procedure; human_error', risk_before: '4x5', effect_metric: 'm', effect_baseline: '0', effect_target: '3', effect_window_days: '90', effect_sample: '3',
  effect_source: 's', effect_assessor: 'dan@cro-1.example', outcome: 'effective', outcome_measured: '3 of 3', outcome_sample: '3', closure_summary: 's', risk_after: '1x5',
};

/** Opened long enough before for the state; done by then. */
const DATES: Readonly<Partial<Record<ImportableStatus, Partial<Record<Column, string>>>>> = {
  implementation: { opened_on: '2026-10-12', plan_approvals: approval('2026-10-28') },
  implementation_verified: { opened_on: '2026-08-03', plan_approvals: approval('2026-08-24'), implementation_verified_on: '2026-10-05', implementation_approvals: approval('2026-10-05') },
  effectiveness_check: { opened_on: '2026-05-04', plan_approvals: approval('2026-05-25'), implementation_verified_on: '2026-08-17', implementation_approvals: approval('2026-08-17') },
  closure_review: { opened_on: '2026-05-04', plan_approvals: approval('2026-05-25'), implementation_verified_on: '2026-07-20', implementation_approvals: approval('2026-07-20'), effectiveness_approvals: approval('2026-11-16', { both: false }) },
  closed: { opened_on: '2026-03-02', plan_approvals: approval('2026-03-20'), implementation_verified_on: '2026-05-04', implementation_approvals: approval('2026-05-04'), effectiveness_approvals: approval('2026-08-10', { both: false }), closure_approvals: approval('2026-08-20'), closed_on: '2026-08-20' },
};
const LIKE: Readonly<Partial<Record<ImportableStatus, ImportableStatus>>> = { plan_approved: 'implementation', monitoring: 'implementation_verified' };

const rank = (status: ImportableStatus): number => IMPORTABLE_STATUSES.indexOf(status);

/** A line of a state without mistakes; `more` wins. */
export function lineOf(status: ImportableStatus, more: Partial<Record<Column, string>> = {}, row = 2): ImportLine {
  const needed: readonly Column[] = [...ALWAYS, 'study', 'system', 'severity', ...NEEDED_FROM.filter(([from]) => rank(from) <= rank(status)).flatMap(([, columns]) => columns)];
  const dates = DATES[LIKE[status] ?? status] ?? {};
  const opened = dates.opened_on ?? '2026-11-02';
  const done = rank(status) >= rank('implementation_verified');
  const action = (kind: string, owner: string, days: number): string => {
    const due = new Date(Date.parse(opened) + days * 86_400_000).toISOString().slice(0, 10);
    return `${kind} | do it | ${owner}@cro-1.example | ${due}${done ? ` | | ${due > '2026-11-20' ? opened : due} | ${due > '2026-11-20' ? opened : due}` : ''}`;
  };
  const cells = { ...WHOLE, actions: [action('corrective', 'cal', 50), action('preventive', 'cyd', 60)].join(' ; '), ...dates, state: status } as Partial<Record<Column, string>>;
  return { row, cells: Object.fromEntries(COLUMNS.map((column) => [column, more[column] ?? (needed.includes(column) ? cells[column] ?? '' : '')])) as Record<Column, string> };
}

export const mistakesOf = (line: ImportLine, world: ImportWorld = worldAt()): readonly string[] => checkTable([line], world).mistakes.map(({ column, message }) => `${String(column)}: ${message}`);

/** A CAPA that came in by a line, over a virtual clock. Throws for a line with mistakes. */
export function broughtIn(line: ImportLine, world: ImportWorld = worldAt(), as: (imported: ImportedCapa) => object = (imported) => imported): Run {
  const { capas: [checked], mistakes } = checkTable([line], world);
  if (!checked) throw new Error(JSON.stringify(mistakes));
  const { title: _title, description: _description, ...request } = checked.request;
  const opening = {
    id: 'k1', number: 'CAPA-1', request, policy: checked.policy, sponsorOrganisationId: checked.sponsorOrganisationId, raisedBy: 'bea',
    imported: JSON.parse(JSON.stringify(as({ ...checked.imported, importId: 'i'.repeat(64), fileSha256: 'f', by: { personId: 'bea', organisationId: CRO, role: 'quality' } }))) as ImportedCapa,
  };
  const of = { tzdb: '2025c', calendarOf: (organisationId: string) => ({ ...office, organisationId }), answer: () => 'done' as const };
  return new VirtualRun(capa, of, { opening, at: world.now, actor: { kind: 'system', name: 'import', correlationId: 'c' } });
}
