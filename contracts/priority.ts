import type { Priority } from '@temporalio/common';
import type { Severity } from './policy';

/**
 * Which task comes first when workers are behind, 1 to 5, smaller is sooner: criticals before
 * everything else, minors last. A drill goes behind the real issues of its severity. Housekeeping
 * has Temporal's default, 3.
 */
const KEYS: Readonly<Record<Severity, number>> = { critical: 1, major: 3, minor: 5 };
const DRILL_KEYS: Readonly<Record<Severity, number>> = { critical: 2, major: 4, minor: 5 };
/** Temporal's bound, bytes. */
const FAIRNESS_KEY_LIMIT = 64;
const ASCII = /^[\x21-\x7e]+$/;

/**
 * The order of a record's tasks, from its state or from the request that opens it: severity decides
 * first, then accountable organisations take turns, so that one CRO's storm does not delay another's.
 * What a record does not state is left to Temporal's defaults. Opaque ids only: the codec leaves it readable.
 */
export function priorityOf(stated: unknown): Priority {
  if (typeof stated !== 'object' || stated === null) return {};
  const { severity, accountableOrganisationId: organisationId, drill } = stated as { readonly [field: string]: unknown };
  return {
    ...(isSeverity(severity) && { priorityKey: (drill === true ? DRILL_KEYS : KEYS)[severity] }),
    ...(typeof organisationId === 'string' && organisationId.length <= FAIRNESS_KEY_LIMIT && ASCII.test(organisationId) && { fairnessKey: organisationId }),
  };
}

function isSeverity(value: unknown): value is Severity {
  return typeof value === 'string' && Object.hasOwn(KEYS, value);
}
