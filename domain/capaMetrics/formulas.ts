import { STAGES, type Stage } from '../../contracts/capaWords';

/** How a figure is made; travels with every answer, so that a reader can make it again from its sources. */
export interface Formula {
  readonly name: string;
  /** Counts up whenever the same records could give another number. */
  readonly version: number;
  readonly text: string;
  /** `ratio`: numerator ÷ denominator. `ms`: the median of the denominator's values. */
  readonly unit: 'ratio' | 'ms';
  /** Strictly above which the figure is good. */
  readonly above?: number;
}

/** Upper bounds of the buckets of age, whole days; the last one has none. */
export const AGEING = [
  { name: '0-30', from: 0, to: 30 }, { name: '31-60', from: 31, to: 60 }, { name: '61-90', from: 61, to: 90 }, { name: 'over-90', from: 91, to: null },
] as const;

const MEDIAN = 'The n values ascending, the one at place ceil(n / 2) counted from 1; no interpolation, so that it is the value of a CAPA that exists.';
const ratio = (name: string, text: string, more: Partial<Formula> = {}): Formula => ({ name, version: 1, text, unit: 'ratio', ...more });
const median = (name: string, text: string): Formula => ({ name, version: 1, text: `${text} ${MEDIAN}`, unit: 'ms' });

export const stageMetric = (stage: Stage): string => `stage_time.${stage}`;
export const ageingMetric = (bucket: (typeof AGEING)[number]): string => `ageing.${bucket.name}`;

/** Every figure; docs/capa-metrics.md gives the judgement behind each. */
export const FORMULAS: readonly Formula[] = [
  ratio('closure_rate', 'Closings in the period ÷ CAPAs opened in it. Above 1 when more were closed than opened. A closing that was undone later stays a closing; the recurrence rate shows it.'),
  ratio('on_time_original', 'Of the closings in the period, those where every stage and every action of every iteration until then was done by its original due date. Without CAPAs that came in from elsewhere after their containment.'),
  ratio('on_time_current', 'The same against the current due dates, after extensions.'),
  ratio('overdue_original', 'Of the CAPAs open at `stateAt`, those with a stage or an action that runs past its original due date then.'),
  ratio('overdue_current', 'The same against the due dates as they stood then, after the extensions granted before.'),
  median('cycle_time', 'Median from opening to closing, over the closings in the period.'),
  ...STAGES.map((stage) => median(stageMetric(stage), `Median from the start of the stage's clock to its end, over its runs that ended in the period${stage === 'corrective' || stage === 'preventive' ? ` in iterations with a ${stage} action` : ''}.`)),
  ratio('recurrence_rate', 'Of the closings in the period, those whose cause came back on the same system within the watch, as quality has signed until `asOf`. It can still rise while CAPAs are watched.'),
  ratio('effectiveness', 'Of the assessments signed here in the period as effective or ineffective, those that found the actions effective.', { above: 0.9 }),
  ratio('inconclusive_rate', 'Of all assessments signed here in the period, those that were inconclusive.'),
  ratio('extension_rate', 'Of the CAPAs open at `stateAt` and those closed in the period, each once, those with an extension granted before `stateAt`.'),
  ratio('first_pass_rca', 'Of the investigations (one an iteration) first handed over here in the period and decided on before `stateAt`, those whose plan was approved without having been returned.'),
  ...AGEING.map((bucket) => ratio(ageingMetric(bucket), `Of the CAPAs open at \`stateAt\`, those ${bucket.to === null ? `${bucket.from} whole days old or older` : `${bucket.from} to ${bucket.to} whole days old`}, from their opening.`)),
  ratio('system_level_actions', 'Of the actions in the plans first approved in the period, those stated to be of the level `system`. An action whose level is not stated is not one.'),
];

export const METRIC_NAMES: readonly string[] = FORMULAS.map(({ name }) => name);
