import type { ClientSession, PipelineStage } from 'mongoose';
import type { Instant } from '../contracts/instant';
import type { VisibilityFilter } from '../domain/access/ability';
import type { Occurrence } from '../domain/lateness/figures';
import { alternativesOf } from '../domain/lists/placesOf';
import type { Store } from './connection';
import { LIST_WITHIN_MS, withinTime } from './patience';
import type { PassedDeadlineDoc } from './schemas/lateness';

/**
 * Recorded within so much of the due instant is on time, ms. The first sign of life comes up to a turn
 * after a worker is back, so "recorded after the outage" alone would overlook what it caught up with before.
 */
const PUNCTUAL_MS = 1000;

/** By what figures may be told apart. */
export const LATENESS_KEYS = ['capability', 'organisationId', 'severity', 'kind'] as const;
export type LatenessKey = (typeof LATENESS_KEYS)[number];

export interface LatenessFilter {
  /** By due instant, inclusive. */
  readonly from: Instant;
  /** Exclusive. */
  readonly to: Instant;
  /** Whose deadline. */
  readonly organisationId?: string | undefined;
  readonly severity?: string | undefined;
  readonly capability?: string | undefined;
  readonly kind?: string | undefined;
  /** Warnings instead of deadlines. */
  readonly warnings?: boolean | undefined;
  /** Only what an outage that ended then delayed: recorded after it, or too late. Warnings too. */
  readonly delayedUntil?: Instant | undefined;
}

/** The deadlines behind one line of figures, as distributions. */
export interface LatenessGroup {
  readonly key: Readonly<Partial<Record<LatenessKey, string>>>;
  /** From due to acting upon it, of those that fired. */
  readonly fired: readonly Occurrence[];
  /** From due to the first notice, of those that told somebody. */
  readonly told: readonly Occurrence[];
  /** Passed, but an act came before the timer was processed. */
  readonly overtaken: number;
}

/** null: the instance's own view, over every record. */
export type LatenessSight = VisibilityFilter | null;

/** Distributions of lateness by `groupBy`, exact at any size: the server counts equal values. Throws Failure `took_too_long`. */
export async function latenessGroups(store: Store, of: { readonly visibility: LatenessSight; readonly filter: LatenessFilter; readonly groupBy: readonly LatenessKey[] }): Promise<readonly LatenessGroup[]> {
  const match = { $match: conditionsOf(of.visibility, of.filter) };
  const key = Object.fromEntries(of.groupBy.map((name) => [name, `$${name}`]));
  const counted = (lateness: string): PipelineStage.Group => ({ $group: { _id: { key, outcome: '$outcome', ms: lateness }, count: { $sum: 1 }, deadlineId: { $min: '$_id' } } });
  const [fired, told] = await withinTime(Promise.all([
    counts(store, [match, counted('$lateByMs')]),
    counts(store, [match, { $match: { toldLateByMs: { $ne: null } } }, counted('$toldLateByMs')]),
  ]));
  const groups = new Map<string, { key: LatenessGroup['key']; fired: Occurrence[]; told: Occurrence[]; overtaken: number }>();
  const groupOf = (one: Counted) => {
    const name = JSON.stringify(of.groupBy.map((part) => one._id.key[part]));
    const group = groups.get(name) ?? { key: one._id.key, fired: [], told: [], overtaken: 0 };
    groups.set(name, group);
    return group;
  };
  for (const one of fired) {
    const group = groupOf(one);
    if (one._id.outcome === 'fired') group.fired.push(occurrenceOf(one));
    else group.overtaken += one.count;
  }
  for (const one of told) groupOf(one).told.push(occurrenceOf(one));
  return [...groups.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

interface Counted {
  readonly _id: { readonly key: Readonly<Partial<Record<LatenessKey, string>>>; readonly outcome: string; readonly ms: number };
  readonly count: number;
  readonly deadlineId: string;
}

const occurrenceOf = ({ _id, count, deadlineId }: Counted): Occurrence => ({ ms: _id.ms, count, deadlineId });

function counts(store: Store, pipeline: PipelineStage[]): Promise<Counted[]> {
  return store.models.deadlineLedger.aggregate<Counted>(pipeline).option({ maxTimeMS: LIST_WITHIN_MS }).exec();
}

/** Where a page of passed deadlines ended. */
export interface LatenessCursor {
  readonly due: string;
  readonly id: string;
}

/** The rows behind the figures, latest due first. Throws Failure `took_too_long`. */
export async function listPassed(
  store: Store,
  of: { readonly visibility: VisibilityFilter; readonly filter: LatenessFilter; readonly after?: LatenessCursor | undefined; readonly limit: number },
): Promise<{ readonly items: readonly PassedDeadlineDoc[]; readonly next?: LatenessCursor }> {
  const { visibility, filter, after, limit } = of;
  const beyond = after ? [{ due: { $lte: after.due }, $or: [{ due: { $lt: after.due } }, { _id: { $lt: after.id } }] }] : [];
  const found = await withinTime(store.models.deadlineLedger
    .find({ $and: [conditionsOf(visibility, filter), ...beyond] } as never)
    .sort({ due: -1, _id: -1 })
    .limit(limit + 1)
    .hint({ visibleTo: 1, due: -1, _id: -1 })
    .maxTimeMS(LIST_WITHIN_MS)
    .lean<PassedDeadlineDoc[]>()
    .exec());
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return found.length > limit && last ? { items, next: { due: last.due, id: last._id } } : { items };
}

/** How many deadlines of each kind an outage delayed, over every record: types, numbers and times, no content. */
export function countDelayed(store: Store, outage: { readonly from: Instant; readonly until: Instant }): Promise<readonly { readonly capability: string; readonly kind: string; readonly count: number; readonly maxLateByMs: number }[]> {
  const match = { $match: conditionsOf(null, { from: outage.from, to: outage.until, delayedUntil: outage.until }) };
  return withinTime(store.models.deadlineLedger.aggregate<{ capability: string; kind: string; count: number; maxLateByMs: number }>([
    match,
    { $group: { _id: { capability: '$capability', kind: '$kind' }, count: { $sum: 1 }, maxLateByMs: { $max: '$lateByMs' } } },
    { $project: { _id: 0, capability: '$_id.capability', kind: '$_id.kind', count: 1, maxLateByMs: 1 } },
    { $sort: { capability: 1, kind: 1 } },
  ]).option({ maxTimeMS: LIST_WITHIN_MS }).exec());
}

/** The first notice that a passed deadline caused: completes its entry, whichever way it went and however late. */
export async function stampTold(store: Store, notice: { readonly recordId: string; readonly rev: number; readonly at: Instant }, session: ClientSession): Promise<void> {
  const { recordId, rev, at } = notice;
  const prefix = `${recordId}|${String(rev)}|`;
  await store.models.deadlineLedger.updateMany(
    { _id: { $gte: prefix, $lt: `${recordId}|${String(rev)}}` }, outcome: 'fired', $or: [{ toldAt: null }, { toldAt: { $gt: at } }] } as never,
    [{ $set: { toldAt: at, toldLateByMs: { $max: [0, { $subtract: [{ $toDate: at }, { $toDate: '$due' }] }] } } }] as never,
    { updatePipeline: true, session },
  );
}

function conditionsOf(visibility: LatenessSight, filter: LatenessFilter): Record<string, unknown> {
  const { from, to, organisationId, severity, capability, kind, warnings, delayedUntil } = filter;
  const alternatives = visibility === null ? [] : alternativesOf(visibility);
  return {
    ...(alternatives.length > 0 && { visibleTo: { $in: [...new Set(alternatives.map((one) => one.visibleTo))] } }),
    due: { $gte: from, $lt: to },
    ...(organisationId !== undefined && { organisationId }),
    ...(severity !== undefined && { severity }),
    ...(capability !== undefined && { capability }),
    ...(kind !== undefined && { kind }),
    ...(delayedUntil === undefined && { warning: warnings === true ? { $ne: null } : null }),
    $and: [
      {},
      ...(alternatives.length > 0 ? [{ $or: alternatives }] : []),
      ...(delayedUntil === undefined ? [] : [{ $or: [{ recordedAt: { $gte: delayedUntil } }, { recordedLateByMs: { $gt: PUNCTUAL_MS } }] }]),
    ],
  };
}
