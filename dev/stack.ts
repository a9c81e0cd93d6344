import { after, type Exit, type ManagedProcess } from './process';
import { lastWords } from './lastWords';
import type { ProcessRegister } from './orphans';

/** How long each may take to end, in the order of stopping; together under 15 s. */
const PATIENCE_MS: readonly (readonly [name: string, ms: number])[] = [['api', 4000], ['worker', 5000], ['temporal', 2000], ['mongod', 3000]];
const LONGEST_PAUSE_MS = 15_000;
/** A process that ran this long was not in a crash loop. */
const STEADY_MS = 30_000;

export interface StackOptions {
  readonly register: Pick<ProcessRegister, 'write'>;
  readonly say: (line: string) => void;
  /** First pause before a restart; it doubles with every crash in a row. */
  readonly firstPauseMs?: number;
}

/** The running processes: restarts what crashes, stops all in order, and keeps the register of ids. */
export class Stack {
  readonly #options: StackOptions;
  readonly #processes: ManagedProcess[] = [];
  readonly #stopping = new AbortController();

  constructor(options: StackOptions) {
    this.#options = options;
  }

  get stopping(): boolean {
    return this.#isStopping();
  }

  /** Aborts when the stack begins to stop. */
  get stopped(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Takes charge of stopping a process that runs. One that comes while the stack stops is ended at once. */
  add(process: ManagedProcess): void {
    this.#processes.push(process);
    this.#record();
    if (this.stopping) void process.kill();
  }

  /** From now on starts this process again whenever it ends unasked. */
  keepRunning(process: ManagedProcess): void {
    void this.#watch(process);
  }

  /** Stops everything, API first and database last; kills what is too slow. Safe to call twice. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const order = PATIENCE_MS.map(([name]) => name);
    const others = this.#processes.filter((process) => !order.includes(process.spec.name));
    await Promise.all(others.map((process) => process.stop(1000)));
    for (const [name, patienceMs] of PATIENCE_MS) {
      const named = this.#processes.filter((process) => process.spec.name === name);
      const outcomes = await Promise.all(named.map((process) => process.stop(patienceMs)));
      if (outcomes.includes('killed')) this.#options.say(`${name} did not stop within ${String(patienceMs / 1000)} s and was killed; nothing is lost, it recovers at the next start`);
    }
    this.#record();
  }

  /** Kills everything at once. */
  async kill(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#processes.map((process) => process.kill()));
    this.#record();
  }

  async #watch(process: ManagedProcess): Promise<void> {
    const { name, logFile } = process.spec;
    let pauseMs = this.#options.firstPauseMs ?? 500;
    for (;;) {
      const startedAt = Date.now();
      const exit = await process.ended;
      if (exit.asked || this.#isStopping()) return;
      if (Date.now() - startedAt > STEADY_MS) pauseMs = this.#options.firstPauseMs ?? 500;
      this.#options.say(`${name} ended (${describe(exit)}) and is started again in ${String(pauseMs / 1000)} s; its last words: ${lastWords(logFile)} (all of it is at the end of ${logFile})`);
      await after(pauseMs, this.#stopping.signal);
      if (this.#isStopping()) return;
      process.start();
      this.#record();
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  #record(): void {
    this.#options.register.write(this.#processes.filter((process) => process.running).map((process) => ({ name: process.spec.name, pid: process.pid })));
  }
}

function describe(exit: Exit): string {
  return exit.signal === null ? `code ${String(exit.code)}` : exit.signal;
}
