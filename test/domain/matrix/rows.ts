import { businessDays } from '../../../contracts/spans';
import { instantOf } from '../../../contracts/instant';
import type { MatrixProposal, MatrixRow } from '../../../contracts/matrix';
import type { Membership, Role } from '../../../contracts/people';
import { DEFAULT_POLICIES } from '../../../domain/escalation/defaults';
import type { RowFacts } from '../../../domain/matrix/checkRow';
import { rowKeyOf } from '../../../domain/matrix/row';

export const NOW = instantOf(Date.UTC(2026, 5, 1, 12));

/** A contact of `spo` or `cro` at a level; people are named `<organisation>-<n>`. */
export const contactOf = (organisationId: string, level: number, more: Partial<MatrixRow['contacts'][number]> = {}): MatrixRow['contacts'][number] =>
  ({ organisationId, level, personId: `${organisationId}-${String(level)}`, deputyId: `${organisationId}-${String(level + 1)}`, channel: 'email', fallback: 'inbox', ...more });

/** A row of sponsor and CRO with every level of the default policy held. */
export const rowOf = (more: Partial<MatrixRow> = {}): MatrixRow => ({
  studyId: 'st1', topic: 'monitoring', organisationIds: ['spo', 'cro'], policyKey: 'default', phi: false, phiChannels: ['inbox'],
  contacts: ['spo', 'cro'].flatMap((id) => [1, 2, 3, 4].map((level) => contactOf(id, level))),
  frequency: { every: businessDays(10), grace: businessDays(2), organisationId: 'cro' },
  filing: { tmfReference: '01.05', location: 'eTMF', responsibleOrganisationId: 'spo' },
  ...more,
});

const everybody = ['spo', 'cro'].flatMap((organisationId) => [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => [`${organisationId}-${String(n)}`, { organisationId, serves: true }] as const));

export const factsOf = (more: Partial<RowFacts> = {}): RowFacts => ({
  people: new Map(everybody), organisationIds: new Set(['spo', 'cro']), studyOrganisationIds: ['spo', 'cro', 'cro2'],
  policy: DEFAULT_POLICIES.find(({ key }) => key === 'default'), ...more,
});

export const membershipOf = (...[personId, organisationId, role, more = {}]: [personId: string, organisationId: string, role: Role, more?: Partial<Membership>]): Membership =>
  ({ id: `m-${personId}-${organisationId}-${role}`, personId, organisationId, role, studyId: null, systemIds: [], from: '2026-01-01T00:00:00.000Z', until: null, ...more });

export const proposalOf = (more: Partial<MatrixProposal> = {}): MatrixProposal => {
  const row = more.row ?? rowOf();
  return {
    rowKey: rowKeyOf(row), row, effectiveFrom: null, baseVersion: 0, status: 'draft', proposingOrganisationId: 'spo', authorIds: ['author'],
    proposedAt: null, approvals: [], declined: null, version: null, ...more,
  };
};
