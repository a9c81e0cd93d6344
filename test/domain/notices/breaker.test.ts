import { plusMs, type Instant } from '../../../contracts/instant';
import { closedUntil, standingOf } from '../../../domain/notices/breaker';

const NOW = '2026-11-23T08:00:00.000Z' as Instant;
const pauseMs = (failures: number): number | null => {
  const until = closedUntil(failures, NOW);
  return until === null ? null : Date.parse(until) - Date.parse(NOW);
};

test('E10 the fifth failure in a row is followed by a pause, which doubles to a quarter of an hour', () => {
  expect([0, 4, 5, 6, 7, 9, 10, 1000].map(pauseMs)).toEqual([null, null, 30_000, 60_000, 120_000, 480_000, 900_000, 900_000]);
});

test('E10 a target that nobody knows of is tried; in its pause it is not; after it once', () => {
  expect(standingOf(undefined, NOW)).toBe('open');
  expect(standingOf({ failures: 4, pausedUntil: null }, NOW)).toBe('open');
  expect(standingOf({ failures: 5, pausedUntil: plusMs(NOW, 1) }, NOW)).toBe('paused');
  expect(standingOf({ failures: 5, pausedUntil: NOW }, NOW)).toBe('probe');
});
