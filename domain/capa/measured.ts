import type { EffectivenessPlan, Measurement, Result } from '../../contracts/capaSections';
import type { CapaState } from '../../contracts/capaState';
import { COUNTED_SOURCES, type CountedSource } from '../../contracts/capaWords';
import type { Refusal } from '../../contracts/failures';
import { epochMsOf, type Instant } from '../../contracts/instant';
import { partiesOf } from './seats';

/** What each source counts; travels with every measurement, so that a reader can count again from the records that it names. */
export const FORMULAS: Readonly<Record<CountedSource, { readonly version: number; readonly text: string }>> = {
  escalation_drills: {
    version: 1,
    text: "Drills between people of the CAPA's organisations, of its study and of its topic or every topic, that ended in the window. Met: of a fire drill every side acknowledged on its first level; of a reachability drill everybody confirmed.",
  },
  deadline_lateness: {
    version: 1,
    text: "Due dates of stages and actions of other CAPAs that the accountable side owes the same raising side, that were met or passed in the window. Met: the act came in time.",
  },
  contact_slots: {
    version: 1,
    text: "Slots of agreed contacts between the CAPA's organisations, of its study and of its topic or every topic, that ended in the window; waived ones are left out. Met: held in time.",
  },
  recurrences: {
    version: 1,
    text: "Whole weeks of the window, the last one with the days that are left. Met: no other CAPA of the same two sides and the same system, with a cause category of the system level in common, was opened in it; rejected and cancelled ones are left out.",
  },
  issues_on_topic: {
    version: 1,
    text: "Whole weeks of the window, the last one with the days that are left. Met: no issue, drills apart, was raised in it by the same raising side against the same accountable side, of the CAPA's study and topic.",
  },
};

/** The source that the product counts by itself; undefined: people measure, with evidence for each observation. */
export const countedSourceOf = (plan: Pick<EffectivenessPlan, 'measuredBy'> | null | undefined): CountedSource | undefined => COUNTED_SOURCES.find((source) => source === plan?.measuredBy);

/** The measurement window that has ended: from the verified implementation to where the assessment begins. */
export function windowOf({ verifiedAt, stages, iteration }: CapaState): { readonly from: Instant; readonly to: Instant } | undefined {
  const ended = stages.findLast((stage) => stage.name === 'assessment' && stage.iteration === iteration);
  return verifiedAt === null || !ended ? undefined : { from: verifiedAt, to: ended.from };
}

/** One thing that was counted, and whether it was as the metric wants it; `at`: when it came, where weeks without any are counted. */
export interface Counted {
  readonly recordId: string;
  readonly met: boolean;
  readonly at?: Instant;
}

const WEEK_MS = 7 * 86_400_000;
/** Of what ought not to come at all, its absence is counted. */
const BY_WEEK: readonly CountedSource[] = ['recurrences', 'issues_on_topic'];

/** What the records say of the window. */
export function measurementOf(source: CountedSource, counted: readonly Counted[], window: { readonly from: Instant; readonly to: Instant }): Measurement {
  const sources = counted.toSorted((a, b) => (a.recordId < b.recordId ? -1 : a.recordId > b.recordId ? 1 : Number(a.met) - Number(b.met)));
  const named = sources.map(({ recordId, met }) => ({ recordId, met }));
  const figure = BY_WEEK.includes(source) ? weeksWithout(sources, window) : { numerator: named.filter(({ met }) => met).length, denominator: named.length };
  return { source, formula: FORMULAS[source].version, ...window, ...figure, sources: named };
}

function weeksWithout(came: readonly Counted[], { from, to }: { readonly from: Instant; readonly to: Instant }): { readonly numerator: number; readonly denominator: number } {
  const weeks = Math.max(1, Math.floor((epochMsOf(to) - epochMsOf(from)) / WEEK_MS));
  const hit = new Set(came.map(({ at = to }) => Math.min(weeks - 1, Math.floor((epochMsOf(at) - epochMsOf(from)) / WEEK_MS))));
  return { numerator: weeks - hit.size, denominator: weeks };
}

const broken = (reason: string): Refusal => ({ type: 'rule_broken', reason });

/**
 * What keeps a result from being called effective (Q5): fewer observations than were planned, or fewer of them good than the goal asks
 * for, unless quality of both sides signed why it counts all the same. What the product counts is counted by it; the rest has evidence for each observation.
 */
export function refuseEffect(state: CapaState, result: Result, measurement: Measurement | null | undefined): Refusal | undefined {
  if (result.outcome !== 'effective') return undefined;
  const { source, planned, met, count } = figureOf(state, result, measurement);
  if (source !== undefined && !measurement) return { type: 'wrong_state', reason: `the effect is measured by ${source.replaceAll('_', ' ')}: save the result again, so that it is counted` };
  if (count < planned) return broken(`effective needs a sample of ${String(planned)}: there is one of ${String(count)} (${String(met)} of ${String(count)} met)`);
  if (!missesGoal(state, result, measurement) || withoutDeviation(state).length === 0) return undefined;
  return broken(`effective needs ${percent(state.plan?.effectiveness?.goal ?? 0)} met: ${String(met)} of ${String(count)} were; quality of both sides may sign a deviation`);
}

/** Whether a result that is called effective, with its sample, is below the goal: what can be deviated from. */
export function missesGoal(state: CapaState, result: Result, measurement: Measurement | null | undefined): boolean {
  const { source, planned, met, count } = figureOf(state, result, measurement);
  const goal = state.plan?.effectiveness?.goal;
  return result.outcome === 'effective' && (source === undefined || Boolean(measurement)) && count >= planned && goal !== undefined && met < goal * count;
}

/** The sides whose quality has signed no deviation of the present result. */
export const withoutDeviation = (state: CapaState): readonly string[] =>
  partiesOf(state).filter((organisationId) => !(state.deviations ?? []).some(({ by }) => by.organisationId === organisationId));

/** A share as people read it: `95 %`, `12.5 %`. */
export const percent = (share: number): string => `${String(Math.round(share * 1000) / 10)} %`;

/** What was counted or seen, beside what was planned. */
export function figureOf({ plan }: Pick<CapaState, 'plan'>, { observations = [] }: Pick<Result, 'observations'>, measurement: Measurement | null | undefined) {
  const source = countedSourceOf(plan?.effectiveness);
  const [met, count] = source !== undefined && measurement ? [measurement.numerator, measurement.denominator] : [observations.filter((one) => one.met).length, observations.length];
  return { source, planned: plan?.effectiveness?.sampleSize ?? 1, met, count };
}
