import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import type { Mongod } from '../../../dev/engines/mongod';
import { startTemporal, type Temporal } from '../../../dev/engines/temporal';
import { ensureSearchAttributes } from '../../../worker/temporalNamespace';
import type { Private } from '../../support/engines';

/** A Temporal server for one test file, with dynamic configuration, search attributes registered. */
export async function ownTemporal(settings: Readonly<Record<string, number | boolean>> = {}): Promise<Private<Temporal>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'cro-temporal-'));
  const executable = path.join(folder, 'temporal');
  const configuration = Object.entries(settings).map(([key, value]) => `--dynamic-config-value ${key}=${value}`);
  writeFileSync(executable, `#!/bin/sh\nexec '${process.env['TEST_TEMPORAL'] ?? 'temporal'}' "$@" ${configuration.join(' ')}\n`, { mode: 0o700 });
  const engine = await startTemporal({ executable, databaseFile: path.join(folder, 'data', 'temporal.db'), logFile: path.join(folder, 'temporal.log'), headless: true });
  const connection = await Connection.connect({ address: engine.address });
  await ensureSearchAttributes({ connection, namespace: 'default' });
  await connection.close();
  return {
    engine, folder,
    discard: async () => {
      await engine.process.stop(5000);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts an engine again on the same port and data, and waits for it. */
export async function startAgain(engine: Temporal | Mongod): Promise<void> {
  engine.process.start();
  await engine.ready();
}

/** A copy of an engine's data, which can be put back. */
export interface Backup {
  /** Stops the engine, replaces its data by the copy, starts it. */
  restore(): Promise<void>;
}

/** Stops an engine, copies its data, starts it again. */
export async function backUp(owned: Private<Temporal | Mongod>): Promise<Backup> {
  const { engine, folder } = owned;
  const copy = path.join(folder, 'backup');
  // Temporal keeps its file in `data`, mongod its files in `db`.
  const data = readdirSync(folder).includes('db') ? path.join(folder, 'db') : path.join(folder, 'data');
  await engine.process.stop(15_000);
  cpSync(data, copy, { recursive: true });
  await startAgain(engine);
  return {
    async restore() {
      await engine.process.stop(15_000);
      rmSync(data, { recursive: true });
      cpSync(copy, data, { recursive: true });
      await startAgain(engine);
    },
  };
}

/** What to end after the tests, last first, also when the setup failed half-way. */
export function cleanups(): { add(end: () => Promise<void>): void; run(): Promise<void> } {
  const ends: (() => Promise<void>)[] = [];
  return {
    add: (end) => { ends.push(end); },
    async run() {
      for (let end = ends.pop(); end !== undefined; end = ends.pop()) await end();
    },
  };
}
