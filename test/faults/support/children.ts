import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { SendableCommand } from '../../../contracts/command';
import type { CallerPlan } from './childCaller';
import type { SignerPlan } from './childSigner';
import type { WorkerPlan } from './childWorker';
import type { CrashPoint } from './crashPoints';

/** A process that a test may kill. */
export interface Child {
  /** SIGKILL, as a crash would. */
  kill(): Promise<void>;
}

/** A worker in a process of its own. */
export interface WorkerProcess extends Child {
  /** Lets it finish what it does and end. */
  stop(): Promise<void>;
  /** Waits until it has killed itself at its points; fails naming those that were not reached. */
  crashed(withinMs: number): Promise<void>;
}

/** Starts a worker and waits until it polls. */
export async function startWorkerProcess(plan: WorkerPlan): Promise<WorkerProcess> {
  const { child, ended } = await start('childWorker.ts', plan);
  return {
    kill: () => kill(child, ended),
    async stop() {
      child.send('stop');
      await ended;
    },
    async crashed(withinMs) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => { timer = setTimeout(() => { resolve('late'); }, withinMs); });
      const outcome = await Promise.race([ended, late]);
      clearTimeout(timer);
      if (outcome === 'SIGKILL') return;
      const missing = outcome === 'late' ? await missingPoints(child) : [];
      await kill(child, ended);
      throw new Error(`the worker did not crash (${String(outcome)}); not reached: ${JSON.stringify(missing)}`);
    },
  };
}

/** A caller in a process of its own: it waits for answers until it is killed. */
export interface CallerProcess extends Child {
  order(command: SendableCommand): void;
}

export async function startCallerProcess(plan: CallerPlan): Promise<CallerProcess> {
  const { child, ended } = await start('childCaller.ts', plan);
  return { kill: () => kill(child, ended), order: (command) => { child.send(command); } };
}

/** A process that commits signed steps, one after the other, until it is through or killed. */
export async function startSignerProcess(plan: SignerPlan): Promise<Child & { readonly ended: Promise<unknown> }> {
  const { child, ended } = await start('childSigner.ts', plan);
  return { kill: () => kill(child, ended), ended };
}

async function start(file: string, plan: object): Promise<{ child: ChildProcess; ended: Promise<NodeJS.Signals | null> }> {
  const child = fork(path.join(__dirname, file), [JSON.stringify(plan)], {
    execArgv: ['--enable-source-maps', '-r', path.join(__dirname, 'typescript.cjs')], stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => { child.once('exit', (_code, signal) => { resolve(signal); }); });
  const ready = new Promise<'ready'>((resolve) => { child.once('message', () => { resolve('ready'); }); });
  if (await Promise.race([ready, ended]) !== 'ready') throw new Error(`${file} ended before it was ready`);
  return { child, ended };
}

async function kill(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

function missingPoints(child: ChildProcess): Promise<readonly CrashPoint[]> {
  return new Promise((resolve) => {
    child.once('message', (points) => { resolve(points as readonly CrashPoint[]); });
    child.send('what is missing?');
  });
}
