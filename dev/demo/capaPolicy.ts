import type { CapaPolicy, CapaTimings } from '../../contracts/capaState';
import { minutes } from '../../contracts/spans';

/**
 * A CAPA's whole life in about a quarter of an hour: what has a day elsewhere has a minute. The first five are counted from
 * the opening, so that each stage has one to three minutes of its own; the window that a plan may name is as short.
 */
const quick: CapaTimings = {
  response: minutes(1), 'root-cause': minutes(3), plan: minutes(5), corrective: minutes(8), preventive: minutes(8), verification: minutes(2),
  monitoring: minutes(1), assessment: minutes(2), closure: minutes(2), decision: minutes(2), recurrenceWatch: minutes(10), warnAt: [0.8],
};

/** Timings of CAPAs of topic `demo`. */
export const DEMO_CAPA_POLICY: CapaPolicy = {
  key: 'demo', version: 1, effectiveFrom: '2026-01-01T00:00:00.000Z', basis: 'Demonstration only: minutes for days.', timings: { critical: quick, major: quick, minor: quick },
};
