import type { EscalationState } from '../../contracts/escalation';
import { dutyHolders } from './duties';
import { partiesOf } from './plan';

/** What lists filter by, derived from the state in the same transaction. */
export function project(state: EscalationState) {
  return {
    status: state.status,
    severity: state.severity,
    topic: state.topic,
    level: Math.max(...state.tracks.map((track) => track.level)),
    studyId: state.studyId,
    systemId: state.systemId,
    raisingOrganisationId: state.raisingOrganisationId,
    accountableOrganisationId: state.accountableOrganisationId,
    assigneeIds: dutyHolders(state),
    drill: state.drill,
    visibleTo: [...partiesOf(state), ...state.shares.map((share) => share.organisationId)],
  };
}
