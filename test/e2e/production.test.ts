import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { parse } from 'yaml';
import { freePort } from '../../dev/engines/ports';
import { createKeyRing } from '../../platform/keyRing';
import { openStore } from '../../store/connection';
import { cleanups, ownTemporal } from '../faults/support/engines';
import { privateMongod } from '../support/engines';
import { openMailbox, type Mailbox } from '../support/letters';
import { openServices, untilOk, type Service, type Services } from '../support/services';
import { eventually } from '../support/world';

const root = path.join(__dirname, '../..');
const cleanup = cleanups();
let services: Services;
let mailbox: Mailbox;
let env: Readonly<Record<string, string>>;
let adminUriFile: string;
let api: Service;
let worker: Service;
let apiUrl: string;
let workerUrl: string;

/** A metric's samples by their labels, as a scraper reads the text. Throws on a line that is none. */
function samplesOf(text: string, name: string): Map<string, number> {
  const samples = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ([-+.\deEINafn]+)$/.exec(line);
    if (!match) throw new Error(`not a sample: ${line}`);
    if (match[1] === name) samples.set(match[2] ?? '', Number(match[3]));
  }
  return samples;
}
const scrape = async (url: string): Promise<string> => (await fetch(`${url}/metrics`)).text();
const secret = (name: string, content: string): string => {
  const file = path.join(services.folder, name);
  // As a mounted secret: with a line end, readable by anybody who is let into the container.
  writeFileSync(file, `${content}\n`, { mode: 0o444 });
  return file;
};

beforeAll(async () => {
  services = openServices();
  cleanup.add(services.close);
  const [temporal, mongod] = await Promise.all([ownTemporal(), privateMongod()]);
  cleanup.add(temporal.discard);
  cleanup.add(mongod.discard);
  mailbox = await openMailbox();
  cleanup.add(mailbox.close);
  const keys = path.join(services.folder, 'keys.json');
  createKeyRing(keys, 'production');
  const [port, metricsPort] = [await freePort(), await freePort()];
  apiUrl = `http://127.0.0.1:${port}`;
  workerUrl = `http://127.0.0.1:${metricsPort}`;
  adminUriFile = secret('mongodb_admin_uri', mongod.engine.adminUri);
  env = {
    NODE_ENV: 'production', MONGODB_URI_FILE: secret('mongodb_uri', mongod.engine.applicationUri), SMTP_URL_FILE: secret('smtp_url', mailbox.url), CRO_KEYS_FILE: keys,
    TEMPORAL_ADDRESS: temporal.engine.address, TEMPORAL_NAMESPACE: 'default', PUBLIC_URL: 'https://oversight.example.org', MAIL_FROM: 'Oversight <oversight@example.org>',
    HOST: '127.0.0.1', PORT: String(port), METRICS_PORT: String(metricsPort), CRO_SENTINEL_SECONDS: '5',
  };
});
afterAll(cleanup.run);

describe('what docker-compose.yml starts for us, without containers', () => {
  test('worker and API refuse to start before provisioning, in a sentence', async () => {
    const started = await services.once('api-too-early', 'api/main.js', env);
    expect(started.code).toBe(1);
    const { code, output } = await services.once('nothing', 'worker/main.js', { NODE_ENV: 'production' });
    expect(code).toBe(1);
    for (const variable of ['MONGODB_URI', 'SMTP_URL', 'MAIL_FROM', 'CRO_KEYS_FILE']) expect(output).toContain(`${variable}: is missing`);
  });

  test('provision makes both engines ready, with secrets by file only, twice', async () => {
    for (const name of ['provision', 'provision-again']) {
      const { code, output } = await services.once(name, 'worker/provision.js', { ...env, MONGODB_ADMIN_URI_FILE: adminUriFile });
      expect([code, output]).toEqual([0, expect.stringContaining('"msg":"provisioned"')]);
      expect(output).not.toMatch(/mongodb:\/\/[^"]*private-/);
    }
  });

  test('worker and API come up as processes of their own, and say so where compose asks', async () => {
    worker = services.start('worker', 'worker/main.js', env);
    api = services.start('api', 'api/main.js', env);
    await Promise.all([untilOk(`${workerUrl}/healthz`), untilOk(`${apiUrl}/readyz`)]);
    for (const url of [`${apiUrl}/healthz`, `${workerUrl}/healthz`]) execFileSync(process.execPath, [path.join(root, 'deploy/healthcheck.mjs'), url]);
    expect(() => execFileSync(process.execPath, [path.join(root, 'deploy/healthcheck.mjs'), `${workerUrl}/nowhere`])).toThrow();
  });

  test('there is no demo in it', async () => {
    expect((await fetch(`${apiUrl}/dev/mail`)).status).toBe(404);
    const store = await openStore({ sealer: undefined, uri: readFileSync(env['MONGODB_URI_FILE'] ?? '', 'utf8').trim() });
    expect(await store.models.people.countDocuments()).toBe(0);
    await store.close();
  });

  test('an operator makes the first administrator, takes an anchor and verifies, with the same files', async () => {
    const { NODE_ENV: _mode, ...commands } = env;
    const created = await services.once('create-admin', 'cli/createAdmin.js', commands);
    expect(created.code).toBe(2);
    const anchored = await services.once('anchor', 'cli/anchor.js', commands);
    expect(anchored).toEqual({ code: 0, output: 'The anchor of today is taken and its receipts are mailed.\n' });
    const verified = await services.once('verify', 'cli/verify.js', commands);
    expect(verified).toEqual({ code: 0, output: expect.stringMatching(/^intact: \d+ entries in \d+ chains, seals checked, 1 anchor, no receipts; evidence: 0 files, 0 bytes\n$/) });
  });
});

describe('/metrics', () => {
  test('the API shows backlog, pollers and the age of housekeeping', async () => {
    const text = await eventually('the sentinel has completed', async () => {
      const shown = await scrape(apiUrl);
      return samplesOf(shown, 'cro_housekeeping_age_seconds').has('type="sentinel"') && shown;
    }, 60_000);
    expect(samplesOf(text, 'cro_site_source_up')).toEqual(new Map([['source="records"', 1], ['source="engine"', 1]]));
    expect(samplesOf(text, 'cro_task_queue_pollers')).toEqual(new Map([['kind="workflow"', 1], ['kind="activity"', 1], ['kind="effects"', 1]]));
    expect(samplesOf(text, 'cro_overdue_deadlines')).toEqual(new Map([['', 0]]));
    expect([...samplesOf(text, 'cro_backlog').keys()].toSorted()).toEqual(['of="commands"', 'of="effects"', 'of="held_notices"', 'of="pending_notices"']);
    expect(samplesOf(text, 'cro_housekeeping_age_seconds').get('type="sentinel"')).toBeLessThan(60);
    expect(samplesOf(text, 'cro_task_queue_backlog').size).toBe(3);
    expect(samplesOf(text, 'nodejs_eventloop_lag_seconds').size).toBe(1);
  });

  test('the worker shows its slots, its process and lateness', async () => {
    const text = await scrape(workerUrl);
    const slots = samplesOf(text, 'temporal_worker_task_slots_available');
    expect([...slots.keys()].some((labels) => labels.includes('worker_type="WorkflowWorker"'))).toBe(true);
    expect(samplesOf(text, 'process_resident_memory_bytes').size).toBe(1);
    expect(text).toContain('# TYPE cro_deadline_lateness_seconds histogram');
    expect(text).toContain('# TYPE cro_notice_lateness_seconds histogram');
  });

  test('every metric that an example alert asks for exists', async () => {
    const shown = `${await scrape(apiUrl)}${await scrape(workerUrl)}`;
    const { groups } = parse(readFileSync(path.join(root, 'deploy/alerts.yml'), 'utf8')) as { groups: { rules: { alert: string; expr: string }[] }[] };
    const named = groups.flatMap(({ rules }) => rules).flatMap(({ expr }) => expr.match(/\bcro_\w+/g) ?? []);
    expect(named.length).toBeGreaterThan(8);
    for (const name of new Set(named)) expect([name, shown.includes(`# TYPE ${name.replace(/_bucket$/, '')} `)]).toEqual([name, true]);
    const operations = readFileSync(path.join(root, 'docs/operations.md'), 'utf8');
    for (const { alert } of groups.flatMap(({ rules }) => rules)) expect(operations).toContain(`\`${alert}\``);
  });
});

describe('SIGTERM', () => {
  test('both drain and end by themselves, the worker saying so where compose asks', async () => {
    expect(await api.stop()).toEqual({ code: 0, how: 'stopped' });
    expect(await worker.stop()).toEqual({ code: 0, how: 'stopped' });
    await expect(fetch(`${workerUrl}/healthz`)).rejects.toThrow();
  });
});
