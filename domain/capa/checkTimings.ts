import { CAPA_SPANS, severityTimingsSchema, type CapaSpan, type GivenTimings } from '../../contracts/capaPolicy';
import type { SeverityTimings } from '../../contracts/capaState';
import { STAGES, type Stage } from '../../contracts/capaWords';
import type { PolicyFinding, Severity } from '../../contracts/policy';
import { badSpan, checkWarnings, error, warning } from '../policy/findings';
import { msText, spanText, typicalMs } from '../policy/spans';

type Timings = GivenTimings[Severity];
const SEVERITIES: readonly Severity[] = ['critical', 'major', 'minor'];
const DAY_MS = 24 * 3_600_000;

/** Stages that are counted from the same instant, in the order in which their work is done: each needs time after the one before. */
const IN_ORDER: readonly (readonly [before: Stage, after: Stage])[] = [['response', 'root-cause'], ['root-cause', 'plan'], ['plan', 'corrective'], ['plan', 'preventive']];
/** "Without undue delay" (ISO 13485 8.5.2): what is longer is no limit. Judgement. */
const STAGE_AT_MOST_MS = 366 * DAY_MS;
const AT_MOST_MS: Readonly<Partial<Record<CapaSpan, number>>> = { monitoring: 3 * 366 * DAY_MS, recurrenceWatch: 5 * 366 * DAY_MS };
/** What things do, no office hours stop: the effect of an action shows on Sundays, too. */
const CALENDAR_ONLY: readonly CapaSpan[] = ['monitoring', 'recurrenceWatch'];
/** What has to be done sooner the graver it is; windows of observation are not. */
const GRAVER_IS_SOONER: readonly CapaSpan[] = [...STAGES, 'decision'];

/**
 * What is wrong or doubtful about drafted timings of CAPAs, each with the path to the fault. Errors first; without
 * errors the timings satisfy {@link severityTimingsSchema}.
 */
export function checkTimings(given: GivenTimings): readonly PolicyFinding[] {
  const found = [...SEVERITIES.flatMap((severity) => checkSeverity(given[severity], severity)), ...slowerWhenGraver(given)];
  return [...found.filter(({ severity }) => severity === 'error'), ...found.filter(({ severity }) => severity === 'warning')];
}

/** The timings, once {@link checkTimings} found no error. Throws ZodError otherwise. */
export function soundTimings(given: GivenTimings): SeverityTimings {
  return severityTimingsSchema.parse(given);
}

function checkSeverity(timings: Timings, severity: Severity): readonly PolicyFinding[] {
  const found = [...CAPA_SPANS.flatMap((name) => checkSpan(timings, name)), ...outOfOrder(timings), ...checkWarnings(timings), ...shortWatch(timings)];
  return found.map((finding) => ({ ...finding, field: `timings.${severity}.${finding.field}` }));
}

function checkSpan(timings: Timings, name: CapaSpan): readonly PolicyFinding[] {
  const span = timings[name];
  const bad = badSpan(name, span);
  if (bad.length > 0) return bad;
  if (CALENDAR_ONLY.includes(name) && span.kind !== 'calendar') return [error(name, 'is counted in calendar time')];
  const mostMs = AT_MOST_MS[name] ?? STAGE_AT_MOST_MS;
  return typicalMs(span) > mostMs ? [error(name, `${spanText(span)} are no limit that anybody would live to see: at most ${msText(mostMs)}`)] : [];
}

/** Both are counted from the opening, or from the start of the iteration: a plan cannot be due before its root cause. */
function outOfOrder(timings: Timings): readonly PolicyFinding[] {
  return IN_ORDER.flatMap(([before, after]) => {
    const [first, then] = [timings[before], timings[after]];
    return typicalMs(then) > typicalMs(first) ? [] : [error(after, `${spanText(then)} from the opening leave no time after ${before}, which has ${spanText(first)}`)];
  });
}

function shortWatch({ monitoring, recurrenceWatch }: Timings): readonly PolicyFinding[] {
  return typicalMs(recurrenceWatch) < typicalMs(monitoring) ? [warning('recurrenceWatch', `is shorter than the monitoring window of ${spanText(monitoring)}`)] : [];
}

/** Contradictory: the graver CAPA would have longer. */
function slowerWhenGraver(given: GivenTimings): readonly PolicyFinding[] {
  return ([['critical', 'major'], ['major', 'minor']] as const).flatMap(([graver, lighter]) => GRAVER_IS_SOONER
    .filter((name) => typicalMs(given[graver][name]) > typicalMs(given[lighter][name]))
    .map((name) => warning(`timings.${graver}.${name}`, `contradictory: ${graver} has longer than ${lighter}`)));
}
