import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { Worker, type WorkflowBundleOption } from '@temporalio/worker';
import { createDataConverter } from '../../platform/dataConverter';
import { openKeyRing } from '../../platform/keyRing';
import { engines } from '../../test/support/engines';
import { bareBundle } from './bareSubject';
import { percentile, round } from './measure';

const HISTORIES = path.join(__dirname, '../../test/replay/histories/escalation');
const ROUNDS = 15;
/** Replayed in one go, so that starting a replay worker weighs little. */
const COPIES = 20;

/** Cost of rebuilding one run from the longest golden history, against a bare run with as many events: ms each, and their ratio. */
export async function replayCost(temporalAddress: string) {
  const longest = readdirSync(HISTORIES).filter((file) => file.endsWith('.json')).map((file) => ({ file, history: JSON.parse(readFileSync(path.join(HISTORIES, file), 'utf8')) as { events: unknown[] } }))
    .toSorted((a, b) => b.history.events.length - a.history.events.length)[0];
  if (!longest) throw new Error('no golden history');
  const bundle = await bareBundle();
  const bare = await bareHistory(temporalAddress, bundle, longest.history.events.length);
  const ring = openKeyRing(path.join(__dirname, '../../test/support/test-keys.json'));
  const product = { workflowBundle: { codePath: engines.bundle }, dataConverter: createDataConverter(ring) };
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await replayMs(product, longest.history));
    theirs.push(await replayMs({ workflowBundle: bundle }, bare.history));
  }
  const [p50, bareP50] = [percentile(ours, 0.5), percentile(theirs, 0.5)];
  return { history: longest.file, events: longest.history.events.length, bareEvents: bare.events, productMs: round(p50), bareMs: round(bareP50), ratio: Math.round((p50 / bareP50) * 100) / 100 };
}

type ReplayOptions = Parameters<typeof Worker.runReplayHistories>[0];

async function replayMs(options: ReplayOptions, history: unknown): Promise<number> {
  const copies = Array.from({ length: COPIES }, (_, index) => ({ history, workflowId: `replayed-${String(index)}` }));
  const at = performance.now();
  for await (const { error } of Worker.runReplayHistories(options, copies)) if (error) throw error;
  return (performance.now() - at) / COPIES;
}

/** A bare run of about so many events: levels that lapse, one after the other. */
async function bareHistory(temporalAddress: string, bundle: WorkflowBundleOption, events: number): Promise<{ history: unknown; events: number }> {
  const connection = await Connection.connect({ address: temporalAddress });
  const client = new Client({ connection });
  const taskQueue = `bare-history-${String(Date.now())}`;
  const none = (): Promise<void> => Promise.resolve();
  const { NativeConnection } = await import('@temporalio/worker');
  const native = await NativeConnection.connect({ address: temporalAddress });
  const worker = await Worker.create({ connection: native, taskQueue, workflowBundle: bundle, activities: { write: none, tell: none } });
  try {
    return await worker.runUntil(async () => {
      const perLevel = 19;
      const handle = await client.workflow.start('bare', { taskQueue, workflowId: taskQueue, args: [{ caseId: 'replay', levels: Math.max(1, Math.round(events / perLevel)), levelMs: 50 }] });
      await handle.result();
      const history = await handle.fetchHistory();
      return { history: JSON.parse(historyToJSON(history)) as unknown, events: history.events?.length ?? 0 };
    });
  } finally {
    await native.close();
    await connection.close();
  }
}
