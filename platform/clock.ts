/** How far this machine's clock may be from the database's before the health check warns. */
export const CLOCK_DRIFT_LIMIT_MS = 2000;

/** A round trip this short needs no second try: its error is at most half of it. */
const GOOD_ROUND_TRIP_MS = 200;
const TRIES = 3;

export interface DriftSources {
  /** The reference clock, e.g. mongod's. */
  readonly serverNow: () => Promise<Date>;
  /** This machine's clock, in epoch milliseconds. */
  readonly localNow?: () => number;
}

/**
 * How many milliseconds the reference clock is ahead of this machine (negative: behind), taking the
 * answer to be from the middle of the round trip. The shortest of up to three round trips counts,
 * so that a slow answer is not taken for a wrong clock.
 */
export async function clockDrift({ serverNow, localNow = Date.now }: DriftSources): Promise<number> {
  let best = { driftMs: 0, roundTripMs: Number.POSITIVE_INFINITY };
  for (let tries = 0; tries < TRIES && best.roundTripMs > GOOD_ROUND_TRIP_MS; tries += 1) {
    const sent = localNow();
    const server = (await serverNow()).getTime();
    const roundTripMs = localNow() - sent;
    if (roundTripMs < best.roundTripMs) best = { driftMs: server - (sent + roundTripMs / 2), roundTripMs };
  }
  return Math.round(best.driftMs);
}

/** Whether a drift is small enough to trust this machine's timestamps (ICH E6(R3) 4.2.2(d)). */
export function isClockTrusted(driftMs: number): boolean {
  return Math.abs(driftMs) <= CLOCK_DRIFT_LIMIT_MS;
}
