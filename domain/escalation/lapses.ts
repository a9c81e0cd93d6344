import type { NoticeEffect } from '../../contracts/notice';
import type { Instant } from '../../contracts/instant';
import type { Side } from '../../contracts/policy';
import type { ArmedDeadline } from '../../contracts/step';
import { armReview, climb, notify, settleStatus, setTrack, tellLevel, unansweredReason, type IssueDraft } from './climb';
import { tellEverySide, withdrawCancellation } from './acts';
import { confirmingTrack, deadlines, ladderOf, partiesOf, trackOn } from './plan';

/** What a passed deadline changes. */
export function lapse(draft: IssueDraft, deadline: ArmedDeadline, now: Instant): void {
  if (deadline.warning !== undefined) { warn(draft, deadline); return; }
  const [name, side] = deadline.name.split('/') as [string, Side | undefined];
  draft.fact({ action: 'deadline.missed', field: deadline.name, detail: { due: deadline.due } });
  lapses[name]?.({ draft, side: side ?? 'accountable', now, due: deadline.due, resumes: deadline.rule.resumes ?? false });
}

interface Lapsing {
  readonly draft: IssueDraft;
  readonly side: Side;
  readonly now: Instant;
  readonly due: Instant;
  /** The rule's: go on climbing instead of beginning. */
  readonly resumes: boolean;
}

const lapses: { readonly [name: string]: (lapsing: Lapsing) => void } = {
  ack({ draft, side, now }) {
    climb(draft, side, { now, reason: unansweredReason(draft.state) });
    settleStatus(draft);
  },
  // Acknowledging is not progress: the track re-opens one level up (E3).
  progress({ draft, side, now }) {
    climb(draft, side, { now, reason: 'progress_late' });
    settleStatus(draft);
  },
  handover({ draft, side, due }) {
    const track = trackOn(draft.state, side);
    if (!track?.handOver) return;
    const { fromId, toId } = track.handOver;
    setTrack(draft, side, { handOver: null });
    draft.fact({ action: 'hand_over.lapsed', field: `tracks.${side}.handOver`, old: toId, new: null });
    if (fromId) notify(draft, { intent: `${side}/handover/lapsed/${due}`, reason: 'hand_over_lapsed', deadline: null, audience: { to: 'person', organisationId: track.organisationId, personId: fromId } });
  },
  resolution({ draft, due }) {
    const { resolutionLate, plans } = draft.state;
    draft.set({ resolutionLate: true, resolutionLateUnder: plans.length });
    draft.fact({ action: 'resolution.late', field: 'resolutionLate', old: resolutionLate, new: true });
    tellEverySide(draft, { intent: `resolution/late/${due}`, reason: 'resolution_late', deadline: null });
  },
  // As with progress: who acknowledged and left it is gone past.
  confirmation({ draft, now, resumes }) {
    const { side } = confirmingTrack(draft.state);
    if (resumes) {
      climb(draft, side, { now, reason: 'confirmation_late' });
      return;
    }
    tellLevel(draft, side, { level: 1, round: 1, now, reason: 'confirmation_late' });
  },
  cancellation({ draft, now }) {
    withdrawCancellation(draft, { action: 'cancellation.withdrawn', reason: 'no second person in time', now });
  },
  review({ draft, now, due }) {
    draft.set({ reviewsLapsed: draft.state.reviewsLapsed + 1 });
    draft.fact({ action: 'review.late', field: 'reviewsLapsed', old: draft.state.reviewsLapsed - 1, new: draft.state.reviewsLapsed });
    armReview(draft, now);
    const roles = ladderOf(draft.state).exhaustedTells;
    for (const organisationId of roles.length > 0 ? partiesOf(draft.state) : []) {
      notify(draft, { intent: `review/late/${due}/${organisationId}`, reason: 'review_late', deadline: deadlines.review, audience: { to: 'roles', organisationId, roles } });
    }
    if (roles.length === 0) tellEverySide(draft, { intent: `review/late/${due}`, reason: 'review_late', deadline: deadlines.review });
  },
};

function warn(draft: IssueDraft, warning: ArmedDeadline): void {
  const base = warning.name.slice(0, warning.name.indexOf('#'));
  draft.fact({ action: 'deadline.warned', field: base, detail: { share: warning.warning ?? 0 } });
  for (const { audience, key } of warned(draft, base)) {
    notify(draft, { intent: `warn/${warning.name}/${warning.due}/${key}`, reason: 'warning', deadline: base, audience });
  }
}

/** Who can still keep the deadline. */
function warned(draft: IssueDraft, name: string): readonly { audience: NoticeEffect['audience']; key: string }[] {
  const { state } = draft;
  const [kind, side] = name.split('/') as [string, Side | undefined];
  const tracks = side ? state.tracks.filter((track) => track.side === side)
    : kind === 'resolution' ? state.tracks.filter((track) => track.side === 'accountable')
    : kind === 'confirmation' ? [confirmingTrack(state)]
    : state.tracks;
  return tracks.map((track) => {
    const personId = kind === 'handover' ? track.handOver?.toId : kind === 'progress' || kind === 'resolution' ? track.assigneeId : null;
    const { organisationId, level } = track;
    return {
      key: track.side,
      audience: personId ? { to: 'person', organisationId, personId } : { to: 'level', side: track.side, organisationId, level },
    };
  });
}
