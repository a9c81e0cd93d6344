import type { EscalationState, Track } from '../../contracts/escalation';
import type { Instant } from '../../contracts/instant';
import { levelOf, notify, setTrack, toPerson, type IssueDraft } from './climb';
import { deadlines } from './plan';

/** Who holds a duty on this issue, or is offered one. */
export const dutyHolders = (state: EscalationState): readonly string[] =>
  [...new Set(state.tracks.flatMap((track) => [track.assigneeId, track.handOver?.toId ?? null]))].filter((id): id is string => id !== null);

/** Makes somebody the assignee of a track, or nobody. */
export function giveTo(draft: IssueDraft, track: Track, to: { personId: string | null; action: string; reason?: string }): void {
  const { personId, action, reason } = to;
  setTrack(draft, track.side, { assigneeId: personId });
  draft.fact({ action, field: `tracks.${track.side}.assigneeId`, old: track.assigneeId, new: personId, ...(reason === undefined ? {} : { reason }) });
}

/** Takes a waiting offer back, so that it cannot be accepted after the duty went another way. */
export function withdrawHandOver(draft: IssueDraft, track: Track, reason: string): void {
  if (!track.handOver) return;
  setTrack(draft, track.side, { handOver: null });
  draft.lift(deadlines.handOver(track.side));
  draft.fact({ action: 'hand_over.withdrawn', field: `tracks.${track.side}.handOver`, old: track.handOver.toId, new: null, reason });
}

/** Frees a track of a person who left: offers to and from them end, their duty goes to the deputy (P11). */
export function relieveTrack(draft: IssueDraft, track: Track, relief: { personId: string; deputyId: string | null; reason: string; now: Instant }): void {
  const { personId, deputyId, reason, now } = relief;
  const { handOver, side } = track;
  if (handOver?.toId === personId || handOver?.fromId === personId) withdrawHandOver(draft, track, reason);
  if (handOver?.toId === personId && handOver.fromId) {
    notify(draft, { intent: `${side}/handover/withdrawn/${personId}/${now}`, reason: 'hand_over_lapsed', deadline: null, audience: toPerson(track, handOver.fromId) });
  }
  if (track.assigneeId !== personId) return;
  giveTo(draft, track, { personId: deputyId, action: 'duty.reassigned', reason });
  notify(draft, {
    intent: `${side}/relieved/${personId}/${now}`, reason: 'assigned', deadline: null,
    audience: deputyId ? toPerson(track, deputyId) : levelOf(track),
  });
}
