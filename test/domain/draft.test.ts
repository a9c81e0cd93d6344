import { seconds } from '../../contracts/spans';
import type { ArmedDeadline, DeadlineRule } from '../../contracts/step';
import { Draft, endedBy, nameMatches } from '../../domain/draft';
import { instant } from './time/calendars';

const FROM = instant('2026-03-02T09:00:00Z');
const rule = (name: string, afterSeconds = 10): DeadlineRule => ({ name, from: FROM, after: seconds(afterSeconds), organisationId: 'org-1' });
const armed = (name: string): ArmedDeadline => ({ name, due: FROM, armedAt: FROM, rule: rule(name), ...(name.includes('#') ? { warning: 0.5 } : {}) });

describe('a step while it is worked out', () => {
  test('a patch keeps what it does not name and never touches the first state', () => {
    const first = { a: 1, b: 2 };
    const draft = new Draft(first).set({ b: 3 });
    expect(draft.state).toEqual({ a: 1, b: 3 });
    expect(first).toEqual({ a: 1, b: 2 });
  });

  test('keeps facts and effects in the order they were added', () => {
    const step = new Draft({}).fact({ action: 'one' }).effect({ kind: 'notify', intent: 'i1' }).fact({ action: 'two' }).effect({ kind: 'notify', intent: 'i2' }).step();
    expect(step.facts.map(({ action }) => action)).toEqual(['one', 'two']);
    expect(step.effects.map(({ intent }) => intent)).toEqual(['i1', 'i2']);
  });

  test('arming a name twice keeps the later rule', () => {
    expect(new Draft({}).arm(rule('ack/a', 1)).arm(rule('ack/b')).arm(rule('ack/a', 2)).step().arm).toEqual([rule('ack/b'), rule('ack/a', 2)]);
  });

  test('disarming takes back what the same step armed, arming after it stands', () => {
    const step = new Draft({}).arm(rule('ack/a')).disarm('ack/*').arm(rule('ack/b')).step();
    expect(step.arm).toEqual([rule('ack/b')]);
    expect(step.disarm).toEqual(['ack/*']);
  });

  test('done ends every deadline, also those of the same step', () => {
    expect(new Draft({}).arm(rule('review')).done().step()).toEqual({ state: {}, facts: [], arm: [], disarm: [], lift: ['*'], effects: [], done: true });
  });

  test('a step that is not done does not say so', () => {
    expect(new Draft({}).step()).not.toHaveProperty('done');
  });
});

test.each([
  ['ack/raising', 'ack/raising', true],
  ['ack/raising#50', 'ack/raising', true],
  ['ack/raising2', 'ack/raising', false],
  ['ack/raising', 'ack/raising#50', false],
  ['ack/raising', 'ack/*', true],
  ['ack/raising#80', 'ack/*', true],
  ['acknowledge/raising', 'ack/*', false],
  ['ack', 'ack/*', false],
  ['anything', '*', true],
  ['review', 'rev*', false],
])('%s is meant by %s: %s', (name, pattern, expected) => {
  expect(nameMatches(name, pattern)).toBe(expected);
});

test('a step ends what it disarms and what it arms anew, with the warnings, and nothing else', () => {
  const before = ['ack/a', 'ack/a#50', 'review', 'review#80', 'resolution', 'resolution#50'].map(armed);
  expect(endedBy(before, { arm: [rule('review')], disarm: ['ack/*'] }).map(({ name }) => name)).toEqual(['ack/a', 'ack/a#50', 'review', 'review#80']);
  expect(endedBy(before, { arm: [], disarm: [] })).toEqual([]);
});
