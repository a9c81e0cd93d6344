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
  readonly turns: () => Promise<ScheduleTurns | undefined>;
}

/** Whose beats these are. */
const SENTINEL = 'sentinel';
/** Between two turns of the sentinel unless its schedule says otherwise, ms. */
const EVERY_MS = 60_000;

/** A sign of life of the whole chain: schedule, Temporal, worker, records. Answers the outage that it ended. */
export async function beat(deps: BeatDeps, { everyMs = EVERY_MS }: { readonly everyMs?: number | undefined }): Promise<{ readonly outageId: string | null }> {
  // A schedule that cannot be asked must not silence the beat: then it is not known what happened.
  const turns = await deps.turns().catch(() => undefined);
  const outage = await recordBeat(deps.store, SENTINEL, { at: deps.now(), everyMs, workerStartedAt: deps.startedAt, turns: turns ?? null });
  return { outageId: outage?._id ?? null };
}
