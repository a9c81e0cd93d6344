import type { Duration } from '../../contracts/duration';
import type { Frequency } from '../../contracts/matrix';
import type { Json } from '../../contracts/step';

/** Whoever owes a contact does not excuse it: its slot is waived by the other organisation. One organisation's own control has no other. */
export function mayWaive({ organisationIds, rule }: { readonly organisationIds: readonly string[]; readonly rule: Frequency }, organisationId: string): boolean {
  return organisationId !== rule.organisationId || organisationIds.length === 1;
}

/** A rule as facts and commands carry it: what it does not say is left out. */
export function statedRule({ every, grace, organisationId, capaAfter }: Frequency): { readonly [key: string]: Json } {
  return { every, grace, organisationId, ...(capaAfter === undefined ? {} : { capaAfter }) };
}

/** Whether two rules ask for contact at the same pace; they may differ in what follows from silence. */
export function hasSamePace(one: Frequency, other: Frequency): boolean {
  return one.organisationId === other.organisationId && isSameSpan(one.every, other.every) && isSameSpan(one.grace, other.grace);
}

function isSameSpan(one: Duration, other: Duration): boolean {
  if (one.kind === 'calendar') return other.kind === 'calendar' && one.ms === other.ms;
  return other.kind === 'business' && one.unit === other.unit && one.amount === other.amount;
}
