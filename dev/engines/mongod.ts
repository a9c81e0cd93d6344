import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ManagedProcess, after } from '../process';
import { Refused } from '../refused';
import { freePort } from './ports';
import { becomePrimary } from './replicaSet';

export interface MongodOptions {
  readonly executable: string;
  /** Holds `db/` and `keyfile`. */
  readonly dataDir: string;
  readonly logFile: string;
  /** Preferred; another one is taken when it is not free. */
  readonly port?: number;
  /** Of WiredTiger; 0.25 is the least that mongod takes. */
  readonly cacheGb: number;
  readonly adminPassword: string;
  readonly applicationPassword: string;
  /** Told of the process as soon as it runs, long before it is ready. */
  readonly onStart?: (process: ManagedProcess) => void;
}

/** A one-node replica set with authentication on 127.0.0.1. */
export interface Mongod {
  readonly process: ManagedProcess;
  readonly port: number;
  /** For provisioning: may do everything. */
  readonly adminUri: string;
  /** For worker and API: the user that provisioning creates. */
  readonly applicationUri: string;
  /** Resolves when it is primary and its admin user can sign in; also after a restart. Throws Refused. */
  ready(): Promise<void>;
}

export const ADMIN_USER = 'cro_admin';
export const APPLICATION_USER = 'cro_app';
/** Generous: after a crash the journal is replayed first. */
const READY_MS = 60_000;

/** Starts mongod and makes it primary; on first start also creates its admin user. Throws Refused. */
export async function startMongod(options: MongodOptions): Promise<Mongod> {
  const port = await freePort(options.port);
  const dbPath = join(options.dataDir, 'db');
  const keyFile = join(options.dataDir, 'keyfile');
  mkdirSync(dbPath, { recursive: true, mode: 0o700 });
  // 1 to 1024 base64 characters; mongod refuses a key file that others can read.
  if (!existsSync(keyFile)) writeFileSync(keyFile, randomBytes(512).toString('base64'), { mode: 0o600 });
  const process = new ManagedProcess({
    name: 'mongod',
    command: options.executable,
    args: [
      '--replSet', 'rs0', '--keyFile', keyFile, '--dbpath', dbPath, '--bind_ip', '127.0.0.1', '--port', String(port),
      '--wiredTigerCacheSizeGB', String(options.cacheGb), '--oplogSize', '256', '--nounixsocket', '--quiet',
      '--setParameter', 'diagnosticDataCollectionEnabled=false',
      // A worker killed inside a transaction leaves its record locked until this is over; ours last milliseconds, the default is 60.
      '--setParameter', 'transactionLifetimeLimitSeconds=10',
      // A lone node has nobody to hand over to; waiting for that would eat the patience of Ctrl-C.
      '--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=100',
    ],
    logFile: options.logFile,
  });
  const uri = (user: string, password: string): string => `mongodb://${user}:${password}@127.0.0.1:${String(port)}/cro?authSource=admin&replicaSet=rs0`;
  const mongod: Mongod = {
    process,
    port,
    adminUri: uri(ADMIN_USER, options.adminPassword),
    applicationUri: uri(APPLICATION_USER, options.applicationPassword),
    ready: () => untilReady(mongod, options),
  };
  process.start();
  options.onStart?.(process);
  await mongod.ready();
  return mongod;
}

async function untilReady(mongod: Mongod, options: MongodOptions): Promise<void> {
  const giveUp = new AbortController();
  const dead = mongod.process.ended.then(() => 'ended' as const);
  const primary = becomePrimary({ port: mongod.port, user: ADMIN_USER, password: options.adminPassword, signal: giveUp.signal });
  const late = after(READY_MS, giveUp.signal).then(() => 'late' as const);
  const outcome = await Promise.race([primary, dead, late]);
  giveUp.abort();
  await primary.catch(() => undefined);
  switch (outcome) {
    case 'primary':
      return;
    case 'ended':
      throw new Refused(`MongoDB ended while starting: the reason is at the end of ${options.logFile}.`);
    case 'late':
      await mongod.process.stop(5000);
      throw new Refused(`MongoDB was not ready within ${String(READY_MS / 1000)} s: the reason may be at the end of ${options.logFile}.`);
    case 'foreign':
      await mongod.process.stop(5000);
      throw new Refused(`MongoDB's data in ${options.dataDir} does not accept the passwords of this installation: put its secrets.json back, or start afresh with \`npm start -- --reset\`.`);
  }
}
