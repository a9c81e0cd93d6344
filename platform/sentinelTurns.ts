import { ScheduleNotFoundError, type Client } from '@temporalio/client';

/** The counters of a schedule. */
export interface CountedTurns {
  readonly taken: number;
  readonly missed: number;
  readonly overlapped: number;
  readonly paused: boolean;
  /** Between two turns, ms; undefined where the schedule does not go by an interval. */
  readonly everyMs: number | undefined;
}

/** Asks Temporal what the sentinel's schedule has counted; undefined when there is none, as in tests and under another scheduler. */
export function createSentinelTurns(client: Client, scheduleId = 'sentinel'): () => Promise<CountedTurns | undefined> {
  return async () => {
    try {
      const { info, state, spec } = await client.schedule.getHandle(scheduleId).describe();
      return { taken: info.numActionsTaken, missed: info.numActionsMissedCatchupWindow, overlapped: info.numActionsSkippedOverlap, paused: state.paused, everyMs: spec.intervals?.[0]?.every };
    } catch (error) {
      if (error instanceof ScheduleNotFoundError) return undefined;
      throw error;
    }
  };
}
