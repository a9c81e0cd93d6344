import type { ControlState } from '../../contracts/control';
import type { ViewableRecord } from '../records/viewableRecord';
import { control } from './machine';
import { deadlines } from './slots';
import { waitsForWord } from './stated';

/** A control as its route answers it. */
export function controlView(record: ViewableRecord) {
  const state: ControlState = control.migrate(record.state, record.stateVersion);
  const { number, kind, status, topic, studyId, organisationIds, rule, row, slot, counts, links, openedAt } = state;
  const dueOf = (name: string) => record.armed.find((deadline) => deadline.name === name)?.due ?? null;
  return {
    id: record._id, number, rev: record.rev, kind, title: record.content.title, note: record.content.description === '' ? null : record.content.description,
    status, topic, studyId, organisationIds, responsibleOrganisationId: rule.organisationId, rule, row,
    slot: slot && {
      no: slot.no, from: slot.from, due: slot.due ?? slot.stated?.due ?? dueOf(deadlines.slot), waived: slot.waived, late: slot.due !== null, objections: slot.objections ?? 0,
      stated: slot.stated ? { ...slot.stated, waitsFor: waitsForWord(state, slot.stated), until: dueOf(deadlines.objection) } : null,
    },
    queued: state.queued ?? [],
    counts, missedInRow: state.missedInRow ?? null, links, nextDueAt: record.nextDueAt, openedAt, updatedAt: record.updatedAt,
  };
}
