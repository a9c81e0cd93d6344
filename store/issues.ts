import { ESCALATION } from '../contracts/escalation';
import type { VisibilityFilter } from '../domain/access/ability';
import type { Store } from './connection';
import type { RecordDoc } from './schemas/records';

/** Issues lie beside the records of other capabilities. */
const AN_ISSUE = { capability: ESCALATION.capability };

/** An issue by its id, whoever asks; the caller decides who may see it. */
export async function findIssue(store: Store, id: string): Promise<RecordDoc | undefined> {
  return (await store.models.records.findOne({ _id: id, ...AN_ISSUE }).lean<RecordDoc>()) ?? undefined;
}

/** Instants are inclusive `from`, exclusive `to`. */
export interface IssueFilter {
  readonly status?: readonly string[];
  readonly severity?: readonly string[];
  readonly topic?: string;
  readonly studyId?: string;
  /** A party: raising or accountable. */
  readonly organisationId?: string;
  readonly assigneeId?: string;
  readonly level?: number;
  readonly openedFrom?: string;
  readonly openedTo?: string;
  /** Something on it is due before this instant. */
  readonly dueBefore?: string;
  readonly dedupeKey?: string;
}

/** Where a page ended: the next one begins after it. */
export interface IssueCursor {
  readonly openedAt: string;
  readonly id: string;
}

type ListedIssue = Omit<RecordDoc, 'state' | 'armed' | 'chain'>;

/** Issues that a visibility filter lets through, latest opening first, without their states. */
export async function listIssues(
  store: Store,
  list: { readonly visibility: VisibilityFilter; readonly filter: IssueFilter; readonly after?: IssueCursor | undefined; readonly limit: number },
): Promise<{ readonly items: readonly ListedIssue[]; readonly next?: IssueCursor }> {
  const { visibility, filter, after, limit } = list;
  const conditions = [AN_ISSUE, visibility, ...conditionsOf(filter), ...(after ? [beyond(after)] : [])];
  const found = await store.models.records
    .find({ $and: conditions } as never, { state: 0, armed: 0, chain: 0 })
    .sort({ openedAt: -1, _id: -1 })
    .limit(limit + 1)
    .lean<ListedIssue[]>();
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return found.length > limit && last ? { items, next: { openedAt: last.openedAt, id: last._id } } : { items };
}

function conditionsOf(filter: IssueFilter): object[] {
  const { status, severity, topic, studyId, organisationId, assigneeId, level, openedFrom, openedTo, dueBefore, dedupeKey } = filter;
  const fields = {
    ...(status && { status: { $in: [...status] } }),
    ...(severity && { severity: { $in: [...severity] } }),
    ...(topic !== undefined && { topic }),
    ...(studyId !== undefined && { studyId }),
    ...(assigneeId !== undefined && { assigneeIds: assigneeId }),
    ...(level !== undefined && { level }),
    ...(dedupeKey !== undefined && { dedupeKey }),
    ...((openedFrom !== undefined || openedTo !== undefined) && { openedAt: { ...(openedFrom !== undefined && { $gte: openedFrom }), ...(openedTo !== undefined && { $lt: openedTo }) } }),
    // A text is greater than null, so records without a deadline stay out.
    ...(dueBefore !== undefined && { nextDueAt: { $gt: '', $lt: dueBefore } }),
  };
  const party = organisationId === undefined ? [] : [{ $or: [{ raisingOrganisationId: organisationId }, { accountableOrganisationId: organisationId }] }];
  return [...(Object.keys(fields).length > 0 ? [fields] : []), ...party];
}

function beyond({ openedAt, id }: IssueCursor): object {
  return { $or: [{ openedAt: { $lt: openedAt } }, { openedAt, _id: { $lt: id } }] };
}

/** Open records of any capability on which a person holds a duty, oldest first. */
export async function openDuties(store: Store, personId: string): Promise<readonly Pick<RecordDoc, '_id' | 'capability' | 'studyId' | 'topic' | 'raisingOrganisationId' | 'accountableOrganisationId'>[]> {
  return store.models.records
    .find({ assigneeIds: personId, done: false }, { capability: 1, studyId: 1, topic: 1, raisingOrganisationId: 1, accountableOrganisationId: 1 })
    .sort({ openedAt: 1 })
    .lean();
}
