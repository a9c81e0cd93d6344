import { Context } from '@temporalio/activity';
import type { mongo } from 'mongoose';
import type { Store } from '../../store/connection';

/** A command that a process sent to MongoDB. */
export interface DriverCommand {
  readonly name: string;
  readonly collection: string;
  /** The activity that sent it; undefined: the API. */
  readonly activity: string | undefined;
}

/** Watches what a store sends from now on; the store must have been opened with `monitorCommands`. */
export function watchCommands(store: Store): { readonly seen: readonly DriverCommand[]; stop(): void } {
  const seen: DriverCommand[] = [];
  const client = store.connection.getClient();
  const note = ({ commandName, command }: mongo.CommandStartedEvent) => {
    const on: unknown = command[commandName];
    seen.push({ name: commandName, collection: typeof on === 'string' ? on : '', activity: activityType() });
  };
  client.on('commandStarted', note);
  return { seen, stop: () => { client.off('commandStarted', note); } };
}

function activityType(): string | undefined {
  try {
    return Context.current().info.activityType;
  } catch {
    return undefined;
  }
}
