import { ACTION_KINDS, STAGES, type ActionKind } from '../../contracts/capaWords';
import { epochMsOf, type Instant } from '../../contracts/instant';
import { nearestRank } from '../lateness/figures';
import { DAY_MS } from '../time/zone';
import { assessmentsOf, closingsOf, datesKnown, firstApproval, firstReturn, firstSubmission, roundsOf, wasOpen, type Closing, type MeasuredCapa } from './facts';
import { AGEING, ageingMetric, FORMULAS, stageMetric, type Formula } from './formulas';
import { wasExtended, wasOnTime, wasOverdue, type Against } from './obligations';

/** From inclusive, `to` exclusive. */
export interface Period {
  readonly from: Instant;
  readonly to: Instant;
  /** When the records were read; later happenings are not looked at. */
  readonly asOf: Instant;
}

/** One thing that was counted, by the CAPA that it is of. */
export interface Source {
  readonly capaId: string;
  /** Which part of it: `opening`, `open`, `closing/1` (iteration), `assessment/1/2`, `stage/plan/1/…`. */
  readonly part: string;
  /** The value, where a median is taken, ms. */
  readonly ms?: number;
}

/** A figure with everything that was counted. */
export interface Measure {
  readonly formula: Formula;
  /** null: a median has none. */
  readonly numerator: readonly Source[] | null;
  readonly denominator: readonly Source[];
}

/** The instant at which open CAPAs are looked at: the end of the period, or now where that is to come. */
export const stateAtOf = ({ to, asOf }: Period): Instant => (asOf < to ? asOf : to);

/** All figures over these CAPAs, in the order of the formulas; the order of the CAPAs does not matter. */
export function measure(capas: readonly MeasuredCapa[], period: Period): readonly Measure[] {
  const counted = count(capas, period);
  return FORMULAS.map((formula): Measure => {
    const { numerator, denominator } = counted[formula.name] ?? { numerator: [], denominator: [] };
    return { formula, numerator: formula.unit === 'ms' ? null : sorted(numerator), denominator: sorted(denominator) };
  });
}

/** Corrective and preventive CAPAs apart, and all together (ISO 13485 8.5.2, 8.5.3). */
export function measureApart(capas: readonly MeasuredCapa[], period: Period): readonly { readonly classification: ActionKind | 'all'; readonly measures: readonly Measure[] }[] {
  const all = measure(capas, period);
  const kindOf = new Map(capas.map(({ id, classification }) => [id, classification]));
  const only = (kind: ActionKind, sources: readonly Source[]) => sources.filter(({ capaId }) => kindOf.get(capaId) === kind);
  return [
    { classification: 'all' as const, measures: all },
    ...ACTION_KINDS.map((kind) => ({
      classification: kind, measures: all.map(({ formula, numerator, denominator }) => ({ formula, numerator: numerator && only(kind, numerator), denominator: only(kind, denominator) })),
    })),
  ];
}

/** The figure itself; null: nothing was counted, and nothing is said. */
export function valueOf({ formula, numerator, denominator }: Measure): number | null {
  if (denominator.length === 0) return null;
  return formula.unit === 'ms' ? medianOf(denominator)?.ms ?? null : (numerator?.length ?? 0) / denominator.length;
}

/** The source whose value is the median. */
export function medianOf(sources: readonly Source[]): Source | undefined {
  return sources.toSorted((a, b) => (a.ms ?? 0) - (b.ms ?? 0) || compare(a, b))[nearestRank(50, sources.length) - 1];
}

interface Counted {
  readonly numerator: readonly Source[];
  readonly denominator: readonly Source[];
}

function count(capas: readonly MeasuredCapa[], period: Period): Readonly<Record<string, Counted>> {
  const stateAt = stateAtOf(period);
  const within = (at: Instant | undefined): at is Instant => at !== undefined && at >= period.from && at < stateAt;
  const opened = capas.filter(({ openedAt }) => within(openedAt));
  const open = capas.filter((capa) => wasOpen(capa, stateAt));
  const closings = capas.flatMap((capa) => closingsOf(capa).filter(({ at }) => within(at)).map((closing) => ({ capa, closing })));
  const assessments = capas.flatMap((capa) => assessmentsOf(capa).filter(({ at }) => within(at)).map(({ round, no, outcome }) => ({ outcome, source: { capaId: capa.id, part: `assessment/${round}/${no}` } })));
  const openOnes = open.map((capa) => ({ capa, source: { capaId: capa.id, part: 'open' } }));
  const closed = closings.map((one) => ({ ...one, source: { capaId: one.capa.id, part: `closing/${one.closing.round}` } }));
  const inSight = new Set([...open, ...closings.map(({ capa }) => capa)]);
  const touched = [...inSight].map((capa) => ({ capa, source: { capaId: capa.id, part: 'open or closed' } }));
  const investigated = investigationsOf(capas, { within, stateAt });
  const planned = actionsPlanned(capas, within);

  const rate = <T extends { readonly source: Source }>(of: readonly T[], counts: (one: T) => boolean): Counted => ({ numerator: of.filter(counts).map(({ source }) => source), denominator: of.map(({ source }) => source) });
  const dated = closed.filter(({ capa }) => datesKnown(capa));
  const onTime = (against: Against) => rate(dated, ({ capa, closing }) => wasOnTime(capa, closing, against));
  const overdue = (against: Against) => rate(openOnes, ({ capa }) => wasOverdue(capa, stateAt, against));
  return {
    closure_rate: { numerator: closed.map(({ source }) => source), denominator: opened.map(({ id }) => ({ capaId: id, part: 'opening' })) },
    on_time_original: onTime('original'), on_time_current: onTime('current'), overdue_original: overdue('original'), overdue_current: overdue('current'),
    cycle_time: values(closed.map(({ capa, closing, source }) => ({ ...source, ms: lasted(capa.openedAt, closing.at) }))),
    ...Object.fromEntries(STAGES.map((stage) => [stageMetric(stage), values(capas.flatMap((capa) => runsOf(capa, stage, within)))])),
    recurrence_rate: rate(closed, ({ closing }) => recurred(closing, period.asOf)),
    effectiveness: rate(assessments.filter(({ outcome }) => outcome !== 'inconclusive'), ({ outcome }) => outcome === 'effective'),
    inconclusive_rate: rate(assessments, ({ outcome }) => outcome === 'inconclusive'),
    extension_rate: rate(touched, ({ capa }) => wasExtended(capa, stateAt)),
    first_pass_rca: rate(investigated, ({ firstPass }) => firstPass),
    ...Object.fromEntries(AGEING.map((bucket) => [ageingMetric(bucket), rate(openOnes, ({ capa }) => {
      const days = Math.floor(lasted(capa.openedAt, stateAt) / DAY_MS);
      return days >= bucket.from && (bucket.to === null || days <= bucket.to);
    })])),
    system_level_actions: rate(planned, ({ level }) => level === 'system'),
  };
}

const lasted = (from: Instant, to: Instant): number => epochMsOf(to) - epochMsOf(from);
const recurred = ({ reopenedAt }: Closing, asOf: Instant): boolean => reopenedAt !== null && reopenedAt < asOf;
const values = (sources: readonly Source[]): Counted => ({ numerator: [], denominator: sources });

type Within = (at: Instant | undefined) => at is Instant;

/** The runs of a stage that ended in the period. A plan without actions of a kind ends that kind's stage at once: no work was timed. */
function runsOf(capa: MeasuredCapa, stage: (typeof STAGES)[number], within: Within): readonly Source[] {
  const hasActions = stage === 'corrective' || stage === 'preventive' ? roundsOf(capa).filter(({ actions }) => actions.some(({ kind }) => kind === stage)).map(({ no }) => no) : undefined;
  return capa.stages.flatMap(({ name, iteration, from, endedAt }): Source[] => {
    if (name !== stage || endedAt === null || !within(endedAt) || hasActions?.includes(iteration) === false) return [];
    return [{ capaId: capa.id, part: `stage/${stage}/${iteration}/${from}`, ms: lasted(from, endedAt) }];
  });
}

/** Investigations handed over in the period and decided on since; the first decision tells. */
function investigationsOf(capas: readonly MeasuredCapa[], { within, stateAt }: { within: Within; stateAt: Instant }): readonly { readonly source: Source; readonly firstPass: boolean }[] {
  return capas.flatMap((capa) => roundsOf(capa).flatMap(({ no }) => {
    if (!within(firstSubmission(capa, no))) return [];
    const decided = (at: Instant | undefined): boolean => at !== undefined && at < stateAt;
    const isReturned = decided(firstReturn(capa, no));
    return isReturned || decided(firstApproval(capa, no)) ? [{ source: { capaId: capa.id, part: `investigation/${no}` }, firstPass: !isReturned }] : [];
  }));
}

function actionsPlanned(capas: readonly MeasuredCapa[], within: Within): readonly { readonly source: Source; readonly level: string | undefined }[] {
  return capas.flatMap((capa) => roundsOf(capa).flatMap(({ no, plan }) => (within(firstApproval(capa, no))
    ? (plan?.actions ?? []).map(({ id, level }) => ({ source: { capaId: capa.id, part: `action/${no}/${id}` }, level })) : [])));
}

const compare = (a: Source, b: Source): number => (a.capaId === b.capaId ? order(a.part, b.part) : order(a.capaId, b.capaId));
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const sorted = (sources: readonly Source[]): readonly Source[] => sources.toSorted(compare);
