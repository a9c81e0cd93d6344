import { join } from 'node:path';
import { locateEngine } from './engines/locate';
import { startMongod } from './engines/mongod';
import { startTemporal } from './engines/temporal';
import type { ManagedProcess } from './process';
import { localSecrets } from './secrets';

export interface LocalEnginesOptions {
  readonly dataDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly say: (line: string) => void;
  /** Ends a fetching that is under way. */
  readonly signal: AbortSignal;
  readonly onStart: (process: ManagedProcess) => void;
}

/** Where the engines are, be they local or somebody else's. */
export interface Engines {
  readonly mongodbUri: string;
  /** Absent when somebody else provisions. */
  readonly mongodbAdminUri: string | undefined;
  readonly temporalAddress: string;
  readonly temporalUiUrl: string | undefined;
}

const MONGODB_PORT = 27117;
const TEMPORAL_PORT = 7233;
const TEMPORAL_UI_PORT = 8233;

/** Starts the engines that no variable names: MONGODB_URI and TEMPORAL_ADDRESS win. Throws Refused. */
export async function startLocalEngines(options: LocalEnginesOptions): Promise<Engines> {
  const { MONGODB_URI: mongodbUri, MONGODB_ADMIN_URI: mongodbAdminUri, TEMPORAL_ADDRESS: temporalAddress } = options.env;
  // One after the other, so that progress lines do not mix.
  const mongodExecutable = isSet(mongodbUri) ? undefined : await locateEngine('mongod', options);
  const temporalExecutable = isSet(temporalAddress) ? undefined : await locateEngine('temporal', options);
  const [mongodb, temporal] = await bothSettled(
    mongodExecutable === undefined ? { mongodbUri: mongodbUri ?? '', mongodbAdminUri: isSet(mongodbAdminUri) ? mongodbAdminUri : undefined } : localMongodb(mongodExecutable, options),
    temporalExecutable === undefined ? { temporalAddress: temporalAddress ?? '', temporalUiUrl: undefined } : localTemporal(temporalExecutable, options),
  );
  return { ...mongodb, ...temporal };
}

async function localMongodb(executable: string, options: LocalEnginesOptions): Promise<Pick<Engines, 'mongodbUri' | 'mongodbAdminUri'>> {
  const secrets = localSecrets(options.dataDir);
  const mongod = await startMongod({
    executable,
    dataDir: join(options.dataDir, 'mongo'),
    logFile: join(options.dataDir, 'logs', 'mongod.log'),
    port: MONGODB_PORT,
    cacheGb: 0.5,
    adminPassword: secrets.mongodbAdminPassword,
    applicationPassword: secrets.mongodbApplicationPassword,
    onStart: options.onStart,
  });
  options.say(`MongoDB          127.0.0.1:${String(mongod.port)}`);
  return { mongodbUri: mongod.applicationUri, mongodbAdminUri: mongod.adminUri };
}

async function localTemporal(executable: string, options: LocalEnginesOptions): Promise<Pick<Engines, 'temporalAddress' | 'temporalUiUrl'>> {
  const temporal = await startTemporal({
    executable,
    databaseFile: join(options.dataDir, 'temporal', 'temporal.db'),
    logFile: join(options.dataDir, 'logs', 'temporal.log'),
    port: TEMPORAL_PORT,
    uiPort: TEMPORAL_UI_PORT,
    onStart: options.onStart,
  });
  options.say(`Temporal         ${temporal.address}`);
  return { temporalAddress: temporal.address, temporalUiUrl: temporal.uiUrl };
}

/** Both, or the first fault once neither is in the middle of starting. */
async function bothSettled<A, B>(first: A | Promise<A>, second: B | Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return await Promise.all([first, second]);
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
