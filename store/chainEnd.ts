import type { ClientSession } from 'mongoose';
import type { ChainHead, DocumentHashes, Seal } from '../contracts/audit';
import { canonicalText } from '../domain/audit/chain';
import { auditCollection } from './auditLog';
import type { Store } from './connection';
import { sealOf } from './sealing';

/** The entry with which a step or change says that it found stored what its trail does not say. */
export const DAMAGED = 'record.damaged';

/** The end of its own chain as a document remembers it, and what its chain says that the document is, sealed: a step need not read the chain. */
export interface ChainEnd {
  readonly length: number;
  readonly head: string;
  /** Absent: from before documents were hashed. */
  readonly documents?: DocumentHashes;
  readonly seal?: Seal;
}

/** The end that is kept with a document. */
export function endOf({ sealer }: Store, { streamId, length, head }: ChainHead, documents: DocumentHashes): ChainEnd {
  if (!sealer) throw new Error('this store was opened without the key ring, to read only');
  return { length, head, documents, seal: sealer.codeOf(textOf(streamId, { length, head, documents })) };
}

/**
 * What was last committed of a document: by the end that it keeps where the seal of that holds, else by the entry there.
 * `sound` is false when the end was tampered with. undefined: from before documents were hashed.
 */
export async function committedOf({ store, session }: { readonly store: Store; readonly session?: ClientSession }, streamId: string, end: ChainEnd): Promise<{ readonly documents: DocumentHashes; readonly sound: boolean } | undefined> {
  const { length, documents, seal } = end;
  const sound = documents !== undefined && seal !== undefined && store.sealer?.check(textOf(streamId, end), seal) === 'good';
  if (sound) return { documents, sound };
  const entry = await auditCollection(store).findOne({ _id: `${streamId}/${String(length)}` }, session ? { session } : {});
  if (entry?.documents === undefined || sealOf(store, entry, entry.seal) === 'bad') return undefined;
  return { documents: entry.documents, sound: false };
}

function textOf(streamId: string, { length, head, documents }: ChainEnd): string {
  return `end ${canonicalText({ streamId, length, head, documents: documents ?? null })}`;
}
