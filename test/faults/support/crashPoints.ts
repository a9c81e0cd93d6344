import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import type { MailChannel } from '../../../platform/mail';
import type { ClientSession } from 'mongoose';
import type { CommitRequest } from '../../../contracts/step';
import type { Store } from '../../../store/connection';
import type { StepDoc } from '../../../store/schemas/records';

/** A place in the handling of one record at which a worker can die. */
export type CrashPoint =
  /** The commit activity was entered, nothing is written. */
  | { readonly at: 'before commit'; readonly recordId: string; readonly act: string }
  /** The transaction has begun to write. */
  | { readonly at: 'inside commit'; readonly recordId: string; readonly act: string }
  /** The transaction is committed, the activity is not completed. */
  | { readonly at: 'after commit'; readonly recordId: string; readonly act: string }
  /** The mail server took the letter, the receipt is not written. */
  | { readonly at: 'before receipt'; readonly recordId: string; readonly subject: string }
  /** A commit in a run that finishes its commands before it continues as new. */
  | { readonly at: 'draining'; readonly recordId: string }
  /** The first commit of a run that goes on from another. */
  | { readonly at: 'continued'; readonly recordId: string };

/** Never settles: whatever waits here ends with the process. */
const forever = (): Promise<never> => new Promise(() => undefined);

/**
 * Holds each record at its point and calls `die` when all are there: one kill then hits every point
 * at once. What is done before and after the points is the product's own code.
 */
export class CrashPlan {
  readonly #waiting: CrashPoint[];
  readonly #firstRun = new Map<string, string>();
  readonly #isDraining: (request: CommitRequest) => Promise<boolean>;
  readonly #die: () => void;

  constructor(points: readonly CrashPoint[], acts: { isDraining: (request: CommitRequest) => Promise<boolean>; die: () => void }) {
    this.#waiting = [...points];
    this.#isDraining = acts.isDraining;
    this.#die = acts.die;
  }

  /** Points that were not reached yet. */
  get missing(): readonly CrashPoint[] {
    return this.#waiting;
  }

  interceptor(): ActivityInboundCallsInterceptor {
    return {
      execute: async (input, next) => {
        const [request] = input.args;
        if (!isCommit(request)) return next(input);
        const before = await this.#before(request);
        if (before) return this.#reach(before);
        const result = await next(input);
        const after = this.#waiting.find((point) => point.at === 'after commit' && point.recordId === request.recordId && point.act === request.source.act);
        return after ? this.#reach(after) : result;
      },
    };
  }

  mail(channel: MailChannel): MailChannel {
    return {
      close: () => { channel.close(); },
      send: async (letter) => {
        const outcome = await channel.send(letter);
        const point = this.#waiting.find((one) => one.at === 'before receipt' && one.recordId === letter.headers['X-Oversight-Record'] && letter.subject.includes(one.subject));
        return point ? this.#reach(point) : outcome;
      },
    };
  }

  /** The store as commit sees it: each step it inserts may be its last. */
  store(store: Store): Store {
    const insertOne = store.models.steps.insertOne.bind(store.models.steps);
    const crashing = async (step: StepDoc, options: { session: ClientSession }): Promise<unknown> => {
      const inserted = await insertOne(step, options);
      const point = this.#waiting.find((one) => one.at === 'inside commit' && one.recordId === step.recordId && one.act === step.act);
      return point ? this.#reach(point) : inserted;
    };
    Object.assign(store.models.steps, { insertOne: crashing });
    return store;
  }

  async #before(request: CommitRequest): Promise<CrashPoint | undefined> {
    const { recordId, source: { act }, run: { runId } } = request;
    const first = this.#firstRun.get(recordId) ?? runId;
    this.#firstRun.set(recordId, first);
    const point = this.#waiting.find((one) => one.recordId === recordId);
    switch (point?.at) {
      case 'before commit':
        return point.act === act ? point : undefined;
      case 'continued':
        return runId === first ? undefined : point;
      case 'draining':
        return (await this.#isDraining(request)) ? point : undefined;
      default:
        return undefined;
    }
  }

  #reach(point: CrashPoint): Promise<never> {
    this.#waiting.splice(this.#waiting.indexOf(point), 1);
    if (this.#waiting.length === 0) this.#die();
    return forever();
  }
}

function isCommit(value: unknown): value is CommitRequest {
  return typeof value === 'object' && value !== null && 'source' in value && 'step' in value;
}
