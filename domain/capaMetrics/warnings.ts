import type { Instant } from '../../contracts/instant';
import type { MeasuredCapa } from './facts';
import { valueOf, type Measure } from './measure';

/** What a reader should know before trusting a figure. */
export interface Warning {
  readonly code: 'all_green' | 'few_closings' | 'still_watched' | 'recurrence_undecided' | 'level_not_stated';
  readonly text: string;
}

/** Fewer closings than this say little (judgement): each of them moves a rate by a tenth or more. */
export const FEW_CLOSINGS = 10;
/** Figures that are perfect at 1, and at 0. */
const BEST: Readonly<Record<string, number>> = { on_time_original: 1, on_time_current: 1, effectiveness: 1, first_pass_rca: 1, overdue_original: 0, overdue_current: 0, recurrence_rate: 0, inconclusive_rate: 0, extension_rate: 0 };

/** Warnings over all CAPAs of an answer. Everything at 100 % is itself a sign that inspectors look at. */
export function warningsOf(measures: readonly Measure[], capas: readonly MeasuredCapa[], asOf: Instant): readonly Warning[] {
  const closings = measures.find(({ formula }) => formula.name === 'closure_rate')?.numerator ?? [];
  const judged = measures.filter((one) => Object.hasOwn(BEST, one.formula.name) && one.denominator.length > 0);
  const warnings: Warning[] = [];
  if (closings.length > 0 && judged.every((one) => valueOf(one) === BEST[one.formula.name])) {
    warnings.push({ code: 'all_green', text: `Every figure is at its best, over ${closings.length} closing${closings.length === 1 ? '' : 's'}. Inspectors distrust figures without a flaw: look whether deadlines, assessments and returns are recorded as they happened.` });
  }
  if (closings.length > 0 && closings.length < FEW_CLOSINGS) warnings.push({ code: 'few_closings', text: `Only ${closings.length} closing${closings.length === 1 ? '' : 's'} in the period: each moves a rate by ${Math.round(100 / closings.length)} points.` });
  const watched = new Set(capas.filter(({ status, watchOver }) => status === 'closed' && !watchOver).map(({ id }) => id));
  const open = closings.filter(({ capaId }) => watched.has(capaId)).length;
  if (open > 0) warnings.push({ code: 'still_watched', text: `${open} of ${closings.length} closings are still watched for recurrence: that rate can rise.` });
  const undecided = capas.filter(({ recurrence }) => recurrence?.status === 'pending' && recurrence.at < asOf).length;
  if (undecided > 0) warnings.push({ code: 'recurrence_undecided', text: `${undecided} recurrence${undecided === 1 ? ' waits' : 's wait'} for quality's decision and ${undecided === 1 ? 'is' : 'are'} not counted yet.` });
  const planned = measures.find(({ formula }) => formula.name === 'system_level_actions')?.denominator ?? [];
  const levels = new Map(capas.flatMap((capa) => [...capa.past.map((one) => ({ no: one.no, plan: one.plan })), { no: capa.iteration, plan: capa.plan }]
    .flatMap(({ no, plan }) => (plan?.actions ?? []).map(({ id, level }): [string, string | undefined] => [`${capa.id} action/${no}/${id}`, level]))));
  const unstated = planned.filter(({ capaId, part }) => levels.get(`${capaId} ${part}`) === undefined).length;
  if (unstated > 0) warnings.push({ code: 'level_not_stated', text: `${unstated} of ${planned.length} planned actions do not state their level and are counted as not of the system level.` });
  return warnings;
}
