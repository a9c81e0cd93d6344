import { instantOf, type Instant } from '../../contracts/instant';
import type { NoticeReason } from '../../contracts/notice';
import type { Digest, Preferences, QuietHours } from '../../contracts/preferences';
import { DAY_MS, HOUR_MS, instantOfLocal, localMsOf, MINUTE_MS } from '../time/zone';
import { informs } from './reasons';

/** When a person is told. `day`: the local date whose digest it is. */
export type Timing =
  | { readonly when: 'now' }
  | { readonly when: 'held'; readonly until: Instant }
  | { readonly when: 'digest'; readonly until: Instant; readonly day: string };

const NOW: Timing = { when: 'now' };

/**
 * When to tell (E8). Critical at once, whatever was preferred; what asks for an act waits for the end
 * of quiet hours at most; what only informs goes into the day's digest where the person has one.
 * Holding changes when somebody is told, never a deadline. `until` lies after `now`. Throws Failure
 * `rule_broken` for an unknown zone.
 */
export function decideTiming(notice: { readonly reason: NoticeReason; readonly severity: string }, preferences: Preferences | undefined, now: Instant): Timing {
  if (notice.severity === 'critical' || preferences === undefined) return NOW;
  const { quietHours, digest } = preferences;
  const quietEnd = (at: Instant): Instant | undefined => quietHours === null ? undefined : quietUntil(quietHours, at);
  if (digest && informs(notice.reason)) {
    const { at, day } = nextDigest(digest, now);
    return { when: 'digest', until: quietEnd(at) ?? at, day };
  }
  const until = quietEnd(now);
  return until === undefined ? NOW : { when: 'held', until };
}

/**
 * The end of the quiet hours that run at a moment; undefined when none do. Each evening's quiet hours
 * are one stretch between two instants, so an hour that daylight saving repeats does not begin them again.
 */
export function quietUntil({ from, to, zone }: QuietHours, at: Instant): Instant | undefined {
  const [fromMs, toMs] = [msOf(from), msOf(to)];
  const today = dayOf(zone, at);
  const ends = [today - 1, today].flatMap((day) => {
    const start = instantOfLocal(zone, day * DAY_MS + fromMs);
    const end = instantOfLocal(zone, (toMs > fromMs ? day : day + 1) * DAY_MS + toMs);
    return start <= at && at < end ? [end] : [];
  });
  return ends[0];
}

function nextDigest({ at, zone }: Digest, now: Instant): { readonly at: Instant; readonly day: string } {
  const today = dayOf(zone, now);
  const coming = [today, today + 1, today + 2].map((day) => ({ at: instantOfLocal(zone, day * DAY_MS + msOf(at)), day: dateOf(day) }));
  return coming.find((digest) => digest.at > now) ?? { at: now, day: dateOf(today) };
}

const dayOf = (zone: string, at: Instant): number => Math.floor(localMsOf(zone, at) / DAY_MS);
const dateOf = (day: number): string => instantOf(day * DAY_MS).slice(0, 10);

function msOf(time: string): number {
  return Number(time.slice(0, 2)) * HOUR_MS + Number(time.slice(3)) * MINUTE_MS;
}
