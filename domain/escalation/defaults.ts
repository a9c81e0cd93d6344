import type { Duration } from '../../contracts/duration';
import { businessDays, businessHours, calendarDays, hours, minutes, seconds } from '../../contracts/spans';
import type { Role } from '../../contracts/people';
import type { Ladder, Policy } from '../../contracts/policy';

/** L1 project manager with the study lead as deputy, L2 study lead, L3 quality head, L4 executive (docs/defaults.md). */
const CLINICAL: readonly Role[] = ['project_manager', 'study_lead', 'quality_head', 'executive'];
/** Topic `security` starts at the security officer. */
const SECURITY: readonly Role[] = ['security_officer', 'study_lead', 'quality_head', 'executive'];
const DEPUTY: Partial<Record<Role, Role>> = { project_manager: 'study_lead', security_officer: 'quality' };

type Timings = Omit<Ladder, 'levels' | 'warnAt' | 'exhaustedTells'> & Partial<Pick<Ladder, 'exhaustedTells'>>;

const DAY_MS = 24 * 3_600_000;

function ladder(roles: readonly Role[], acknowledge: readonly Duration[], timings: Timings): Ladder {
  const levels = acknowledge.map((acknowledgeWithin, index) => {
    const role = roles[index] ?? 'executive';
    const deputyRole = DEPUTY[role];
    return { role, ...(deputyRole ? { deputyRole } : {}), acknowledgeWithin };
  });
  return { levels, exhaustedTells: [], warnAt: [0.5, 0.8], ...timings };
}

function ladders(roles: readonly Role[]): Policy['ladders'] {
  return {
    critical: ladder(roles, [minutes(30), minutes(30), hours(1), hours(2)], {
      repeats: 2, progressWithin: hours(4), promiseAtMostMs: DAY_MS, resolveWithin: calendarDays(2), confirmWithin: calendarDays(1),
      secondPersonWithin: calendarDays(1), acceptWithin: hours(1), reviewWithin: hours(24), exhaustedTells: ['executive'],
    }),
    major: ladder(roles, [businessHours(4), businessHours(4), businessDays(1), businessDays(2)], {
      repeats: 1, progressWithin: businessDays(2), promiseAtMostMs: 14 * DAY_MS, resolveWithin: businessDays(10), confirmWithin: businessDays(3),
      secondPersonWithin: businessDays(3), acceptWithin: businessHours(4), reviewWithin: businessDays(2),
    }),
    minor: ladder(roles, [businessDays(2), businessDays(2), businessDays(3)], {
      repeats: 0, progressWithin: businessDays(5), promiseAtMostMs: 30 * DAY_MS, resolveWithin: businessDays(30), confirmWithin: businessDays(5),
      secondPersonWithin: businessDays(5), acceptWithin: businessDays(1), reviewWithin: businessDays(10),
    }),
  };
}

/** Ten seconds a level, so that a newcomer sees a ladder climb over a coffee. */
function demoLadders(): Policy['ladders'] {
  const quick = (timings: Ladder): Ladder => ({
    ...timings, repeats: 0, progressWithin: seconds(30), warnAt: [],
    levels: CLINICAL.map((role) => ({ role, ...(DEPUTY[role] ? { deputyRole: DEPUTY[role] } : {}), acknowledgeWithin: seconds(10) })),
  });
  const { critical, major, minor } = ladders(CLINICAL);
  return { critical: quick(critical), major: quick(major), minor: quick(minor) };
}

const VALID_FROM = '2026-01-01T00:00:00.000Z';
const BASIS = 'Default of the product, judgement; ICH E6(R3) 3.9 asks for timely escalation. Replace by your SOP.';

/** The clinical ladders of a new installation. */
export const CLINICAL_DEFAULT: Policy = { key: 'default', version: 1, effectiveFrom: VALID_FROM, basis: BASIS, ladders: ladders(CLINICAL) };

/** The policies of a new installation. */
export const DEFAULT_POLICIES: readonly Policy[] = [
  CLINICAL_DEFAULT,
  { key: 'security', version: 1, effectiveFrom: VALID_FROM, basis: BASIS, ladders: ladders(SECURITY) },
  { key: 'demo', version: 1, effectiveFrom: VALID_FROM, basis: 'Demonstration only: ten seconds a level.', ladders: demoLadders() },
];
