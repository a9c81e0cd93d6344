import type { EscalationCommand, EscalationOpening, EscalationState, Track } from '../../contracts/escalation';
import type { Instant } from '../../contracts/instant';
import type { EffectOutcome, Json } from '../../contracts/step';
import { Draft } from '../draft';
import type { Machine } from '../machine';
import { armResolution, perform } from './acts';
import { climb, settleStatus, tellLevel, unansweredReason } from './climb';
import { lapse } from './lapses';
import { refuse } from './refuse';
import { waiting } from './waiting';
import { policyNameOf } from '../policy/scope';

/** Version of EscalationState's shape. */
const STATE_VERSION = 2;

/** An unresolved issue escalates by itself: E2–E7, E9, E12–E14. */
export const escalation: Machine<EscalationState, EscalationCommand, EscalationOpening> = {
  capability: 'escalation',
  version: STATE_VERSION,

  migrate(state: Json, fromVersion: number): EscalationState {
    if (fromVersion === STATE_VERSION) return state as unknown as EscalationState;
    // Version 1 knew neither drills nor sources.
    if (fromVersion === 1) return { ...(state as unknown as EscalationState), drill: false, sourceId: null, clearedAt: null };
    throw new RangeError(`no way from state version ${fromVersion} to ${STATE_VERSION}`);
  },

  open(opening, now) {
    const draft = new Draft(firstState(opening, now));
    const { dedupeKey, ...request } = opening.request;
    draft.fact({ action: 'issue.opened', field: 'status', old: null, new: 'open', detail: { ...stated(request), number: opening.number, dedupeKey: dedupeKey ?? null, policy: policyNameOf(opening.policy), matrixVersion: opening.matrixVersion, ...(opening.matrixTopic && { matrixTopic: opening.matrixTopic }), ...(opening.topicUnknown && { topicUnknown: opening.topicUnknown }), drill: opening.drill ?? false, sourceId: opening.sourceId ?? null } });
    armResolution(draft, now);
    for (const track of draft.state.tracks) tellLevel(draft, track.side, { level: 1, round: 1, now, reason: 'level' });
    return draft.step();
  },

  refuse,

  apply(state, commanded, now) {
    const draft = new Draft(state);
    perform(draft, commanded, now);
    return draft.step();
  },

  lapse(state, deadline, now) {
    const draft = new Draft(state);
    lapse(draft, deadline, now);
    return draft.step();
  },

  settle(state, outcome, now) {
    const draft = new Draft(state);
    const track = unreachedTrack(state, outcome);
    if (!track) return undefined;
    draft.fact({ action: 'level.skipped', field: `tracks.${track.side}.level`, old: track.level, new: null, reason: outcome.detail });
    climb(draft, track.side, { now, reason: unansweredReason(state), nobodyThere: true });
    settleStatus(draft);
    return draft.step();
  },

  waiting,

  shown(state) {
    return { state: state.status, severity: state.severity, level: Math.max(...state.tracks.map((track) => track.level)) };
  },
};

/** The track whose present telling reached nobody; a later telling or an acknowledgement makes the news old (E7). */
function unreachedTrack(state: EscalationState, outcome: EffectOutcome): Track | undefined {
  if (outcome.outcome === 'done') return undefined;
  return state.tracks.find((track) => track.status === 'climbing' && outcome.intent === `escalation/${state.id}/${track.side}/${track.tellings}/level/${track.level}/notify`);
}

/** The request's fields that were given. */
function stated(request: { readonly [field: string]: Json | undefined }): { readonly [field: string]: Json } {
  return Object.fromEntries(Object.entries(request).filter((entry): entry is [string, Json] => entry[1] !== undefined));
}

function firstState(opening: EscalationOpening, now: Instant): EscalationState {
  const { request, policy } = opening;
  const track = (side: Track['side'], organisationId: string): Track => ({
    side, organisationId, status: 'climbing', level: 0, round: 1, tellings: 0, skipped: 0, acknowledgedBy: null, assigneeId: null, handOver: null,
  });
  const internal = request.raisingOrganisationId === request.accountableOrganisationId;
  return {
    id: opening.id, number: opening.number, status: 'open', topic: request.topic, severity: request.severity,
    studyId: request.studyId ?? null, systemId: request.systemId ?? null,
    raisingOrganisationId: request.raisingOrganisationId, accountableOrganisationId: request.accountableOrganisationId,
    raisedBy: opening.raisedBy, openedAt: now, dedupeKey: request.dedupeKey ?? null,
    policy, matrixVersion: opening.matrixVersion, ...(opening.matrixTopic && { matrixTopic: opening.matrixTopic }), ...(opening.topicUnknown && { topicUnknown: opening.topicUnknown }),
    plans: [{ severity: request.severity, policyKey: policy.key, policyVersion: policy.version, ...(policy.scope && { policyScope: policy.scope }), from: now, reason: 'opened' }],
    tracks: [track('accountable', request.accountableOrganisationId), ...(internal ? [] : [track('raising', request.raisingOrganisationId)])],
    shares: [], links: [], resolvedBy: null, rejections: 0, cancellation: null, resolutionLate: false, reviewsLapsed: 0, underReview: false,
    drill: opening.drill ?? false, sourceId: opening.sourceId ?? null, clearedAt: null,
  };
}
