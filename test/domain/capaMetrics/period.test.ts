import fc from 'fast-check';
import { epochMsOf, parseInstant } from '../../../contracts/instant';
import { periodOf } from '../../../domain/capaMetrics/period';
import { at, DAY_MS } from '../capa/capas';

const NOW = at('2026-11-22T12:00:00Z');

describe('the period of figures', () => {
  test('Q15 dates begin at midnight where the zone is, on both sides of a change of clocks', () => {
    expect(periodOf({ from: '2026-03-29', to: '2026-03-30', zone: 'Europe/Zurich' }, NOW)).toEqual({ from: '2026-03-28T23:00:00.000Z', to: '2026-03-29T22:00:00.000Z', asOf: NOW });
    expect(periodOf({ from: '2026-10-25', to: '2026-10-26', zone: 'Europe/Zurich' }, NOW)).toEqual({ from: '2026-10-24T22:00:00.000Z', to: '2026-10-25T23:00:00.000Z', asOf: NOW });
    expect(periodOf({ from: '2026-01-01', to: '2026-07-01T00:00:00+02:00', zone: 'UTC' }, NOW)).toEqual({ from: '2026-01-01T00:00:00.000Z', to: '2026-06-30T22:00:00.000Z', asOf: NOW });
  });

  test('Q15 nothing said: the last year up to now; up to what was asked for, if that is earlier', () => {
    expect(periodOf({ zone: 'UTC' }, NOW)).toEqual({ from: '2025-11-22T12:00:00.000Z', to: NOW, asOf: NOW });
    expect(periodOf({ zone: 'UTC', asOf: '2026-10-01T00:00:00Z' }, NOW)).toEqual({ from: '2025-10-01T00:00:00.000Z', to: '2026-10-01T00:00:00.000Z', asOf: '2026-10-01T00:00:00.000Z' });
  });

  test('Q15 neighbouring dates meet without gap or overlap, in whichever zone', () => {
    const day = fc.integer({ min: 0, max: 3000 }).map((n) => new Date(Date.UTC(2018, 0, 1) + n * DAY_MS).toISOString().slice(0, 10));
    fc.assert(fc.property(day, fc.constantFrom('Europe/Zurich', 'America/Sao_Paulo', 'Asia/Kolkata', 'Pacific/Apia', 'UTC'), (date, zone) => {
      const next = (text: string) => new Date(Date.parse(text) + DAY_MS).toISOString().slice(0, 10);
      const [one, two] = [periodOf({ from: date, to: next(date), zone }, NOW), periodOf({ from: next(date), to: next(next(date)), zone }, NOW)];
      if ('field' in one || 'field' in two) throw new Error('refused');
      expect(one.to).toBe(two.from);
      expect(Math.abs(epochMsOf(one.to) - epochMsOf(one.from) - DAY_MS)).toBeLessThanOrEqual(DAY_MS / 24);
    }), { numRuns: 300 });
  });

  test.each([
    ['from', { from: '2026-05-02', to: '2026-05-01', zone: 'UTC' }], ['from', { from: '2027-01-01', to: '2027-02-01', zone: 'UTC' }], ['from', { from: '2010-01-01', zone: 'UTC' }],
    ['from', { from: '2026-05-01T10:00:00', zone: 'UTC' }], ['to', { to: '2026-13-01', zone: 'UTC' }], ['zone', { zone: '+02:00' }], ['asOf', { asOf: '2026-11-22', zone: 'UTC' }],
  ] as const)('Q15 what cannot be meant names %s', (field, asked) => {
    expect(periodOf(asked, NOW)).toMatchObject({ field, message: expect.any(String) });
    expect(parseInstant('2026-05-01T10:00:00')).toBeUndefined();
  });
});
