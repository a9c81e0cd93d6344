import fc from 'fast-check';
import type { DrillCommand } from '../../../contracts/drill';
import { plusMs } from '../../../contracts/instant';
import { act as carryOut, amy, ann, bea, bob, drillOf, outsider, product, type Run } from './drills';

const actors = fc.constantFrom(ann, amy, bob, bea, outsider, product);
const commands: fc.Arbitrary<DrillCommand> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<DrillCommand>({ act: 'confirm', body: {} }) },
  { weight: 1, arbitrary: fc.constant<DrillCommand>({ act: 'end', body: { reason: 'r' } }) },
  { weight: 1, arbitrary: fc.constant<DrillCommand>({ act: 'issue-acknowledged', body: { recordId: 'i1' } }) },
  { weight: 1, arbitrary: fc.constantFrom('ann', 'bea', 'zoe').map((personId): DrillCommand => ({ act: 'relieve', body: { personId, deputyId: null, reason: 'left' } })) },
  { weight: 1, arbitrary: fc.constant<DrillCommand>({ act: 'linked', body: { recordId: 'i2', kind: 'relates_to' } }) },
);
const outcome = fc.constantFrom('done' as const, 'done' as const, 'nobody' as const, 'failed' as const);

function check(run: Run): void {
  const holds = (condition: boolean, what: string) => { if (!condition) throw new Error(`${what}; state ${JSON.stringify(run.state)}`); };
  const { status, endedAt, people, answers, issue } = run.state;
  holds((status === 'reported') === run.done, 'over is reported');
  holds((endedAt !== null) === run.done, 'what is over ended at an instant');
  holds(run.done ? run.armed.length === 0 : run.armed.length === 1, 'a running drill waits for the end of its window, a reported one for nothing');
  holds(people.length === answers.length && people.every(({ personId }) => answers.some((answer) => answer.personId === personId)), 'everybody has one answer');
  const ended = run.facts.filter(({ action }) => action === 'drill.ended').length;
  holds(ended === (run.done ? 1 : 0), 'it ends once');
  const endings = run.effects.filter(({ kind }) => kind === 'command').length;
  holds(endings === (run.done && issue?.recordId ? 1 : 0), 'an issue that it opened is ended with it, once');
  const intents = run.effects.map(({ intent }) => intent);
  holds(new Set(intents).size === intents.length, 'an intent is unique for ever');
}

describe('any history of a drill', () => {
  test('E15 it ends exactly once, by its window at the latest, and ends what it opened, in 300 random runs', () => {
    fc.assert(fc.property(
      fc.constantFrom('reachability' as const, 'escalation' as const), fc.array(outcome, { minLength: 5, maxLength: 5 }),
      fc.array(fc.tuple(actors, commands, fc.integer({ min: 0, max: 300 })), { maxLength: 15 }),
      (kind, outcomes, acts) => {
        let told = 0;
        const run = drillOf(kind, () => outcomes[told++ % outcomes.length] ?? 'done');
        check(run);
        for (const [actor, command, minutes] of acts) {
          if (run.done) break;
          run.runTo(plusMs(run.now, minutes * 60_000));
          run.command({ actor, command });
          check(run);
        }
        run.runTo(plusMs(run.now, 48 * 3_600_000));
        check(run);
        if (!run.done) throw new Error('a window ends a drill');
        expect(() => { carryOut(run, ann, { act: 'confirm', body: {} }); }).toThrow('wrong_state');
      },
    ), { numRuns: 300 });
  });
});
