import type { EscalationState } from '../../contracts/escalation';
import type { Instant } from '../../contracts/instant';
import type { ArmedDeadline, EndedDeadline, Fact } from '../../contracts/step';
import { deadlines } from './plan';

/** What a step means for governance's agenda (E4). */
export type AgendaChange =
  /** The issue is due on the agenda, or is due again; `reviewDue` is when somebody must have taken it up. */
  | { readonly change: 'due'; readonly reason: string; readonly reviewDue: Instant; readonly reviewsLapsed: number }
  /** Somebody took it up, or it is over: nothing is left to be put before a meeting. */
  | { readonly change: 'settled'; readonly outcome: string };

interface Taken {
  readonly state: EscalationState;
  readonly facts: readonly Fact[];
  /** What waits after the step, and what it ended. */
  readonly waits: readonly ArmedDeadline[];
  readonly ended: readonly EndedDeadline[];
}

const EXHAUSTING: readonly string[] = ['track.exhausted', 'confirmation.exhausted'];

/**
 * An exhausted track goes to governance and stays there while its review deadline runs: what exhausts
 * a track or ends that deadline (armed anew: due again) changes the agenda, nothing else does.
 * undefined: this step changes nothing. A drill never reaches a meeting.
 */
export function agendaChangeOf({ state, facts, waits, ended }: Taken): AgendaChange | undefined {
  const reviewEnded = ended.some((deadline) => deadline.name === deadlines.review);
  if (state.drill || (!reviewEnded && !facts.some((fact) => EXHAUSTING.includes(fact.action)))) return undefined;
  const review = waits.find((deadline) => deadline.name === deadlines.review);
  if (!review) return reviewEnded ? { change: 'settled', outcome: state.status } : undefined;
  return { change: 'due', reason: reasonOf(state), reviewDue: review.due, reviewsLapsed: state.reviewsLapsed };
}

function reasonOf({ tracks, status }: EscalationState): string {
  const sides = tracks.filter((track) => track.status === 'exhausted').map((track) => track.side).join(' and ');
  return status === 'resolved' ? `nobody of the ${sides} side confirmed the resolution` : `the ladder of the ${sides} side is exhausted`;
}
