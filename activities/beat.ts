import type { Instant } from '../contracts/instant';
import type { ScheduleTurns } from '../domain/lateness/outage';
import type { Store } from '../store/connection';
import { recordBeat } from '../store/outages';

export interface BeatDeps {
  readonly store: Store;
  readonly now: () => Instant;
  /** When this worker started. */
  readonly startedAt: Instant;
  /** What the sentinel's schedule has counted. */
  readonly turns: () => Promise<(ScheduleTurns & { readonly everyMs: number | undefined }) | undefined>;
}

/** Whose beats these are. */
const SENTINEL = 'sentinel';
/** Between two turns of the sentinel unless its schedule says otherwise, ms. */
const EVERY_MS = 60_000;

/** A sign of life of the whole chain: schedule, Temporal, worker, records. Answers the outage that it ended, and when the next one is to come. */
export async function beat(deps: BeatDeps): Promise<{ readonly outageId: string | null; readonly everyMs: number }> {
  // A schedule that cannot be asked must not silence the beat: then it is not known what happened.
  const counted = await deps.turns().catch(() => undefined);
  const everyMs = counted?.everyMs ?? EVERY_MS;
  const outage = await recordBeat(deps.store, SENTINEL, { at: deps.now(), everyMs, workerStartedAt: deps.startedAt, turns: counted ? turnsOf(counted) : null });
  return { outageId: outage?._id ?? null, everyMs };
}

function turnsOf({ taken, missed, overlapped, paused }: ScheduleTurns): ScheduleTurns {
  return { taken, missed, overlapped, paused };
}
