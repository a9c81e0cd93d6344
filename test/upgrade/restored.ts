import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { mongo } from 'mongoose';
import { freePort } from '../../dev/engines/ports';
import { startTemporal } from '../../dev/engines/temporal';
import { privateMongod } from '../support/engines';
import { openMailbox, type Mailbox } from '../support/letters';
import { openServices, untilOk, type Services } from '../support/services';
import { readInstallation, restoreMongodb, restoreTemporal, type Installation } from './fixture.mjs';
import { signInAll, type People } from './story.mjs';

const FIXTURES = path.join(__dirname, 'fixtures');

/** Releases whose state is kept here, oldest first. */
export const RELEASES = readdirSync(FIXTURES).sort();

/** What a fixture knows of itself. */
export const installationOf = (name: string): Installation => readInstallation(path.join(FIXTURES, name));

/** A release's engines as they were when it stopped, and this release on them. */
export interface Restored {
  readonly installation: Installation;
  readonly mailbox: Mailbox;
  readonly services: Services;
  /** The administrator, on the records and on the trail. */
  readonly main: mongo.Db;
  readonly audit: mongo.Db;
  readonly mongodbUri: string;
  provision(): Promise<{ code: number | null; output: string }>;
  /** Starts worker and API; answers the old people, signed in. */
  startServices(): Promise<People>;
  /** What a scrape of the worker answers. */
  metrics(): Promise<string>;
  close(): Promise<void>;
}

export async function restoreRelease(name: string): Promise<Restored> {
  const fixture = path.join(FIXTURES, name);
  const folder = mkdtempSync(path.join(tmpdir(), 'cro-restored-'));
  const databaseFile = path.join(folder, 'data', 'temporal.db');
  mkdirSync(path.dirname(databaseFile));
  restoreTemporal(fixture, databaseFile);
  const [temporal, mongod] = await Promise.all([
    startTemporal({ executable: process.env['TEST_TEMPORAL'] ?? 'temporal', databaseFile, logFile: path.join(folder, 'temporal.log'), headless: true }),
    privateMongod(),
  ]);
  await restoreMongodb(fixture, mongod.engine.adminUri);
  const admin = await mongo.MongoClient.connect(mongod.engine.adminUri);
  const mailbox = await openMailbox();
  const services = openServices();
  const installation = installationOf(name);
  const [port, metricsPort] = [await freePort(), await freePort()];
  const env = {
    MONGODB_URI: mongod.engine.applicationUri, TEMPORAL_ADDRESS: temporal.address, SMTP_URL: mailbox.url, MAIL_FROM: 'oversight@example.org',
    CRO_KEYS_FILE: path.join(__dirname, '../support/test-keys.json'), PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}`, METRICS_PORT: String(metricsPort),
  };
  return {
    installation, mailbox, services, main: admin.db('cro'), audit: admin.db('cro_audit'), mongodbUri: mongod.engine.applicationUri,
    provision: () => services.once('provision', 'worker/provision.js', { ...env, MONGODB_ADMIN_URI: mongod.engine.adminUri, CRO_SENTINEL_SECONDS: '5' }),
    async startServices() {
      services.start('worker', 'worker/main.js', env);
      services.start('api', 'api/main.js', env);
      await untilOk(`${env.PUBLIC_URL}/readyz`);
      return signInAll(`${env.PUBLIC_URL}/api/v1`, installation.users);
    },
    metrics: async () => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text(),
    async close() {
      await services.close();
      await admin.close();
      await mailbox.close();
      await temporal.process.stop(10_000);
      await mongod.discard();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
