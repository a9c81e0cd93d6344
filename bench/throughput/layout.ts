import { randomUUID } from 'node:crypto';
import { instantOf } from '../../contracts/instant';
import type { Store } from '../../store/connection';
import { ladderOfSeconds } from '../../test/faults/support/site';
import { CRO, personOf, seedCast } from '../../test/support/cast';
import { openMailbox } from '../../test/support/letters';
import { freshStore } from '../../test/support/mongo';
import { send, startProduct, tokenFor, type ProductProcesses } from '../../test/support/product';
import { eventually, workflowId } from '../../test/support/world';
import { percentile, round, spread } from '../engine/measure';

/** How many processes of the product run. */
export interface Layout { readonly workers: number; readonly apis: number }
interface Spread { readonly p50: number; readonly p99: number }

export interface Measured extends Layout {
  /** From the first request to the last notice. */
  readonly toldPerSecond: number;
  readonly openMs: Spread;
  readonly acknowledgeMs: Spread;
  readonly steadyAcknowledgeMs: Spread;
  /** Share of the tasks of some issues that each worker took. */
  readonly tasksByWorker: readonly number[];
}

type Measurement = Layout & { readonly temporalAddress: string; readonly issues: number; readonly steady: number };

// One that everybody has, with a ladder of its own.
const TOPIC = 'system';
/** Callers at a time. */
const CALLERS = 16;
/** Tokens, so that no caller meets the limit of 600 requests a minute. */
const TOKENS = 8;
const STEADY_EVERY_MS = 100;
/** Histories read for the shares of the workers. */
const SAMPLE = 40;
const raiser = personOf(CRO, 'study_lead');

/** Opens issues over HTTP as fast as it goes, waits until everybody is told, acknowledges them all; then acknowledges at a steady pace. */
export async function measureLayout(measurement: Measurement): Promise<Measured> {
  const { temporalAddress, workers, apis, issues, steady } = measurement;
  const fresh = await freshStore();
  const mailbox = await openMailbox();
  await seedCast(fresh.store);
  await fresh.store.models.policies.create([{ ...ladderOfSeconds(36_000), key: TOPIC, _id: `${TOPIC}/1`, createdAt: instantOf(0) }]);
  const tokens = await Promise.all(Array.from({ length: TOKENS }, () => tokenFor(fresh.store, raiser)));
  const product = await startProduct({ temporalAddress, mongodbUri: fresh.uri, smtpUrl: mailbox.url, workers, apis });
  try {
    const caller = callerOf(product, tokens);
    await told(fresh.store, await spread({ times: 20, callers: CALLERS }, (index) => caller.open(index)));
    const startedAt = performance.now();
    const opened = await spread({ times: issues, callers: CALLERS }, (index) => caller.open(index));
    await told(fresh.store, opened);
    const seconds = (performance.now() - startedAt) / 1000;
    const acknowledged = await spread({ times: opened.length, callers: CALLERS }, (index) => caller.acknowledge(index, opened[index]?.id ?? ''));
    const calm = await spread({ times: steady, callers: CALLERS }, (index) => caller.open(index));
    await told(fresh.store, calm);
    const steadily = await Promise.all(calm.map(async ({ id }, index) => {
      await new Promise((resolve) => { setTimeout(resolve, index * STEADY_EVERY_MS); });
      return caller.acknowledge(index, id);
    }));
    return {
      workers, apis, toldPerSecond: round(issues / seconds), openMs: spreadOf(opened), acknowledgeMs: spreadOf(acknowledged), steadyAcknowledgeMs: spreadOf(steadily),
      tasksByWorker: await sharesOf(product, opened.slice(0, SAMPLE).map(({ id }) => id)),
    };
  } finally {
    await endRuns(product);
    await product.stop();
    await mailbox.close();
    await fresh.drop();
  }
}

interface Timed { readonly id: string; readonly ms: number }

function callerOf({ apis }: ProductProcesses, tokens: readonly string[]) {
  const post = async (index: number, path: string, body: object): Promise<Timed> => {
    const at = performance.now();
    const request = { token: tokens[index % tokens.length] ?? '', key: randomUUID(), body };
    const ask = () => send(`${apis[index % apis.length]?.url ?? ''}${path}`, request);
    let response = await ask();
    // Stored and not done within ten seconds: the same request again gets the answer once there is one.
    while (response?.status === 202) response = await ask();
    if (!response || response.status > 201) throw new Error(`${path} was answered ${String(response?.status)}`);
    const { id } = (await response.json()) as { id: string };
    return { id, ms: performance.now() - at };
  };
  return {
    open: (index: number) => post(index, '/api/v1/issues', { topic: TOPIC, title: `Issue ${String(index)}`, description: 'd', severity: 'major', raisingOrganisationId: CRO, accountableOrganisationId: CRO }),
    acknowledge: (index: number, id: string) => post(index, `/api/v1/issues/${id}/acknowledge`, {}),
  };
}

async function told({ models }: Store, issues: readonly Timed[]): Promise<void> {
  await eventually('everybody is told', async () => (await models.steps.exists({ recordId: { $in: issues.map(({ id }) => id) }, effectsDone: false })) === null, 300_000);
}

function spreadOf(timed: readonly Timed[]): Spread {
  const values = timed.map(({ ms }) => ms);
  return { p50: round(percentile(values, 0.5)), p99: round(percentile(values, 0.99)) };
}

async function sharesOf({ client }: ProductProcesses, ids: readonly string[]): Promise<readonly number[]> {
  const counts = new Map<string, number>();
  for (const id of ids) {
    const { events } = await client.workflow.getHandle(workflowId(id)).fetchHistory();
    for (const event of events ?? []) {
      const identity = event.workflowTaskStartedEventAttributes?.identity ?? event.activityTaskStartedEventAttributes?.identity;
      if (identity) counts.set(identity, (counts.get(identity) ?? 0) + 1);
    }
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [...counts.values()].map((count) => Math.round((count / total) * 100) / 100).toSorted((a, b) => b - a);
}

/** Leaves nothing on the engines for the next layout. */
async function endRuns({ client, taskQueue }: ProductProcesses): Promise<void> {
  for await (const run of client.workflow.list({ query: `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running'` })) {
    await client.workflowService.terminateWorkflowExecution({ namespace: 'default', workflowExecution: { workflowId: run.workflowId } }).catch(() => undefined);
  }
}
