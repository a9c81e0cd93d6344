import type { ClientSession } from 'mongoose';
import type { AgendaChange } from '../domain/escalation/agenda';
import type { VisibilityFilter } from '../domain/access/ability';
import type { Store } from './connection';
import type { AgendaItemDoc } from './schemas/policies';
import type { RecordDoc } from './schemas/records';

/** The record of the step, as it is after it. */
type Stepped = Pick<RecordDoc, 'severity' | 'topic' | 'studyId' | 'systemId' | 'raisingOrganisationId' | 'accountableOrganisationId' | 'visibleTo' | 'assigneeIds' | 'updatedAt'> & {
  readonly recordId: string;
  readonly rev: number;
  readonly capability: RecordDoc['capability'];
  readonly number: string;
};

/** Puts the record on governance's agenda, says that it is due again, or takes it off; in the transaction of its step. The item as it then is; undefined: there was none. */
export async function changeAgenda(store: Store, input: { change: AgendaChange; record: Stepped; session: ClientSession }): Promise<AgendaItemDoc | undefined> {
  const { change, record, session } = input;
  const { recordId, rev, capability, number, updatedAt, severity, topic, studyId, systemId, raisingOrganisationId, accountableOrganisationId, visibleTo, assigneeIds } = record;
  const pending = { recordId, status: 'pending' } as const;
  if (change.change === 'settled') {
    const settled = await store.models.agendaItems
      .findOneAndUpdate(pending, { $set: { status: 'settled', settledAt: updatedAt, outcome: change.outcome, updatedAt } }, { session, returnDocument: 'after' }).lean<AgendaItemDoc>();
    return settled ?? undefined;
  }
  const { reason, reviewDue, reviewsLapsed } = change;
  const item = await store.models.agendaItems.findOneAndUpdate(pending, {
    $set: { reason, reviewDue, reviewsLapsed, severity, visibleTo: [...visibleTo], assigneeIds: [...assigneeIds], updatedAt },
    $setOnInsert: {
      _id: `${recordId}/${String(rev)}`, capability, number, topic, studyId, systemId, raisingOrganisationId, accountableOrganisationId,
      since: updatedAt, settledAt: null, outcome: null,
    },
  }, { session, upsert: true, returnDocument: 'after' }).lean<AgendaItemDoc>();
  return item;
}

/** Where a page ended. */
export interface AgendaPlace {
  readonly since: string;
  readonly id: string;
}

/** Items that a visibility filter lets through, the longest waiting first. */
export async function listAgenda(
  store: Store,
  list: { readonly visibility: VisibilityFilter; readonly filter: Partial<Pick<AgendaItemDoc, 'status' | 'studyId' | 'recordId'>>; readonly after?: AgendaPlace | undefined; readonly limit: number },
): Promise<{ readonly items: readonly AgendaItemDoc[]; readonly next?: AgendaPlace }> {
  const { visibility, filter, after, limit } = list;
  const beyond = after ? [{ $or: [{ since: { $gt: after.since } }, { since: after.since, _id: { $gt: after.id } }] }] : [];
  const found = await store.models.agendaItems.find({ $and: [visibility, filter, ...beyond] } as never).sort({ since: 1, _id: 1 }).limit(limit + 1).lean<AgendaItemDoc[]>();
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return found.length > limit && last ? { items, next: { since: last.since, id: last._id } } : { items };
}
