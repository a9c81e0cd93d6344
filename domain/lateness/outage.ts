import { epochMsOf, type Instant } from '../../contracts/instant';

/** One sign of life. */
export interface Beat {
  readonly at: Instant;
  /** When the next one is to come, ms. */
  readonly everyMs: number;
  /** When the worker that gave it started. */
  readonly workerStartedAt: Instant;
  /** What the schedule that drives it has counted; null: it could not be asked, or there is none. */
  readonly turns: ScheduleTurns | null;
}

/** A schedule's own counters; they only grow, except when it is made anew. */
export interface ScheduleTurns {
  /** Started. */
  readonly taken: number;
  /** Not started in time: Temporal itself was away. */
  readonly missed: number;
  /** Not started because the one before still waited. */
  readonly overlapped: number;
  readonly paused: boolean;
}

/**
 * What kept the beats away, most of the time. `worker`: none was running. `store`: turns were started,
 * and a worker that was up could not finish them. `temporal`: turns were not started in time. `paused`:
 * turns are missing that were neither started nor missed. `unknown`: the schedule could not be asked.
 */
export const OUTAGE_CAUSES = ['worker', 'store', 'temporal', 'paused', 'unknown'] as const;
export type OutageCause = (typeof OUTAGE_CAUSES)[number];

export interface Gap {
  /** The last sign of life before, and the first after. */
  readonly from: Instant;
  readonly until: Instant;
  readonly lastedMs: number;
  readonly cause: OutageCause;
  readonly known: string;
}

/** Beats may be late by a turn and a half before silence counts as an outage. */
const TOLERATED_TURNS = 2.5;

/** Whether so long without a beat is an outage. */
export function isSilent(last: Pick<Beat, 'at' | 'everyMs'>, now: { readonly at: Instant; readonly everyMs: number }): boolean {
  return epochMsOf(now.at) - epochMsOf(last.at) > TOLERATED_TURNS * Math.max(last.everyMs, now.everyMs);
}

/** The outage between two beats in a row; undefined when the second came soon enough. */
export function gapBetween(last: Beat, beat: Beat): Gap | undefined {
  if (!isSilent(last, beat)) return undefined;
  const cause = causeOf(last, beat);
  return { from: last.at, until: beat.at, lastedMs: epochMsOf(beat.at) - epochMsOf(last.at), cause, known: KNOWN[cause] };
}

function causeOf(last: Beat, beat: Beat): OutageCause {
  const restarted = beat.workerStartedAt > last.at;
  if (!last.turns || !beat.turns) return restarted ? 'worker' : 'unknown';
  if (beat.turns.paused) return 'paused';
  const taken = beat.turns.taken - last.turns.taken;
  const missed = beat.turns.missed - last.turns.missed;
  const overlapped = beat.turns.overlapped - last.turns.overlapped;
  // A schedule that was made anew counts from 0 again, and says nothing about the time before.
  if (taken < 0 || missed < 0 || overlapped < 0) return 'unknown';
  const expected = (epochMsOf(beat.at) - epochMsOf(last.at)) / Math.max(last.everyMs, beat.everyMs);
  // One that ran accounts for each of its turns in one way or another.
  if (taken + missed + overlapped < expected / 2) return 'paused';
  if (missed > overlapped) return 'temporal';
  return restarted ? 'worker' : 'store';
}

const KNOWN: Readonly<Record<OutageCause, string>> = {
  worker: 'No worker carried out the sentinel\'s turns; the one that took them up again was started within this time.',
  store: 'The sentinel\'s turns were started, and a worker was running all the time, but none could be recorded: the records were out of reach, or the worker hung.',
  temporal: 'Temporal did not start the sentinel\'s turns in time.',
  paused: 'The sentinel\'s schedule was paused: most turns were neither started nor missed. Deadlines are fired without it; what it mends was not mended.',
  unknown: 'No sign of life; the schedule could not be asked why.',
};
