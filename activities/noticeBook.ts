import type { Store } from '../store/connection';
import { claimNotices, settleNotices, type Claim, type Ended, type Wanted } from '../store/noticeLedger';

/** How long what has ended waits for what is still being sent, to be written with it, ms: a slow receiver must not widen what a crash repeats. */
const LINGER_MS = 100;

/**
 * The attempts of one notice, written together however many it tells: one write claims what begins at the
 * same moment, one transaction keeps what ends within a moment. Alone, each would contend for the record's chain.
 */
export interface NoticeBook {
  claim(wanted: Wanted): Promise<Claim>;
  /** Runs a sending, which others wait for a moment. */
  during<T>(send: () => Promise<T>): Promise<T>;
  settle(ended: Ended): Promise<void>;
}

export function openBook(store: Store): NoticeBook {
  const claims = new Gathering((wanted: readonly Wanted[]) => claimNotices(store, wanted));
  const settlements = new Gathering(async (ended: readonly Ended[]) => {
    await settleNotices(store, ended);
    return ended.map(() => undefined);
  });
  let underWay = 0;
  let patience: NodeJS.Timeout | undefined;
  const settleNow = () => {
    clearTimeout(patience);
    patience = undefined;
    settlements.flush();
  };
  return {
    claim: (wanted) => {
      setImmediate(() => { claims.flush(); });
      return claims.add(wanted);
    },
    during: async (send) => {
      underWay += 1;
      try {
        return await send();
      } finally {
        underWay -= 1;
        if (underWay === 0) setImmediate(settleNow);
      }
    },
    settle: (ended) => {
      if (underWay === 0) setImmediate(settleNow);
      else patience ??= setTimeout(settleNow, LINGER_MS);
      return settlements.add(ended);
    },
  };
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (reason: unknown) => void;
}

/** Collects items and writes them together, one turn after the other. */
class Gathering<Item, Result> {
  readonly #write: (items: readonly Item[]) => Promise<readonly Result[]>;
  #waiting: Waiting<Item, Result>[] = [];
  #last: Promise<void> = Promise.resolve();

  constructor(write: (items: readonly Item[]) => Promise<readonly Result[]>) {
    this.#write = write;
  }

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => { this.#waiting.push({ item, resolve, reject }); });
  }

  flush(): void {
    const turn = this.#waiting;
    if (turn.length === 0) return;
    this.#waiting = [];
    this.#last = this.#last.then(() => this.#take(turn));
  }

  async #take(turn: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#write(turn.map(({ item }) => item));
      results.forEach((result, index) => { turn[index]?.resolve(result); });
    } catch (error) {
      for (const { reject } of turn) reject(error);
    }
  }
}
