import { readFileSync } from 'node:fs';
import { engines } from '../support/engines';
import { goldenHistories, replayAll, tracingBundle, type Replayed } from './replaying';
import { SCENARIOS } from './scenarios';

/**
 * Kept histories of real runs against the workflow code of today. Replay compares the kind and order
 * of commands; traces compare the rest: arguments, timer durations, search attributes. When a change
 * of the rest is meant, `npm run record:histories` writes the traces anew, for review.
 */
const golden = goldenHistories();
const oneTrack = golden.filter(({ name }) => name.startsWith('one-track@'));
const changed = (name: string) => tracingBundle(require.resolve(`./sandbox/${name}`));

describe('golden histories', () => {
  let production: readonly Replayed[];
  let traced: readonly Replayed[];
  beforeAll(async () => {
    production = await replayAll({ codePath: engines.bundle }, golden);
    traced = await replayAll(await tracingBundle(), golden);
  });

  it('there is one of each scenario', () => {
    const kept = golden.map(({ name }) => name.split('@')[0]?.replace(/-run-\d+$/, ''));
    expect(new Set(kept)).toEqual(new Set(SCENARIOS.map(({ name }) => name)));
  });

  it.each(golden.map(({ name }) => name))('%s replays with the bundle that production runs', (name) => {
    expect(production.find((replayed) => replayed.name === name)).toMatchObject({ name, error: undefined });
  });

  it.each(golden)('$name gives the commands of its kept trace, arguments and timers included', ({ name, traceFile }) => {
    expect(traced.find((replayed) => replayed.name === name)?.trace).toBe(readFileSync(traceFile, 'utf8'));
  });

  it.each(['addedTimer', 'addedUpsert'])('a shell that gives other commands is found (%s)', async (shell) => {
    const [replayed] = await replayAll(await changed(shell), oneTrack);
    expect(replayed?.error).toMatchObject({ name: 'DeterminismViolationError' });
  });

  it('a machine that only says something else replays, and its trace tells', async () => {
    const [replayed] = await replayAll(await changed('silentMachine'), oneTrack);
    expect(replayed?.error).toBeUndefined();
    expect(replayed?.trace).not.toContain('issue.acknowledged');
    expect(traced.find(({ name }) => name === oneTrack[0]?.name)?.trace).toContain('issue.acknowledged');
  });
});
