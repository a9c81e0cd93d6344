import type { CapaPolicy, CapaTimings } from '../../contracts/capaState';
import { businessDays, calendarDays } from '../../contracts/spans';

/**
 * Business days for what people decide, calendar days for what they carry out. The first five are counted
 * from the opening (or the start of the iteration), `monitoring` from the verified implementation.
 */
const COMMON = { recurrenceWatch: calendarDays(365), warnAt: [0.8] } as const;

const critical: CapaTimings = {
  ...COMMON, response: businessDays(1), 'root-cause': businessDays(10), plan: businessDays(15), corrective: calendarDays(30), preventive: calendarDays(60),
  verification: businessDays(3), monitoring: calendarDays(60), assessment: businessDays(5), closure: businessDays(5), decision: businessDays(1),
};
const major: CapaTimings = {
  ...COMMON, response: businessDays(3), 'root-cause': businessDays(15), plan: businessDays(20), corrective: calendarDays(60), preventive: calendarDays(90),
  verification: businessDays(5), monitoring: calendarDays(90), assessment: businessDays(10), closure: businessDays(10), decision: businessDays(3),
};
const minor: CapaTimings = {
  ...COMMON, response: businessDays(5), 'root-cause': businessDays(20), plan: businessDays(30), corrective: calendarDays(90), preventive: calendarDays(120),
  verification: businessDays(10), monitoring: calendarDays(90), assessment: businessDays(10), closure: businessDays(10), decision: businessDays(5),
};

/** The timings of a new installation. Published sources contradict one another, so that these are a judgement between them. */
export const CAPA_DEFAULT: CapaPolicy = {
  key: 'default', version: 1, effectiveFrom: '2026-01-01T00:00:00.000Z',
  basis: 'Default of the product, judgement; ISO 13485 8.5.2 asks for no undue delay, ICH E6(R3) 3.12.2 for root cause and action. Replace by your SOP.',
  timings: { critical, major, minor },
};

/** The CAPA policies of a new installation. */
export const DEFAULT_CAPA_POLICIES: readonly CapaPolicy[] = [CAPA_DEFAULT];
