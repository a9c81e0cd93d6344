import type { ControlState } from '../../contracts/control';
import type { ArmedDeadline, Json } from '../../contracts/step';
import { control } from './machine';
import { deadlines } from './slots';

/** The stored fields of a control that views are made from. */
export interface ViewableControl {
  readonly _id: string;
  readonly rev: number;
  readonly stateVersion: number;
  readonly state: Json;
  readonly armed: readonly ArmedDeadline[];
  readonly content: { readonly title: string; readonly description: string };
  readonly nextDueAt: string | null;
  readonly updatedAt: string;
}

/** A control as its route answers it. */
export function controlView(record: ViewableControl) {
  const state: ControlState = control.migrate(record.state, record.stateVersion);
  const { number, kind, status, topic, studyId, organisationIds, rule, row, slot, counts, links, openedAt } = state;
  const due = record.armed.find((deadline) => deadline.name === deadlines.slot)?.due ?? null;
  return {
    id: record._id, number, rev: record.rev, kind, title: record.content.title, note: record.content.description === '' ? null : record.content.description,
    status, topic, studyId, organisationIds, responsibleOrganisationId: rule.organisationId, rule, row,
    slot: slot && { ...slot, due: slot.due ?? due, waived: slot.waived, late: slot.due !== null },
    counts, links, nextDueAt: record.nextDueAt, openedAt, updatedAt: record.updatedAt,
  };
}
