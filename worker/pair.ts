import type { Worker } from '@temporalio/worker';

/** What a process does with its workers, as if they were one. */
export interface OversightWorker {
  /** Resolves when both were drained; rejects when one failed, which stops the other. */
  run(): Promise<void>;
  shutdown(): void;
  /** Both take tasks. */
  isRunning(): boolean;
}

/** Runs and commits on one, effects on the other. */
export function pair(workers: readonly [Worker, Worker]): OversightWorker {
  const running = () => workers.filter((worker) => worker.getState() === 'RUNNING');
  const shutdown = (): void => { for (const worker of running()) worker.shutdown(); };
  return {
    shutdown,
    isRunning: () => running().length === workers.length,
    async run() {
      const ended = await Promise.allSettled(workers.map(async (worker) => {
        try {
          await worker.run();
        } finally {
          shutdown();
        }
      }));
      const failed = ended.find((one) => one.status === 'rejected');
      if (failed) throw failed.reason;
    },
  };
}
