import type { DrillState } from '../../contracts/drill';
import type { ArmedDeadline, Json } from '../../contracts/step';
import { drill } from './machine';

/** The stored fields of a drill that views are made from. */
export interface ViewableDrill {
  readonly _id: string;
  readonly rev: number;
  readonly stateVersion: number;
  readonly state: Json;
  readonly armed: readonly ArmedDeadline[];
  readonly content: { readonly title: string; readonly description: string };
  readonly updatedAt: string;
}

/** A drill as its route answers it. */
export function drillView(record: ViewableDrill) {
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
