import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/** How to run one program of the stack. */
export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Standard output and error are appended here. */
  readonly logFile: string;
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** True when `stop` or `kill` asked for it. */
  readonly asked: boolean;
}

/**
 * One program in a process group of its own: Ctrl-C in a terminal does not reach it before its turn
 * to stop, and killing the group takes its children along. It can be started again after it ended.
 */
export class ManagedProcess {
  readonly spec: ProcessSpec;
  #child: ChildProcess | undefined;
  #ended: Promise<Exit> = Promise.resolve({ code: null, signal: null, asked: true });
  #asked = false;

  constructor(spec: ProcessSpec) {
    this.spec = spec;
  }

  /** Process id while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get running(): boolean {
    return this.#child !== undefined;
  }

  /** Settles when the current run ends. */
  get ended(): Promise<Exit> {
    return this.#ended;
  }

  /** Starts it. Throws when it already runs. */
  start(): void {
    if (this.#child !== undefined) throw new Error(`${this.spec.name} already runs`);
    mkdirSync(dirname(this.spec.logFile), { recursive: true });
    const log = openSync(this.spec.logFile, 'a', 0o600);
    const child = spawn(this.spec.command, [...this.spec.args], {
      cwd: this.spec.cwd,
      env: { ...(this.spec.env ?? process.env) },
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    this.#child = child;
    this.#asked = false;
    this.#ended = new Promise((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null): void => {
        this.#child = undefined;
        resolve({ code, signal, asked: this.#asked });
      };
      child.once('exit', end);
      child.once('error', () => {
        if (child.pid === undefined) end(127, null);
      });
    });
  }

  /** Asks it to end, and kills its group after `patienceMs`. Says which it was. */
  async stop(patienceMs: number, signal: NodeJS.Signals = 'SIGTERM'): Promise<'stopped' | 'killed'> {
    if (this.#child === undefined) return 'stopped';
    this.#asked = true;
    this.#send(signal);
    const patience = new AbortController();
    const outcome = await Promise.race([this.#ended.then(() => 'stopped' as const), after(patienceMs, patience.signal).then(() => 'killed' as const)]);
    patience.abort();
    if (outcome === 'killed') await this.kill();
    return outcome;
  }

  /** SIGKILL to its whole group, as a crash would; waits until it is gone. */
  async kill(): Promise<void> {
    if (this.#child === undefined) return;
    this.#asked = true;
    this.#send('SIGKILL');
    await this.#ended;
  }

  #send(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined) return;
    try {
      process.kill(signal === 'SIGKILL' ? -pid : pid, signal);
    } catch {
      // It ended by itself between the check and the signal.
    }
  }
}

/** Resolves after `ms`, or as soon as `signal` aborts. */
export function after(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    if (signal?.aborted === true) done();
    else signal?.addEventListener('abort', done, { once: true });
  });
}
