import type { EscalationState } from '../../contracts/escalation';
import type { Side } from '../../contracts/policy';
import type { ArmedDeadline, Mover, Waiting } from '../../contracts/step';
import { confirmingTrack, partiesOf, trackOn } from './plan';

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
  const span = after.kind === 'at' ? 'as promised' : after.kind === 'business' ? `${after.amount} business ${after.unit}` : `${after.ms / 1000} s`;
  return `${state.policy.key}/${state.policy.version} ${state.severity}: ${span} from ${deadline.rule.from}`;
}

function moversOf(state: EscalationState, kind: string, side: Side | undefined): readonly Mover[] {
  const track = side && trackOn(state, side);
  const everybody = partiesOf(state);
  switch (kind) {
    case 'ack':
      return track ? [{ organisationId: track.organisationId, acts: ['acknowledge'] }] : [];
    case 'progress':
      return track ? [{ organisationId: track.organisationId, acts: ['progress', 'resolve'], ...(track.assigneeId ? { personId: track.assigneeId } : {}) }] : [];
    case 'handover':
      return track?.handOver ? [{ organisationId: track.organisationId, acts: ['accept'], personId: track.handOver.toId }] : [];
    case 'resolution':
      return [{ organisationId: state.accountableOrganisationId, acts: ['acknowledge', 'progress', 'resolve'] }];
    case 'confirmation':
      return [{ organisationId: confirmingTrack(state).organisationId, acts: ['confirm', 'reject'] }];
    case 'cancellation':
      return everybody.map((organisationId) => ({ organisationId, acts: ['confirm-cancel'] }));
    case 'review':
      return everybody.map((organisationId) => ({ organisationId, acts: ['acknowledge'] }));
    default:
      return [];
  }
}
