import type { EffectivenessPlan, Measurement, Result } from '../../contracts/capaSections';
import type { CapaState } from '../../contracts/capaState';
import { COUNTED_SOURCES, type CountedSource } from '../../contracts/capaWords';
import type { Refusal } from '../../contracts/failures';
import type { Instant } from '../../contracts/instant';

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
};

/** The source that the product counts by itself; undefined: people measure, with evidence for each observation. */
export const countedSourceOf = (plan: Pick<EffectivenessPlan, 'measuredBy'> | null | undefined): CountedSource | undefined => COUNTED_SOURCES.find((source) => source === plan?.measuredBy);

/** The measurement window that has ended: from the verified implementation to where the assessment begins. */
export function windowOf({ verifiedAt, stages, iteration }: CapaState): { readonly from: Instant; readonly to: Instant } | undefined {
  const ended = stages.findLast((stage) => stage.name === 'assessment' && stage.iteration === iteration);
  return verifiedAt === null || !ended ? undefined : { from: verifiedAt, to: ended.from };
}

/** One thing that was counted, and whether it was as the metric wants it. */
export interface Counted {
  readonly recordId: string;
  readonly met: boolean;
}

/** What the records say of the window. */
export function measurementOf(source: CountedSource, counted: readonly Counted[], window: { readonly from: Instant; readonly to: Instant }): Measurement {
  const sources = counted.toSorted((a, b) => (a.recordId < b.recordId ? -1 : a.recordId > b.recordId ? 1 : Number(a.met) - Number(b.met)));
  return { source, formula: FORMULAS[source].version, ...window, numerator: sources.filter(({ met }) => met).length, denominator: sources.length, sources };
}

const broken = (reason: string): Refusal => ({ type: 'rule_broken', reason });

/**
 * What keeps a result from being called effective (Q5): fewer observations than were planned, or fewer of them good than the goal asks
 * for. What the product counts is counted by it; the rest has evidence for each observation.
 */
export function refuseEffect({ plan }: CapaState, result: Result, measurement: Measurement | null | undefined): Refusal | undefined {
  if (result.outcome !== 'effective') return undefined;
  const effectiveness = plan?.effectiveness ?? null;
  const source = countedSourceOf(effectiveness);
  if (source !== undefined && !measurement) return { type: 'wrong_state', reason: `the effect is measured by ${source.replaceAll('_', ' ')}: save the result again, so that it is counted` };
  const [met, count] = source !== undefined && measurement ? [measurement.numerator, measurement.denominator] : manual(result);
  const planned = effectiveness?.sampleSize ?? 1;
  if (count < planned) return broken(`effective needs a sample of ${String(planned)}: there is one of ${String(count)} (${String(met)} of ${String(count)} met)`);
  const share = effectiveness?.goal;
  return share !== undefined && met < share * count ? broken(`effective needs ${String(Math.round(share * 100))} % met: ${String(met)} of ${String(count)} were`) : undefined;
}

/** Observations that people made. */
function manual({ observations = [] }: Result): readonly [met: number, count: number] {
  return [observations.filter(({ met }) => met).length, observations.length];
}

