import type { Calendar } from '../../contracts/calendar';
import type { Duration } from '../../contracts/duration';
import { Failure } from '../../contracts/failures';
import { epochMsOf, plusMs, type Instant } from '../../contracts/instant';
import type { ArmedDeadline, DeadlineRule } from '../../contracts/step';
import { addBusinessDays, addBusinessHours, addBusinessMs, businessMsBetween } from './businessTime';
import { MINUTE_MS } from './zone';

/** A warning that leaves less than this helps nobody and is not armed. */
const LEAST_NOTICE_MS = 5 * MINUTE_MS;

export interface DeadlineToResolve {
  readonly rule: DeadlineRule;
  /** The calendar version in force of `rule.organisationId`; needed for business time only. */
  readonly calendar?: Calendar;
  /** Release of the time zone data that counts, e.g. `2025c`. */
  readonly tzdb: string;
}

/**
 * The absolute instants of a rule: the deadline first, then its warnings in order of time.
 *
 * A warning stands at a share of the span from `rule.from` to due. Calendar time and promised
 * instants take that share of elapsed time; business hours and business days take it of the
 * working time in between, so half of one business day is half of its working hours. A warning that
 * would leave under five minutes, or would not lie after `rule.from` and `rule.warnAfter`, is left out.
 *
 * Throws Failure('rule_broken') when business time has no calendar, the calendar cannot count
 * it, or a share is not between 0 and 1; Failure('internal') for the calendar of another organisation.
 */
export function resolveDeadline({ rule, calendar, tzdb }: DeadlineToResolve): ArmedDeadline[] {
  const { after, from } = rule;
  if (after.kind !== 'business') {
    const due = after.kind === 'at' ? after.at : plusMs(from, after.ms);
    const spanMs = epochMsOf(due) - epochMsOf(from);
    return armed({ name: rule.name, due, armedAt: from, rule }, (share) => plusMs(from, Math.round(share * spanMs)));
  }
  const counting = calendarFor(rule, calendar);
  const due = businessDue(counting, from, after);
  const workMs = businessMsBetween(counting, from, due);
  return armed(
    { name: rule.name, due, armedAt: from, rule, calendar: { organisationId: counting.organisationId, version: counting.version, tzdb } },
    (share) => addBusinessMs(counting, from, Math.round(share * workMs)),
  );
}

type BusinessDuration = Extract<Duration, { kind: 'business' }>;

function businessDue(calendar: Calendar, from: Instant, after: BusinessDuration): Instant {
  return after.unit === 'hours' ? addBusinessHours(calendar, from, after.amount) : addBusinessDays(calendar, from, after.amount);
}

function calendarFor(rule: DeadlineRule, calendar: Calendar | undefined): Calendar {
  const { organisationId, name } = rule;
  if (!calendar) throw new Failure('rule_broken', `${organisationId} has no business calendar, which the deadline ${name} needs`, { organisationId, missingCalendar: true });
  if (calendar.organisationId !== organisationId) {
    throw new Failure('internal', `the deadline ${name} of ${organisationId} was given the calendar of ${calendar.organisationId}`);
  }
  return calendar;
}

function armed(deadline: ArmedDeadline, instantAt: (share: number) => Instant): ArmedDeadline[] {
  const shares = [...new Set(deadline.rule.warnAt ?? [])].sort((a, b) => a - b);
  const warnings = shares.map((share): ArmedDeadline => {
    if (!(share > 0 && share < 1)) throw new Failure('rule_broken', `the deadline ${deadline.name} warns at ${String(share)}; a share lies between 0 and 1`);
    return { ...deadline, name: `${deadline.name}#${percentOf(share)}`, due: instantAt(share), warning: share };
  });
  return [deadline, ...warnings.filter((warning) => isUseful(warning, deadline))];
}

function isUseful(warning: ArmedDeadline, deadline: ArmedDeadline): boolean {
  const warnMs = epochMsOf(warning.due);
  const after = deadline.rule.warnAfter ?? deadline.armedAt;
  return warnMs > epochMsOf(deadline.armedAt) && warnMs > epochMsOf(after) && epochMsOf(deadline.due) - warnMs >= LEAST_NOTICE_MS;
}

/** `50`, `33.33`: as many digits as keep the names of two shares apart. */
function percentOf(share: number): string {
  return String(Number((share * 100).toFixed(4)));
}
