import fc from 'fast-check';
import { epochMsOf, instantOf, type Instant } from '../../../contracts/instant';
import { NOTICE_REASONS, type NoticeReason } from '../../../contracts/notice';
import type { Preferences } from '../../../contracts/preferences';
import { informs } from '../../../domain/notices/reasons';
import { decideTiming, quietUntil } from '../../../domain/notices/timing';

const ZURICH = 'Europe/Zurich';
const night: Preferences = { quietHours: { from: '22:00', to: '07:00', zone: ZURICH }, digest: null };
const both: Preferences = { quietHours: { from: '22:00', to: '07:00', zone: ZURICH }, digest: { at: '08:30', zone: ZURICH } };
const at = (text: string): Instant => instantOf(Date.parse(text));
const saying = (preferences: Preferences | undefined, notice: { reason: NoticeReason; severity: string }, now: string) => {
  const timing = decideTiming(notice, preferences, at(now));
  return timing.when === 'now' ? 'now' : `${timing.when} ${timing.until.slice(0, 16)}`;
};

describe('when somebody is told', () => {
  const level = { reason: 'level', severity: 'major' } as const;
  const closed = { reason: 'closed', severity: 'minor' } as const;

  // 22 November 2026 is a Sunday; Zurich is UTC+1.
  test.each([
    ['nothing preferred', undefined, level, '2026-11-22T02:00:00Z', 'now'],
    ['in quiet hours, after midnight', night, level, '2026-11-22T02:00:00Z', 'held 2026-11-22T06:00'],
    ['in quiet hours, before midnight', night, level, '2026-11-22T21:30:00Z', 'held 2026-11-23T06:00'],
    ['on the first minute', night, level, '2026-11-22T21:00:00Z', 'held 2026-11-23T06:00'],
    ['on the last', night, level, '2026-11-22T05:59:59Z', 'held 2026-11-22T06:00'],
    ['when they have ended', night, level, '2026-11-22T06:00:00Z', 'now'],
    ['critical on Sunday at 03:00', night, { reason: 'level', severity: 'critical' }, '2026-11-22T02:00:00Z', 'now'],
    ['critical that only informs', both, { reason: 'closed', severity: 'critical' }, '2026-11-22T02:00:00Z', 'now'],
    ['informing, with a digest', both, closed, '2026-11-22T12:00:00Z', 'digest 2026-11-23T07:30'],
    ['informing, before today\'s digest', both, closed, '2026-11-22T06:30:00Z', 'digest 2026-11-22T07:30'],
    ['informing, without a digest, by day', night, closed, '2026-11-22T12:00:00Z', 'now'],
    ['informing, without a digest, by night', night, closed, '2026-11-22T02:00:00Z', 'held 2026-11-22T06:00'],
    ['a warning is never in a digest', both, { reason: 'warning', severity: 'minor' }, '2026-11-22T12:00:00Z', 'now'],
    ['a digest within quiet hours waits for their end', { ...both, digest: { at: '23:00', zone: ZURICH } }, closed, '2026-11-22T12:00:00Z', 'digest 2026-11-23T06:00'],
    ['quiet over lunch', { quietHours: { from: '12:00', to: '13:00', zone: ZURICH }, digest: null }, level, '2026-11-22T11:30:00Z', 'held 2026-11-22T12:00'],
    // Summer time begins on 28 March 2027 at 02:00: the night is an hour shorter.
    ['over the night that loses an hour', night, level, '2027-03-27T22:00:00Z', 'held 2027-03-28T05:00'],
    ['until a time that is skipped', { quietHours: { from: '22:00', to: '02:30', zone: ZURICH }, digest: null }, level, '2027-03-28T00:30:00Z', 'held 2027-03-28T01:30'],
    // It ends on 31 October 2027 at 03:00: 02:30 comes twice, quiet hours end with the first.
    ['until a time that comes twice', { quietHours: { from: '22:00', to: '02:30', zone: ZURICH }, digest: null }, level, '2027-10-31T00:15:00Z', 'held 2027-10-31T00:30'],
    ['when it comes again', { quietHours: { from: '22:00', to: '02:30', zone: ZURICH }, digest: null }, level, '2027-10-31T01:15:00Z', 'now'],
    ['half an hour off the hour', { quietHours: { from: '22:00', to: '07:00', zone: 'Asia/Kolkata' }, digest: null }, level, '2026-11-22T01:00:00Z', 'held 2026-11-22T01:30'],
  ] as const)('E8 %s', (...[, preferences, notice, now, expected]) => {
    expect(saying(preferences, notice, now)).toBe(expected);
  });

  test('E8 the digest of a day is named by its local date', () => {
    const kiribati = { quietHours: null, digest: { at: '00:30', zone: 'Pacific/Kiritimati' } };
    expect(decideTiming(closed, kiribati, at('2026-11-22T10:00:00Z'))).toEqual({ when: 'digest', until: '2026-11-22T10:30:00.000Z', day: '2026-11-23' });
  });

  const time = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 })).map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`);
  const zone = fc.constantFrom(ZURICH, 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia', 'UTC');
  const quiet = fc.record({ from: time, to: time, zone }).filter(({ from, to }) => from !== to);
  const preferences = fc.record({ quietHours: fc.option(quiet), digest: fc.option(fc.record({ at: time, zone })) });
  const now = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2032, 0, 1) }).map(instantOf);
  const notice = fc.record({ reason: fc.constantFrom(...NOTICE_REASONS), severity: fc.constantFrom('critical', 'major', 'minor') });

  test('E8 critical is told at once, an act is never in a digest, and nothing is held longer than two days', () => {
    fc.assert(fc.property(notice, preferences, now, (what, how, when) => {
      const timing = decideTiming(what, how, when);
      if (what.severity === 'critical') expect(timing.when).toBe('now');
      if (!informs(what.reason)) expect(timing.when).not.toBe('digest');
      if (timing.when === 'now') return;
      expect(timing.until > when).toBe(true);
      expect(epochMsOf(timing.until) - epochMsOf(when)).toBeLessThanOrEqual(50 * 3_600_000);
    }), { numRuns: 2000 });
  });

  test('E8 what is held goes out in a moment that is not quiet', () => {
    fc.assert(fc.property(quiet, now, (hours, when) => {
      const until = quietUntil(hours, when);
      if (until === undefined) return;
      expect(until > when).toBe(true);
      expect(quietUntil(hours, until)).toBeUndefined();
    }), { numRuns: 2000 });
  });
});
