import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { mongo } from 'mongoose';

export interface BarePlan {
  readonly temporalAddress: string;
  readonly taskQueue: string;
  readonly mongodbUri: string;
  readonly bundle: string;
}

export interface BareActivities {
  write(step: { readonly caseId: string; readonly act: string; readonly level: number }): Promise<void>;
  tell(notice: { readonly caseId: string; readonly level: number; readonly due: number }): Promise<void>;
}

async function main(plan: BarePlan): Promise<void> {
  Runtime.install({ shutdownSignals: [], logger: { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: console.error } });
  const client = await mongo.MongoClient.connect(plan.mongodbUri);
  const steps = client.db().collection('bare_steps');
  const notices = client.db().collection('bare_notices');
  const activities: BareActivities = {
    async write(step) { await steps.insertOne({ ...step, at: Date.now() }, { writeConcern: { w: 'majority', journal: true } }); },
    async tell(notice) { await notices.insertOne({ ...notice, at: Date.now() }); },
  };
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address: plan.temporalAddress }), taskQueue: plan.taskQueue, activities,
    workflowBundle: { codePath: plan.bundle }, maxCachedWorkflows: 600,
  });
  const running = worker.run();
  process.on('message', (asked) => { if (asked === 'stop') worker.shutdown(); });
  process.send?.('polling');
  await running;
  process.exit(0);
}

function quiet(): void {
  // Figures are the output.
}

process.once('disconnect', () => process.exit(1));
main(JSON.parse(process.argv[2] ?? '{}') as BarePlan).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
