import type { EscalationState, IssueStatus, Track } from '../../contracts/escalation';
import type { Instant } from '../../contracts/instant';
import type { NoticeEffect } from '../../contracts/notice';
import type { Side } from '../../contracts/policy';
import type { Effect } from '../../contracts/step';
import type { Draft } from '../draft';
import { answerDrill } from './drills';
import { acknowledgeWithin, deadlines, ladderOf, nextRung, partiesOf, ruleFor, trackOn } from './plan';

export type IssueDraft = Draft<EscalationState>;

/** Replaces one side's track. */
export function setTrack(draft: IssueDraft, side: Side, patch: Partial<Track>): void {
  draft.set({ tracks: draft.state.tracks.map((track) => (track.side === side ? { ...track, ...patch } : track)) });
}

/** Adds a notice. Its intent is unique for ever, so no retry and no rebuilt run tells twice. */
export function notify(draft: IssueDraft, notice: Omit<NoticeEffect, 'kind' | 'mustReach' | 'intent'> & { intent: string; mustReach?: boolean }): void {
  const effect: NoticeEffect = {
    ...notice, kind: 'notify', intent: `escalation/${draft.state.id}/${notice.intent}`, mustReach: notice.mustReach ?? false,
  };
  draft.effect(effect as unknown as Effect);
}

/** Audience: the level that a side stands at. */
export const levelOf = (track: Track) => ({ to: 'level' as const, side: track.side, organisationId: track.organisationId, level: track.level });

/** Audience: one person of a side. */
export const toPerson = (track: Track, personId: string) => ({ to: 'person' as const, organisationId: track.organisationId, personId });

/** Why the next level is told when the one before did not answer: a resolved issue waits for a confirmation. */
export const unansweredReason = (state: EscalationState): NoticeEffect['reason'] => (state.status === 'resolved' ? 'confirmation_late' : 'level');

/** Tells a level and gives it its time: E2. `skipped`: levels in a row right before it at which nobody was there. */
export function tellLevel(draft: IssueDraft, side: Side, telling: { level: number; round: number; now: Instant; reason: NoticeEffect['reason']; skipped?: number }): void {
  const track = trackOn(draft.state, side);
  if (!track) return;
  const { level, round, now, skipped = 0 } = telling;
  const tellings = track.tellings + 1;
  setTrack(draft, side, { status: 'climbing', level, round, tellings, skipped, acknowledgedBy: null });
  draft.arm(ruleFor(draft.state, {
    name: deadlines.acknowledge(side), from: now, organisationId: track.organisationId,
    after: acknowledgeWithin(ladderOf(draft.state), level),
  }));
  draft.fact({ action: 'level.started', field: `tracks.${side}.level`, old: track.level, new: level, detail: { side, round, telling: tellings, reason: telling.reason } });
  notify(draft, {
    intent: `${side}/${tellings}/level/${level}/notify`, reason: telling.reason, deadline: deadlines.acknowledge(side), mustReach: true,
    audience: { to: 'level', side, organisationId: track.organisationId, level },
  });
}

/** Moves a track to its next rung, or exhausts it when the repeat bound is reached: E2, E4. */
export function climb(draft: IssueDraft, side: Side, why: { now: Instant; reason: NoticeEffect['reason']; nobodyThere?: boolean }): void {
  const track = trackOn(draft.state, side);
  if (!track) return;
  const ladder = ladderOf(draft.state);
  const skipped = why.nobodyThere ? track.skipped + 1 : 0;
  const rung = nextRung(ladder, track);
  setTrack(draft, side, { skipped, acknowledgedBy: null });
  // A whole ladder without anybody on it would only spin through its repeats: exhausted once (E7).
  if (!rung || skipped >= ladder.levels.length) exhaust(draft, side, why.now);
  else tellLevel(draft, side, { ...rung, skipped, now: why.now, reason: why.reason });
}

function exhaust(draft: IssueDraft, side: Side, now: Instant): void {
  const track = trackOn(draft.state, side);
  if (!track) return;
  const ladder = ladderOf(draft.state);
  const confirming = draft.state.status === 'resolved';
  // Counted, so that a track exhausted for the second time is told of under an intent of its own.
  const tellings = track.tellings + 1;
  setTrack(draft, side, { status: 'exhausted', tellings });
  draft.lift(deadlines.acknowledge(side));
  draft.fact({ action: confirming ? 'confirmation.exhausted' : 'track.exhausted', field: `tracks.${side}.status`, old: track.status, new: 'exhausted', detail: { side, round: track.round, level: track.level } });
  if (!draft.state.underReview) {
    draft.set({ underReview: true });
    armReview(draft, now);
  }
  // Every side, because this side's level may be the one where nobody is.
  for (const told of draft.state.tracks) {
    notify(draft, { intent: `${side}/${tellings}/exhausted/level/${told.side}`, reason: 'exhausted', deadline: deadlines.review, audience: levelOf(told) });
  }
  for (const organisationId of ladder.exhaustedTells.length > 0 ? partiesOf(draft.state) : []) {
    notify(draft, { intent: `${side}/${tellings}/exhausted/${organisationId}`, reason: 'exhausted', deadline: deadlines.review, audience: { to: 'roles', organisationId, roles: ladder.exhaustedTells } });
  }
}

/** An exhausted issue keeps a review deadline: it goes to governance, never to sleep. */
export function armReview(draft: IssueDraft, now: Instant): void {
  draft.arm(ruleFor(draft.state, {
    name: deadlines.review, from: now, after: ladderOf(draft.state).reviewWithin, organisationId: draft.state.raisingOrganisationId,
  }));
}

/** Brings review and status in line with the tracks; resolved, closed and cancelled are set by acts alone. */
export function settleStatus(draft: IssueDraft): void {
  const { status, tracks, underReview } = draft.state;
  if (underReview && !tracks.some((track) => track.status === 'exhausted')) {
    draft.set({ underReview: false });
    draft.disarm(deadlines.review);
  }
  if (status !== 'resolved' && status !== 'closed' && status !== 'cancelled') changeStatus(draft, statusOf(tracks));
}

/** Ends the issue: nobody climbs any more, nothing waits. What the ending act was awaited for is met. */
export function endIssue(draft: IssueDraft, status: 'closed' | 'cancelled'): void {
  draft.set({ tracks: draft.state.tracks.map((track) => ({ ...track, status: 'settled', handOver: null })), underReview: false });
  changeStatus(draft, status);
  draft.disarm(status === 'closed' ? deadlines.confirmation : deadlines.cancellation).done();
}

/** Sets the status and says so once, as a field change. */
export function changeStatus(draft: IssueDraft, next: IssueStatus): void {
  const old = draft.state.status;
  if (old === next) return;
  draft.set({ status: next });
  draft.fact({ action: 'status.changed', field: 'status', old, new: next });
  answerDrill(draft);
}

function statusOf(tracks: readonly Track[]): IssueStatus {
  if (tracks.some((track) => track.status === 'exhausted')) return 'exhausted';
  return tracks.some((track) => track.status === 'climbing') ? 'open' : 'acknowledged';
}
