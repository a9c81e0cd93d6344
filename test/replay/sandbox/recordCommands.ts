import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { proxySinks, type Sinks, type WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { getActivator } from '@temporalio/workflow/lib/global-attributes';

/** Where the commands of a replayed workflow go. */
export interface CommandSinks extends Sinks {
  readonly commands: { record(command: string): void };
}

/**
 * Tells every command that workflow code gives, arguments, timer durations and search attributes
 * included: what replay itself does not compare. Reaches into the SDK, whose version is pinned.
 */
export const interceptors: WorkflowInterceptorsFactory = () => {
  const activator = getActivator();
  const { commands } = proxySinks<CommandSinks>();
  const push = activator.pushCommand.bind(activator);
  activator.pushCommand = (command, complete) => {
    commands.record(JSON.stringify(readable(command)));
    push(command, complete);
  };
  return {};
};

function readable(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(readable);
  if (isPayload(value)) return valueOf(value);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, readable(member)]));
}

const isPayload = (value: object): value is Payload => 'metadata' in value;

function valueOf(payload: Payload): unknown {
  return defaultPayloadConverter.fromPayload<unknown>(payload) ?? null;
}
