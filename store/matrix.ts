import type { ClientSession } from 'mongoose';
import type { Instant } from '../contracts/instant';
import type { MatrixRow } from '../contracts/matrix';
import { addVersion, type By } from './administration';
import type { Store } from './connection';
import type { MatrixDoc } from './schemas/people';

/** What versions are versions of: `<study or ->/<topic>/<organisations, sorted>`. */
export function rowKeyOf({ studyId, topic, organisationIds }: Pick<MatrixRow, 'studyId' | 'topic' | 'organisationIds'>): string {
  return `${studyId ?? '-'}/${topic}/${[...new Set(organisationIds)].toSorted().join('+')}`;
}

/**
 * The row that routes an issue at `at`: the row of its topic before the `*` row, in each the latest
 * version whose `effectiveFrom` has passed. Undefined: route by role.
 */
export async function matrixRowInForce(
  store: Store,
  where: { studyId: string | null; topic: string; organisationIds: readonly string[]; at: Instant; session?: ClientSession },
): Promise<MatrixDoc | undefined> {
  const { topic, at, session } = where;
  const found = await store.models.matrix
    .find({ rowKey: { $in: rowKeysFor(where) }, effectiveFrom: { $lte: at } })
    .sort({ effectiveFrom: -1, version: -1 })
    .session(session ?? null)
    .lean<MatrixDoc[]>();
  return rowOfTopic(found, topic);
}

/** Keys of the rows that may route a topic: its own, and the one for every other. */
export function rowKeysFor({ studyId, topic, organisationIds }: { studyId: string | null; topic: string; organisationIds: readonly string[] }): string[] {
  return [topic, '*'].map((name) => rowKeyOf({ studyId, topic: name, organisationIds: [...new Set(organisationIds)] }));
}

/** Of rows in force, newest first: the topic's own before the one for every other. */
export function rowOfTopic(rows: readonly MatrixDoc[], topic: string): MatrixDoc | undefined {
  return rows.find((row) => row.topic === topic) ?? rows[0];
}

/** One row's versions, newest first. */
export function matrixVersions(store: Store, rowKey: string): Promise<MatrixDoc[]> {
  return store.models.matrix.find({ rowKey }).sort({ version: -1 }).limit(1000).lean<MatrixDoc[]>();
}

/** Rows that name one of the organisations: the version in force at `at` of each, by row key. */
export function matrixInForce(store: Store, filter: { organisationIds: readonly string[]; studyId?: string | undefined; at: Instant }): Promise<MatrixDoc[]> {
  const { organisationIds, studyId, at } = filter;
  return store.models.matrix.aggregate<MatrixDoc>([
    { $match: { organisationIds: { $in: [...organisationIds] }, effectiveFrom: { $lte: at }, ...(studyId !== undefined && { studyId }) } },
    { $sort: { rowKey: 1, effectiveFrom: -1, version: -1 } },
    { $group: { _id: '$rowKey', row: { $first: '$$ROOT' } } },
    { $replaceRoot: { newRoot: '$row' } },
    { $sort: { rowKey: 1 } },
  ]);
}

/** Adds the next version of a row with its audit entry (stream `matrix/<row key>`). */
export async function addMatrixVersion(store: Store, input: { row: MatrixRow; effectiveFrom: Instant; reason: string; by: By }): Promise<MatrixDoc> {
  const { row, effectiveFrom, reason, by } = input;
  const rowKey = rowKeyOf(row);
  const [latest] = await matrixVersions(store, rowKey);
  const version = (latest?.version ?? 0) + 1;
  const doc: MatrixDoc = { ...row, _id: `${rowKey}/${String(version)}`, rowKey, version, effectiveFrom, createdAt: by.at };
  const detail = { version, effectiveFrom, policyKey: row.policyKey, contacts: row.contacts };
  return addVersion(store, { model: store.models.matrix, streamId: `matrix/${rowKey}`, doc, reason, by, detail });
}
