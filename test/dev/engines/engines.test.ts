import mongoose from 'mongoose';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { startMongod, type Mongod } from '../../../dev/engines/mongod';
import { freePort } from '../../../dev/engines/ports';
import { startTemporal } from '../../../dev/engines/temporal';
import { privateMongod, privateTemporal, type Private } from '../../support/engines';

describe('mongod', () => {
  let own: Private<Mongod>;
  beforeAll(async () => { own = await privateMongod(); });
  afterAll(() => own.discard());

  const signedIn = async <T>(work: (connection: mongoose.Connection) => Promise<T>): Promise<T> => {
    const connection = await mongoose.createConnection(own.engine.adminUri, { serverSelectionTimeoutMS: 10_000 }).asPromise();
    try {
      return await work(connection);
    } finally {
      await connection.close();
    }
  };

  test('is a replica set with transactions', async () => {
    await signedIn(async (connection) => {
      await connection.createCollection('proof');
      await connection.transaction(async (session) => { await connection.collection('proof').insertOne({ kept: true }, { session }); });
      expect(await connection.collection('proof').countDocuments()).toBe(1);
    });
  });

  test('lets nobody in without a password', async () => {
    const anonymous = await mongoose.createConnection(`mongodb://127.0.0.1:${String(own.engine.port)}/cro?directConnection=true`).asPromise();
    await expect(anonymous.collection('proof').insertOne({ a: 1 })).rejects.toThrow(/authentication/);
    await anonymous.close();
  });

  test('keeps what it had after SIGKILL', async () => {
    await own.engine.process.kill();
    own.engine.process.start();
    await own.engine.ready();
    expect(await signedIn((connection) => connection.collection('proof').countDocuments())).toBe(1);
  });

  test('comes back on another port, and only for its own administrator', async () => {
    const executable = own.engine.process.spec.command;
    await own.engine.process.stop(5000);
    const options = { executable, dataDir: own.folder, logFile: join(own.folder, 'mongod.log'), cacheGb: 0.25, adminPassword: 'private-admin-password', applicationPassword: 'private-app-password' };
    const moved = await startMongod(options);
    expect(moved.port).not.toBe(own.engine.port);
    const { discard } = own;
    own = { ...own, engine: moved, discard: async () => { await moved.process.stop(5000); await discard(); } };
    expect(await signedIn((connection) => connection.collection('proof').countDocuments())).toBe(1);
    await moved.process.stop(5000);
    await expect(startMongod({ ...options, adminPassword: 'not-the-admin-password' })).rejects.toThrow(/does not accept the passwords of this installation: put its secrets\.json back/);
  });

  test('a program that is no mongod is a sentence with the log\'s path', async () => {
    const options = { dataDir: join(own.folder, 'other'), logFile: join(own.folder, 'other.log'), cacheGb: 0.25, adminPassword: 'x', applicationPassword: 'y' };
    await expect(startMongod({ ...options, executable: '/bin/false' })).rejects.toThrow(/MongoDB ended while starting: the reason is at the end of .*other\.log/);
  });
});

test('temporal answers on its namespace, and again after SIGKILL, from the same file', async () => {
  const own = await privateTemporal();
  const namespaceId = async (): Promise<string | null | undefined> => {
    const connection = await Connection.connect({ address: own.engine.address });
    const answer = await connection.workflowService.describeNamespace({ namespace: 'default' });
    await connection.close();
    return answer.namespaceInfo?.id;
  };
  try {
    const before = await namespaceId();
    await own.engine.process.kill();
    own.engine.process.start();
    await own.engine.ready();
    expect(before).toBeTruthy();
    expect(await namespaceId()).toBe(before);
    expect(existsSync(join(own.folder, 'temporal.db'))).toBe(true);
  } finally {
    await own.discard();
  }
});

describe('a port that somebody else took first', () => {
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'cro-engine-')); });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

  /** Loses the race as often as told, then is the real server. */
  const unlucky = (losses: number): string => {
    const file = join(folder, 'temporal');
    const script = `echo x >> '${folder}/starts'
[ "$(wc -l < '${folder}/starts')" -gt ${String(losses)} ] && exec '${String(process.env['TEST_TEMPORAL'])}' "$@"
echo 'listen tcp 127.0.0.1:1: bind: address already in use'; exit 1`;
    writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
    return file;
  };
  const options = (losses: number) => ({ executable: unlucky(losses), databaseFile: join(folder, 'temporal.db'), logFile: join(folder, 'temporal.log'), headless: true });

  test('Temporal starts again after losing a port of its inner services', async () => {
    const engine = await startTemporal(options(2));
    expect(engine.process.running).toBe(true);
    await engine.process.stop(5000);
  });

  test('Temporal that loses each time is a sentence', async () => {
    await expect(startTemporal(options(99))).rejects.toThrow(/Temporal ended while starting/);
  });

  test('free ports lie below those of outgoing connections', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, () => freePort()));
    expect(Math.max(...ports)).toBeLessThan(32_768);
  });
});
