import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../dev/engines/ports';
import { after } from '../../dev/process';
import { identify } from '../../dev/start/lock.mjs';
import { engines } from '../support/engines';

const root = join(__dirname, '../..');
const READY_MS = 90_000;

let dataDir: string;
let port: number;
let run: Run | undefined;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'cro-start-'));
  port = await freePort();
});
afterAll(async () => {
  await run?.kill();
  rmSync(dataDir, { recursive: true, force: true });
});

/** One `npm start`, without npm in between. */
class Run {
  readonly child: ChildProcess;
  output = '';
  readonly ended: Promise<number | null>;

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, [join(root, 'dev/start.mjs'), ...args], { env: { ...process.env, NODE_ENV: '', CRO_DATA_DIR: dataDir, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    const collect = (chunk: Buffer): void => { this.output += chunk.toString('utf8'); };
    this.child.stdout?.on('data', collect);
    this.child.stderr?.on('data', collect);
    this.ended = new Promise((resolve) => { this.child.once('exit', resolve); });
  }

  async says(pattern: RegExp): Promise<void> {
    const deadline = Date.now() + READY_MS;
    while (!pattern.test(this.output)) {
      if (Date.now() > deadline || this.child.exitCode !== null) throw new Error(`it never said ${String(pattern)}:\n${this.output}`);
      await after(50);
    }
  }

  /** Ctrl-C, and how long it took, milliseconds. */
  async interrupt(): Promise<number> {
    const begun = Date.now();
    this.child.kill('SIGINT');
    await this.ended;
    return Date.now() - begun;
  }

  /** As a crash would, with nobody to clean up. */
  async crash(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  async kill(): Promise<void> {
    if (this.child.exitCode === null) await this.interrupt();
  }
}

interface Entry { readonly name: string; readonly pid: number; readonly identity: string }
const registered = (): readonly Entry[] => JSON.parse(readFileSync(join(dataDir, 'pids.json'), 'utf8')) as Entry[];
const living = (entries: readonly Entry[]): string[] => entries.filter((entry) => identify(entry.pid) === entry.identity).map((entry) => entry.name);
const credentials = (): string => readFileSync(join(dataDir, 'demo-credentials.json'), 'utf8');
const start = async (args: readonly string[] = []): Promise<{ run: Run; tookMs: number }> => {
  const begun = Date.now();
  run = new Run(['--port', String(port), ...args]);
  await run.says(/^ready http/m);
  return { run, tookMs: Date.now() - begun };
};

describe('one command', () => {
  let seeded: string;
  let before: readonly Entry[];

  test('brings up everything on a new data folder and says where it is', async () => {
    const { run: first } = await start();
    expect(first.output).toContain(`ready http://127.0.0.1:${String(port)}`);
    expect(first.output).toMatch(/Temporal Web UI {2}http:\/\/127\.0\.0\.1:\d+/);
    expect((await fetch(`http://127.0.0.1:${String(port)}/readyz`)).status).toBe(200);
    expect(living(registered()).sort()).toEqual(['api', 'mongod', 'temporal', 'worker']);
    seeded = credentials();
    expect(seeded).toContain(`http://127.0.0.1:${String(port)}`);
  });

  test('a second instance on the same folder is refused in a sentence, and harms nothing', async () => {
    const second = new Run(['--port', String(await freePort())]);
    expect(await second.ended).toBe(1);
    expect(second.output).toMatch(/^Another instance \(process \d+\) already uses .*\n$/);
    expect(living(registered())).toHaveLength(4);
  });

  test('a worker that dies is started again', async () => {
    const worker = registered().find((entry) => entry.name === 'worker');
    process.kill(worker?.pid ?? 0, 'SIGKILL');
    await run?.says(/^worker ended \(SIGKILL\) and is started again/m);
    const deadline = Date.now() + 20_000;
    while (!living(registered()).includes('worker') && Date.now() < deadline) await after(100);
    expect(living(registered()).sort()).toEqual(['api', 'mongod', 'temporal', 'worker']);
  });

  test('Q1 Q7 Q12 the walk through a CAPA ends as the README shows', async () => {
    const walked = await promisify(execFile)(process.execPath, [join(root, 'docs/capa-walk.mjs')], { env: { ...process.env, CRO_DATA_DIR: dataDir } });
    expect(walked.stdout).toMatch(/17 signatures, 17 verify; 5 refusals kept; \d+ entries, intact/);
  });

  test('Ctrl-C stops everything within 15 s and leaves no process', async () => {
    before = registered();
    expect(await run?.interrupt()).toBeLessThan(15_000);
    expect(living(before)).toEqual([]);
    expect(existsSync(join(dataDir, 'lock.json'))).toBe(false);
  });

  test('the next start is ready within 20 s, on the same state', async () => {
    const { tookMs } = await start();
    expect(tookMs).toBeLessThan(20_000);
    expect(credentials()).toBe(seeded);
  });

  test('what a killed start leaves behind is ended by the next', async () => {
    before = registered();
    await run?.crash();
    expect(living(before)).toHaveLength(4);
    const { run: next } = await start();
    expect(next.output).toMatch(/ended what an earlier start had left running: api, worker, .*mongod/);
    expect(living(before)).toEqual([]);
    await next.interrupt();
  });

  test('--reset makes a new installation, and touches nothing that is not the product\'s', async () => {
    writeFileSync(join(dataDir, 'notes.txt'), 'mine');
    const { run: fresh } = await start(['--reset']);
    expect(fresh.output).toMatch(/left alone in .*: notes\.txt\ndeleted all local state/);
    expect(credentials()).not.toBe(seeded);
    expect(readFileSync(join(dataDir, 'notes.txt'), 'utf8')).toBe('mine');
  });

  test('everything is stopped also when who read its words is gone, as a closed terminal is', async () => {
    before = registered();
    run?.child.stdout?.destroy();
    run?.child.stderr?.destroy();
    await run?.interrupt();
    expect(living(before)).toEqual([]);
    expect(existsSync(join(dataDir, 'lock.json'))).toBe(false);
  });
});

test('existing engines are used, and none is started', async () => {
  const other = mkdtempSync(join(tmpdir(), 'cro-start-'));
  const on = await freePort();
  run = new Run(['--port', String(on), '--no-demo'], {
    CRO_DATA_DIR: other, TEMPORAL_ADDRESS: engines.temporalAddress, TEMPORAL_TASK_QUEUE: 'existing-engines', MONGODB_URI: engines.mongodbUri, MONGODB_ADMIN_URI: engines.mongodbAdminUri,
    SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'oversight@sponsor.example',
  });
  await run.says(/^ready http/m);
  const entries = JSON.parse(readFileSync(join(other, 'pids.json'), 'utf8')) as Entry[];
  expect(living(entries).sort()).toEqual(['api', 'worker']);
  await run.interrupt();
  rmSync(other, { recursive: true, force: true });
});

test('without the demo, a missing mail server is a sentence, said before anything is deleted', async () => {
  const other = mkdtempSync(join(tmpdir(), 'cro-start-'));
  writeFileSync(join(other, 'keys.json'), '{}');
  run = new Run(['--port', String(await freePort()), '--no-demo', '--reset'], { CRO_DATA_DIR: other, SMTP_URL: '' });
  expect(await run.ended).toBe(1);
  expect(run.output).toMatch(/set SMTP_URL and MAIL_FROM to your mail server and sender/);
  expect(existsSync(join(other, 'keys.json'))).toBe(true);
  rmSync(other, { recursive: true, force: true });
});
