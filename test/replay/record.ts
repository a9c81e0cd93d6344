import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { ownTemporal } from '../faults/support/engines';
import { eventually, openWorld, type World } from '../support/world';
import { goldenHistories, HISTORIES, replayAll, tracingBundle, TRACES } from './replaying';
import { SCENARIOS, type Played, type Scenario } from './scenarios';

/**
 * Records the golden histories of a version on a real server, and the traces of all of them
 * (`npm run record:histories -- <version> [scenario …]`; without a version the traces alone). Jest runs
 * it, so that it needs no build of its own; it is no test.
 */
const version = process.env['HISTORY_VERSION'];
const asked = (process.env['HISTORY_SCENARIOS'] ?? '').split(',').filter((name) => name !== '');
const chosen = SCENARIOS.filter(({ name }) => asked.length === 0 || asked.includes(name));

if (version !== undefined) {
  test('records the histories', async () => {
    for (const scenario of chosen) forget(scenario);
    const ordinary = chosen.filter((scenario) => scenario.continueAfterEvents === undefined);
    await recordAll(ordinary, undefined);
    for (const scenario of chosen) {
      if (scenario.continueAfterEvents === undefined) continue;
      const temporal = await ownTemporal({ 'limit.historyCount.suggestContinueAsNew': scenario.continueAfterEvents });
      try {
        await recordAll([scenario], temporal.engine.address);
      } finally {
        await temporal.discard();
      }
    }
  }, 300_000);
}

test('writes the traces', async () => {
  rmSync(TRACES, { recursive: true, force: true });
  const golden = goldenHistories();
  const replayed = await replayAll(await tracingBundle(), golden);
  golden.forEach(({ traceFile }) => { mkdirSync(path.dirname(traceFile), { recursive: true }); });
  golden.forEach(({ traceFile }, index) => { writeFileSync(traceFile, replayed[index]?.trace ?? ''); });
}, 120_000);

async function recordAll(scenarios: readonly Scenario[], temporalAddress: string | undefined): Promise<void> {
  const world = await openWorld(temporalAddress === undefined ? {} : { temporalAddress });
  try {
    await world.startWorker();
    for (const scenario of scenarios) await keep(world, scenario, await scenario.play(world));
  } finally {
    await world.close();
  }
}

const folderOf = ({ capability = 'escalation' }: Scenario): string => path.join(HISTORIES, capability);

/** Removes what an earlier recording of this version left. */
function forget(scenario: Scenario): void {
  const folder = folderOf(scenario);
  mkdirSync(folder, { recursive: true });
  const own = new RegExp(`^${scenario.name}(-run-\\d+)?@`);
  for (const file of readdirSync(folder).filter((name) => own.test(name) && name.endsWith(`@${version ?? ''}.json`))) rmSync(path.join(folder, file));
}

async function keep(world: World, scenario: Scenario, { workflowId, runIds }: Played): Promise<void> {
  const { name } = scenario;
  const runs = runIds ?? [(await world.client.workflow.getHandle(workflowId).describe()).runId];
  for (const [index, runId] of runs.entries()) {
    const handle = world.client.workflow.getHandle(workflowId, runId);
    await eventually(`${name} is over`, async () => (await handle.describe()).status.name !== 'RUNNING');
    const file = `${name}${runs.length > 1 ? `-run-${index + 1}` : ''}@${version ?? ''}.json`;
    writeFileSync(path.join(folderOf(scenario), file), oneEventALine(historyToJSON(await handle.fetchHistory())));
  }
}

/** One event a line, so that a changed recording can be read as a diff; without the names of the machine it was made on. */
function oneEventALine(json: string): string {
  const { events } = JSON.parse(json) as { events: readonly object[] };
  const lines = events.map((event) => JSON.stringify(event, (key, value: unknown) => (key === 'identity' ? 'recorder' : value)));
  return `{"events":[\n${lines.join(',\n')}\n]}\n`;
}
