import { ESCALATION, type IssueStatus } from '../contracts/escalation';
import { CAPABILITIES } from '../contracts/ids';
import { severitySchema } from '../contracts/policy';
import type { VisibilityFilter } from '../domain/access/ability';
import { place } from '../domain/lists/listedUnder';
import { alternativesOf, placesOf } from '../domain/lists/placesOf';
import type { Store } from './connection';
import { LIST_WITHIN_MS, withinTime } from './patience';
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
  /** true: drills only; absent: none of them (E15). */
  readonly drill?: boolean;
}

/** Where a page ended: the next one begins after it. */
export interface IssueCursor {
  readonly openedAt: string;
  readonly id: string;
}

type ListedIssue = Pick<RecordDoc, '_id' | 'rev' | 'number' | 'stateVersion' | 'status' | 'severity' | 'topic' | 'level' | 'studyId' | 'systemId'
  | 'raisingOrganisationId' | 'accountableOrganisationId' | 'nextDueAt' | 'openedAt' | 'updatedAt' | 'drill'> & { readonly content: { readonly title: string; readonly description: string } };

export interface IssueList {
  readonly visibility: VisibilityFilter;
  readonly filter: IssueFilter;
  readonly after?: IssueCursor | undefined;
  readonly limit: number;
}

/** Issues that a visibility filter lets through, latest opening first, without their states and texts. Throws Failure `took_too_long`. */
export async function listIssues(store: Store, list: IssueList): Promise<{ readonly items: readonly ListedIssue[]; readonly next?: IssueCursor }> {
  const { limit } = list;
  const pages = await withinTime(Promise.all(plannedQueries(list).map((query) => runPlanned(store, query).lean<ListedIssue[]>())));
  const found = pages.length === 1 ? pages.flat() : latestOf(pages.flat(), limit + 1);
  const items = found.slice(0, limit).map((issue) => ({ ...issue, content: { ...issue.content, description: '' } }));
  const last = items.at(-1);
  return found.length > limit && last ? { items, next: { openedAt: last.openedAt, id: last._id } } : { items };
}

/** One query of a list: everything that lies under some places and fits. */
export interface PlannedQuery {
  readonly filter: Readonly<Record<string, unknown>>;
  readonly limit: number;
}

/**
 * The queries whose pages, merged, are the page asked for; mostly one. Place, status and severity are
 * always named, as points: only so the index also gives the order of opening, one ordered run of keys
 * for each combination, which the server merges (docs/performance.md, "Lists at a million").
 */
export function plannedQueries({ visibility, filter, after, limit }: IssueList): readonly PlannedQuery[] {
  const statuses = statusesOf(filter);
  const severities = filter.severity ?? severitySchema.options;
  const places = placesOf(visibility, filter);
  const atOnce = Math.max(1, Math.floor(MOST_RUNS / Math.max(1, statuses.length * severities.length)));
  const conditions = [visibilityCondition(visibility), ...conditionsOf(filter), ...(after ? [beyond(after)] : [])];
  return chunksOf(places, atOnce).map((chunk) => ({
    filter: { ...AN_ISSUE, listedUnder: { $in: chunk }, status: { $in: statuses }, severity: { $in: severities }, $and: conditions }, limit: limit + 1,
  }));
}

/** A planned query, bound to its index: the planner's guess would change with the data. */
export function runPlanned(store: Store, { filter, limit }: PlannedQuery) {
  return store.models.records.find(filter as never, LISTED).sort({ openedAt: -1, _id: -1 }).limit(limit).hint(LIST_INDEX).maxTimeMS(LIST_WITHIN_MS);
}

const LIST_INDEX = 'capability_1_listedUnder_1_status_1_severity_1_openedAt_-1__id_-1_level_1_topic_1';
/** What a summary is made from; titles, no other text. */
const LISTED = {
  rev: 1, number: 1, stateVersion: 1, 'content.title': 1, status: 1, severity: 1, topic: 1, level: 1, studyId: 1, systemId: 1,
  raisingOrganisationId: 1, accountableOrganisationId: 1, nextDueAt: 1, openedAt: 1, updatedAt: 1, drill: 1,
} as const;
/** MongoDB merges at most this many ordered runs of an index (internalQueryMaxScansToExplode); beyond it sorts in memory. */
const MOST_RUNS = 200;
const DONE: Readonly<Record<IssueStatus, boolean>> = { open: false, acknowledged: false, resolved: false, exhausted: false, closed: true, cancelled: true };
const STATUSES = Object.keys(DONE) as readonly IssueStatus[];

/** Nothing is due on an issue that is over. */
function statusesOf({ status, dueBefore }: IssueFilter): readonly string[] {
  const asked = status ?? STATUSES;
  return dueBefore === undefined ? asked : STATUSES.filter((one) => !DONE[one] && asked.includes(one));
}

/** Flat where there is one alternative, so that it can be read from keys. */
function visibilityCondition(visibility: VisibilityFilter): object {
  const [only, ...others] = alternativesOf(visibility);
  return only && others.length === 0 ? only : visibility;
}

function latestOf(issues: readonly ListedIssue[], limit: number): readonly ListedIssue[] {
  const once = [...new Map(issues.map((issue) => [issue._id, issue])).values()];
  return once.toSorted((a, b) => compare(b.openedAt, a.openedAt) || compare(b._id, a._id)).slice(0, limit);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function chunksOf<T>(values: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, index) => values.slice(index * size, (index + 1) * size));
}

function conditionsOf(filter: IssueFilter): object[] {
  const { topic, studyId, organisationId, assigneeId, level, openedFrom, openedTo, dueBefore, dedupeKey } = filter;
  const fields = {
    ...(topic !== undefined && { topic }),
    ...(studyId !== undefined && { studyId }),
    ...(assigneeId !== undefined && { assigneeIds: assigneeId }),
    ...(level !== undefined && { level }),
    ...(dedupeKey !== undefined && { dedupeKey }),
    drill: filter.drill ?? false,
    ...((openedFrom !== undefined || openedTo !== undefined) && { openedAt: { ...(openedFrom !== undefined && { $gte: openedFrom }), ...(openedTo !== undefined && { $lt: openedTo }) } }),
    // A text is greater than null, so records without a deadline stay out.
    ...(dueBefore !== undefined && { nextDueAt: { $gt: '', $lt: dueBefore } }),
  };
  const party = organisationId === undefined ? [] : [{ $or: [{ raisingOrganisationId: organisationId }, { accountableOrganisationId: organisationId }] }];
  return [fields, ...party];
}

/** The bound on the first key is what the index can use; the alternatives alone it cannot. */
function beyond({ openedAt, id }: IssueCursor): object {
  return { openedAt: { $lte: openedAt }, $or: [{ openedAt: { $lt: openedAt } }, { _id: { $lt: id } }] };
}

/** An open record, as far as it says who may hold a duty on it. */
export type Duty = Pick<RecordDoc, '_id' | 'capability' | 'studyId' | 'topic' | 'systemId' | 'raisingOrganisationId' | 'accountableOrganisationId' | 'visibleTo' | 'assigneeIds'>;

/** Open records of any capability on which a person holds a duty, oldest first. */
export async function openDuties(store: Store, personId: string): Promise<readonly Duty[]> {
  return store.models.records
    .find({ capability: { $in: [...CAPABILITIES] }, listedUnder: { $in: dutyPlaces(personId) }, assigneeIds: personId, done: false }, { capability: 1, studyId: 1, topic: 1, systemId: 1, raisingOrganisationId: 1, accountableOrganisationId: 1, visibleTo: 1, assigneeIds: 1 })
    .sort({ openedAt: 1 })
    .lean();
}

const dutyPlaces = (personId: string): readonly string[] => [place.assignedTo(personId), place.ofDrills(place.assignedTo(personId))];
