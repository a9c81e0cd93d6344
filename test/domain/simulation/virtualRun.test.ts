import type { Actor } from '../../../contracts/actor';
import { businessHours, seconds } from '../../../contracts/spans';
import { Failure } from '../../../contracts/failures';
import { plusMs, type Instant } from '../../../contracts/instant';
import type { DeadlineRule, Effect, Step } from '../../../contracts/step';
import type { Machine } from '../../../domain/machine';
import { VirtualRun, type VirtualWorld } from '../../../domain/simulation/virtualRun';
import { calendar, instant } from '../time/calendars';

const START = instant('2026-03-02T09:00:00Z');
const after = (count: number): Instant => plusMs(START, count * 1000);
const actor: Actor = { kind: 'system', name: 'test', correlationId: '' };

interface Bell {
  readonly log: readonly string[];
}
type Order = { readonly act: 'arm'; readonly rules: readonly DeadlineRule[] } | { readonly act: 'tell'; readonly intents: readonly string[] } | { readonly act: 'stop' } | { readonly act: 'disarm'; readonly name: string };

const rule = (name: string, inSeconds: number, more: Partial<DeadlineRule> = {}): DeadlineRule => ({ name, from: START, after: seconds(inSeconds), organisationId: 'org-1', ...more });

const stepTo = (state: Bell, line: string, more: Partial<Step<Bell>> = {}): Step<Bell> => ({
  state: { log: [...state.log, line] }, facts: [{ action: line }], arm: [], disarm: [], effects: [], ...more,
});

/** Writes down what happens to it; a deadline named `again` arms itself at once, for ever. */
const bell: Machine<Bell, Order, readonly DeadlineRule[]> = {
  capability: 'bell',
  version: 1,
  migrate: () => ({ log: [] }),
  open: (rules) => stepTo({ log: [] }, 'open', { arm: rules }),
  refuse: (_state, { command }) => (command.act === 'disarm' && command.name === 'never' ? { type: 'wrong_state', reason: 'never' } : undefined),
  apply(state, { command }) {
    const line = command.act;
    switch (command.act) {
      case 'arm': return stepTo(state, line, { arm: command.rules });
      case 'tell': return stepTo(state, line, { effects: command.intents.map((intent): Effect => ({ kind: 'notify', intent })) });
      case 'disarm': return stepTo(state, line, { disarm: [command.name] });
      case 'stop': return stepTo(state, line, { disarm: ['*'], done: true, effects: [{ kind: 'notify', intent: 'bye' }] });
    }
  },
  lapse: (state, deadline, now) => stepTo(state, `${deadline.name} at ${String((Date.parse(now) - Date.parse(START)) / 1000)}`, deadline.name === 'again' ? { arm: [rule('again', 0)] } : {}),
  settle: (state, { intent, outcome, detail }) => (outcome === 'done' ? undefined : stepTo(state, `${intent} ${outcome}: ${detail}`, intent === 'a' ? { effects: [{ kind: 'notify', intent: 'a2' }] } : {})),
  waiting: (_state, armed) => armed.map(({ name }) => ({ for: name, movers: [] })),
  shown: () => ({ state: 's', severity: 'minor', level: 1 }),
};

function run(rules: readonly DeadlineRule[], world: Partial<VirtualWorld> = {}) {
  return new VirtualRun(bell, { calendarOf: () => undefined, tzdb: '2025c', answer: () => 'done', ...world }, { opening: rules, at: START, actor });
}

describe('a virtual run', () => {
  test('passes deadlines in the order of their instants, however they were armed', () => {
    const bells = run([rule('late', 30), rule('early', 10), rule('middle', 20)]);
    bells.runTo(after(25));
    expect(bells.state.log).toEqual(['open', 'early at 10', 'middle at 20']);
    expect(bells.now).toBe(after(25));
    expect(bells.next?.name).toBe('late');
    expect(bells.waiting()).toEqual([{ for: 'late', movers: [] }]);
  });

  test('of two at one instant the one armed first passes first', () => {
    const bells = run([rule('one', 10), rule('two', 10)]);
    bells.runTo(after(10));
    expect(bells.state.log).toEqual(['open', 'one at 10', 'two at 10']);
  });

  test('a command at the instant of a deadline comes before it, runTo includes it', () => {
    const bells = run([rule('one', 10), rule('two', 10)]);
    expect(bells.commandAt(after(10), { actor, command: { act: 'disarm', name: 'one' } })).toBeUndefined();
    bells.runTo(after(10));
    expect(bells.state.log).toEqual(['open', 'disarm', 'two at 10']);
    expect(bells.ended).toMatchObject([{ name: 'one', outcome: 'met', lateByMs: 0 }, { name: 'two', outcome: 'fired', lateByMs: 0 }]);
  });

  test('after a sleep deadlines pass late, in order; a command that comes first wins and leaves the miss', () => {
    const bells = run([rule('one', 10), rule('two', 20), rule('three', 60)]);
    bells.sleepTo(after(50));
    expect(bells.state.log).toEqual(['open']);
    bells.command({ actor, command: { act: 'disarm', name: 'one' } });
    bells.runTo(after(60));
    expect(bells.state.log).toEqual(['open', 'disarm', 'two at 50', 'three at 60']);
    expect(bells.ended.map(({ name, outcome, lateByMs }) => [name, outcome, lateByMs])).toEqual([['one', 'missed', 40_000], ['two', 'fired', 30_000], ['three', 'fired', 0]]);
    expect(bells.facts.map(({ action }) => action)).toEqual(['open', 'disarm', 'deadline.missed', 'two at 50', 'three at 60']);
  });

  test('warnings pass on their way and go with their deadline', () => {
    const bells = run([rule('one', 3600, { warnAt: [0.5, 0.8] })]);
    bells.runTo(after(1800));
    expect(bells.state.log).toEqual(['open', 'one#50 at 1800']);
    bells.command({ actor, command: { act: 'disarm', name: 'one' } });
    expect(bells.armed).toEqual([]);
  });

  test('effects settle in order after their step, also those that a settling causes', () => {
    const bells = run([], { answer: ({ intent }) => (intent.startsWith('a') ? 'nobody' : intent === 'b' ? 'done' : 'failed') });
    bells.command({ actor, command: { act: 'tell', intents: ['a', 'b', 'c'] } });
    expect(bells.state.log).toEqual(['open', 'tell', 'a nobody: simulated: nobody', 'c failed: simulated: failed', 'a2 nobody: simulated: nobody']);
    expect(bells.steps.map(({ rev, source }) => [rev, source.key])).toEqual([[1, 'open'], [2, 'command/1'], [3, 'settle/a'], [4, 'settle/c'], [5, 'settle/a2']]);
    expect(bells.effects.map(({ intent }) => intent)).toEqual(['a', 'b', 'c', 'a2']);
  });

  test('nothing follows once the machine is done, whatever the effects answer', () => {
    const bells = run([rule('one', 10)], { answer: () => 'nobody' });
    bells.command({ actor, command: { act: 'stop' } });
    bells.runTo(after(100));
    expect(bells.done).toBe(true);
    expect(bells.state.log).toEqual(['open', 'stop']);
    expect(bells.passNext()).toBe(false);
  });

  test('a refusal changes nothing', () => {
    const bells = run([]);
    expect(bells.command({ actor, command: { act: 'disarm', name: 'never' } })).toEqual({ type: 'wrong_state', reason: 'never' });
    expect(bells.steps).toHaveLength(1);
  });

  test('each step keeps where it came from, when, and the state it led to', () => {
    const bells = run([rule('one', 10)]);
    bells.passNext();
    expect(bells.steps[1]).toMatchObject({ rev: 2, at: after(10), source: { key: `lapse/one/${after(10)}`, act: 'lapse', actor: { kind: 'system', name: 'timer' } }, state: { log: ['open', 'one at 10'] } });
  });

  test('the clock does not go back', () => {
    const bells = run([]);
    bells.runTo(after(10));
    expect(() => { bells.runTo(after(9)); }).toThrow(RangeError);
    expect(() => bells.commandAt(after(9), { actor, command: { act: 'stop' } })).toThrow(RangeError);
  });

  test('business time is counted on the calendar of the organisation, which must be there', () => {
    const slow = rule('slow', 0, { after: businessHours(2) });
    const bells = run([slow], { calendarOf: (organisationId) => ({ ...calendar('America/New_York'), organisationId }) });
    expect(bells.next?.due).toBe('2026-03-02T16:00:00.000Z');
    expect(bells.next?.calendar).toEqual({ organisationId: 'org-1', version: 3, tzdb: '2025c' });
    expect(() => run([slow])).toThrow(Failure);
  });

  test('a machine that chases itself is stopped', () => {
    expect(() => { run([rule('again', 0)]).runTo(START); }).toThrow('takes no end of steps');
  });
});
