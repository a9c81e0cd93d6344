import { seconds } from '../../contracts/spans';
import type { ArmedDeadline, DeadlineRule } from '../../contracts/step';
import { endDeadlines } from '../../domain/ended';
import { instant } from './time/calendars';

const DUE = '2026-03-02T10:00:00.000Z';
const rule = (name: string): DeadlineRule => ({ name, from: instant('2026-03-02T09:00:00Z'), after: seconds(3600), organisationId: 'org-1' });
const deadline = (name: string, due = DUE): ArmedDeadline => ({ name, due: instant(due), armedAt: instant('2026-03-02T09:00:00Z'), rule: rule(name) });
const warning = (name: string, due = '2026-03-02T09:30:00.000Z'): ArmedDeadline => ({ ...deadline(`${name}#50`, due), warning: 0.5 });
const BEFORE = instant('2026-03-02T09:59:59.999Z');
const AFTER = instant('2026-03-02T10:00:02Z');
const nothing = { arm: [], disarm: [] };

describe('how a step ends deadlines', () => {
  test('E6 the passed one fired, with its lateness', () => {
    const { ended, facts, left } = endDeadlines({ armed: [deadline('ack')], step: nothing, lapsed: { name: 'ack', due: instant(DUE) }, at: AFTER });
    expect(ended).toEqual([{ name: 'ack', due: DUE, outcome: 'fired', at: AFTER, lateByMs: 2000 }]);
    expect(facts).toEqual([]);
    expect(left).toEqual([]);
  });

  test('the passed one fired also when its step arms the name anew', () => {
    const { ended } = endDeadlines({ armed: [deadline('ack')], step: { arm: [rule('ack')], disarm: ['ack'] }, lapsed: { name: 'ack', due: instant(DUE) }, at: instant(DUE) });
    expect(ended).toMatchObject([{ outcome: 'fired', lateByMs: 0 }]);
  });

  test('disarmed in time, the very instant included: met', () => {
    for (const at of [BEFORE, instant(DUE)]) {
      expect(endDeadlines({ armed: [deadline('ack')], step: { arm: [], disarm: ['ack'] }, at }).ended).toMatchObject([{ outcome: 'met', lateByMs: 0 }]);
    }
  });

  test('only armed anew: replaced; disarmed and armed anew: met', () => {
    const armed = [deadline('ack')];
    expect(endDeadlines({ armed, step: { arm: [rule('ack')], disarm: [] }, at: BEFORE }).ended).toMatchObject([{ outcome: 'replaced' }]);
    expect(endDeadlines({ armed, step: { arm: [rule('ack')], disarm: ['ack'] }, at: BEFORE }).ended).toMatchObject([{ outcome: 'met' }]);
  });

  test.each([
    ['disarmed', { arm: [], disarm: ['*'] }],
    ['armed anew', { arm: [rule('ack')], disarm: [] }],
  ])('%s after its instant: the act wins, the miss stays, as a fact too', (_title, step) => {
    const { ended, facts } = endDeadlines({ armed: [deadline('ack')], step, at: AFTER });
    expect(ended).toEqual([{ name: 'ack', due: DUE, outcome: 'missed', at: AFTER, lateByMs: 2000 }]);
    expect(facts).toEqual([{ action: 'deadline.missed', field: 'ack', detail: { due: DUE, lateByMs: 2000, overtaken: true } }]);
  });

  test('warnings go with their deadline and are no outcome of their own, however late', () => {
    const { ended, facts, left } = endDeadlines({ armed: [deadline('ack'), warning('ack'), warning('other')], step: { arm: [], disarm: ['ack'] }, at: instant('2026-03-02T09:45:00Z') });
    expect(ended.map(({ name, outcome }) => [name, outcome])).toEqual([['ack', 'met']]);
    expect(facts).toEqual([]);
    expect(left.map(({ name }) => name)).toEqual(['other#50']);
  });

  test('a warning that passed fired and leaves its deadline waiting', () => {
    const passed = warning('ack');
    const { ended, left } = endDeadlines({ armed: [deadline('ack'), passed], step: nothing, lapsed: { name: passed.name, due: passed.due }, at: passed.due });
    expect(ended).toMatchObject([{ name: 'ack#50', outcome: 'fired', lateByMs: 0 }]);
    expect(left.map(({ name }) => name)).toEqual(['ack']);
  });

  test('a passed deadline that was replaced meanwhile ends nothing', () => {
    const armed = [deadline('ack', '2026-03-02T12:00:00.000Z')];
    expect(endDeadlines({ armed, step: nothing, lapsed: { name: 'ack', due: instant(DUE) }, at: AFTER })).toEqual({ ended: [], facts: [], left: armed });
  });
});
