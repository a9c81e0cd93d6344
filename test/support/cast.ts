import type { Role } from '../../contracts/people';
import type { Instant } from '../../contracts/instant';
import { DEFAULT_CAPA_POLICIES } from '../../domain/capa/defaults';
import { DEFAULT_POLICIES } from '../../domain/escalation/defaults';
import { emptyChain } from '../../domain/audit/chain';
import type { Store } from '../../store/connection';
import type { PersonDoc } from '../../store/schemas/people';

/** Who plays in the tests: one sponsor and two CROs on one study, a person for each role that a ladder asks. */
export const SPONSOR = 'org-sponsor';
export const CRO = 'org-cro';
export const OTHER_CRO = 'org-other-cro';
export const OTHER_SPONSOR = 'org-other-sponsor';
export const STUDY = 'study-1';

const BEGINNING = '2026-01-01T00:00:00.000Z' as Instant;
const ROLES: readonly Role[] = ['project_manager', 'study_lead', 'quality_head', 'executive', 'quality', 'contributor', 'security_officer'];
const ORGANISATIONS = { [SPONSOR]: 'sponsor', [CRO]: 'cro', [OTHER_CRO]: 'cro', [OTHER_SPONSOR]: 'sponsor' } as const;

/** `org-cro/project_manager` plays the CRO's project manager. */
export const personOf = (organisationId: string, role: Role): string => `${organisationId}/${role}`;
export const addressOf = (organisationId: string, role: Role): string => `${role}@${organisationId}.example`;

const { length, head } = emptyChain('');
const administered = { rev: 1, active: true, chain: { length, head }, createdAt: BEGINNING, updatedAt: BEGINNING };

/** Writes the cast straight into the store: administration has its own tests. */
export async function seedCast(store: Store): Promise<void> {
  const { models } = store;
  const organisations = Object.entries(ORGANISATIONS);
  await models.organisations.create(organisations.map(([_id, kind]) => ({ ...administered, _id, kind, name: _id, zone: 'Europe/Zurich', receiptAddress: `receipts@${_id}.example` })));
  await models.studies.create([{ ...administered, _id: STUDY, code: 'ST-1', title: 'Study 1', organisationIds: organisations.map(([id]) => id) }]);
  const people = organisations.flatMap(([organisationId]) => ROLES.map((role): PersonDoc => ({
    ...administered, _id: personOf(organisationId, role), email: addressOf(organisationId, role), name: `${role} of ${organisationId}`, organisationId, passwordHash: '-',
  })));
  await models.people.create(people);
  await models.memberships.create(people.map((person) => ({
    ...administered, _id: `m/${person._id}`, personId: person._id, organisationId: person.organisationId, role: person._id.split('/')[1] as Role,
    studyId: null, systemIds: [], from: BEGINNING, until: null,
  })));
  await models.calendars.create(organisations.map(([organisationId]) => ({
    _id: `${organisationId}/1`, organisationId, version: 1, zone: 'Europe/Zurich', holidays: [], holidaySource: 'none', createdAt: BEGINNING,
    week: Object.fromEntries(['1', '2', '3', '4', '5'].map((day) => [day, [{ from: '09:00', to: '17:30' }]])),
  })));
  await models.capaPolicies.create(DEFAULT_CAPA_POLICIES.map((policy) => ({ ...policy, _id: `${policy.key}/${policy.version}`, createdAt: BEGINNING })));
  await models.policies.create(DEFAULT_POLICIES.map((policy) => ({ ...policy, _id: `${policy.key}/${policy.version}`, createdAt: BEGINNING })));
}
