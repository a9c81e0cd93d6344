import type { Capability } from '../contracts/ids';
import type { VisibilityFilter } from '../domain/access/ability';
import type { Store } from './connection';
import type { RecordDoc } from './schemas/records';

/** Where a page ended: the next one begins after it. */
export interface RecordCursor {
  readonly openedAt: string;
  readonly id: string;
}

/** Pathways with one list, latest first; issues, of which there are a million, have their own (store/issues.ts). */
export type ListedCapability = Exclude<Capability, 'escalation'>;

export interface RecordList {
  readonly capability: ListedCapability;
  readonly visibility: VisibilityFilter;
  readonly filter: { readonly status?: readonly string[] | undefined; readonly topic?: string | undefined; readonly studyId?: string | undefined };
  readonly after?: RecordCursor | undefined;
  readonly limit: number;
}

/** The index under each list. A partial one: a capability that its migration does not name needs another, in a migration of its own. */
const LIST_INDEX: Readonly<Record<ListedCapability, string>> = {
  // Migration escalation-whole.
  control: 'capability_1_openedAt_-1__id_-1', drill: 'capability_1_openedAt_-1__id_-1',
  // Migration capa-and-signatures.
  capa: 'capas_latest_first',
};

/** Records of one capability that a visibility filter lets through, latest opening first. */
export async function listRecords(store: Store, { capability, visibility, filter, after, limit }: RecordList): Promise<{ readonly items: readonly RecordDoc[]; readonly next?: RecordCursor }> {
  const { status, topic, studyId } = filter;
  const beyond = after && { $or: [{ openedAt: { $lt: after.openedAt } }, { openedAt: after.openedAt, _id: { $lt: after.id } }] };
  const fields = { capability, ...(status && { status: { $in: [...status] } }), ...(topic !== undefined && { topic }), ...(studyId !== undefined && { studyId }) };
  const found = await store.models.records
    .find({ $and: [fields, visibility, ...(beyond ? [beyond] : [])] } as never, { chain: 0 })
    .sort({ openedAt: -1, _id: -1 })
    .limit(limit + 1)
    .hint(LIST_INDEX[capability])
    .lean<RecordDoc[]>();
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return found.length > limit && last ? { items, next: { openedAt: last.openedAt, id: last._id } } : { items };
}
