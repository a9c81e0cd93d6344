import type { Actor } from '../../contracts/actor';
import type { EscalationCommand, EscalationState, PlanInForce, Track } from '../../contracts/escalation';
import { LINK_INVERSES } from '../../contracts/links';
import { parseInstant, type Instant } from '../../contracts/instant';
import { armReview, changeStatus, climb, endIssue, levelOf, notify, setTrack, settleStatus, tellLevel, toPerson, type IssueDraft } from './climb';
import { note, type Acts, type Doing } from './doing';
import { giveTo, withdrawHandOver } from './duties';
import { confirmingTrack, deadlines, ladderOf, nextRung, partiesOf, ruleFor, trackOf, trackOn } from './plan';
import { systemActs } from './systemActs';
import { policyNameOf } from '../policy/scope';

/** What an accepted command changes. */
export function perform(draft: IssueDraft, commanded: { command: EscalationCommand; actor: Actor }, now: Instant): void {
  const { command, actor } = commanded;
  const own = (actor.kind === 'person' ? trackOf(draft.state, actor.organisationId) : undefined) ?? confirmingTrack(draft.state);
  const personId = actor.kind === 'person' ? actor.personId : '';
  const act = acts[command.act] as (doing: Doing<EscalationCommand['act']>) => void;
  act({ draft, body: command.body, personId, own, now });
}

const acts: Acts<EscalationCommand['act']> = {
  acknowledge({ draft, body, personId, own, now }) {
    setTrack(draft, own.side, { status: 'acknowledged', acknowledgedBy: personId, assigneeId: own.assigneeId ?? personId, skipped: 0 });
    draft.disarm(deadlines.acknowledge(own.side));
    draft.fact({ action: 'issue.acknowledged', field: `tracks.${own.side}.status`, old: own.status, new: 'acknowledged', ...note(body.note) });
    if (draft.state.status === 'resolved') armConfirmation(draft, now, { resumes: true });
    else armProgress(draft, own, now);
    settleStatus(draft);
  },
  progress({ draft, body, own, now }) {
    const promised = body.nextUpdateAt === undefined ? undefined : parseInstant(body.nextUpdateAt);
    draft.fact({ action: 'progress.reported', detail: { side: own.side, note: body.note, nextUpdateAt: promised ?? null } });
    // The update that was owed or promised has come; the next one is counted from here.
    draft.disarm(deadlines.progress(own.side));
    if (promised) {
      draft.arm(ruleFor(draft.state, { name: deadlines.progress(own.side), from: now, after: { kind: 'at', at: promised }, organisationId: own.organisationId }));
    } else armProgress(draft, own, now);
  },
  comment({ draft, body }) {
    draft.fact({ action: 'comment.added', detail: { text: body.text } });
  },
  assign({ draft, body, own, now }) {
    withdrawHandOver(draft, own, 'somebody was assigned meanwhile');
    giveTo(draft, own, { personId: body.personId, action: 'issue.assigned', ...note(body.note) });
    notify(draft, { intent: `${own.side}/assigned/${body.personId}/${now}`, reason: 'assigned', deadline: null, audience: toPerson(own, body.personId) });
  },
  'hand-over'({ draft, body, personId, own, now }) {
    setTrack(draft, own.side, { handOver: { fromId: own.assigneeId ?? personId, toId: body.toPersonId } });
    draft.arm(ruleFor(draft.state, { name: deadlines.handOver(own.side), from: now, after: ladderOf(draft.state).acceptWithin, organisationId: own.organisationId }));
    draft.fact({ action: 'hand_over.offered', field: `tracks.${own.side}.handOver`, old: null, new: body.toPersonId, ...note(body.note) });
    notify(draft, { intent: `${own.side}/handover/${body.toPersonId}/${now}`, reason: 'hand_over', deadline: deadlines.handOver(own.side), audience: toPerson(own, body.toPersonId) });
  },
  accept({ draft, body, personId, own }) {
    setTrack(draft, own.side, { handOver: null });
    draft.disarm(deadlines.handOver(own.side));
    giveTo(draft, own, { personId, action: 'hand_over.accepted', ...note(body.note) });
  },
  regrade({ draft, body, now }) {
    const { severity } = draft.state;
    draft.set({ severity: body.severity });
    draft.fact({ action: 'issue.regraded', field: 'severity', old: severity, new: body.severity, reason: body.reason });
    changePlan(draft, { reason: body.reason, tells: 'regraded', now });
  },
  replan({ draft, body, now }) {
    const { policy } = draft.state;
    draft.set({ policy: body.policy });
    draft.fact({ action: 'issue.replanned', field: 'policy', old: policyNameOf(policy), new: policyNameOf(body.policy), reason: body.reason });
    changePlan(draft, { reason: body.reason, tells: 'replanned', now });
  },
  link({ draft, body }) {
    draft.set({ links: [...draft.state.links, { recordId: body.recordId, kind: body.kind }] });
    draft.fact({ action: 'issue.linked', field: 'links', old: null, new: body.recordId, detail: { kind: body.kind }, ...note(body.note) });
    draft.effect({
      kind: 'command', intent: `escalation/${draft.state.id}/link/${body.recordId}/${body.kind}`, recordId: body.recordId,
      act: 'linked', body: { recordId: draft.state.id, kind: LINK_INVERSES[body.kind] },
    });
  },
  share({ draft, body, own, now }) {
    const others = draft.state.shares.filter((share) => share.organisationId !== body.organisationId);
    const consentIds = body.consents?.map(({ id }) => id) ?? [];
    draft.set({ shares: [...others, { organisationId: body.organisationId, extent: body.extent, ...(consentIds.length > 0 && { consentIds }) }] });
    draft.fact({
      action: 'issue.shared', field: 'shares', old: null, new: body.organisationId, reason: body.reason, detail: { extent: body.extent },
      visibleTo: [...partiesOf(draft.state), body.organisationId],
    });
    // Who agreed is the parties' matter.
    for (const { id, organisationId } of body.consents ?? []) draft.fact({ action: 'share.consented', detail: { organisationId: body.organisationId, by: organisationId, consentId: id }, visibleTo: partiesOf(draft.state) });
    // Commands of earlier releases pin nothing, and their histories have nobody told.
    if (body.consents) tellOtherSide(draft, own, `shared/${now}`);
  },
  unshare({ draft, body, own, now }) {
    const share = draft.state.shares.find(({ organisationId }) => organisationId === body.organisationId);
    draft.set({ shares: draft.state.shares.filter(({ organisationId }) => organisationId !== body.organisationId) });
    draft.fact({
      action: 'issue.unshared', field: 'shares', old: body.organisationId, new: null, reason: body.reason, detail: { extent: share?.extent ?? null },
      visibleTo: [...partiesOf(draft.state), body.organisationId],
    });
    tellOtherSide(draft, own, `unshared/${now}`);
  },
  escalate({ draft, body, now }) {
    const side = body.side ?? 'accountable';
    const track = trackOn(draft.state, side);
    draft.lift(deadlines.progress(side));
    draft.fact({ action: 'issue.escalated', field: `tracks.${side}.level`, old: track?.level ?? null, new: track ? (nextRung(ladderOf(draft.state), track)?.level ?? null) : null, reason: body.reason });
    climb(draft, side, { now, reason: 'level' });
    settleStatus(draft);
  },
  resolve({ draft, body, personId, now }) {
    draft.fact({ action: 'issue.resolved', detail: { resolution: body.resolution } });
    for (const track of draft.state.tracks) withdrawHandOver(draft, track, 'the issue was resolved');
    if (draft.state.cancellation) withdrawCancellation(draft, { action: 'cancellation.withdrawn', reason: 'the issue was resolved', now });
    draft.disarm(deadlines.resolution, deadlines.progress('accountable')).lift('ack/*', 'progress/*', deadlines.review);
    const tracks = draft.state.tracks.map((track) => ({ ...track, status: track.status === 'acknowledged' ? track.status : ('settled' as const) }));
    draft.set({ tracks, resolvedBy: personId, underReview: false });
    changeStatus(draft, 'resolved');
    armConfirmation(draft, now);
    tellConfirmer(draft, now);
  },
  confirm({ draft, body, now }) {
    draft.fact({ action: 'resolution.confirmed', ...note(body.note) });
    tellAssignee(draft, `closed/${now}`, 'closed');
    endIssue(draft, 'closed');
  },
  reject({ draft, body, personId, own, now }) {
    if (draft.state.status === 'resolved') reopen(draft, { reason: body.reason, personId, own, now });
    else withdrawCancellation(draft, { action: 'cancellation.declined', reason: body.reason, now });
  },
  cancel({ draft, body, personId, own, now }) {
    draft.set({ cancellation: { by: personId, organisationId: own.organisationId, reason: body.reason } });
    draft.arm(ruleFor(draft.state, { name: deadlines.cancellation, from: now, after: ladderOf(draft.state).secondPersonWithin, organisationId: own.organisationId }));
    draft.fact({ action: 'cancellation.requested', field: 'cancellation', old: null, new: personId, reason: body.reason });
    tellEverySide(draft, { intent: `cancellation/${now}`, reason: 'cancellation_requested', deadline: deadlines.cancellation });
  },
  'confirm-cancel'({ draft, body, personId }) {
    const requested = draft.state.cancellation;
    draft.fact({ action: 'issue.cancelled', ...(requested ? { reason: requested.reason, detail: { requestedBy: requested.by, confirmedBy: personId, note: body.note ?? null } } : {}) });
    endIssue(draft, 'cancelled');
  },
  ...systemActs,
};

/** Who may see an issue is the other party's matter too. The intent names nobody: holders of other shares read it. */
function tellOtherSide(draft: IssueDraft, own: Track, intent: string): void {
  for (const track of draft.state.tracks) {
    if (track.side !== own.side) notify(draft, { intent: `${track.side}/${intent}`, reason: 'share_changed', deadline: null, audience: levelOf(track) });
  }
}

/** The accountable side owes work after acknowledging (E3); the raising side owes awareness, and progress only where it promised. */
function armProgress(draft: IssueDraft, track: Track, now: Instant): void {
  if (track.side !== 'accountable') return;
  draft.arm(ruleFor(draft.state, { name: deadlines.progress(track.side), from: now, after: ladderOf(draft.state).progressWithin, organisationId: track.organisationId }));
}

/** Deadline of the raising side to confirm or reject (E13). Acknowledging that it is late is not confirming: the climb goes on from there (E3). */
function armConfirmation(draft: IssueDraft, now: Instant, climb: { resumes?: true } = {}): void {
  draft.arm(ruleFor(draft.state, { ...climb, name: deadlines.confirmation, from: now, after: ladderOf(draft.state).confirmWithin, organisationId: draft.state.raisingOrganisationId }));
}

/** Deadline of the accountable side to resolve, counted from the opening or the latest plan. */
export function armResolution(draft: IssueDraft, now: Instant): void {
  const from = draft.state.plans.at(-1)?.from ?? draft.state.openedAt;
  draft.arm(ruleFor(draft.state, { warnAfter: now, name: deadlines.resolution, from, after: ladderOf(draft.state).resolveWithin, organisationId: draft.state.accountableOrganisationId }));
}

/**
 * Puts another plan in force from now; both stay on the record, and every running deadline of the ladder is counted anew
 * (P19). An exhausted track climbs on where the new plan has a further rung.
 */
function changePlan(draft: IssueDraft, change: { reason: string; tells: 'regraded' | 'replanned'; now: Instant }): void {
  const { reason, tells, now } = change;
  const { severity, policy, plans } = draft.state;
  const before = plans.at(-1);
  const plan: PlanInForce = { severity, policyKey: policy.key, policyVersion: policy.version, ...(policy.scope && { policyScope: policy.scope }), from: now, reason };
  draft.set({ plans: [...plans, plan] });
  draft.fact({ action: 'plan.changed', field: 'plan', old: before ? { ...before } : null, new: { ...plan }, reason });
  const top = ladderOf(draft.state).levels.length;
  for (const track of draft.state.tracks) {
    // The ladder in force may be shorter: no track stays on a level that nobody stands on.
    const level = Math.min(track.level, top);
    setTrack(draft, track.side, { level });
    const rung = rungUnder(draft, { ...track, level });
    if (rung) tellLevel(draft, track.side, { ...rung, now, reason: 'level' });
    if (track.status === 'acknowledged') armProgress(draft, track, now);
    if (!rung) notify(draft, { intent: `${track.side}/${tells}/${now}`, reason: tells, deadline: null, audience: track.assigneeId ? toPerson(track, track.assigneeId) : levelOf(track) });
  }
  armResolution(draft, now);
  if (draft.state.underReview) armReview(draft, now);
  settleStatus(draft);
}

/** Where a track that is not acknowledged stands under the plan in force; undefined: nowhere to go. */
function rungUnder(draft: IssueDraft, track: Track): { level: number; round: number } | undefined {
  if (track.status === 'climbing') return { level: track.level, round: track.round };
  return track.status === 'exhausted' ? nextRung(ladderOf(draft.state), track) : undefined;
}

function reopen(draft: IssueDraft, rejection: { reason: string; personId: string; own: Track; now: Instant }): void {
  const { reason, personId, own, now } = rejection;
  draft.disarm(deadlines.confirmation, 'ack/*', deadlines.review);
  draft.set({ rejections: draft.state.rejections + 1, resolvedBy: null, underReview: false });
  draft.fact({ action: 'resolution.rejected', reason });
  // Whoever rejects knows of it: that side has acknowledged.
  setTrack(draft, own.side, { status: 'acknowledged', acknowledgedBy: personId, skipped: 0 });
  const accountable = trackOn(draft.state, 'accountable');
  if (accountable) tellLevel(draft, 'accountable', { level: accountable.level, round: accountable.round, now, reason: 'rejected' });
  // The span goes on as if nothing had been resolved: a hollow resolution buys no time. Late once under a plan is late.
  if (!isLateUnderPlan(draft.state)) armResolution(draft, now);
  changeStatus(draft, 'open');
  settleStatus(draft);
}

const isLateUnderPlan = ({ resolutionLate, resolutionLateUnder, plans }: EscalationState): boolean => resolutionLate && (resolutionLateUnder ?? plans.length) === plans.length;

/** Takes a pending cancellation back; the ladder never stopped. */
export function withdrawCancellation(draft: IssueDraft, withdrawal: { action: string; reason?: string; now: Instant }): void {
  const requested = draft.state.cancellation;
  draft.set({ cancellation: null });
  draft.lift(deadlines.cancellation);
  draft.fact({ action: withdrawal.action, field: 'cancellation', old: requested?.by ?? null, new: null, ...note(withdrawal.reason) });
  tellEverySide(draft, { intent: `cancellation/withdrawn/${withdrawal.now}`, reason: 'cancellation_withdrawn', deadline: null });
}

/** Tells the level that each side stands at. */
export function tellEverySide(draft: IssueDraft, notice: { intent: string; reason: Parameters<typeof notify>[1]['reason']; deadline: string | null }): void {
  for (const track of draft.state.tracks) {
    notify(draft, { ...notice, intent: `${track.side}/${notice.intent}`, audience: levelOf(track) });
  }
}

function tellConfirmer(draft: IssueDraft, now: Instant): void {
  const track = confirmingTrack(draft.state);
  notify(draft, { intent: `resolved/${now}`, reason: 'resolved', deadline: deadlines.confirmation, audience: levelOf(track) });
  const { raisedBy } = draft.state;
  if (raisedBy) notify(draft, { intent: `resolved/${now}/raiser`, reason: 'resolved', deadline: deadlines.confirmation, audience: toPerson(track, raisedBy) });
}

function tellAssignee(draft: IssueDraft, intent: string, reason: 'closed'): void {
  const track = trackOn(draft.state, 'accountable');
  if (track) notify(draft, { intent, reason, deadline: null, audience: track.assigneeId ? toPerson(track, track.assigneeId) : levelOf(track) });
}
