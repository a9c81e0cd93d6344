import { plusMs, parseInstant, type Instant } from '../../contracts/instant';
import type { SimulationRequest } from '../../contracts/simulation';
import { broken } from '../escalation/opening';

/** How far a simulation runs on after the issue was raised, ms. */
export const HORIZON_MS = 400 * 24 * 3_600_000;

/** Calendars and time zones are known for these years; deadlines of an issue raised outside cannot be counted. */
const [FIRST, LAST] = ['1970-01-02T00:00:00.000Z', '2199-12-31T23:59:59.999Z'];

/** Throws Failure `rule_broken`, naming the field, for instants that no clock of a simulation reaches. */
export function checkInstants({ at, acts }: Pick<SimulationRequest, 'at' | 'acts'>): void {
  const raisedAt = parseInstant(at);
  if (!raisedAt || raisedAt < FIRST || raisedAt > LAST) throw broken('at', 'must lie from 1970 to 2199');
  const end = plusMs(raisedAt, HORIZON_MS);
  const outside = (text: string | undefined): boolean => {
    const instant: Instant | undefined = text === undefined ? undefined : parseInstant(text);
    return instant !== undefined && (instant < raisedAt || instant > end);
  };
  const act = acts.findIndex((one) => outside(one.at));
  if (act >= 0) throw broken(`acts.${String(act)}.at`, 'must lie from `at` on, and at most 400 days after it');
}
