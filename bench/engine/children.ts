import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A process that runs a source file as it is, and can be killed. */
export interface Child {
  readonly pid: number;
  kill(): Promise<void>;
}

const HOOK = path.join(__dirname, '../../test/faults/support/typescript.cjs');

/** Starts it and waits for its first message. */
export async function startChild(file: string, plan: object): Promise<Child> {
  const child = fork(file, [JSON.stringify(plan)], { execArgv: ['-r', HOOK], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const ended = new Promise<'ended'>((resolve) => { child.once('exit', () => { resolve('ended'); }); });
  const ready = new Promise<'ready'>((resolve) => { child.once('message', () => { resolve('ready'); }); });
  if (await Promise.race([ready, ended]) === 'ended') throw new Error(`${file} ended before it was ready`);
  return { pid: pidOf(child), kill: async () => { child.kill('SIGKILL'); await ended; } };
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('the process has no id');
  return pid;
}

/** Resident memory of a process, KiB, as Linux says it. */
export function residentKib(pid: number): number {
  const found = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'));
  return Number(found?.[1] ?? Number.NaN);
}
