import { Client, Connection } from '@temporalio/client';
import type { SendableCommand } from '../../../contracts/command';
import { actorInterceptors } from '../../../platform/clientInterceptors';
import { createCommandSender } from '../../../platform/commandGateway';
import { createDataConverter } from '../../../platform/dataConverter';
import { openKeyRing } from '../../../platform/keyRing';

/** What a caller in a process of its own is told: each message is a command to send. */
export interface CallerPlan {
  readonly temporalAddress: string;
  readonly taskQueue: string;
  readonly keysFile: string;
}

function main(plan: CallerPlan): void {
  const client = new Client({
    connection: Connection.lazy({ address: plan.temporalAddress }), dataConverter: createDataConverter(openKeyRing(plan.keysFile)), interceptors: actorInterceptors,
  });
  const send = createCommandSender({ client, taskQueue: plan.taskQueue });
  process.on('message', (command) => { send(command as SendableCommand, 120_000).catch(console.error); });
  process.send?.('ready');
}

process.once('disconnect', () => process.exit(1));
main(JSON.parse(process.argv[2] ?? '{}') as CallerPlan);
