import type { Store } from './connection';
import type { RecordDoc } from './schemas/records';

const INDEX = 'capas_of_source';

/** Ids of the CAPAs that name a record as their source, oldest first. */
export async function capasOfSource(store: Store, recordId: string): Promise<readonly string[]> {
  const found = await store.models.records.find({ capability: 'capa', 'state.source.recordId': recordId }, { _id: 1 }).hint(INDEX).sort({ openedAt: 1, _id: 1 }).lean<Pick<RecordDoc, '_id'>[]>();
  return found.map(({ _id }) => _id);
}
