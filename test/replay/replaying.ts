import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode, Worker, type InjectedSinks, type WorkflowBundleOption } from '@temporalio/worker';
import { createDataConverter, failureConverterPath } from '../../platform/dataConverter';
import { openKeyRing } from '../../platform/keyRing';
import { installRuntime } from '../support/world';
import type { CommandSinks } from './sandbox/recordCommands';
import { traceText } from './traceText';

/** A recorded run: `<scenario>@<version>`, its events as Temporal gave them, and the commands it consists of. */
export interface GoldenHistory {
  readonly name: string;
  readonly json: string;
  readonly traceFile: string;
}

/** One folder for each capability. */
export const HISTORIES = path.join(__dirname, 'histories');
export const TRACES = path.join(__dirname, 'traces');

/** Every kept history of every version: releases replay what their predecessors recorded. */
export function goldenHistories(): readonly GoldenHistory[] {
  return readdirSync(HISTORIES).sort().flatMap((capability) => readdirSync(path.join(HISTORIES, capability)).filter((file) => file.endsWith('.json')).sort().map((file) => {
    const name = file.slice(0, -'.json'.length);
    return { name, json: readFileSync(path.join(HISTORIES, capability, file), 'utf8'), traceFile: path.join(TRACES, capability, `${name}.txt`) };
  }));
}

const ring = openKeyRing(path.join(__dirname, '../support/test-keys.json'));

/** How a history's replay came out: `error` when the code gave other commands; `trace` when the bundle tells them. */
export interface Replayed {
  readonly name: string;
  readonly error: Error | undefined;
  readonly trace: string;
}

/** Replays histories one after another, as production would. */
export async function replayAll(bundle: WorkflowBundleOption, histories: readonly Pick<GoldenHistory, 'name' | 'json'>[]): Promise<readonly Replayed[]> {
  installRuntime();
  const commands = new Map<string, unknown[]>();
  const record: InjectedSinks<CommandSinks>['commands']['record'] = {
    fn: ({ runId }, command) => { commands.set(runId, [...(commands.get(runId) ?? []), JSON.parse(command)]); },
    callDuringReplay: true,
  };
  const options = { workflowBundle: bundle, dataConverter: createDataConverter(ring), sinks: { commands: { record } } };
  const replayed: Replayed[] = [];
  for await (const { runId, error } of Worker.runReplayHistories(options, histories.map(({ json }) => ({ history: JSON.parse(json), workflowId: workflowIdIn(json) })))) {
    replayed.push({ name: histories[replayed.length]?.name ?? '', error, trace: traceText(commands.get(runId) ?? []) });
  }
  return replayed;
}

/** The workflow code, or a changed copy of it, bundled with what tells its commands. */
export async function tracingBundle(workflowsPath = require.resolve('../../workflows')): Promise<WorkflowBundleOption> {
  const quiet = () => undefined;
  const { code } = await bundleWorkflowCode({
    workflowsPath, failureConverterPath,
    workflowInterceptorModules: [require.resolve('../../workflows/interceptors'), require.resolve('./sandbox/recordCommands')],
    logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: console.error },
  });
  return { code };
}

function workflowIdIn(history: string): string {
  const { events } = JSON.parse(history) as { events: readonly { workflowExecutionStartedEventAttributes?: { workflowId?: string } }[] };
  const id = events[0]?.workflowExecutionStartedEventAttributes?.workflowId;
  if (id === undefined) throw new Error('a history begins with the start of a workflow');
  return id;
}
