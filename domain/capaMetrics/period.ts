import { parseInstant, plusMs, type Instant } from '../../contracts/instant';
import { dayNumberOf, DAY_MS, instantOfLocal, isDate, isKnownZone } from '../time/zone';
import type { Period } from './measure';

/** What a caller says of a period: instants, or dates that begin at midnight in `zone`. */
export interface AskedPeriod {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly zone: string;
  readonly asOf?: string | undefined;
}
/** What is wrong with it, by field. */
export interface PeriodFault {
  readonly field: 'from' | 'to' | 'zone' | 'asOf';
  readonly message: string;
}

/** A year, where no beginning is named: most CAPAs live shorter. */
const DEFAULT_DAYS = 365;
/** Ten years and the days of leap years. */
const LONGEST_DAYS = 3653;

/** The half-open period that is meant; `to` defaults to now, `from` to 365 days before. The `zone` counts for dates only. */
export function periodOf(asked: AskedPeriod, now: Instant): Period | PeriodFault {
  const { zone } = asked;
  if (!isKnownZone(zone)) return { field: 'zone', message: 'names no time zone of the tz database, such as Europe/Zurich' };
  const read = (text: string): Instant | undefined => (isDate(text) ? instantOfLocal(zone, dayNumberOf(text) * DAY_MS) : parseInstant(text));
  const asOf = asked.asOf === undefined ? now : parseInstant(asked.asOf);
  if (asOf === undefined || asOf > now) return { field: 'asOf', message: asOf === undefined ? 'is no instant with its offset' : 'lies ahead' };
  const to = asked.to === undefined ? asOf : read(asked.to);
  if (to === undefined) return { field: 'to', message: 'is neither a date nor an instant with its offset' };
  const from = asked.from === undefined ? plusMs(to, -DEFAULT_DAYS * DAY_MS) : read(asked.from);
  if (from === undefined) return { field: 'from', message: 'is neither a date nor an instant with its offset' };
  if (from >= to) return { field: 'from', message: 'must lie before `to`' };
  if (from >= asOf) return { field: 'from', message: 'lies ahead: there is nothing to count yet' };
  return plusMs(from, LONGEST_DAYS * DAY_MS) < to ? { field: 'from', message: 'must lie within ten years before `to`' } : { from, to, asOf };
}
