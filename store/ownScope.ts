import type { OwnScope } from '../domain/access/scope';
import type { Store } from './connection';
import type { LegalHoldDoc } from './schemas/evidence';
import type { RecordDoc } from './schemas/records';

/*
 * Conditions that queries of an organisation's own things carry, so that a list and a look-up by id show the same: what
 * the seats of the reader see (domain/access/scope.ts).
 */

type Condition = Readonly<Record<string, unknown>>;
const NOTHING: Condition = { _id: { $in: [] } };
const anyOf = (conditions: readonly Condition[]): Condition => (conditions.length === 0 ? NOTHING : { $or: conditions });
const wholeOf = ({ whole }: OwnScope): readonly Condition[] => (whole.length === 0 ? [] : [{ organisationId: { $in: [...whole] } }]);

/** Things that name a study at `studyField`, or none and so serve every study: of the house, never a guest's to see. */
export function configurationCondition(scope: OwnScope, studyField: 'studyId' | 'raises.studyId'): Condition {
  return anyOf([...wholeOf(scope), ...scope.studies.filter(({ as }) => as === 'house').map(({ organisationId, studyId }) => ({ organisationId, [studyField]: { $in: [null, studyId] } }))]);
}

/** Holds on a study, and on its records: an inspector reads those of the study, a vendor none. */
export async function holdCondition(store: Store, scope: OwnScope): Promise<Condition> {
  const studies = scope.studies.filter(({ as }) => as !== 'vendor');
  const organisationIds = [...new Set(studies.map(({ organisationId }) => organisationId))];
  const held = organisationIds.length === 0 ? [] : await store.models.legalHolds.find({ organisationId: { $in: organisationIds }, recordId: { $ne: null } }, { recordId: 1 }).lean<Pick<LegalHoldDoc, 'recordId'>[]>();
  const records = await store.models.records.find({ _id: { $in: held.flatMap(({ recordId }) => recordId ?? []) } }, { studyId: 1 }).lean<Pick<RecordDoc, '_id' | 'studyId'>[]>();
  const ofStudy = (studyId: string): readonly string[] => records.filter((record) => record.studyId === studyId).map(({ _id }) => _id);
  return anyOf([...wholeOf(scope), ...studies.map(({ organisationId, studyId }) => ({ organisationId, $or: [{ studyId }, { recordId: { $in: [...ofStudy(studyId)] } }] }))]);
}

/** People who serve the studies that are seen: by a seat for that study, or for no study in particular; and oneself. */
export async function personIdsInScope(store: Store, scope: OwnScope, ownId: string): Promise<readonly string[]> {
  if (scope.studies.length === 0) return [ownId];
  const serving = scope.studies.map(({ organisationId, studyId }) => ({ organisationId, studyId: { $in: [null, studyId] } }));
  const found = await store.models.memberships.distinct('personId', { $or: serving } as never);
  return [...new Set([ownId, ...found.map(String)])];
}

/** `_id` of people: of whole organisations, or who serve a study that is seen. */
export async function peopleCondition(store: Store, scope: OwnScope, ownId: string): Promise<Condition> {
  return anyOf([...wholeOf(scope), { _id: { $in: [...(await personIdsInScope(store, scope, ownId))] } }]);
}

/** Delegations of people who serve a study that is seen; to a guest only the own ones. */
export async function delegationCondition(store: Store, scope: OwnScope, ownId: string): Promise<Condition> {
  const house = { whole: scope.whole, studies: scope.studies.filter(({ as }) => as === 'house') };
  const serving = [...(await personIdsInScope(store, house, ownId))];
  const organisationIds = [...new Set(house.studies.map(({ organisationId }) => organisationId))];
  return anyOf([...wholeOf(scope), { personId: ownId }, { delegateId: ownId }, ...(organisationIds.length === 0 ? [] : [{ organisationId: { $in: organisationIds }, personId: { $in: serving } }])]);
}
