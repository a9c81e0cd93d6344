import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection, type ConnectionOptions } from '@temporalio/client';
import { mongo } from 'mongoose';
import { createKeyRing, openKeyRing } from '../../platform/keyRing';
import { createTemporalClient, lazyConnection } from '../../platform/temporalConnection';
import { RightsTooWide, refuseIfRightsTooWide } from '../../store/rightsGuard';
import { openStore } from '../../store/connection';
import { applicationRoleOf, provisionApplicationUser } from '../../store/databaseRole';
import { desiredSchedules, ensureSchedules } from '../../worker/schedules';
import { ensureRetention, ensureSearchAttributes } from '../../worker/temporalNamespace';
import { engines } from '../support/engines';
import { eventually } from '../support/world';
import { freshStore, testMongoAdminUri, withDatabase, type FreshStore } from '../support/mongo';

const TIMEOUT_MS = 120_000;
const ROOT = join(__dirname, '../..');
const name = `t${randomBytes(6).toString('hex')}`;
const folder = mkdtempSync(join(tmpdir(), 'provision-'));
const keysFile = join(folder, 'keys.json');
const adminUri = withDatabase(testMongoAdminUri(), name);
let admin: mongo.MongoClient;
const target = { namespace: name, connection: { address: engines.temporalAddress } };
const connection = lazyConnection(target);
createKeyRing(keysFile, 'test');
const client = createTemporalClient(connection, target, openKeyRing(keysFile));

beforeAll(async () => {
  admin = await mongo.MongoClient.connect(adminUri);
  await connection.workflowService.registerNamespace({ namespace: name, workflowExecutionRetentionPeriod: { seconds: 86_400 } } as never);
  // The script as it ships: compiled, CommonJS, outside of jest.
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const compiled = spawnSync(process.execPath, ['node_modules/typescript-native/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', join(folder, 'dist')], { cwd: ROOT, encoding: 'utf8' });
  if (compiled.status !== 0) throw new Error(compiled.stdout);
  await untilNamespaceIsKnown();
}, TIMEOUT_MS);
afterAll(async () => {
  for (const schedule of ['sentinel', 'deliver-held', 'expire-uploads', 'daily-anchor']) await client.schedule.getHandle(schedule).delete().catch(() => undefined);
  await connection.close();
  await admin.db(name).dropDatabase();
  await admin.db(`${name}_audit`).dropDatabase();
  await admin.db('admin').command({ dropUser: name }).catch(() => undefined);
  await admin.db('admin').command({ dropRole: applicationRoleOf(name) }).catch(() => undefined);
  await admin.close();
  rmSync(folder, { recursive: true });
}, TIMEOUT_MS);

/** A server's parts learn of a new namespace one after the other. */
async function untilNamespaceIsKnown(): Promise<void> {
  for (let tries = 0; tries < 120; tries += 1) {
    try {
      await connection.workflowService.listWorkflowExecutions({ namespace: name });
      for await (const _schedule of client.schedule.list()) break;
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }
  throw new Error('the namespace never became known');
}

function applicationUri(password = 'first'): string {
  const url = new URL(adminUri);
  url.username = name;
  url.password = password;
  url.searchParams.set('authSource', 'admin');
  return url.toString();
}

function runProvision(env: Record<string, string>): { status: number | null; output: string } {
  const run = spawnSync(process.execPath, [join(folder, 'dist/worker/provision.js')], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'] ?? '', MONGODB_URI: applicationUri(), TEMPORAL_ADDRESS: engines.temporalAddress, TEMPORAL_NAMESPACE: name,
      SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'a@example.org', CRO_KEYS_FILE: keysFile, ...env,
    },
  });
  return { status: run.status, output: run.stdout + run.stderr };
}

const tryToOpen = async (uri: string): Promise<void> => {
  const store = await openStore({ uri, sealer: undefined });
  await store.close();
};

describe('provisioning, as it ships', () => {
  it('makes everything from nothing, twice without a difference, and lets a start without administrator check it', async () => {
    const first = runProvision({ MONGODB_ADMIN_URI: adminUri });
    expect(first).toMatchObject({ status: 0, output: expect.stringContaining('20261122000000-foundation.js') as string });
    expect(first.output).toContain('"created":["sentinel","deliver-held","expire-uploads","daily-anchor"]');
    expect(first.output).toContain('"retentionChanged":true');
    const indexes = await admin.db(`${name}_audit`).collection('audit').indexes();
    expect(indexes).toContainEqual(expect.objectContaining({ key: { streamId: 1, seq: -1 }, unique: true }));

    const second = runProvision({ MONGODB_ADMIN_URI: adminUri });
    expect(second).toMatchObject({ status: 0, output: expect.stringContaining('"migrated":[]') as string });
    expect(second.output).toContain('"schedules":{"created":[],"updated":[]}');
    expect(second.output).toContain('"retentionChanged":false');

    expect(runProvision({})).toMatchObject({ status: 0 });
    const { config } = await connection.workflowService.describeNamespace({ namespace: name });
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(90 * 86_400);
  }, TIMEOUT_MS);

  it('corrects the application\'s password and a role that somebody widened', async () => {
    await admin.db('admin').command({ grantPrivilegesToRole: applicationRoleOf(name), privileges: [{ resource: { db: `${name}_audit`, collection: 'audit' }, actions: ['update'] }] });
    const widened = runProvision({});
    expect(widened).toMatchObject({ status: 1, output: expect.stringContaining('it may update there') as string });
    expect(runProvision({ MONGODB_ADMIN_URI: adminUri, MONGODB_URI: applicationUri('second') })).toMatchObject({ status: 0 });
    await expect(tryToOpen(applicationUri('first'))).rejects.toThrow(/auth/i);
    await tryToOpen(applicationUri('second'));
  }, TIMEOUT_MS);

  it('P3 refuses an application that is the administrator', () => {
    expect(runProvision({ MONGODB_URI: adminUri, MONGODB_ADMIN_URI: adminUri })).toMatchObject({ status: 1, output: expect.stringContaining('needs a user of its own') as string });
    expect(runProvision({ MONGODB_URI: adminUri })).toMatchObject({ status: 1, output: expect.stringContaining('give itself any right') as string });
  }, TIMEOUT_MS);

  it('says which migration a database lacks when there is no administrator', async () => {
    await admin.db(name).collection('migrations').deleteMany({});
    const migrations = readdirSync(join(__dirname, '../../store/migrations')).map((file) => file.replace('.ts', '.js')).toSorted();
    expect(migrations[0]).toBe('20261122000000-foundation.js');
    expect(runProvision({ MONGODB_URI: applicationUri('second') })).toMatchObject({ status: 1, output: expect.stringContaining(`lacks ${migrations.join(', ')}: run the provisioning once`) as string });
  }, TIMEOUT_MS);
});

describe('P3 the guard at every start', () => {
  let fresh: FreshStore;
  beforeAll(async () => { fresh = await freshStore(); }, TIMEOUT_MS);
  afterAll(() => fresh.drop(), TIMEOUT_MS);

  it('P3 lets the provisioned user pass', async () => {
    await expect(refuseIfRightsTooWide(fresh.store)).resolves.toBeUndefined();
  });

  it.each<[string, mongo.Document[], mongo.Document[]]>([
    ['readWrite on the trail', [], [{ role: 'readWrite', db: 'AUDIT' }]],
    ['readWriteAnyDatabase', [], [{ role: 'readWriteAnyDatabase', db: 'admin' }]],
    ['userAdmin of its own database', [], [{ role: 'userAdmin', db: 'MAIN' }]],
    ['remove on the anchors', [{ resource: { db: 'AUDIT', collection: 'anchors' }, actions: ['remove'] }], []],
    ['drop in every database', [{ resource: { db: '', collection: '' }, actions: ['dropCollection'] }], []],
    ['everything', [{ resource: { anyResource: true }, actions: ['anyAction'] }], []],
  ])('P3 refuses %s', async (_name, privileges, roles) => {
    const named = JSON.parse(JSON.stringify({ privileges, roles }).replaceAll('AUDIT', fresh.admin.audit.databaseName).replaceAll('MAIN', fresh.admin.main.databaseName)) as { privileges: mongo.Document[]; roles: mongo.Document[] };
    const role = applicationRoleOf(fresh.admin.main.databaseName);
    await fresh.admin.client.db('admin').command({ updateRole: role, privileges: named.privileges, roles: named.roles });
    await expect(refuseIfRightsTooWide(fresh.store)).rejects.toThrow(RightsTooWide);
    await provisionApplicationUser(fresh.admin.client, fresh.uri);
    await expect(refuseIfRightsTooWide(fresh.store)).resolves.toBeUndefined();
  });
});

describe('the Temporal namespace', () => {
  it('registers search attributes once and can use them at once', async () => {
    await ensureSearchAttributes({ connection, namespace: name });
    expect(await ensureSearchAttributes({ connection, namespace: name })).toEqual([]);
    const { count } = await connection.workflowService.countWorkflowExecutions({ namespace: name, query: 'RecordState = "open" AND NextDueAt < "2026-11-22T00:00:00Z" AND RecordLevel > 1' });
    expect(Number(count)).toBe(0);
  });

  it('leaves a longer retention alone', async () => {
    expect(await ensureRetention({ connection, namespace: name }, 30)).toBe(false);
  });

  it('reconciles the schedules: creates, leaves, corrects, and lets one that is paused stay paused', async () => {
    for (const { scheduleId } of desiredSchedules()) await client.schedule.getHandle(scheduleId).delete().catch(() => undefined);
    const settings = { taskQueue: 'nobody' };
    expect(await ensureSchedules(client, settings)).toEqual({ created: ['sentinel', 'deliver-held', 'expire-uploads', 'daily-anchor'], updated: [] });
    expect(await ensureSchedules(client, settings)).toEqual({ created: [], updated: [] });
    const anchor = await client.schedule.getHandle('daily-anchor').describe();
    expect(anchor).toMatchObject({ policies: { overlap: 'SKIP', catchupWindow: 4 * 86_400_000 }, action: { workflowType: 'dailyAnchor', taskQueue: 'nobody' } });
    expect(anchor.info.nextActionTimes[0]?.toISOString()).toMatch(/T00:15:00.000Z$/);

    await client.schedule.getHandle('sentinel').pause('maintenance by Ada');
    expect(await ensureSchedules(client, { ...settings, sentinelSeconds: 7 })).toEqual({ created: [], updated: ['sentinel'] });
    const sentinel = await client.schedule.getHandle('sentinel').describe();
    expect(sentinel.state).toMatchObject({ paused: true, note: expect.stringContaining('maintenance by Ada') as string });
    expect(sentinel.spec.intervals?.[0]?.every).toBe(7000);
    expect(await ensureSchedules(client, { ...settings, sentinelSeconds: 7 })).toEqual({ created: [], updated: [] });
  }, TIMEOUT_MS);

  it('makes a schedule anew that does not answer, and lets it stay paused', async () => {
    await ensureSchedules(client);
    await client.schedule.getHandle('sentinel').pause('maintenance by Ada');
    await eventually('the list knows of the pause', async () => {
      for await (const { scheduleId, state } of client.schedule.list()) if (scheduleId === 'sentinel' && state.paused) return true;
      return false;
    });
    const unanswered = await Connection.connect({ address: engines.temporalAddress, interceptors: [noTimeToDescribe] });
    try {
      const made = await ensureSchedules(createTemporalClient(unanswered, target, openKeyRing(keysFile)));
      expect(made).toEqual({ created: ['sentinel', 'deliver-held', 'expire-uploads', 'daily-anchor'], updated: [] });
    } finally {
      await unanswered.close();
    }
    const { state, action } = await client.schedule.getHandle('sentinel').describe();
    expect(state).toMatchObject({ paused: true, note: expect.stringContaining('maintenance by Ada') as string });
    expect(action).toMatchObject({ workflowType: 'sentinel' });
    expect(await ensureSchedules(client)).toEqual({ created: [], updated: [] });
  }, TIMEOUT_MS);
});

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];

/** The server's answer to this one question is always too late. */
const noTimeToDescribe: Interceptor = (options, next) => next(options.method_definition.path.endsWith('/DescribeSchedule') ? { ...options, deadline: Date.now() } : options) as ReturnType<Interceptor>;

describe('E14 the dedupe key', () => {
  let fresh: FreshStore;
  beforeAll(async () => { fresh = await freshStore(); }, TIMEOUT_MS);
  afterAll(() => fresh.drop(), TIMEOUT_MS);

  it('E14 is unique among the open issues of an organisation, and free again after closing', async () => {
    const issues = fresh.admin.main.collection<{ _id: string }>('records');
    const add = (_id: string, fields: object) => issues.insertOne({ ...{ _id, number: _id, raisingOrganisationId: 'o1', done: false }, ...fields });
    await add('a', { dedupeKey: 'k' });
    await add('b', { dedupeKey: 'k', raisingOrganisationId: 'o2' });
    await add('c', {});
    await add('d', {});
    await expect(add('e', { dedupeKey: 'k' })).rejects.toMatchObject({ code: 11_000 });
    await issues.updateOne({ _id: 'a' }, { $set: { done: true } });
    await add('e', { dedupeKey: 'k' });
  });
});
