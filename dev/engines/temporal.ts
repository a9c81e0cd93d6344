import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Connection } from '@temporalio/client';
import { ManagedProcess, after } from '../process';
import { Refused } from '../refused';
import { freePort } from './ports';

export interface TemporalOptions {
  readonly executable: string;
  /** SQLite file with all executions. */
  readonly databaseFile: string;
  readonly logFile: string;
  /** Preferred; others are taken when they are not free. */
  readonly port?: number;
  readonly uiPort?: number;
  /** Without the Web UI; for tests. */
  readonly headless?: boolean;
  /** Told of the process as soon as it runs, long before it is ready. */
  readonly onStart?: (process: ManagedProcess) => void;
}

/** The Temporal dev server on 127.0.0.1, namespace `default`. */
export interface Temporal {
  readonly process: ManagedProcess;
  /** host:port for clients and workers. */
  readonly address: string;
  readonly uiUrl: string | undefined;
  readonly metricsUrl: string;
  /** Resolves when the namespace answers; also after a restart. Throws Refused. */
  ready(): Promise<void>;
}

const READY_MS = 60_000;
/** Order inside one priority by fairness keys; servers have it off (docs/architecture.md, "Order under backlog"). */
const DYNAMIC_CONFIG = ['matching.enableFairness=true'];
/**
 * A write-ahead log with every commit on disk: as durable as the server's own choice (a rollback
 * journal), at more than twice its pace (docs/performance.md).
 */
const SQLITE = ['journal_mode=wal', 'synchronous=full'];
const STARTS = 3;

/** Starts the dev server on a file that survives restarts, and waits for it. Throws Refused. */
export async function startTemporal(options: TemporalOptions): Promise<Temporal> {
  const port = await freePort(options.port);
  const uiPort = options.headless === true ? undefined : await freePort(options.uiPort);
  const httpPort = await freePort();
  const metricsPort = await freePort();
  mkdirSync(dirname(options.databaseFile), { recursive: true, mode: 0o700 });
  const process = new ManagedProcess({
    name: 'temporal',
    command: options.executable,
    args: [
      'server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--http-port', String(httpPort), '--metrics-port', String(metricsPort),
      '--db-filename', options.databaseFile, ...SQLITE.flatMap((value) => ['--sqlite-pragma', value]), '--log-level', 'warn', '--log-format', 'json',
      ...DYNAMIC_CONFIG.flatMap((value) => ['--dynamic-config-value', value]),
      ...(uiPort === undefined ? ['--headless'] : ['--ui-ip', '127.0.0.1', '--ui-port', String(uiPort)]),
    ],
    logFile: options.logFile,
  });
  const temporal: Temporal = {
    process,
    address: `127.0.0.1:${String(port)}`,
    uiUrl: uiPort === undefined ? undefined : `http://127.0.0.1:${String(uiPort)}`,
    metricsUrl: `http://127.0.0.1:${String(metricsPort)}/metrics`,
    ready: () => untilReady(temporal, options.logFile),
  };
  process.start();
  options.onStart?.(process);
  await temporal.ready();
  return temporal;
}

async function untilReady(temporal: Temporal, logFile: string): Promise<void> {
  for (let start = 1; ; start += 1) {
    const outcome = await firstOutcome(temporal);
    if (outcome === 'answers') return;
    if (outcome === 'late') {
      await temporal.process.stop(5000);
      throw new Refused(`Temporal was not ready within ${String(READY_MS / 1000)} s: the reason may be at the end of ${logFile}.`);
    }
    if (start === STARTS || !lostARaceForAPort(logFile)) throw new Refused(`Temporal ended while starting: the reason is at the end of ${logFile}.`);
    temporal.process.start();
  }
}

async function firstOutcome(temporal: Temporal): Promise<'answers' | 'given up' | 'ended' | 'late'> {
  const giveUp = new AbortController();
  const dead = temporal.process.ended.then(() => 'ended' as const);
  const late = after(READY_MS, giveUp.signal).then(() => 'late' as const);
  const outcome = await Promise.race([answering(temporal.address, giveUp.signal), dead, late]);
  giveUp.abort();
  return outcome;
}

/** The server chooses ports for its inner services, frees them and binds them later: in between somebody else can take one. */
function lostARaceForAPort(logFile: string): boolean {
  return readFileSync(logFile, 'utf8').slice(-8192).includes('address already in use');
}

async function answering(address: string, signal: AbortSignal): Promise<'answers' | 'given up'> {
  while (!signal.aborted) {
    if (await namespaceAnswers(address)) return 'answers';
    await after(150, signal);
  }
  return 'given up';
}

/** The port opens before the namespace exists. */
async function namespaceAnswers(address: string): Promise<boolean> {
  let connection: Connection | undefined;
  try {
    connection = await Connection.connect({ address, connectTimeout: 1000 });
    const service = connection.workflowService;
    await connection.withDeadline(Date.now() + 2000, () => service.describeNamespace({ namespace: 'default' }));
    return true;
  } catch {
    return false;
  } finally {
    await connection?.close();
  }
}
