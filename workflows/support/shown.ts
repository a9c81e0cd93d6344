import { upsertSearchAttributes } from '@temporalio/workflow';
import type { Instant } from '../../contracts/instant';
import { SEARCH_ATTRIBUTES } from '../../contracts/searchAttributes';
import type { ArmedDeadline } from '../../contracts/step';

interface Shown {
  readonly state: string;
  readonly severity: string;
  readonly level: number;
  readonly due: Instant | undefined;
}

/** Upserts only what changes a list in Temporal. `before`: what was shown last; answers what is shown now. */
export function showInLists({ state, severity, level, due }: Shown, before: string): string {
  const now = [state, severity, level, due].join('|');
  if (now === before) return now;
  upsertSearchAttributes([
    { key: SEARCH_ATTRIBUTES.state, value: state },
    { key: SEARCH_ATTRIBUTES.severity, value: severity },
    { key: SEARCH_ATTRIBUTES.level, value: level },
    { key: SEARCH_ATTRIBUTES.nextDueAt, value: due === undefined ? null : new Date(due) },
  ]);
  return now;
}

/** The first of some deadlines by their instant. */
export function nearest(armed: readonly ArmedDeadline[]): ArmedDeadline | undefined {
  return armed.reduce<ArmedDeadline | undefined>((first, deadline) => (first && first.due <= deadline.due ? first : deadline), undefined);
}
