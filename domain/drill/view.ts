import type { DrillState } from '../../contracts/drill';
import type { ViewableRecord } from '../records/viewableRecord';
import { drill } from './machine';

/** A drill as its route answers it. */
export function drillView(record: ViewableRecord) {
  const state: DrillState = drill.migrate(record.state, record.stateVersion);
  const { number, kind, status, topic, severity, studyId, raisingOrganisationId, accountableOrganisationId, startedBy, startedFor, openedAt, endedAt, endReason, matrixVersion, links } = state;
  return {
    id: record._id, number, rev: record.rev, kind, title: record.content.title, note: record.content.description === '' ? null : record.content.description,
    status, topic, severity, studyId, raisingOrganisationId, accountableOrganisationId, startedBy, startedFor, openedAt,
    until: record.armed.find((deadline) => deadline.warning === undefined)?.due ?? null, endedAt, endReason, matrixVersion,
    people: state.people.map((person) => ({ ...person, confirmedAt: state.answers.find(({ personId }) => personId === person.personId)?.confirmedAt ?? null })),
    issueId: state.issue?.recordId ?? null, links, updatedAt: record.updatedAt, drill: true,
  };
}
