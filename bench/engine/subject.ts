/** One notice of the case: which level, when it was due, when it was written; epoch ms. */
export interface WrittenNotice {
  readonly caseId: string;
  readonly level: number;
  readonly due: number;
  readonly at: number;
}

/** What is measured: the product, or bare Temporal, through the same few doors. */
export interface Subject {
  readonly name: string;
  /** Opens a case whose levels last so long, and returns when it is stored. */
  start(levelMs: number): Promise<string>;
  acknowledge(caseId: string): Promise<void>;
  notices(caseIds: readonly string[]): Promise<readonly WrittenNotice[]>;
  startWorker(): Promise<void>;
  killWorker(): Promise<void>;
  /** Resident memory of the worker's process, KiB. */
  workerKib(): number;
  close(): Promise<void>;
}

/** Levels of every case, and how long each has where time is to pass: opening a full load must not outlast the ladder. */
export const CASE = { levels: 3, levelMs: 20_000 } as const;
