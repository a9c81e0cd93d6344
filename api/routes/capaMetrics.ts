import { z } from 'zod';
import { ACTION_KINDS } from '../../contracts/capaWords';
import { severitySchema } from '../../contracts/policy';
import { inForce, visibilityFilter } from '../../domain/access/ability';
import { METRIC_NAMES } from '../../domain/capaMetrics/formulas';
import { measure, measureApart, stateAtOf, type Period, type Source } from '../../domain/capaMetrics/measure';
import { periodOf } from '../../domain/capaMetrics/period';
import { leftOut, type Reason } from '../../domain/capaMetrics/leftOut';
import { warningsOf } from '../../domain/capaMetrics/warnings';
import { contentHashOf } from '../../domain/signature/demand';
import { measuredCapas, type MeasuredRecord } from '../../store/capaMetrics';
import { ruleBroken } from '../administer';
import type { ApiDeps, Caller } from '../deps';
import { defineRoute, type Route } from '../route';
import { pageOf, pageQuery } from '../schemas';
import { capaMetricsSchema, GROUPS, shownMetric, sourceSchema, type ShownSource } from '../views/capaMetrics';
import { decodeCursor, encodeCursor } from '../views/cursor';

/** Ids of left-out CAPAs that an answer names. */
const MOST_NAMED = 50;
const MOST_PARTIES = 2;
const idText = z.string().min(1).max(64);
const moment = z.string().min(1).max(40);
const tags = ['capas'];

const scopeQuery = {
  from: moment.optional().describe('A date (its midnight in `zone`) or an instant; by default 365 days before `to`.'),
  to: moment.optional().describe('Exclusive; a date or an instant; by default `asOf`.'),
  zone: z.string().min(1).max(60).default('UTC').describe('In which dates begin, e.g. `Europe/Zurich`.'),
  asOf: moment.optional().describe('An instant not after now, which is the default; what happened later is left out.'),
  studyId: idText.optional(),
  organisationId: z.string().max(130).transform((text): unknown => text.split(',')).pipe(z.array(idText).min(1).max(MOST_PARTIES)).optional()
    .describe('A party, or two separated by a comma: CAPAs between both, which is what either of them sees alike.'),
  severity: severitySchema.optional(),
} as const;
type Scope = z.output<z.ZodObject<typeof scopeQuery>> & { readonly classification?: string | undefined };

interface Read {
  readonly period: Period;
  readonly counted: readonly MeasuredRecord[];
  readonly left: readonly { readonly reason: Reason; readonly records: readonly MeasuredRecord[] }[];
  readonly show: (source: Source) => ShownSource;
}

/** Figures over CAPAs, each with its formula and with everything that was counted (Q15; docs/capa-metrics.md). */
export function capaMetricsRoutes(deps: ApiDeps): Route[] {
  const read = async (scope: Scope, caller: Caller): Promise<Read> => {
    const now = deps.now();
    const period = periodOf(scope, now);
    if ('field' in period) throw ruleBroken('The period cannot be measured.', { errors: [period] });
    const visibility = visibilityFilter(caller.memberships, now);
    const { studyId, organisationId: organisationIds, severity, classification } = scope;
    const records = visibility ? await measuredCapas(deps.store, { visibility, filter: { studyId, organisationIds, severity, classification }, from: period.from, to: period.to }) : [];
    const { counted, left } = leftOut(records);
    const numbers = new Map(records.map(({ capa, number }) => [capa.id, number]));
    return { period, counted, left, show: (source) => ({ capaId: source.capaId, number: numbers.get(source.capaId) ?? '', part: source.part, ...(source.ms !== undefined && { ms: source.ms }) }) };
  };

  const figures = defineRoute({
    method: 'get', path: '/api/v1/capas/metrics', summary: 'Figures over CAPAs, against original and current due dates, with their sources', tags, access: 'signed_in', scope: 'read',
    query: z.strictObject({ ...scopeQuery, classification: z.enum(ACTION_KINDS).optional() }),
    answers: { 200: { description: 'Each figure with formula, version, numerator, denominator and sources; corrective and preventive CAPAs apart.', schema: capaMetricsSchema } },
    handler: async ({ query, caller }) => {
      const { period, counted, left, show } = await read(query, caller);
      const capas = counted.map(({ capa }) => capa);
      const groups = measureApart(capas, period).filter(({ classification }) => query.classification === undefined || classification === query.classification);
      const { from, to, asOf } = period;
      return {
        status: 200,
        body: {
          from, to, zone: query.zone, asOf, stateAt: stateAtOf(period), scope: shownScope(query, counted, { caller, now: deps.now() }),
          excluded: left.map(({ reason, records }) => ({ reason: reason.code, text: reason.text, whole: reason.whole, count: records.length, capaIds: records.slice(0, MOST_NAMED).map(({ capa }) => capa.id) })),
          warnings: warningsOf(groups[0]?.measures ?? [], capas, asOf),
          groups: groups.map(({ classification, measures }) => ({
            classification, metrics: measures.map((one) => shownMetric(one, show, sourcesPath(one.formula.name, { ...query, period, classification }))),
          })),
        },
      };
    },
  });

  const sources = defineRoute({
    method: 'get', path: '/api/v1/capas/metrics/{name}/sources', summary: 'Everything that one figure counted', tags, access: 'signed_in', scope: 'read',
    params: z.strictObject({ name: z.enum(METRIC_NAMES) }),
    query: z.strictObject({ ...scopeQuery, classification: z.enum(GROUPS).default('all'), of: z.enum(['numerator', 'denominator']).default('denominator'), ...pageQuery }),
    answers: { 200: { description: 'A page, by CAPA; `next` is the cursor of the following one. A median has no numerator.', schema: pageOf(sourceSchema) } },
    handler: async ({ params, query, caller }) => {
      const { classification, of, limit, cursor, ...scope } = query;
      const { period, counted, show } = await read({ ...scope, classification: classification === 'all' ? undefined : classification }, caller);
      const all = measure(counted.map(({ capa }) => capa), period).find(({ formula }) => formula.name === params.name)?.[of] ?? [];
      const after = decodeCursor(cursor, z.tuple([z.string(), z.string()]));
      const rest = after ? all.filter(({ capaId, part }) => capaId > after[0] || (capaId === after[0] && part > after[1])) : all;
      const items = rest.slice(0, limit);
      const last = items.at(-1);
      return { status: 200, body: { items: items.map(show), next: rest.length > limit && last ? encodeCursor([last.capaId, last.part]) : null } };
    },
  });
  return [figures, sources];
}

function shownScope(query: Scope, counted: readonly MeasuredRecord[], { caller, now }: { caller: Caller; now: Period['asOf'] }) {
  const { studyId, organisationId, severity, classification } = query;
  const seats = caller.memberships.filter((membership) => inForce(membership, now)).map((membership) => ({ organisationId: membership.organisationId, studyId: membership.studyId, role: membership.role }));
  const ids = counted.map(({ capa, rev }) => ({ id: capa.id, rev })).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return {
    text: 'CAPAs that your seats let you see, opened before `to`, and still open or changed since `from`. Those of others are in no figure, and are not counted here either.',
    studyId: studyId ?? null, organisationIds: organisationId ?? [], severity: severity ?? null, classification: classification ?? null, seats, capas: counted.length, recordsHash: contentHashOf(ids),
  };
}

/** Where the sources of one figure are listed, as of the same instant. */
function sourcesPath(name: string, { period, zone, studyId, organisationId, severity, classification }: Omit<Scope, 'classification'> & { readonly period: Period; readonly classification: string }): string {
  const given = { from: period.from, to: period.to, zone, asOf: period.asOf, studyId, organisationId: organisationId?.join(','), severity, classification };
  const said = Object.entries(given).flatMap(([key, value]): [string, string][] => (value === undefined ? [] : [[key, value]]));
  return `/api/v1/capas/metrics/${name}/sources?${new URLSearchParams(said).toString()}`;
}
