import type { PersonActor } from '../../contracts/actor';
import type { CapaAct, CapaPersonCommand } from '../../contracts/capa';
import type { Gate } from '../../contracts/capaWords';
import type { Instant } from '../../contracts/instant';
import { LINK_INVERSES } from '../../contracts/links';
import { answered, earlierAnswer, reportBreach, tellDenied } from './breach';
import { give } from './duties';
import { assess, closed, decideRecurrence, planApproved, verified } from './decisions';
import { pinEvidence } from './evidence';
import { declineExtension, grantExtension, requestExtension } from './extensions';
import { endProposal, moveTo, nextIteration, touch } from './moving';
import { propose, signProposal } from './proposals';
import { withoutDeviation } from './measured';
import { regrade } from './regrading';
import { actionOf, by, missing, partiesOf, signedBy } from './seats';
import { tellOwners } from './owners';
import { writeSections, type Written } from './sections';
import { armStage, deadlines, endStage, overtakeExtension, ruleFor, type CapaDraft } from './stages';
import { askToSign, tellOwner, tellPerson, tellQuality } from './telling';

export interface Doing<A extends CapaAct> {
  readonly draft: CapaDraft;
  readonly body: Extract<CapaPersonCommand, { act: A }>['body'];
  readonly actor: PersonActor;
  readonly now: Instant;
  /** Accepted by earlier rules (Machine.tightened): nothing is told that was not told then. */
  readonly earlier: boolean;
}
type Acts = { readonly [A in CapaAct]: (doing: Doing<A>) => void };

const note = (text: string | undefined): { reason?: string } => (text === undefined ? {} : { reason: text });

/** What a person's accepted command changes. */
export function perform(draft: CapaDraft, { command, actor, earlier }: { command: CapaPersonCommand; actor: PersonActor; earlier?: true | undefined }, now: Instant): void {
  if ('pinned' in command.body) pinEvidence(draft, command.body);
  const act = acts[command.act] as (doing: { draft: CapaDraft; body: CapaPersonCommand['body']; actor: PersonActor; now: Instant; earlier: boolean }) => void;
  act({ draft, body: command.body, actor, now, earlier: earlier === true });
}

const acts: Acts = {
  comment({ draft, body }) {
    draft.fact({ action: 'comment.added', detail: { text: body.text } });
  },
  link({ draft, body }) {
    const { id, links } = draft.state;
    draft.set({ links: [...links, { recordId: body.recordId, kind: body.kind }] });
    draft.fact({ action: 'capa.linked', field: 'links', old: null, new: body.recordId, detail: { kind: body.kind }, ...note(body.note) });
    draft.effect({ kind: 'command', intent: `capa/${id}/link/${body.recordId}/${body.kind}`, recordId: body.recordId, act: 'linked', body: { recordId: id, kind: LINK_INVERSES[body.kind] } });
  },
  save(doing) {
    write(doing, doing.body);
    keepMeasurement(doing);
  },
  submit(doing) {
    const { draft, body, actor, now } = doing;
    const { signature: _grant, ...sections } = body;
    write(doing, sections);
    if (!doing.earlier && draft.state.status === 'containment') draft.set({ contained: signedBy(actor, now, body) });
    draft.fact({ action: 'work.submitted', field: draft.state.status });
    SUBMITTED[draft.state.status]?.(draft, now);
  },
  return({ draft, body, actor, now }) {
    const { status, submitted, iteration, returns } = draft.state;
    const what = submitted ?? status;
    draft.set({ returns: [...returns, { what, iteration, comments: body.comments, by: by(actor, now) }] });
    draft.fact({ action: 'work.returned', field: what, reason: body.comments });
    // What came in as approved by whoever returns it: nothing of it counts.
    if (submitted === null && status !== 'triage') nextIteration(draft, { outcome: 'reopened', now });
    else giveBack(draft, now);
    tellOwner(draft, { intent: `returned/${what}/${now}`, reason: 'returned' });
  },
  accept(doing) {
    const { draft, body, now } = doing;
    write(doing, body.seriousBreach ? { seriousBreach: body.seriousBreach } : {});
    give(draft, { duty: 'owner' }, { personId: body.ownerId, reason: body.note ?? 'accepted', now });
    if (!doing.earlier) draft.set({ accepted: { ...signedBy(doing.actor, now, body), ...(body.coversBreach && { coversBreach: true }) } });
    // Of a minor one, too, the sponsor hears that somebody calls it no breach: in time to say otherwise.
    if (!doing.earlier) tellDenied(draft, { intent: `breach/accepted/${now}`, unless: (severity) => severity !== 'minor' });
    moveTo(draft, 'containment', body.note);
  },
  regrade,
  'answer-breach'({ draft, body, actor, now }) {
    const { answer, reason } = body;
    const old = draft.state.seriousBreach;
    draft.set({ seriousBreach: { answer, reason } });
    draft.fact({ action: 'breach.answered', field: 'seriousBreach', old: old?.answer ?? null, new: answer, reason });
    answered(draft, { before: old, by: signedBy(actor, now, body), now });
  },
  'report-breach'({ draft, body, actor, now }) {
    reportBreach(draft, body, by(actor, now));
  },
  assign({ draft, body, now }) {
    give(draft, body, { personId: body.personId, reason: body.reason, now });
  },
  'approve-plan'(doing) {
    const isSubmitted = doing.draft.state.submitted === 'plan';
    if (signGate(doing, 'plan') && isSubmitted) planApproved(doing.draft, doing.now);
  },
  start({ draft, body }) {
    moveTo(draft, 'implementation', body.note);
  },
  'revise-plan'({ draft, body, now }) {
    // What was fixed before the work is changed only with the signatures that it had (Q5).
    draft.set({ plan: body.plan, submitted: 'plan' });
    touch(draft, 'plan');
    draft.fact({ action: 'plan.revised', field: 'plan', reason: body.reason, detail: { version: draft.state.versions.plan } });
    moveTo(draft, 'plan_review', body.reason);
    armStage(draft, 'plan', now);
    askToSign(draft, 'plan', { now, deadline: deadlines.stage('plan') });
  },
  'report-action'({ draft, body, actor, now }) {
    setAction(draft, body.actionId, { status: 'reported', evidenceIds: body.evidenceIds, reported: by(actor, now) });
    draft.disarm(deadlines.action(body.actionId));
    overtakeExtension(draft, deadlines.action(body.actionId));
    draft.fact({ action: 'action.reported', field: `actions.${body.actionId}`, old: 'open', new: 'reported', detail: { evidenceIds: body.evidenceIds }, ...note(body.note) });
    tellOwner(draft, { intent: `action/${body.actionId}/reported/${now}`, reason: 'verification_awaited' });
  },
  'verify-action'({ draft, body, actor, now, earlier }) {
    const action = actionOf(draft.state, body.actionId);
    if (!action) return;
    if (body.accepted) {
      setAction(draft, action.id, { status: 'verified', verified: signedBy(actor, now, body) });
      draft.fact({ action: 'action.verified', field: `actions.${action.id}`, old: action.status, new: 'verified', ...note(body.note) });
      if (draft.state.actions.every((one) => one.kind !== action.kind || one.status === 'verified')) endStage(draft, action.kind, { now });
      return;
    }
    setAction(draft, action.id, { status: 'open', reported: null, verified: null, ...(!earlier && { reopened: (action.reopened ?? 0) + 1 }) });
    draft.fact({ action: 'action.reopened', field: `actions.${action.id}`, old: action.status, new: 'open', ...note(body.note) });
    // Reporting too early buys no time; late once is late.
    if (action.missedAt === null) draft.arm(ruleFor(draft.state, { name: deadlines.action(action.id), from: now, after: { kind: 'at', at: action.due } }));
    tellPerson(draft, { personId: action.ownerId, organisationId: action.organisationId }, { intent: `action/${action.id}/reopened/${now}`, reason: 'returned' });
  },
  'verify-implementation'(doing) {
    const isSubmitted = doing.draft.state.submitted === 'implementation';
    if (signGate(doing, 'implementation') && isSubmitted) verified(doing.draft, doing.now);
  },
  'start-monitoring'({ draft, body }) {
    moveTo(draft, 'monitoring', body.note);
  },
  assess({ draft, now }) {
    assess(draft, now);
  },
  'approve-closure'(doing) {
    if (signGate(doing, 'closure')) closed(doing.draft, doing.now);
  },
  propose({ draft, body, actor, now }) {
    propose(draft, body, { actor, now });
  },
  decline({ draft, body }) {
    endProposal(draft, body.what, { status: 'declined', reason: body.reason });
  },
  reject({ draft, actor, now }) {
    over(draft, { kind: 'rejection', status: 'rejected', actor, now });
  },
  cancel({ draft, actor, now }) {
    over(draft, { kind: 'cancellation', status: 'cancelled', actor, now });
  },
  deviate({ draft, body, actor, now }) {
    const { deviations = [] } = draft.state;
    draft.set({ deviations: [...deviations, { reason: body.reason, by: signedBy(actor, now, body) }] });
    draft.fact({ action: 'effect.deviated', field: 'result', reason: body.reason });
    tellQuality(draft, withoutDeviation(draft.state), { intent: `deviation/${now}`, reason: 'signature_awaited', deadline: deadlines.stage('assessment') });
  },
  waive({ draft, actor, now }) {
    signProposal(draft, 'waiver', { actor, now });
    draft.lift(deadlines.monitoring);
    moveTo(draft, 'closure_review', 'the effectiveness check is waived');
    armStage(draft, 'closure', now);
    tellOwner(draft, { intent: `closure/${now}`, reason: 'closure_due', deadline: deadlines.stage('closure') });
  },
  'confirm-not-affected'({ draft, actor, now }) {
    signProposal(draft, 'not_affected', { actor, now });
    draft.set({ sponsorImpact: 'not_affected' });
    draft.fact({ action: 'sponsor.not_affected', field: 'sponsorImpact', old: 'affected', new: 'not_affected' });
  },
  'request-extension'({ draft, body, actor, now }) {
    requestExtension(draft, body, { actor, now });
  },
  'grant-extension'({ draft, body, actor, now }) {
    grantExtension(draft, body.no, signedBy(actor, now, body));
  },
  'grant-further-extension'({ draft, body, actor, now }) {
    grantExtension(draft, body.no, signedBy(actor, now, body));
  },
  'decline-extension'({ draft, body, actor, now }) {
    declineExtension(draft, body.no, { decided: signedBy(actor, now, body), now, reason: body.reason });
  },
  reopen({ draft, body, actor, now }) {
    if (draft.state.recurrence?.status === 'pending') { decideRecurrence(draft, { actor, now, reason: null }); return; }
    draft.fact({ action: 'capa.reopened', field: 'status', old: 'closed', new: 'investigation', ...note(body.reason) });
    nextIteration(draft, { outcome: 'reopened', now });
  },
  'decline-recurrence'({ draft, body, actor, now }) {
    decideRecurrence(draft, { actor, now, reason: body.reason });
  },
};

/** The figure that came with a result, beside it. */
function keepMeasurement({ draft, body }: Pick<Doing<'save'>, 'draft' | 'body'>): void {
  const { measurement } = body;
  // What was signed about another result counts for that one.
  if (body.result && draft.state.deviations !== undefined) draft.set({ deviations: [] });
  if (!body.result || (measurement === undefined && draft.state.measurement === undefined)) return;
  draft.set({ measurement: measurement ?? null });
  if (!measurement) return;
  const { source, formula, from, to, numerator, denominator } = measurement;
  draft.fact({ action: 'effect.measured', field: 'measurement', old: null, new: `${String(numerator)} of ${String(denominator)}`, detail: { source, formula, from, to, numerator, denominator } });
}

/** Where submitted work goes. */
const SUBMITTED: { readonly [status: string]: (draft: CapaDraft, now: Instant) => void } = {
  draft(draft, now) {
    moveTo(draft, 'triage');
    tellQuality(draft, partiesOf(draft.state), { intent: `triage/${now}`, reason: 'triage_awaited', deadline: deadlines.stage('response') });
  },
  containment(draft, now) {
    endStage(draft, 'response', { now });
    moveTo(draft, 'investigation');
  },
  investigation(draft, now) {
    endStage(draft, 'root-cause', { now });
    draft.set({ submitted: 'plan' });
    moveTo(draft, 'plan_review');
    askToSign(draft, 'plan', { now, deadline: deadlines.stage('plan') });
  },
  implementation(draft, now) {
    draft.set({ submitted: 'implementation' });
    armStage(draft, 'verification', now);
    askToSign(draft, 'implementation', { now, deadline: deadlines.stage('verification') });
  },
  closure_review(draft, now) {
    draft.set({ submitted: 'closure' });
    askToSign(draft, 'closure', { now, deadline: deadlines.stage('closure') });
  },
};

/** Gives submitted work back to those who wrote it; its signatures were for the version that is being changed. */
function giveBack(draft: CapaDraft, now: Instant): void {
  const { submitted, status } = draft.state;
  if (submitted) touch(draft, submitted);
  if (submitted === 'implementation') endStage(draft, 'verification', { now, lifted: true });
  draft.set({ submitted: null });
  if (status === 'triage') moveTo(draft, 'draft');
  if (status === 'plan_review') moveTo(draft, 'investigation');
}

function write({ draft, actor, now, earlier }: Pick<Doing<'save'>, 'draft' | 'actor' | 'now' | 'earlier'>, sections: Written): void {
  const { state } = draft;
  writeSections(draft, sections, earlier ? undefined : actor.organisationId);
  if (earlier) { earlierAnswer(draft, state.seriousBreach, now); return; }
  tellOwners(draft, { before: state, sections, by: actor, now });
  if (sections.seriousBreach && state.seriousBreach === null) answered(draft, { before: null, by: by(actor, now), now });
}

/** Adds a signature to a gate; true: it was the last that was missing. */
function signGate({ draft, actor, now }: Pick<Doing<'approve-plan'>, 'draft' | 'actor' | 'now'>, gate: Gate): boolean {
  const version = draft.state.versions[gate];
  draft.set({ approvals: [...draft.state.approvals, { ...by(actor, now), gate, version }] });
  draft.fact({ action: `${gate}.signed`, field: `approvals.${gate}`, old: null, new: actor.personId, detail: { version, organisationId: actor.organisationId, iteration: draft.state.iteration } });
  return missing(draft.state, gate).length === 0;
}

function setAction(draft: CapaDraft, id: string, patch: Partial<ReturnType<typeof actionOf>>): void {
  draft.set({ actions: draft.state.actions.map((action) => (action.id === id ? { ...action, ...patch } : action)) });
  touch(draft, 'implementation');
}

/** Ends a CAPA without its work, by two persons of whom the second signed. */
function over(draft: CapaDraft, { kind, status, actor, now }: { kind: 'rejection' | 'cancellation'; status: 'rejected' | 'cancelled'; actor: PersonActor; now: Instant }): void {
  signProposal(draft, kind, { actor, now });
  moveTo(draft, status, draft.state.proposals[kind]?.reason);
  tellOwner(draft, { intent: status, reason: 'closed' });
  draft.done();
}
