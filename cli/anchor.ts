import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { runAs } from '../platform/clientInterceptors';
import { openKeyRing } from '../platform/keyRing';
import { createTemporalClient, lazyConnection } from '../platform/temporalConnection';
import { temporalTarget } from '../platform/temporalTarget';
import { commandEnvironment } from './connectionString';

const HELP = `Takes the anchor of the audit trail now, as the schedule daily-anchor does at 00:15 UTC, and mails
each organisation its receipt. Once a day: a second one on the same day changes nothing.

  npm run anchor

Needs a running worker. Reads TEMPORAL_* and CRO_KEYS_FILE, else what \`npm start\` set up in .data/
(or CRO_DATA_DIR). Exit 0: done, 2: could not, or not all receipts were mailed within two minutes.
`;
const SCHEDULE = 'daily-anchor';
const STARTS_WITHIN_MS = 30_000;
const POLL_MS = 250;
const PATIENCE_MS = 120_000;

/** Triggers the schedule and waits until what it starts is done. Throws when it does not start, or fails. */
export async function takeAnchorNow(client: Client): Promise<void> {
  const handle = client.schedule.getHandle(SCHEDULE);
  const before = (await handle.describe()).info.numActionsTaken;
  await runAs({ kind: 'system', name: 'operator', correlationId: 'anchor' }, async () => { await handle.trigger(); });
  const until = Date.now() + STARTS_WITHIN_MS;
  while (Date.now() < until) {
    await sleep(POLL_MS);
    const { info } = await handle.describe();
    const last = info.recentActions.at(-1);
    if (info.numActionsTaken <= before || last?.action.type !== 'startWorkflow') continue;
    const { workflowId, firstExecutionRunId } = last.action.workflow;
    await withinPatience(client.workflow.getHandle(workflowId, firstExecutionRunId).result());
    return;
  }
  throw new Error('the schedule started nothing: is an anchor being taken already, or is it paused?');
}

/** The anchor itself takes seconds; receipts may have to wait for the mail server, for which nobody need wait here. */
async function withinPatience(done: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => { reject(new Error(`not done after ${String(PATIENCE_MS / 1000)} s: does the mail server take the receipts? It goes on by itself, for twelve hours at most.`)); }, PATIENCE_MS);
  });
  try {
    await Promise.race([done, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function main(): Promise<number> {
  if (process.argv.includes('--help')) {
    process.stdout.write(HELP);
    return 0;
  }
  const env = commandEnvironment();
  const keysFile = env['CRO_KEYS_FILE'];
  if (keysFile === undefined) throw new Error('CRO_KEYS_FILE is not set and no stack was started here.');
  const target = temporalTarget(env);
  const connection = lazyConnection(target);
  try {
    await takeAnchorNow(createTemporalClient(connection, target, openKeyRing(keysFile)));
    console.log('The anchor of today is taken and its receipts are mailed.');
    return 0;
  } finally {
    await connection.close();
  }
}

if (require.main === module) {
  main().then((code) => { process.exitCode = code; }, (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  });
}
