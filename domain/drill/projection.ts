import type { DrillState } from '../../contracts/drill';

/** What lists filter by. Whoever is told sees the drill, whatever the role's usual sight. */
export function project(state: DrillState) {
  const { status, severity, topic, studyId, raisingOrganisationId, accountableOrganisationId, people } = state;
  return {
    status, severity, topic, level: 0, studyId, systemId: null, raisingOrganisationId, accountableOrganisationId, drill: true,
    assigneeIds: people.map(({ personId }) => personId),
    visibleTo: [...new Set([raisingOrganisationId, accountableOrganisationId])],
  };
}
