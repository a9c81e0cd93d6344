import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Failure, FAILURES } from '../../contracts/failures';
import { epochMsOf, type Instant } from '../../contracts/instant';

const MINUTE_MS = 60_000;
/** Refusals written down a minute, per source; all unknown sources together are one. */
const WRITTEN_PER_MINUTE = 10;
/** Failing messages a minute from one address, after which it is not listened to. */
const FAILING_PER_MINUTE = 600;
/** Messages a minute that one source may deliver. */
export const DELIVERED_PER_MINUTE = 300;

/** Keeps strangers' noise from becoming a flood of work or of records. Per process. */
export interface Noise {
  /** Throws Failure `too_many_requests` when this address keeps failing. */
  listenTo(address: string): Promise<void>;
  failed(address: string): Promise<void>;
  /** Throws Failure `too_many_requests` when the source delivers too much. */
  deliver(sourceId: string): Promise<void>;
  /** Whether to write a refusal of this stream down; `leftOut` were not since the last. Undefined: leave it out. */
  write(stream: string, now: Instant): { readonly leftOut: number } | undefined;
}

interface Window { startedAt: number; written: number; leftOut: number }

export function createNoise({ deliveredPerMinute }: { readonly deliveredPerMinute: number }): Noise {
  const failing = new RateLimiterMemory({ points: FAILING_PER_MINUTE, duration: MINUTE_MS / 1000 });
  const delivered = new RateLimiterMemory({ points: deliveredPerMinute, duration: MINUTE_MS / 1000 });
  // One entry per source that exists, and one for all that do not.
  const windows = new Map<string, Window>();
  return {
    listenTo: async (address) => {
      const spent = await failing.get(address);
      if (spent !== null && spent.remainingPoints <= 0) throw tooMany(spent.msBeforeNext);
    },
    failed: async (address) => {
      await failing.consume(address).catch(ignoreLimit);
    },
    deliver: async (sourceId) => {
      await delivered.consume(sourceId).catch((error: unknown) => {
        throw error instanceof RateLimiterRes ? tooMany(error.msBeforeNext) : error;
      });
    },
    write: (stream, now) => {
      const at = epochMsOf(now);
      const before = windows.get(stream);
      const window = before && at - before.startedAt < MINUTE_MS ? before : { startedAt: at, written: 0, leftOut: before?.leftOut ?? 0 };
      windows.set(stream, window);
      if (window.written >= WRITTEN_PER_MINUTE) {
        window.leftOut += 1;
        return undefined;
      }
      window.written += 1;
      const { leftOut } = window;
      window.leftOut = 0;
      return { leftOut };
    },
  };
}

const tooMany = (msBeforeNext: number): Failure =>
  new Failure('too_many_requests', FAILURES.too_many_requests.meaning, { retryAfterSeconds: Math.ceil(msBeforeNext / 1000) });

function ignoreLimit(error: unknown): void {
  if (!(error instanceof RateLimiterRes)) throw error;
}
