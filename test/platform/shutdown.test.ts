import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { rmSync } from 'node:fs';
import { createLogger } from '../../platform/logger';
import { createShutdown } from '../../platform/shutdown';
import { compile } from './compiled';

class RecordingProcess extends EventEmitter {
  readonly codes: number[] = [];
  exit(code: number): void { this.codes.push(code); }
}

function setUp(boundMs = 1000) {
  const owner = new RecordingProcess();
  const shutdown = createShutdown({ logger: createLogger({ name: 'test', level: 'silent' }), boundMs, process: owner });
  const closed: string[] = [];
  const opens = (name: string, ms = 0) => {
    shutdown.onStop(name, async () => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      closed.push(name);
    });
  };
  return { owner, shutdown, closed, opens };
}

describe('shutdown', () => {
  test('what was opened last is closed first, one after the other', async () => {
    const { owner, shutdown, closed, opens } = setUp();
    opens('database', 0);
    opens('temporal', 20);
    opens('http', 40);
    expect(shutdown.isStopping()).toBe(false);
    const stopping = shutdown.stop('test');
    expect(shutdown.isStopping()).toBe(true);
    await stopping;
    expect(closed).toEqual(['http', 'temporal', 'database']);
    expect(owner.codes).toEqual([0]);
  });

  test('one that fails to close does not keep the others open, and the exit code says so', async () => {
    const { owner, shutdown, closed, opens } = setUp();
    opens('database');
    shutdown.onStop('temporal', () => Promise.reject(new Error('no')));
    shutdown.onStop('http', () => { throw new Error('not even a promise'); });
    await shutdown.stop('test');
    expect(closed).toEqual(['database']);
    expect(owner.codes).toEqual([1]);
  });

  test('one that hangs is left behind when the bound has passed', async () => {
    const { owner, shutdown } = setUp(50);
    shutdown.onStop('worker', () => new Promise(() => undefined));
    const began = performance.now();
    await shutdown.stop('test');
    expect(performance.now() - began).toBeLessThan(1000);
    expect(owner.codes).toEqual([1]);
  });

  test('stopping twice closes once', async () => {
    const { owner, shutdown, closed, opens } = setUp();
    opens('database', 10);
    await Promise.all([shutdown.stop('a'), shutdown.stop('b')]);
    expect(closed).toEqual(['database']);
    expect(owner.codes).toEqual([0]);
  });

  test('a signal stops; a second one exits at once', async () => {
    const { owner, shutdown, opens, closed } = setUp();
    opens('slow', 60);
    owner.emit('SIGTERM', 'SIGTERM');
    expect(shutdown.isStopping()).toBe(true);
    owner.emit('SIGINT', 'SIGINT');
    expect(owner.codes).toEqual([130]);
    expect(closed).toEqual([]);
    await shutdown.stop('join');
  });
});

describe('a real process', () => {
  let folder: string;
  beforeAll(() => { folder = compile(['platform/shutdown', 'platform/logger', 'platform/redaction']); });
  afterAll(() => { rmSync(folder, { recursive: true }); });

  /** Starts a process that takes `closeMs` to close and sends it the signals, the next one when it says something. */
  async function run(closeMs: number, signals: readonly NodeJS.Signals[]) {
    const script = `
      const { createLogger } = require('./platform/logger');
      const { createShutdown } = require('./platform/shutdown');
      const keepAlive = setInterval(() => {}, 1000);
      const shutdown = createShutdown({ logger: createLogger({ name: 'child', level: 'info' }), boundMs: 20000 });
      shutdown.onStop('thing', async () => { await new Promise((r) => setTimeout(r, ${String(closeMs)})); clearInterval(keepAlive); console.log('closed thing'); });
      console.log('up');`;
    const child = spawn(process.execPath, ['-e', script], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    const pending = [...signals];
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      const next = pending.shift();
      if (next !== undefined) child.kill(next);
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, out };
  }

  test('SIGTERM closes and exits with 0', async () => {
    const { code, out } = await run(10, ['SIGTERM']);
    expect(code).toBe(0);
    expect(out).toContain('closed thing');
    expect(out).toContain('"msg":"stopped"');
  });

  test('SIGINT twice exits at once with 130', async () => {
    const { code, out } = await run(15_000, ['SIGINT', 'SIGINT']);
    expect(code).toBe(130);
    expect(out).not.toContain('closed thing');
  });
});
