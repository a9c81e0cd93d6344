import type { EscalationState, Track } from '../../contracts/escalation';
import type { Duration } from '../../contracts/duration';
import type { Ladder, Side } from '../../contracts/policy';
import type { DeadlineRule } from '../../contracts/step';

/** Names of this machine's deadlines. */
export const deadlines = {
  acknowledge: (side: Side) => `ack/${side}`,
  progress: (side: Side) => `progress/${side}`,
  handOver: (side: Side) => `handover/${side}`,
  resolution: 'resolution',
  confirmation: 'confirmation',
  cancellation: 'cancellation',
  review: 'review',
} as const;

/** The ladder in force: of the pinned policy, for the present severity. */
export function ladderOf(state: EscalationState): Ladder {
  return state.policy.ladders[state.severity];
}

/** The acknowledge timeout of a level, from 1; a ladder regraded to fewer levels answers with its last. */
export function acknowledgeWithin(ladder: Ladder, level: number): Duration {
  const found = ladder.levels[Math.min(level, ladder.levels.length) - 1];
  if (!found) throw new RangeError(`a ladder has at least one level, asked for ${level}`);
  return found.acknowledgeWithin;
}

/** Where a track climbs next: the next level, the next round, or nowhere. */
export function nextRung(ladder: Ladder, at: { level: number; round: number }): { level: number; round: number } | undefined {
  if (at.level < ladder.levels.length) return { level: at.level + 1, round: at.round };
  return at.round <= ladder.repeats ? { level: 1, round: at.round + 1 } : undefined;
}

/** A deadline of the ladder in force, counted on an organisation's calendar from `from`. */
export function ruleFor(state: EscalationState, rule: Omit<DeadlineRule, 'warnAt'>): DeadlineRule {
  return { ...rule, warnAt: ladderOf(state).warnAt };
}

export function trackOn(state: EscalationState, side: Side): Track | undefined {
  return state.tracks.find((track) => track.side === side);
}

/** The track of an organisation; an issue inside one organisation has one track. */
export function trackOf(state: EscalationState, organisationId: string): Track | undefined {
  return state.tracks.find((track) => track.organisationId === organisationId);
}

/** The track that has to confirm: the raising side's, or the only one. */
export function confirmingTrack(state: EscalationState): Track {
  const track = trackOn(state, 'raising') ?? trackOn(state, 'accountable');
  if (!track) throw new RangeError('an issue has a track');
  return track;
}

/** The organisations with a seat on the record. */
export function partiesOf(state: Pick<EscalationState, 'raisingOrganisationId' | 'accountableOrganisationId'>): readonly string[] {
  return [...new Set([state.raisingOrganisationId, state.accountableOrganisationId])];
}
