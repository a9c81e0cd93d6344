import type { PersonActor } from '../../contracts/actor';
import type { EscalationCommand, EscalationOpening, EscalationState } from '../../contracts/escalation';
import { parseInstant, plusMs, type Instant } from '../../contracts/instant';
import type { Ladders, Policy, Severity, Side } from '../../contracts/policy';
import type { RefusedAct, SimulatedAct, SimulatedTelling, Simulation, SimulationEnd } from '../../contracts/simulation';
import { escalation } from '../escalation/machine';
import { trackOn } from '../escalation/plan';
import { HORIZON_MS } from './bounds';
import { watchedWorld, type Setting } from './tellings';
import { VirtualRun } from './virtualRun';
import { lineOf } from './wording';

/** What is simulated: an issue of these organisations under this policy, raised at an instant. */
export interface SimulatedIssue {
  readonly policy: Policy;
  readonly severity: Severity;
  readonly at: Instant;
  readonly studyId: string | null;
  readonly topic: string;
  readonly raisingOrganisationId: string;
  readonly accountableOrganisationId: string;
  readonly raisedBy: string | null;
  readonly acts: readonly SimulatedAct[];
}

export type IssueRun = VirtualRun<EscalationState, EscalationCommand, EscalationOpening>;

/** 21 rounds of 8 levels on two sides with five warnings each stay below. */
const MOST_STEPS = 3000;

/**
 * Who would be told when, until the issue is over or nothing but the review of an exhausted one is
 * left: the machine that runs issues, over a virtual clock. Tells nobody, writes nothing. Throws
 * Failure('rule_broken') when an organisation that business time is counted for has no calendar.
 */
export function simulate(issue: SimulatedIssue, setting: Setting): Simulation {
  const { world, tellings } = watchedWorld(setting);
  const run: IssueRun = new VirtualRun(escalation, world, { opening: openingOf(issue), at: issue.at, actor: actorFor(issue.raisingOrganisationId, issue.raisedBy ?? 'raiser') });
  const refused: RefusedAct[] = [];
  const bound = { steps: MOST_STEPS, until: plusMs(issue.at, HORIZON_MS) };
  for (const { at, act } of inOrder(issue)) {
    if (!passUntil(run, at, bound)) return simulation({ tellings, refused, end: endOf(run, 'bounded') }, setting);
    const command = commandOf(act);
    const refusal = run.commandAt(at, { command, actor: actingFor(run, { issue, act, tellings }) });
    if (refusal) refused.push({ at, act: act.act, side: act.side, ...refusal });
  }
  const finished = passToEnd(run, bound);
  return simulation({ tellings, refused, end: endOf(run, finished ? 'exhausted' : 'bounded') }, setting);
}

/** Policies are pinned by key and version; ladders that were never published have none. */
export function unpublished(ladders: Ladders, at: Instant): Policy {
  return { key: 'simulation', version: 1, effectiveFrom: at, basis: 'simulated', ladders };
}

interface Bound {
  readonly steps: number;
  readonly until: Instant;
}

/** Lets pass what is due before `at`; false at the bound. */
export function passUntil(run: IssueRun, at: Instant, bound: Bound): boolean {
  for (let next = run.next; next && next.due < at; next = run.next) {
    if (run.steps.length >= bound.steps || next.due > bound.until) return false;
    run.passNext();
  }
  return true;
}

/** Lets time pass until the issue is over, or waits for nothing but its review; false at the bound. */
export function passToEnd(run: IssueRun, bound: Bound): boolean {
  while (!run.done && run.armed.some((deadline) => !deadline.name.startsWith('review'))) {
    if (run.steps.length >= bound.steps || (run.next?.due ?? bound.until) > bound.until) return false;
    run.passNext();
  }
  return true;
}

function simulation(ran: Omit<Simulation, 'lines'>, { directory }: Setting): Simulation {
  return { ...ran, lines: ran.tellings.map((telling) => lineOf(telling, directory)) };
}

function endOf(run: IssueRun, otherwise: 'exhausted' | 'bounded'): SimulationEnd {
  const { status } = run.state;
  return { at: run.now, status, as: status === 'closed' || status === 'cancelled' ? status : otherwise };
}

function openingOf(issue: SimulatedIssue): EscalationOpening {
  const { policy, severity, studyId, topic, raisingOrganisationId, accountableOrganisationId, raisedBy } = issue;
  return {
    id: 'simulated', number: 'simulated', policy, matrixVersion: null, raisedBy,
    request: { topic, severity, raisingOrganisationId, accountableOrganisationId, ...(studyId !== null && { studyId }) },
  };
}

function inOrder({ acts, at: openedAt }: SimulatedIssue): readonly { readonly at: Instant; readonly act: SimulatedAct }[] {
  const timed = acts.map((act) => ({ act, at: (act.at === undefined ? undefined : parseInstant(act.at)) ?? plusMs(openedAt, act.afterMs ?? 0) }));
  return timed.toSorted((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
}

const actorFor = (organisationId: string, personId: string): PersonActor => ({ kind: 'person', personId, organisationId, role: 'simulated', correlationId: 'simulation' });

/** Whom the side's last telling reached; a second person where the machine asks for one. */
function actingFor(run: IssueRun, { issue, act, tellings }: { issue: SimulatedIssue; act: SimulatedAct; tellings: readonly SimulatedTelling[] }): PersonActor {
  const organisationId = act.side === 'raising' ? issue.raisingOrganisationId : issue.accountableOrganisationId;
  if (act.personId !== undefined) return actorFor(organisationId, act.personId);
  const first = firstHands(run.state, act);
  const told = tellings.findLast((telling) => telling.organisationId === organisationId && telling.personId !== null && telling.personId !== first);
  return actorFor(organisationId, told?.personId ?? `somebody of ${organisationId}`);
}

function firstHands(state: EscalationState, { act }: SimulatedAct): string | null {
  if (act === 'confirm') return state.resolvedBy;
  return act === 'confirm-cancel' ? state.cancellation?.by ?? null : null;
}

/** What a simulated act says to the machine. */
export function commandOf(simulated: SimulatedAct): EscalationCommand {
  const reason = 'simulated';
  const { act, severity = 'critical', toPersonId = '', nextUpdateAt } = simulated;
  switch (act) {
    case 'acknowledge': case 'confirm': case 'confirm-cancel': return { act, body: {} };
    case 'progress': return { act, body: { note: reason, ...(nextUpdateAt !== undefined && { nextUpdateAt }) } };
    case 'escalate': return { act, body: { reason } };
    case 'regrade': return { act, body: { severity, reason } };
    case 'assign': return { act, body: { personId: toPersonId } };
    case 'resolve': return { act, body: { resolution: reason } };
    case 'reject': case 'cancel': return { act, body: { reason } };
  }
}

/** The side on which an actor's organisation stands; null: on neither. */
export function sideOf(state: EscalationState, organisationId: string): Side | null {
  return (['accountable', 'raising'] as const).find((side) => trackOn(state, side)?.organisationId === organisationId) ?? null;
}
