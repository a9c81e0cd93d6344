import type { AuditEntry, ChainHead, DocumentHashes } from '../../contracts/audit';
import { appendTo, emptyChain } from '../../domain/audit/chain';
import { documentHash, documentsHash, recordHashes } from '../../domain/audit/documents';
import { appendEntries, appendToStream } from '../../store/auditLog';
import { endOf } from '../../store/chainEnd';
import type { Store } from '../../store/connection';
import { administeredKinds } from '../../store/recordEnds';
import { ATTACHED } from '../../store/vouching';
import { draftOf } from './trail';

type Placed = Readonly<Record<string, unknown>> & { readonly _id: string; readonly chain?: { readonly length: number } };

/**
 * Gives what a test has put into the store by hand the entry that the product would have written: of each record, each
 * administered document and each version that has none. From then on verification speaks of it as of any other.
 */
export async function giveTrails(store: Store): Promise<void> {
  const owners = [{ collection: 'records', prefix: '', hashes: (doc: Placed): DocumentHashes => recordHashes(doc) }, ...administeredKinds(store).map(({ collection, prefix, unproven }) => ({
    collection, prefix, hashes: (doc: Placed): DocumentHashes => ({ document: documentHash(doc, ['chain', ...unproven]) }),
  }))];
  for (const { collection, prefix, hashes } of owners) {
    const placed = store.connection.collection<Placed>(collection);
    for await (const doc of placed.find({ 'chain.length': 0 } as never)) {
      const documents = hashes(doc);
      const { entries, head } = firstOf(`${prefix}${doc._id}`, Number(doc['rev']), documents);
      await appendEntries(store, undefined, entries);
      await placed.updateOne({ _id: doc._id }, { $set: { chain: endOf(store, head, documents) } });
    }
  }
  for (const { model, prefix, nameOf } of ATTACHED.filter(({ part }) => part === 'version')) {
    for await (const doc of store.connection.collection<Placed>(store.models[model].collection.collectionName).find({})) {
      const streamId = `${prefix}${nameOf(doc._id)}`;
      if (await store.models.audit.exists({ streamId })) continue;
      await appendEntries(store, undefined, firstOf(streamId, Number(doc['version']), { version: documentsHash([doc]) }).entries);
    }
  }
}

/** Has the trail of a record that a test placed with its entries say what the record is now, as a step of the product does. */
export async function hashRecord(store: Store, recordId: string): Promise<void> {
  const placed = store.connection.collection<Placed>('records');
  const doc = await placed.findOne({ _id: recordId } as never);
  if (!doc) throw new Error(`no record ${recordId}`);
  const documents = recordHashes(doc);
  const { head } = await appendToStream(store, { streamId: recordId, drafts: [draftOf(recordId, { action: 'test.hashed', rev: Number(doc['rev']) + 1, documents })] });
  await placed.updateOne({ _id: recordId }, { $set: { chain: endOf(store, head, documents) } });
}

function firstOf(streamId: string, rev: number, documents: DocumentHashes): { readonly entries: readonly AuditEntry[]; readonly head: ChainHead } {
  return appendTo(emptyChain(streamId), [draftOf(streamId, { action: 'test.placed', rev, documents })]);
}
