import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { after } from './process';

/** Start-time token of a live process; undefined when none has this id. */
export type Identify = (pid: number) => string | undefined;

const entrySchema = z.object({ name: z.string(), pid: z.int().positive(), identity: z.string() });
type Entry = z.infer<typeof entrySchema>;

/** The processes of this installation, on disk, so that the next start finds what a killed one left behind. */
export class ProcessRegister {
  readonly #file: string;
  readonly #identify: Identify;

  constructor(dataDir: string, identify: Identify) {
    this.#file = join(dataDir, 'pids.json');
    this.#identify = identify;
  }

  /** Writes the processes that run now. */
  write(running: readonly { readonly name: string; readonly pid: number | undefined }[]): void {
    const entries = running.flatMap(({ name, pid }): Entry[] => {
      const identity = pid === undefined ? undefined : this.#identify(pid);
      return pid === undefined || identity === undefined ? [] : [{ name, pid, identity }];
    });
    writeFileSync(`${this.#file}.new`, JSON.stringify(entries), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }

  /** Ends what an earlier start left running, newest first; an id that another program has now is left alone. Returns the names. */
  async endOrphans(patienceMs: number): Promise<readonly string[]> {
    const orphans = this.#read().filter((entry) => this.#lives(entry)).reverse();
    for (const orphan of orphans) signal(orphan.pid, 'SIGTERM');
    const deadline = Date.now() + patienceMs;
    while (orphans.some((entry) => this.#lives(entry)) && Date.now() < deadline) await after(100);
    for (const orphan of orphans) if (this.#lives(orphan)) signal(-orphan.pid, 'SIGKILL');
    while (orphans.some((entry) => this.#lives(entry)) && Date.now() < deadline + 5000) await after(50);
    return orphans.map((orphan) => orphan.name);
  }

  #lives(entry: Entry): boolean {
    return this.#identify(entry.pid) === entry.identity;
  }

  #read(): readonly Entry[] {
    try {
      return z.array(entrySchema).parse(JSON.parse(readFileSync(this.#file, 'utf8')));
    } catch {
      return [];
    }
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself meanwhile.
  }
}
