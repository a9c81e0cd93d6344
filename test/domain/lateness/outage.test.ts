import fc from 'fast-check';
import { instantOf, plusMs } from '../../../contracts/instant';
import type { ArmedDeadline, EndedDeadline } from '../../../contracts/step';
import { gapBetween, isSilent, type Beat, type ScheduleTurns } from '../../../domain/lateness/outage';
import { kindOf, passedDeadlines } from '../../../domain/lateness/passed';

const T0 = instantOf(Date.UTC(2026, 10, 22, 8));
const MINUTE = 60_000;
const turns = (more: Partial<ScheduleTurns> = {}): ScheduleTurns => ({ taken: 50, missed: 3, overlapped: 5, paused: false, ...more });
const beatAt = (ms: number, more: Partial<Beat> = {}): Beat => ({ at: plusMs(T0, ms), everyMs: MINUTE, workerStartedAt: plusMs(T0, -1), turns: turns(), ...more });

describe('a gap between two beats', () => {
  test('E6 is an outage from two and a half turns on, counted by the slower of two intervals', () => {
    fc.assert(fc.property(fc.integer({ min: 100, max: 600_000 }), fc.integer({ min: 100, max: 600_000 }), fc.integer({ min: 0, max: 5_000_000 }), (before, now, after) => {
      const silent = isSilent({ at: T0, everyMs: before }, { at: plusMs(T0, after), everyMs: now });
      expect(silent).toBe(after > 2.5 * Math.max(before, now));
    }));
    expect(gapBetween(beatAt(0), beatAt(2.5 * MINUTE))).toBeUndefined();
    expect(gapBetween(beatAt(0), beatAt(2.5 * MINUTE + 1))).toMatchObject({ from: T0, until: plusMs(T0, 2.5 * MINUTE + 1), lastedMs: 2.5 * MINUTE + 1 });
  });

  const restarted = { workerStartedAt: plusMs(T0, 9 * MINUTE) };
  test.each<[string, Partial<Beat>, Partial<Beat>]>([
    ['worker', {}, { ...restarted, turns: turns({ taken: 51, overlapped: 14 }) }],
    ['store', {}, { turns: turns({ taken: 51, overlapped: 14 }) }],
    ['temporal', {}, { turns: turns({ taken: 52, missed: 12 }) }],
    ['temporal', {}, { ...restarted, turns: turns({ missed: 12, overlapped: 6 }) }],
    ['paused', {}, {}],
    // The turn that was under way when it was paused, and the first one after.
    ['paused', {}, { turns: turns({ taken: 51, overlapped: 6 }) }],
    ['paused', {}, { ...restarted, turns: turns({ taken: 51 }) }],
    ['paused', {}, { turns: turns({ paused: true, overlapped: 15 }) }],
    ['worker', { turns: null }, { ...restarted, turns: null }],
    ['unknown', { turns: null }, {}],
    ['unknown', {}, { turns: turns({ taken: 1, missed: 0, overlapped: 0 }) }],
  ])('E6 is put down to: %s', (cause, before, after) => {
    expect(gapBetween(beatAt(0, before), beatAt(10 * MINUTE, after))).toMatchObject({ cause, known: expect.stringMatching(/\.$/) });
  });
});

describe('passed deadlines of a step', () => {
  const armed = (name: string, warning?: number): ArmedDeadline => ({
    name, due: T0, armedAt: plusMs(T0, -MINUTE), rule: { name, from: T0, after: { kind: 'calendar', ms: 1000 }, organisationId: `of-${name}` }, ...(warning !== undefined && { warning }),
  });
  const ended = (name: string, outcome: EndedDeadline['outcome']): EndedDeadline => ({ name, due: T0, outcome, at: plusMs(T0, 70), lateByMs: 70 });

  test('E6 are those that fired or were missed, with whose they were; what was met, lifted or replaced is not among them', () => {
    const names = ['ack/accountable', 'ack/raising#80', 'progress/accountable', 'resolution', 'review'];
    const outcomes = ['fired', 'fired', 'missed', 'met', 'lifted'] as const;
    const passed = passedDeadlines({ armed: names.map((name) => armed(name, name.includes('#') ? 0.8 : undefined)), ended: names.map((name, index) => ended(name, outcomes[index] ?? 'met')) });
    expect(passed.map(({ name, kind, warning, organisationId, outcome }) => [name, kind, warning, organisationId, outcome])).toEqual([
      ['ack/accountable', 'ack', null, 'of-ack/accountable', 'fired'], ['ack/raising#80', 'ack', 0.8, 'of-ack/raising#80', 'fired'],
      ['progress/accountable', 'progress', null, 'of-progress/accountable', 'missed'],
    ]);
    expect(passed[0]).toMatchObject({ due: T0, firedAt: plusMs(T0, 70), lateByMs: 70 });
    expect(kindOf('resolution')).toBe('resolution');
  });
});
