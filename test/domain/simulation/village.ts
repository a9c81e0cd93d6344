import type { Calendar } from '../../../contracts/calendar';
import type { Instant } from '../../../contracts/instant';
import type { Membership, Role } from '../../../contracts/people';
import type { Policy } from '../../../contracts/policy';
import { DEFAULT_POLICIES } from '../../../domain/escalation/defaults';
import type { Absence, Directory } from '../../../domain/routing/recipients';
import type { Setting } from '../../../domain/simulation/tellings';
import { withoutWarnings } from './policies';
import { calendar } from '../time/calendars';

export const CRO = 'cro';
export const SPONSOR = 'sponsor';
const ROLES: readonly Role[] = ['project_manager', 'study_lead', 'quality_head', 'executive', 'quality'];
const SINCE = '2026-01-01T00:00:00.000Z';

/** `cro/study_lead`; one person for each role on both sides. */
export const personOf = (organisationId: string, role: Role): string => `${organisationId}/${role}`;

const membership = (organisationId: string, role: Role): Membership => ({
  id: personOf(organisationId, role), personId: personOf(organisationId, role), organisationId, role, studyId: null, systemIds: [], from: SINCE, until: null,
});

export const DIRECTORY: Directory = {
  organisations: new Map([[CRO, 'CRO One'], [SPONSOR, 'Sponsor']]),
  people: new Map([CRO, SPONSOR].flatMap((id) => ROLES.map((role) => [personOf(id, role), { name: `${role} of ${id}`, leftAt: null }]))),
  memberships: [CRO, SPONSOR].flatMap((id) => ROLES.map((role) => membership(id, role))),
  delegations: [],
  rows: [],
};

/** The CRO works in Zurich (UTC+1, summer +2), the sponsor in New York (UTC-5, summer -4); Monday to Friday, 09:00 to 17:30. */
export function settingOf(more: { holidays?: Readonly<Record<string, readonly string[]>>; absences?: readonly Absence[]; directory?: Partial<Directory> } = {}): Setting {
  const zones: Readonly<Record<string, string>> = { [CRO]: 'Europe/Zurich', [SPONSOR]: 'America/New_York' };
  const calendarOf = (organisationId: string): Calendar => ({ ...calendar(zones[organisationId] ?? 'UTC', { holidays: more.holidays?.[organisationId] ?? [] }), organisationId });
  return { directory: { ...DIRECTORY, ...more.directory }, absences: more.absences ?? [], calendarOf: (organisationId: string, _at: Instant) => calendarOf(organisationId), tzdb: '2025c' };
}

/** The default policy without its warnings, so that a case lists its deadlines only. */
export function defaultPolicy(): Policy {
  const policy = DEFAULT_POLICIES.find(({ key }) => key === 'default');
  if (!policy) throw new Error('no default policy');
  return withoutWarnings(policy);
}
