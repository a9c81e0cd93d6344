import { Temporal } from 'temporal-polyfill';
import type { Refusal } from '../../contracts/failures';
import { epochMsOf, instantOf, type Instant } from '../../contracts/instant';
import type { Retention, RetentionClass, RetentionRules } from '../../contracts/retention';

/** The rule of a class as evidence stored now is kept under it. */
export function retentionOf(rules: RetentionRules, name: RetentionClass, storedAt: Instant): Retention {
  const rule = rules[name];
  return { class: name, ...rule, until: rule.from === 'stored' ? yearsAfter(storedAt, rule.years) : null };
}

/** The same day and time so many calendar years later, UTC; 29 February becomes 28 February. */
function yearsAfter(instant: Instant, years: number): Instant {
  const then = Temporal.Instant.fromEpochMilliseconds(epochMsOf(instant)).toZonedDateTimeISO('UTC').add({ years });
  return instantOf(then.epochMilliseconds);
}

/**
 * Why evidence cannot be disposed of: a legal hold, its retention, or, after both, that this release
 * disposes of nothing (21 CFR 11.10(c), EU CTR Art. 58). There is always a reason.
 */
export function disposalRefusal({ retention, holdIds, now }: { readonly retention: Retention; readonly holdIds: readonly string[]; readonly now: Instant }): Refusal {
  const [hold] = holdIds;
  if (hold !== undefined) return { type: 'wrong_state', reason: `Under legal hold ${holdIds.join(', ')}: nothing is disposed of until it is released.` };
  const { until, years, basis } = retention;
  if (until === null) return { type: 'wrong_state', reason: `Kept for ${String(years)} years after the end of the study, which is not known yet (${basis}).` };
  if (now < until) return { type: 'wrong_state', reason: `Kept until ${until} (${basis}).` };
  return { type: 'wrong_state', reason: `The retention ended on ${until}; this release disposes of nothing.` };
}
