import type { PersonActor } from '../../contracts/actor';
import type { Instant } from '../../contracts/instant';
import { approvedElsewhere } from './elsewhere';
import type { RecurrencesEffect } from '../../contracts/recurrence';
import type { Effect } from '../../contracts/step';
import { moveTo, nextIteration, touch } from './moving';
import { actionsOf } from './plan';
import { systemCauses } from './rootCause';
import { by } from './seats';
import { armStage, deadlines, endStage, ruleFor, timingsOf, type CapaDraft } from './stages';
import { tellOwner, tellPerson } from './telling';

/** Every seat has signed the plan: its dates are fixed from here on (Q8), its effectiveness plan too (Q5). */
export function planApproved(draft: CapaDraft, now: Instant): void {
  const { plan } = draft.state;
  if (!plan) return;
  const known = draft.state.actions.map(({ id }) => id);
  const { assessorId, assessorOrganisationId } = plan.effectiveness ?? {};
  draft.set({
    submitted: null, actions: actionsOf(draft.state, plan),
    assessor: assessorId != null && assessorOrganisationId != null ? { personId: draft.state.gone.includes(assessorId) ? null : assessorId, organisationId: assessorOrganisationId } : null,
  });
  touch(draft, 'implementation');
  endStage(draft, 'plan', { now });
  for (const action of draft.state.actions.filter(({ id }) => !known.includes(id))) {
    draft.arm(ruleFor(draft.state, { name: deadlines.action(action.id), from: now, after: { kind: 'at', at: action.due } }));
    tellPerson(draft, { personId: action.ownerId, organisationId: action.organisationId }, { intent: `action/${action.id}/given/${now}`, reason: 'assigned', deadline: deadlines.action(action.id) });
  }
  for (const kind of ['corrective', 'preventive'] as const) if (!draft.state.actions.some((action) => action.kind === kind)) endStage(draft, kind, { now, lifted: true });
  moveTo(draft, 'plan_approved');
  askForRecurrences(draft);
  tellOwner(draft, { intent: `approved/${now}`, reason: 'plan_approved' });
}

/** Closed CAPAs of the same system whose cause this one has found are to hear of it (Q7). */
function askForRecurrences(draft: CapaDraft): void {
  const { id: capaId, number, iteration, systemId, accountableOrganisationId, rootCause, versions } = draft.state;
  const categories = systemCauses(rootCause);
  if (systemId === null || categories.length === 0) return;
  const effect: RecurrencesEffect = {
    kind: 'recurrences', intent: `capa/${capaId}/recurrences/${iteration}/${versions.plan}`, cause: { capaId, number, iteration, systemId, accountableOrganisationId, categories },
  };
  draft.effect(effect as unknown as Effect);
}

/** Every seat has verified the implementation: the monitoring window runs from this instant, whatever anybody does next (Q6). */
export function verified(draft: CapaDraft, now: Instant): void {
  draft.set({ submitted: null, verifiedAt: now });
  endStage(draft, 'verification', { now });
  for (const kind of ['corrective', 'preventive'] as const) endStage(draft, kind, { now });
  moveTo(draft, 'implementation_verified');
  armMonitoring(draft, now);
  tellOwner(draft, { intent: `verified/${now}`, reason: 'monitoring_begins', deadline: deadlines.monitoring });
}

function armMonitoring(draft: CapaDraft, now: Instant): void {
  const after = draft.state.plan?.effectiveness?.window ?? timingsOf(draft.state).monitoring;
  draft.arm({ name: deadlines.monitoring, from: now, after, organisationId: draft.state.accountableOrganisationId });
}

/** The window is over: the assessor is asked. */
export function monitored(draft: CapaDraft, now: Instant): void {
  moveTo(draft, 'effectiveness_check');
  armStage(draft, 'assessment', now);
  const { assessor, accountableOrganisationId } = draft.state;
  const telling = { intent: `assessment/${now}`, reason: 'assessment_due', deadline: deadlines.stage('assessment') } as const;
  if (assessor?.personId != null) tellPerson(draft, assessor, telling);
  else tellOwner(draft, telling);
  draft.fact({ action: 'monitoring.ended', detail: { assessor: assessor?.personId ?? null, organisationId: assessor?.organisationId ?? accountableOrganisationId } });
}

/** The assessor has signed the result. */
export function assess(draft: CapaDraft, now: Instant): void {
  const { result, monitoringExtended } = draft.state;
  if (!result) return;
  endStage(draft, 'assessment', { now });
  draft.fact({ action: 'effect.assessed', field: 'result', old: null, new: result.outcome, detail: { measured: result.measured, sampleSize: result.sampleSize, evidenceIds: result.evidenceIds } });
  if (result.outcome === 'ineffective') { nextIteration(draft, { outcome: 'ineffective', now }); return; }
  if (result.outcome === 'inconclusive') {
    draft.set({ monitoringExtended: monitoringExtended + 1 });
    moveTo(draft, 'monitoring', 'inconclusive');
    armMonitoring(draft, now);
    return;
  }
  moveTo(draft, 'closure_review', 'effective');
  armStage(draft, 'closure', now);
  tellOwner(draft, { intent: `closure/${now}`, reason: 'closure_due', deadline: deadlines.stage('closure') });
}

/** Every seat has signed the closure; the watch for recurrence begins (Q7). */
export function closed(draft: CapaDraft, now: Instant): void {
  const isWaived = draft.state.proposals.waiver?.status === 'signed' || approvedElsewhere(draft.state, 'waiver');
  draft.set({ submitted: null, closedAt: now, closedBy: isWaived ? 'waived' : 'effective' });
  endStage(draft, 'closure', { now });
  draft.fact({ action: 'capa.closed', field: 'closedAt', old: null, new: now, detail: { by: draft.state.closedBy, iteration: draft.state.iteration } });
  moveTo(draft, 'closed');
  // What waits for work that is over ends here: nothing but the watch goes on.
  draft.lift('stage/*', 'action/*', 'extension/*', 'proposal/*');
  draft.arm({ name: deadlines.watch, from: now, after: timingsOf(draft.state).recurrenceWatch, organisationId: draft.state.accountableOrganisationId });
  tellOwner(draft, { intent: `closed/${now}`, reason: 'closed' });
}

/** Quality has decided on a recurrence: without a reason the CAPA is opened again as ineffective, else it stays closed. */
export function decideRecurrence(draft: CapaDraft, { actor, now, reason }: { actor: PersonActor; now: Instant; reason: string | null }): void {
  const { recurrence, watchOver } = draft.state;
  if (!recurrence) return;
  const status = reason === null ? 'reopened' : 'declined';
  draft.set({ recurrence: { ...recurrence, status, decided: by(actor, now), reason } });
  draft.disarm(deadlines.recurrence);
  draft.fact({ action: `recurrence.${status}`, field: 'recurrence', old: 'pending', new: status, detail: { capaId: recurrence.capaId, number: recurrence.number }, ...(reason === null ? {} : { reason }) });
  if (reason === null) nextIteration(draft, { outcome: 'recurred', now });
  else if (watchOver) draft.done();
}
