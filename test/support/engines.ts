import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startMongod, type Mongod } from '../../dev/engines/mongod';
import { startTemporal, type Temporal } from '../../dev/engines/temporal';

/** Engines of this run, which `npm test` started; each test brings its own databases and task queues. */
export const engines = {
  /** May do everything, also create databases, roles and users. */
  get mongodbAdminUri(): string { return given('TEST_MONGODB_ADMIN_URI'); },
  /** The application's user on `cro` and `cro_audit`, as provisioned. */
  get mongodbUri(): string { return given('TEST_MONGODB_URI'); },
  /** host:port of the dev server, namespace `default`, search attributes registered. */
  get temporalAddress(): string { return given('TEST_TEMPORAL_ADDRESS'); },
  /** Executable for `TestWorkflowEnvironment.createTimeSkipping`. */
  get timeSkippingServer(): string { return given('TEST_TIME_SKIPPING_SERVER'); },
  /** Workflow code for `workflowBundle: { codePath }`. */
  get bundle(): string { return given('TEST_BUNDLE'); },
};

/** An engine of one test's own, to be killed and started again at will. */
export interface Private<T> {
  readonly engine: T;
  /** Data and logs; removed by `discard`. */
  readonly folder: string;
  discard(): Promise<void>;
}

/** A mongod for this test alone. */
export function privateMongod(): Promise<Private<Mongod>> {
  return alone((folder) =>
    startMongod({ executable: given('TEST_MONGOD'), dataDir: folder, logFile: join(folder, 'mongod.log'), cacheGb: 0.25, adminPassword: 'private-admin-password', applicationPassword: 'private-app-password' }),
  );
}

/** A Temporal dev server for this test alone; `databaseFile` lies at `<folder>/temporal.db`. */
export function privateTemporal(): Promise<Private<Temporal>> {
  return alone((folder) => startTemporal({ executable: given('TEST_TEMPORAL'), databaseFile: join(folder, 'temporal.db'), logFile: join(folder, 'temporal.log'), headless: true }));
}

async function alone<T extends Mongod | Temporal>(start: (folder: string) => Promise<T>): Promise<Private<T>> {
  const folder = mkdtempSync(join(tmpdir(), 'cro-engine-'));
  const engine = await start(folder);
  return {
    engine,
    folder,
    discard: async () => {
      await engine.process.stop(5000);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function given(variable: string): string {
  const value = process.env[variable];
  if (value === undefined || value === '') throw new Error(`${variable} is not set: run this through the test command, \`npm test -- <path>\`, which starts the engines.`);
  return value;
}
