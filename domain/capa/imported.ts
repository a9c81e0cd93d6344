import type { ElsewhereSubject, ImportedCapa, ImportMark } from '../../contracts/capaImport';
import type { ActionState, CapaOpening, CapaState, StageState } from '../../contracts/capaState';
import type { CapaStatus } from '../../contracts/capaWords';
import type { Instant } from '../../contracts/instant';
import type { Step } from '../../contracts/step';
import { Draft } from '../draft';
import { isStatedOnly } from './elsewhere';
import { firstState } from './opening';
import { armStage, deadlines, ruleFor, timingsOf, type CapaDraft } from './stages';
import { tellImported } from './importTelling';

/** States in which the actions of an approved plan are under way. */
const WORKING: readonly CapaStatus[] = ['plan_approved', 'implementation'];
/** States in which the window of the effectiveness plan runs. */
const WATCHING: readonly CapaStatus[] = ['implementation_verified', 'monitoring'];

/**
 * A CAPA that did not begin here enters at its true state. Every clock runs from its true date; what was
 * overdue already is marked missed, keeps its dates (Q15) and waits for the catch-up date before the ladder
 * moves anybody (Q12). Whoever brings it in speaks for the own organisation only (Q10): what is owed by the other one is signed here.
 */
export function openImported(opening: CapaOpening, imported: ImportedCapa, now: Instant): Step<CapaState> {
  const draft: CapaDraft = new Draft(importedState(opening, imported, now));
  sayOpened(draft, imported);
  for (const { name, from, due, stated } of imported.running) {
    if (due <= now) armLate(draft, { name: deadlines.stage(name), due }, now);
    else draft.arm({ ...ruleFor(draft.state, { name: deadlines.stage(name), from, after: stated ? { kind: 'at', at: due } : timingsOf(draft.state)[name] }), warnAfter: now });
  }
  if (WORKING.includes(imported.status)) for (const action of draft.state.actions.filter(({ status }) => status === 'open')) armAction(draft, action, now);
  const { accountableOrganisationId: organisationId } = draft.state;
  if (WATCHING.includes(imported.status) && imported.verifiedAt !== null && imported.monitoringUntil !== null) {
    draft.arm({ name: deadlines.monitoring, from: imported.verifiedAt, after: { kind: 'at', at: imported.monitoringUntil }, organisationId });
  }
  if (draft.state.closedAt === null && imported.closedAt !== null) armStage(draft, 'closure', now);
  else if (imported.closedAt !== null) draft.arm({ name: deadlines.watch, from: imported.closedAt, after: timingsOf(draft.state).recurrenceWatch, organisationId });
  tellImported(draft, imported, now);
  return draft.step();
}

function importedState(opening: CapaOpening, imported: ImportedCapa, now: Instant): CapaState {
  const { status, openedAt, ownerId, seriousBreach, containment, riskBefore, rootCause, extentCheck, plan, adverseCheck, result, closure, approvals, verifiedAt, closedAt, by } = imported;
  const base = firstState(opening, openedAt);
  const isStrict = imported.gates === 'signed_here';
  // A closing to which only one side has put its name here is none yet.
  const isUnclosed = status === 'closed' && isStatedOnly({ ...base, imported: markOf(imported) });
  const isElsewhere = (subject: ElsewhereSubject): boolean => approvals.some((approval) => approval.subject === subject);
  const { assessorId, assessorOrganisationId } = plan?.effectiveness ?? {};
  const isPlanned = IN_ORDER.indexOf(status) >= IN_ORDER.indexOf('plan_approved');
  const reached = isPlanned && assessorId != null && assessorOrganisationId != null;
  return {
    ...base, status: isUnclosed ? 'closure_review' : status, openedAt, iterationFrom: openedAt, ownerId, seriousBreach, containment, riskBefore: riskBefore ?? base.riskBefore, rootCause, extentCheck, plan, adverseCheck, result, closure,
    sponsorImpact: !isStrict && isElsewhere('not_affected') && base.sponsorImpact === 'affected' ? 'not_affected' : base.sponsorImpact,
    assessor: reached ? { personId: assessorId, organisationId: assessorOrganisationId } : null,
    actions: imported.underWay.map((action) => (WORKING.includes(status) && action.status === 'open' && action.due <= now ? { ...action, missedAt: now } : action)),
    submitted: isUnclosed ? 'closure' : status === 'plan_review' ? 'plan' : null,
    stages: [...imported.ended.filter(({ name }) => !isUnclosed || name !== 'closure').map((stage): StageState => ({ ...stage, iteration: 1, originalDue: null, due: null, missedAt: null })), ...imported.running.map((stage) => runningFrom(stage, now))],
    verifiedAt, closedAt: isUnclosed ? null : closedAt, closedBy: closedAt === null || isUnclosed ? null : isElsewhere('waiver') ? 'waived' : 'effective',
    evidenceHashes: imported.evidenceHashes, imported: { ...markOf(imported), ...(isUnclosed && closedAt !== null && { closedElsewhereAt: closedAt }) },
    approvedElsewhere: isStrict ? approvals.map((approval) => ({ ...approval, statedBy: { personId: by.personId, organisationId: by.organisationId } })) : approvals,
    ...(isStrict && whoStated(base, imported, now)),
  };
}

/** Whoever brought it in stated the problem and the risk, and answered whether it is a serious breach. */
function whoStated({ raisingOrganisationId }: CapaState, { by, riskBefore, seriousBreach }: ImportedCapa, now: Instant): Partial<CapaState> {
  const { organisationId } = by;
  return {
    ...(organisationId !== raisingOrganisationId && { statedBy: { problem: organisationId, ...(riskBefore && { riskBefore: organisationId }) } }),
    ...(seriousBreach && { breachAnswers: [{ ...seriousBreach, by: { ...by, at: now } }] }),
  };
}

const IN_ORDER: readonly CapaStatus[] = [
  'draft', 'triage', 'containment', 'investigation', 'plan_review', 'plan_approved', 'implementation', 'implementation_verified', 'monitoring', 'effectiveness_check', 'closure_review', 'closed',
];

/** A stage knows its dates once they have passed or were stated; else what is armed says them. */
function runningFrom({ name, from, originalDue, due, stated }: ImportedCapa['running'][number], now: Instant): StageState {
  const isLate = due <= now;
  const dates = isLate || stated ? { originalDue, due } : { originalDue: null, due: null };
  return { name, iteration: 1, from, ...dates, endedAt: null, missedAt: isLate ? now : null };
}

function markOf({ importId, row, externalNumber, fileSha256, by, status, catchUpAt, extensions, actions, gates }: ImportedCapa): ImportMark {
  return { importId, row, externalNumber, fileSha256, by, status, catchUpAt, extensions, actions, ...(gates && { gates }) };
}

/** What came in, and on whose word; approvals under a name of their own, for they are no signatures. */
function sayOpened(draft: CapaDraft, imported: ImportedCapa): void {
  const { number, status, severity, classification, topic, studyId, systemId, source, policy, sponsorOrganisationId } = draft.state;
  const { importId, row, externalNumber, fileSha256, by, catchUpAt, openedAt } = imported;
  draft.fact({
    action: 'capa.opened', field: 'status', old: null, new: status,
    detail: { number, severity, classification, topic, studyId, systemId, source, sponsorOrganisationId, policy: `${policy.key}/${policy.version}` },
  });
  draft.fact({ action: 'capa.imported', field: 'imported', old: null, new: externalNumber, detail: { importId, row, fileSha256, by, openedAt, catchUpAt, ...(imported.gates && { statedStatus: imported.status }) } });
  for (const approval of draft.state.approvedElsewhere ?? []) {
    draft.fact({ action: 'approval.elsewhere_recorded', field: `approvedElsewhere.${approval.subject}`, old: null, new: approval.name, detail: { ...approval } });
  }
}

function armAction(draft: CapaDraft, { id, due }: ActionState, now: Instant): void {
  const name = deadlines.action(id);
  if (due <= now) armLate(draft, { name, due }, now);
  else draft.arm({ ...ruleFor(draft.state, { name, from: draft.state.openedAt, after: { kind: 'at', at: due } }), warnAfter: now });
}

/** Overdue when it came in: no issue and no warnings before the catch-up date. */
function armLate(draft: CapaDraft, { name, due }: { name: string; due: Instant }, now: Instant): void {
  const { accountableOrganisationId, imported } = draft.state;
  if (!imported) return;
  draft.arm({ name, from: now, after: { kind: 'at', at: imported.catchUpAt }, organisationId: accountableOrganisationId });
  draft.fact({ action: 'deadline.overdue_at_import', field: name, detail: { due, catchUpAt: imported.catchUpAt } });
}
