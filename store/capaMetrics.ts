import type { CapaState } from '../contracts/capaState';
import { CAPA } from '../contracts/capaWords';
import { Failure } from '../contracts/failures';
import type { Instant } from '../contracts/instant';
import type { VisibilityFilter } from '../domain/access/ability';
import { capa } from '../domain/capa/machine';
import type { MeasuredCapa } from '../domain/capaMetrics/facts';
import { alternativesOf } from '../domain/lists/placesOf';
import type { Store } from './connection';
import { LIST_WITHIN_MS, withinTime } from './patience';
import type { RecordDoc } from './schemas/records';

/** Figures over more CAPAs than this are made part by part: counting takes up to 0.1 ms each, in which the process does nothing else. */
const MOST_CAPAS = 10_000;
/** Migration capa-and-signatures. */
const PARTY_INDEX = 'capas_of_a_party';

/** Which CAPAs figures are made of. */
export interface MeasuredScope {
  readonly visibility: VisibilityFilter;
  readonly filter: {
    readonly studyId?: string | undefined;
    /** Each of them is a party. */
    readonly organisationIds?: readonly string[] | undefined;
    readonly severity?: string | undefined;
    readonly classification?: string | undefined;
  };
  /** Opened before. */
  readonly to: Instant;
  /** Still open, or changed since: nothing else can have happened in the period. */
  readonly from: Instant;
}

/** A CAPA as figures see it, with what tells one reading from another. */
export interface MeasuredRecord {
  readonly capa: MeasuredCapa;
  readonly number: string;
  readonly rev: number;
  readonly drill: boolean;
}

/** Without texts: a record's words are many times its figures. */
const FIELDS = {
  rev: 1, number: 1, drill: 1, stateVersion: 1, 'armed.name': 1, 'armed.due': 1, 'armed.warning': 1,
  ...Object.fromEntries([
    'id', 'status', 'classification', 'openedAt', 'closedAt', 'iteration', 'monitoringExtended', 'watchOver', 'imported.status', 'imported.extensions', 'stages', 'returns.what', 'returns.iteration', 'returns.by',
    'extensions.deadline', 'extensions.iteration', 'extensions.status', 'extensions.decided', 'extensions.to', 'recurrence.status', 'recurrence.at',
    'proposals.rejection.decided', 'proposals.cancellation.decided', 'past.no', 'past.endedAt', 'past.outcome',
    ...['', 'past.'].flatMap((of) => ['plan.actions.id', 'plan.actions.level', 'result.outcome', 'actions.id', 'actions.kind', 'actions.originalDue', 'actions.due', 'actions.reported'].map((field) => `${of}${field}`)),
  ].map((field) => [`state.${field}`, 1])),
} as const;

/** Every CAPA of a scope that can bear on the period. Throws Failure `took_too_long`, and `rule_broken` where there are too many. */
export async function measuredCapas(store: Store, scope: MeasuredScope): Promise<readonly MeasuredRecord[]> {
  const found = await withinTime(store.models.records
    .find(conditionsOf(scope) as never, FIELDS)
    .limit(MOST_CAPAS + 1)
    .hint(PARTY_INDEX)
    .maxTimeMS(LIST_WITHIN_MS)
    .lean<RecordDoc[]>()
    .exec());
  if (found.length > MOST_CAPAS) throw new Failure('rule_broken', `More than ${MOST_CAPAS} CAPAs: ask study by study, or for a shorter period.`, { errors: [{ field: 'from', message: `more than ${MOST_CAPAS} CAPAs` }] });
  return found.map(({ state, stateVersion, armed, number, rev, drill }) => {
    const measured: CapaState = capa.migrate(state, stateVersion);
    return { capa: { ...measured, armed }, number, rev, drill };
  });
}

/** The query, also for a test that asks how it is answered. */
export function conditionsOf({ visibility, filter, from, to }: MeasuredScope): Record<string, unknown> {
  const { studyId, organisationIds, severity, classification } = filter;
  const alternatives = alternativesOf(visibility);
  return {
    capability: CAPA.capability, visibleTo: { $in: [...new Set(alternatives.map((one) => one.visibleTo))] }, openedAt: { $lt: to },
    ...(studyId !== undefined && { studyId }), ...(severity !== undefined && { severity }), ...(classification !== undefined && { 'state.classification': classification }),
    $and: [
      { $or: [...alternatives] },
      { $or: [{ done: false }, { updatedAt: { $gte: from } }] },
      ...(organisationIds ?? []).map((id) => ({ $or: [{ raisingOrganisationId: id }, { accountableOrganisationId: id }] })),
    ],
  };
}
