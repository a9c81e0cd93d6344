import { plusMs, type Instant } from '../../contracts/instant';
import { DAY_MS, dayNumberOf, instantOfLocal, localMsOf, MINUTE_MS } from '../time/zone';
import { instantOf } from '../../contracts/instant';

/** Days of a table as instants, in the zone of the organisation whose file it is. */
export interface DayReader {
  readonly today: string;
  /** Something happened on this day: noon, or now while that is still to come. */
  happened(day: string): Instant;
  /** Something is due on this day: a minute before its end. */
  endOf(day: string): Instant;
}

export function dayReader(zone: string, now: Instant): DayReader {
  return {
    today: instantOf(localMsOf(zone, now)).slice(0, 10),
    happened(day) {
      const noon = instantOfLocal(zone, dayNumberOf(day) * DAY_MS + DAY_MS / 2);
      return noon > now ? now : noon;
    },
    endOf: (day) => plusMs(instantOfLocal(zone, (dayNumberOf(day) + 1) * DAY_MS), -MINUTE_MS),
  };
}
