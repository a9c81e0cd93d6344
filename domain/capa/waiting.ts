import type { CapaAct } from '../../contracts/capa';
import type { CapaState } from '../../contracts/capaState';
import { PROPOSAL_KINDS, type Gate, type ProposalKind } from '../../contracts/capaWords';
import type { ArmedDeadline, Mover, Waiting } from '../../contracts/step';
import { reporterOf } from './breach';
import { owedHere } from './elsewhere';
import { pendingExtension } from './extensions';
import { missesGoal, withoutDeviation } from './measured';
import { deciders } from './proposals';
import { actionOf, missing, partiesOf } from './seats';
import { deadlines } from './stages';
import { FITS_IN } from './when';
import { policyNameOf } from '../policy/scope';

const BREACH_ACTS = ['report-breach', 'answer-breach'] as const satisfies readonly CapaAct[];

/** What an open CAPA waits for: what its state asks of whom, and each armed deadline (promise 5). */
export function waiting(state: CapaState, armed: readonly ArmedDeadline[]): readonly Waiting[] {
  if (state.status === 'rejected' || state.status === 'cancelled') return [];
  const due = armed.filter((deadline) => deadline.warning === undefined);
  const movers = moversOf(state);
  const own: Waiting = { for: state.submitted ? `${state.status}: signatures of the ${state.submitted}` : state.status, movers, rule: ruleText(state) };
  const owed = owedHere(state).map(({ gate, organisationId }): Waiting => (
    { for: `${gate}: said to be approved elsewhere`, movers: [{ organisationId, acts: [gate === 'plan' ? 'approve-plan' : 'verify-implementation', 'return'] }], rule: ruleText(state) }));
  return [...(movers.length > 0 ? [own] : []), ...owed, ...due.map((deadline) => waitFor(state, deadline))];
}

const ruleText = ({ policy, severity, iteration }: CapaState): string => `${policyNameOf(policy)} ${severity}, iteration ${iteration}`;

function waitFor(state: CapaState, deadline: ArmedDeadline): Waiting {
  return {
    for: deadline.name, until: deadline.due, rule: ruleText(state), movers: moversFor(state, deadline.name),
    ...(deadline.calendar ? { calendarVersion: deadline.calendar.version } : {}),
  };
}

function moversFor(state: CapaState, name: string): readonly Mover[] {
  const [kind, rest = ''] = name.split('/');
  switch (kind) {
    case 'action': {
      const action = actionOf(state, rest);
      // Before the start, and while a revised plan waits for signatures, those who move the CAPA move its actions.
      return action?.status === 'open' && state.status === 'implementation' ? [personOr({ personId: action.ownerId, organisationId: action.organisationId, acts: ['report-action'] }, state)] : moversOf(state);
    }
    case 'proposal': {
      const proposed = PROPOSAL_KINDS.find((one) => one === rest);
      return proposed ? seconders(state, proposed) : [];
    }
    case 'extension': {
      const act: CapaAct = (pendingExtension(state, Number(rest))?.count ?? 1) > 1 ? 'grant-further-extension' : 'grant-extension';
      return partiesOf(state).map((organisationId) => ({ organisationId, acts: [act, 'decline-extension'] }));
    }
    case 'monitoring':
      // Time alone moves it, except where a minor CAPA may do without.
      return state.severity === 'minor' && state.proposals.waiver?.status !== 'pending' ? [{ organisationId: state.accountableOrganisationId, acts: ['propose'] }] : [];
    case deadlines.watch:
      return [];
    case 'breach':
      return [{ organisationId: reporterOf(state), acts: BREACH_ACTS.filter((act) => FITS_IN[act].includes(state.status)) }];
    default:
      return moversOf(state);
  }
}

function seconders(state: CapaState, kind: ProposalKind): readonly Mover[] {
  const act = { rejection: 'reject', cancellation: 'cancel', waiver: 'waive', not_affected: 'confirm-not-affected' } as const satisfies Record<ProposalKind, CapaAct>;
  const first = state.proposals[kind]?.proposed.organisationId;
  return deciders(state, kind).map((organisationId) => {
    const mayCancel = kind !== 'cancellation' || [first, organisationId].includes(state.raisingOrganisationId);
    return { organisationId, acts: mayCancel ? [act[kind], 'decline'] : ['decline'] };
  });
}

/** Who can do what the state asks for. */
function moversOf(state: CapaState): readonly Mover[] {
  const owner = (...acts: CapaAct[]): readonly Mover[] => [personOr({ personId: state.ownerId, organisationId: state.accountableOrganisationId, acts }, state)];
  switch (state.status) {
    case 'draft': return partiesOf(state).map((organisationId) => ({ organisationId, acts: ['save', 'submit'] }));
    case 'triage': return partiesOf(state).map((organisationId) => ({ organisationId, acts: ['accept', 'return'] }));
    case 'containment':
    case 'investigation': return owner('save', 'submit');
    case 'plan_review': return signers(state, 'plan', 'approve-plan');
    case 'plan_approved': return owner('start', 'revise-plan');
    case 'implementation': return state.submitted ? signers(state, 'implementation', 'verify-implementation') : workers(state);
    case 'implementation_verified': return owner('start-monitoring');
    case 'monitoring': return [];
    case 'effectiveness_check': return [personOr({ personId: state.assessor?.personId ?? null, organisationId: state.assessor?.organisationId ?? state.accountableOrganisationId, acts: ['save', 'assess'] }, state), ...deviators(state)];
    case 'closure_review': return state.submitted ? signers(state, 'closure', 'approve-closure') : owner('save', 'submit');
    case 'closed': return state.recurrence?.status === 'pending' ? [{ organisationId: state.raisingOrganisationId, acts: ['reopen', 'decline-recurrence'] }] : [];
    case 'rejected':
    case 'cancelled': return [];
  }
}

const deviators = (state: CapaState): readonly Mover[] =>
  (state.result && missesGoal(state, state.result, state.measurement) ? withoutDeviation(state).map((organisationId) => ({ organisationId, acts: ['deviate'] })) : []);

const signers = (state: CapaState, gate: Gate, act: CapaAct): readonly Mover[] => missing(state, gate).map((organisationId) => ({ organisationId, acts: [act, 'return'] }));

function workers(state: CapaState): readonly Mover[] {
  const undone = state.actions.filter((action) => action.status !== 'verified');
  if (undone.length === 0) return [personOr({ personId: state.ownerId, organisationId: state.accountableOrganisationId, acts: ['save', 'submit'] }, state)];
  return undone.flatMap((action): readonly Mover[] => (action.status === 'open'
    ? [personOr({ personId: action.ownerId, organisationId: action.organisationId, acts: ['report-action'] }, state)]
    : partiesOf(state).map((organisationId) => ({ organisationId, acts: ['verify-action'] }))));
}

/** The person who holds the duty; with nobody there, quality of the accountable side, who gives it to somebody. */
function personOr(duty: { personId: string | null; organisationId: string; acts: readonly CapaAct[] }, state: CapaState): Mover {
  const { personId, organisationId, acts } = duty;
  return personId === null ? { organisationId: state.accountableOrganisationId, acts: ['assign'] } : { organisationId, personId, acts };
}
