import type { ControlState } from '../../contracts/control';
import type { ViewableRecord } from '../records/viewableRecord';
import { control } from './machine';
import { deadlines } from './slots';

/** A control as its route answers it. */
export function controlView(record: ViewableRecord) {
  const state: ControlState = control.migrate(record.state, record.stateVersion);
  const { number, kind, status, topic, studyId, organisationIds, rule, row, slot, counts, links, openedAt } = state;
  const due = record.armed.find((deadline) => deadline.name === deadlines.slot)?.due ?? null;
  return {
    id: record._id, number, rev: record.rev, kind, title: record.content.title, note: record.content.description === '' ? null : record.content.description,
    status, topic, studyId, organisationIds, responsibleOrganisationId: rule.organisationId, rule, row,
    slot: slot && { ...slot, due: slot.due ?? due, waived: slot.waived, late: slot.due !== null },
    counts, missedInRow: state.missedInRow ?? null, links, nextDueAt: record.nextDueAt, openedAt, updatedAt: record.updatedAt,
  };
}
