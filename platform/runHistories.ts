import { isGrpcServiceError, type Client } from '@temporalio/client';
import { defaultPayloadConverter, WorkflowNotFoundError, type Payload, type PayloadCodec } from '@temporalio/common';
import { historyToJSON, JSONToPayload, type JSONPayload } from '@temporalio/common/lib/proto-utils';
import { ENCRYPTED } from './payloadCodec';

/** gRPC NOT_FOUND: past its retention. */
const NOT_FOUND_CODE = 5;

/** One run as Temporal holds it: `json` can be replayed, and is still encrypted. */
export interface RawRun {
  readonly runId: string;
  readonly json: string;
  readonly closed: boolean;
}

/**
 * Every run of a workflow that Temporal still has, oldest first; empty when it has none. Runs are
 * found by visibility, and the present one by itself, since visibility lags behind.
 */
export async function fetchRuns(client: Client, workflowId: string): Promise<readonly RawRun[]> {
  const found = new Map<string, boolean>();
  for await (const run of client.workflow.list({ query: `WorkflowId = "${workflowId.replaceAll('"', '')}"` })) {
    found.set(run.runId, run.status.name !== 'RUNNING');
  }
  const oldestFirst = new Map([...found].reverse());
  const present = await unlessGone(async () => client.workflow.getHandle(workflowId).describe());
  if (present) oldestFirst.set(present.runId, present.status.name !== 'RUNNING');
  const runs = await Promise.all([...oldestFirst].map(async ([runId, closed]) => fetchRun(client, { workflowId, runId, closed })));
  return runs.filter((run) => run !== undefined);
}

async function fetchRun(client: Client, run: { workflowId: string; runId: string; closed: boolean }): Promise<RawRun | undefined> {
  const json = await fetchRunJson(client, run);
  return json === undefined ? undefined : { runId: run.runId, closed: run.closed, json };
}

/** One run's history as JSON that can be replayed; undefined when Temporal no longer has it. */
export async function fetchRunJson(client: Client, run: { workflowId: string; runId: string }): Promise<string | undefined> {
  const history = await unlessGone(async () => client.workflow.getHandle(run.workflowId, run.runId).fetchHistory());
  return history && historyToJSON(history);
}

async function unlessGone<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    const code: number | undefined = isGrpcServiceError(error) ? error.code : undefined;
    if (error instanceof WorkflowNotFoundError || code === NOT_FOUND_CODE) return undefined;
    throw error;
  }
}

/** The events of a run's JSON with every payload replaced by the value that it holds. */
export async function decodedEvents(json: string, codecs: readonly PayloadCodec[]): Promise<readonly { readonly [key: string]: unknown }[]> {
  const { events } = JSON.parse(json) as { events?: { [key: string]: unknown }[] };
  return Promise.all((events ?? []).map(async (event) => (await decoded(event, codecs)) as { [key: string]: unknown }));
}

async function decoded(value: unknown, codecs: readonly PayloadCodec[]): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map(async (item) => decoded(item, codecs)));
  if (typeof value !== 'object' || value === null) return value;
  if (isPayload(value)) return valueOf(value, codecs);
  const entries = await Promise.all(Object.entries(value).map(async ([name, member]) => [name, await decoded(member, codecs)] as const));
  return Object.fromEntries(entries);
}

function isPayload(value: object): value is JSONPayload {
  if (!('metadata' in value) || typeof value.metadata !== 'object' || value.metadata === null) return false;
  return 'encoding' in value.metadata && typeof value.metadata.encoding === 'string';
}

async function valueOf(json: JSONPayload, codecs: readonly PayloadCodec[]): Promise<unknown> {
  let payloads: Payload[] = [JSONToPayload(json)];
  // Codecs were applied last to first. Headers and search attributes they never saw.
  if (Buffer.from(json.metadata?.['encoding'] ?? '', 'base64').toString() === ENCRYPTED) for (const codec of codecs) payloads = await codec.decode(payloads);
  const [payload] = payloads;
  try {
    return payload === undefined ? null : (defaultPayloadConverter.fromPayload<unknown>(payload) ?? null);
  } catch {
    return '[cannot be read]';
  }
}
