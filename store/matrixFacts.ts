import type { Instant } from '../contracts/instant';
import type { UncheckedMatrixRow } from '../contracts/matrix';
import { checkRow, type RowFacts, type RowFindings } from '../domain/matrix/checkRow';
import { narrowestInForce } from '../domain/policy/inForce';
import { scopeKeysBinding } from '../domain/policy/scope';
import { peopleInForce } from './authority';
import type { Store } from './connection';
import { organisationsByIds } from './organisations';
import type { StudyDoc } from './schemas/people';
import type { PolicyDoc } from './schemas/policies';
import { topicFault } from './topics';

/** A row and from when it is to count. */
export interface Checkable {
  readonly row: UncheckedMatrixRow;
  readonly effectiveFrom: Instant | null;
}

/** Checks rows against what is stored now; four reads, however many they are, and some for a topic that is not everybody's. Findings in the order of the rows. */
export async function checkRows(store: Store, rows: readonly Checkable[], now: Instant): Promise<readonly RowFindings[]> {
  const personIds = rows.flatMap(({ row }) => row.contacts.flatMap(({ personId, deputyId }) => [personId, ...(deputyId === undefined ? [] : [deputyId])]));
  const studyIds = [...new Set(rows.flatMap(({ row }) => (row.studyId === null ? [] : [row.studyId])))];
  const [people, organisations, studies, policies] = await Promise.all([
    peopleInForce(store, { personIds: [...new Set(personIds)], at: now }),
    organisationsByIds(store, [...new Set(rows.flatMap(({ row }) => row.organisationIds))]),
    store.models.studies.find({ _id: { $in: studyIds }, active: true }).lean<StudyDoc[]>(),
    store.models.policies.find({ key: { $in: [...new Set(rows.map(({ row }) => row.policyKey))] }, scopeKey: { $in: [...new Set(rows.flatMap(({ row }) => scopeKeysBinding(row)))] } }).lean<PolicyDoc[]>(),
  ]);
  const active = new Set(organisations.filter((organisation) => organisation.active).map(({ _id }) => _id));
  const topics = await Promise.all(rows.map(async ({ row }) => (row.topic === '*' ? undefined : topicFault(store, row))));
  return rows.map(({ row, effectiveFrom }, index) => {
    const serves = (membership: { organisationId: string; studyId: string | null }, organisationId: string): boolean =>
      membership.organisationId === organisationId && (membership.studyId === null || row.studyId === null || membership.studyId === row.studyId);
    const facts: RowFacts = {
      people: new Map(people.map(({ personId, organisationId, memberships }) => [personId, { organisationId, serves: memberships.some((one) => serves(one, organisationId)) }])),
      organisationIds: active,
      studyOrganisationIds: studies.find(({ _id }) => _id === row.studyId)?.organisationIds,
      policy: narrowestInForce(policies, row.policyKey, { organisationIds: row.organisationIds, studyId: row.studyId, at: effectiveFrom !== null && effectiveFrom > now ? effectiveFrom : now }),
    };
    const findings = checkRow(row, facts);
    const fault = topics[index];
    return fault ? { ...findings, errors: [...findings.errors, { field: 'topic', message: fault.message }] } : findings;
  });
}
