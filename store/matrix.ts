import type { ClientSession } from 'mongoose';
import type { Instant } from '../contracts/instant';
import type { MatrixApproval, MatrixRow } from '../contracts/matrix';
import type { Membership } from '../contracts/people';
import { rowKeyOf } from '../domain/matrix/row';
import { addVersion, type By } from './administration';
import type { Store } from './connection';
import type { Page } from './page';
import type { MatrixDoc } from './schemas/matrix';

/**
 * The row that routes an issue at `at`: the row of its topic before the `*` row, in each the version signed last of those
 * that have begun. Undefined: route by role.
 */
export async function matrixRowInForce(
  store: Store,
  where: { studyId: string | null; topic: string; organisationIds: readonly string[]; at: Instant; session?: ClientSession },
): Promise<MatrixDoc | undefined> {
  const { topic, at, session } = where;
  const found = await store.models.matrix
    .find({ rowKey: { $in: rowKeysFor(where) }, effectiveFrom: { $lte: at } })
    .sort({ version: -1 })
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

/** Organisations that a row in force for the topic binds together with all of these: whoever signed it knows of its records (P14). */
export async function boundByMatrix(store: Store, where: { studyId: string | null; topic: string; organisationIds: readonly string[]; at: Instant }): Promise<readonly string[]> {
  const { studyId, topic, organisationIds, at } = where;
  const found = await store.models.matrix.aggregate<MatrixDoc>([
    { $match: { studyId, topic: { $in: [topic, '*'] }, organisationIds: { $all: [...new Set(organisationIds)] }, effectiveFrom: { $lte: at } } }, ...newestByRow,
  ]);
  const own = found.filter((row) => row.topic === topic);
  return [...new Set((own.length > 0 ? own : found).flatMap((row) => row.organisationIds))].filter((id) => !organisationIds.includes(id));
}

/** One row's versions, newest first; `below`: those with a smaller number. */
export function matrixVersions(store: Store, { rowKey, below, limit }: { rowKey: string; below?: number | undefined; limit: number }): Promise<MatrixDoc[]> {
  const filter = { rowKey, ...(below !== undefined && { version: { $lt: below } }) };
  return store.models.matrix.find(filter).sort({ version: -1 }).limit(limit).lean<MatrixDoc[]>();
}

/** One version of a row, or undefined. */
export async function matrixVersion(store: Store, rowKey: string, version: number): Promise<MatrixDoc | undefined> {
  return (await store.models.matrix.findOne({ rowKey, version }).lean<MatrixDoc>()) ?? undefined;
}

/** Versions by id, in no order. */
export function matrixVersionsById(store: Store, ids: readonly string[]): Promise<MatrixDoc[]> {
  return store.models.matrix.find({ _id: { $in: [...ids] } }).lean<MatrixDoc[]>();
}

/** A condition that the rows of these seats meet: of the organisation, and of the study when the seat is bound to one. */
export function seatCondition(memberships: readonly Membership[], prefix: '' | 'row.' = ''): object {
  const seats = memberships.map(({ organisationId, studyId }) => ({ [`${prefix}organisationIds`]: organisationId, ...(studyId !== null && { [`${prefix}studyId`]: studyId }) }));
  return seats.length === 0 ? { _id: { $in: [] } } : { $or: seats };
}

export interface RowFilter {
  readonly studyId?: string | undefined;
  readonly topic?: string | undefined;
  readonly organisationId?: string | undefined;
}

/** The version in force at `at` of each row that the memberships see, by row key; `next` is the key after which the next page begins. */
export async function listMatrix(
  store: Store,
  asked: { memberships: readonly Membership[]; filter: RowFilter; at: Instant; after?: string | undefined; limit: number },
): Promise<Page<MatrixDoc>> {
  const { memberships, filter: { studyId, topic, organisationId }, at, after, limit } = asked;
  const filter = {
    effectiveFrom: { $lte: at }, ...(studyId !== undefined && { studyId }), ...(topic !== undefined && { topic }),
    ...(organisationId !== undefined && { organisationIds: organisationId }), ...(after !== undefined && { rowKey: { $gt: after } }),
  };
  const found = await store.models.matrix.aggregate<MatrixDoc>([
    { $match: { $and: [seatCondition(memberships), filter] } },
    ...newestByRow,
    { $sort: { rowKey: 1 } },
    { $limit: limit + 1 },
  ]);
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return found.length > limit && last ? { items, next: last.rowKey } : { items };
}

/** Of rows that match: the latest effective version of each. */
const newestByRow = [
  { $sort: { rowKey: 1, version: -1 } },
  { $group: { _id: '$rowKey', row: { $first: '$$ROOT' } } },
  { $replaceRoot: { newRoot: '$row' } },
] as const;

/** The version in force at `at` of every row that names one of the organisations, by row key. */
export function matrixInForce(store: Store, { organisationIds, at }: { organisationIds: readonly string[]; at: Instant }): Promise<MatrixDoc[]> {
  return store.models.matrix.aggregate<MatrixDoc>([{ $match: { organisationIds: { $in: [...organisationIds] }, effectiveFrom: { $lte: at } } }, ...newestByRow, { $sort: { rowKey: 1 } }]);
}

/** The versions of these rows that are in force at `at`, by row key. */
export async function versionsInForce(store: Store, { rowKeys, at }: { rowKeys: readonly string[]; at: Instant }): Promise<ReadonlyMap<string, MatrixDoc>> {
  const found = await store.models.matrix.aggregate<MatrixDoc>([{ $match: { rowKey: { $in: [...rowKeys] }, effectiveFrom: { $lte: at } } }, ...newestByRow]);
  return new Map(found.map((row) => [row.rowKey, row]));
}

/** Number of the latest version of each of these rows, versions to come included; rows without one are left out. */
export async function latestVersions(store: Store, rowKeys: readonly string[], session?: ClientSession): Promise<ReadonlyMap<string, number>> {
  const found = await store.models.matrix
    .aggregate<{ _id: string; version: number }>([{ $match: { rowKey: { $in: [...rowKeys] } } }, { $group: { _id: '$rowKey', version: { $max: '$version' } } }])
    .session(session ?? null);
  return new Map(found.map(({ _id, version }) => [_id, version]));
}

/** What becomes the next version of a row. */
export interface NewVersion {
  readonly row: MatrixRow;
  readonly effectiveFrom: Instant;
  readonly approvals: readonly MatrixApproval[];
  readonly proposalId: string | null;
}

/**
 * Adds the next version of a row with its audit entry (stream `matrix/<row key>`). Whoever calls answers for the
 * approvals: people go by proposals (matrixProposals.ts), only provisioning adds directly.
 */
export async function addMatrixVersion(store: Store, input: NewVersion & { reason: string; by: By; session?: ClientSession }): Promise<MatrixDoc> {
  const { row, effectiveFrom, approvals, proposalId, reason, by, session } = input;
  const rowKey = rowKeyOf(row);
  const version = ((await latestVersions(store, [rowKey], session)).get(rowKey) ?? 0) + 1;
  const doc: MatrixDoc = { ...row, _id: `${rowKey}/${String(version)}`, rowKey, version, effectiveFrom, approvals, proposalId, createdAt: by.at };
  const detail = { version, effectiveFrom, row, approvals, proposalId };
  return addVersion(store, { model: store.models.matrix, kind: 'matrix', doc, reason, by, detail, ...(session && { session }) });
}
