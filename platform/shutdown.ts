import { constants } from 'node:os';
import type { Logger } from './logger';

/** What a shutdown needs of its process; `process` fits. */
export interface StoppableProcess {
  on(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
  exit(code: number): unknown;
}
type StopSignal = 'SIGINT' | 'SIGTERM';

export interface ShutdownOptions {
  readonly logger: Logger;
  /** How long all closing together may take; then the process exits with 1. */
  readonly boundMs: number;
  readonly process?: StoppableProcess;
}

/** Closes what a process opened, last opened first. */
export interface Shutdown {
  /** Registers how to close something, right after it was opened. */
  onStop(name: string, close: () => Promise<unknown>): void;
  /** Whether closing has begun: readiness answers no, new work is declined. */
  isStopping(): boolean;
  /** Closes everything and exits: 0 when all closed, 1 when one failed or the bound passed. A second call joins the first. */
  stop(reason: string): Promise<void>;
}

/**
 * Listens for SIGINT and SIGTERM; a second signal exits at once with 128 + its number. Install the
 * Temporal Runtime with `shutdownSignals: []`, else it stops workers on its own beside this order.
 */
export function createShutdown({ logger, boundMs, process: owner = process }: ShutdownOptions): Shutdown {
  const closers: { name: string; close: () => Promise<unknown> }[] = [];
  let stopping: Promise<void> | undefined;

  const closeAll = async (progress: { closing: string }): Promise<number> => {
    let code = 0;
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) {
      progress.closing = closer.name;
      try {
        await closer.close();
        logger.debug({ closed: closer.name }, 'closed');
      } catch (err) {
        code = 1;
        logger.error({ err, closing: closer.name }, 'closing failed');
      }
    }
    return code;
  };

  const run = async (reason: string): Promise<void> => {
    logger.info({ reason }, 'stopping');
    const progress = { closing: 'nothing' };
    const code = await bounded(closeAll(progress), boundMs);
    if (code === undefined) logger.error({ closing: progress.closing, boundMs }, 'closing took too long');
    else logger.info({ code }, 'stopped');
    owner.exit(code ?? 1);
  };

  const stop = async (reason: string): Promise<void> => (stopping ??= run(reason));
  const onSignal = (signal: StopSignal): void => {
    if (stopping === undefined) void stop(signal);
    else owner.exit(128 + constants.signals[signal]);
  };
  owner.on('SIGINT', onSignal);
  owner.on('SIGTERM', onSignal);
  return {
    onStop: (name, close) => closers.push({ name, close }),
    isStopping: () => stopping !== undefined,
    stop,
  };
}

async function bounded<T>(work: Promise<T>, boundMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const bound = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined);
    }, boundMs);
  });
  try {
    return await Promise.race([work, bound]);
  } finally {
    clearTimeout(timer);
  }
}
