import type { EscalationState, PersonAct, Track } from '../../contracts/escalation';
import type { Side } from '../../contracts/policy';
import type { ArmedDeadline, Mover, Waiting } from '../../contracts/step';
import { partiesOf, trackOn } from './plan';
import { policyNameOf } from '../policy/scope';

// Not those of domain/time: this file runs in the sandbox, which loads no calendar code.
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** What an open issue waits for, until when, by which rule, and who can move it (promise 5). */
export function waiting(state: EscalationState, armed: readonly ArmedDeadline[]): readonly Waiting[] {
  return armed.filter((deadline) => deadline.warning === undefined).map((deadline) => {
    const [kind, side] = deadline.name.split('/') as [string, Side | undefined];
    return {
      for: deadline.name, until: deadline.due, rule: ruleText(state, deadline),
      ...(deadline.calendar ? { calendarVersion: deadline.calendar.version } : {}),
      movers: moversOf(state, kind, side),
    };
  });
}

function ruleText(state: EscalationState, deadline: ArmedDeadline): string {
  const { after } = deadline.rule;
  const span = after.kind === 'at' ? 'as promised' : after.kind === 'business' ? `${after.amount} business ${after.unit}` : calendarSpan(after.ms);
  return `${policyNameOf(state.policy)} ${state.severity}: ${span} from ${deadline.rule.from}`;
}

/** In the largest unit that divides the span; one day reads `24 h`, for it is not a working day. */
function calendarSpan(ms: number): string {
  if (ms > DAY_MS && ms % DAY_MS === 0) return `${ms / DAY_MS} d`;
  if (ms % HOUR_MS === 0) return `${ms / HOUR_MS} h`;
  return ms % MINUTE_MS === 0 ? `${ms / MINUTE_MS} min` : `${ms / 1000} s`;
}

function moversOf(state: EscalationState, kind: string, side: Side | undefined): readonly Mover[] {
  const track = side && trackOn(state, side);
  const resolver: readonly PersonAct[] = track?.side === 'accountable' ? ['progress', 'resolve'] : ['progress'];
  switch (kind) {
    case 'ack':
      return track ? [acknowledger(state, track)] : [];
    case 'progress':
      return track ? [{ organisationId: track.organisationId, acts: resolver, ...(track.assigneeId ? { personId: track.assigneeId } : {}) }] : [];
    case 'handover':
      return track?.handOver ? [{ organisationId: track.organisationId, acts: ['accept'], personId: track.handOver.toId }] : [];
    case 'resolution':
      return [{ organisationId: state.accountableOrganisationId, acts: ['acknowledge', 'progress', 'resolve'] }];
    case 'confirmation':
      return [{ organisationId: state.raisingOrganisationId, acts: CONFIRMING }];
    case 'cancellation':
      return seconders(state);
    case 'review':
      return state.tracks.filter((candidate) => candidate.status === 'exhausted').map((candidate) => acknowledger(state, candidate));
    default:
      return [];
  }
}

/** Who may be the second person of a cancellation: one of the two is of the raising side, which alone may decline. */
function seconders(state: EscalationState): readonly Mover[] {
  const { raisingOrganisationId, cancellation } = state;
  const raising: Mover = { organisationId: raisingOrganisationId, acts: ['confirm-cancel', 'reject'] };
  const others = cancellation?.organisationId === raisingOrganisationId ? partiesOf(state).filter((id) => id !== raisingOrganisationId) : [];
  return [raising, ...others.map((organisationId) => ({ organisationId, acts: ['confirm-cancel'] }))];
}

const CONFIRMING: readonly PersonAct[] = ['confirm', 'reject'];

/** Who stops a climb; on a resolved issue it is the confirming side's, and confirming or rejecting stops it as well. */
function acknowledger(state: EscalationState, track: Track): Mover {
  const acts: readonly PersonAct[] = state.status === 'resolved' ? ['acknowledge', ...CONFIRMING] : ['acknowledge'];
  return { organisationId: track.organisationId, acts };
}
