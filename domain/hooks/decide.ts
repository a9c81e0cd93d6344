import type { Instant } from '../../contracts/instant';
import type { Trigger } from './trigger';

/** What is known before a message is acted on. */
export interface Known {
  /** The open issue of the same trouble; undefined: there is none. */
  readonly issue: { readonly clearedAt: Instant | null } | undefined;
  /** Firing alerts that the issue has noted; undefined: nothing is remembered. */
  readonly noted: readonly string[] | undefined;
}

/**
 * `open` an issue, note a `repeat` or a `clear` on the open one, or say nothing: `known` joins
 * without a word, `nothing_open` has nothing to clear.
 */
export type Decision = 'open' | 'repeat' | 'clear' | 'known' | 'nothing_open';

/**
 * What a message changes. A source that counts its alerts sends an unchanged group again and again
 * (Alertmanager's `repeat_interval`): only an alert that is new, or a firing after "all clear", is news.
 * An alert fewer is no news either: the trouble goes on, and the end of it will be said.
 */
export function decide({ status, alerts }: Pick<Trigger, 'status' | 'alerts'>, { issue, noted }: Known): Decision {
  if (!issue) return status === 'firing' ? 'open' : 'nothing_open';
  const counted = alerts !== undefined;
  const isClear = issue.clearedAt !== null;
  if (status === 'resolved') return isClear && counted ? 'known' : 'clear';
  if (isClear || !counted || noted === undefined) return 'repeat';
  return alerts.some((alert) => !noted.includes(alert)) ? 'repeat' : 'known';
}
