import type { AuditEntry, ChainHead, Seal } from '../contracts/audit';
import type { Instant } from '../contracts/instant';
import { merkleTree } from '../domain/audit/merkle';
import { leafPages, writeLeaves } from './anchors';
import { appendToStream, auditCollection } from './auditLog';
import type { Store } from './connection';
import { isDuplicateKey } from './duplicateKey';

/** Audit stream of the one entry that says where sealing began, and id of the leaves that belong to it. */
export const SEALING_STREAM = 'sealing';
const BEGAN = 'sealing.began';
const BEGINNING = `${SEALING_STREAM}/1`;

/**
 * Attests once, sealed, the length and head of every chain that is older than seals: beyond those no entry without a
 * seal is believed. Where nothing is older, nothing is attested, and no such entry is believed at all. Once anything is
 * sealed it attests nothing more, so that whoever can only write to the database cannot have it vouch for a forgery by
 * taking the attestation away. Idempotent; to be called before anything is written. Throws the driver's error.
 */
export async function beginSealing(store: Store, at: Instant): Promise<void> {
  const trail = auditCollection(store);
  if ((await trail.findOne({ _id: BEGINNING }, { projection: { _id: 1 } })) !== null) return;
  if ((await trail.findOne({ seal: { $exists: true } }, { projection: { _id: 1 } })) !== null) return;
  if ((await trail.findOne({}, { projection: { _id: 1 } })) === null) return;
  try {
    const { root, pages, streams } = await writeLeaves(store, SEALING_STREAM);
    await appendToStream(store, { streamId: SEALING_STREAM, drafts: [{
      streamId: SEALING_STREAM, at, zone: 'UTC', actor: { kind: 'system', name: 'provisioning' }, action: BEGAN, correlationId: BEGAN,
      reason: 'from here on every entry of the trail is sealed with the key ring', detail: { streams, pages, merkleRoot: root },
    }] });
  } catch (error) {
    // Another process begins right now, from the same entries.
    if (!isDuplicateKey(error)) throw error;
  }
}

/** How much of each chain may be without seals. Asked for streams in order it reads each page of leaves once. */
export interface SealingBeginning {
  /** The attested end of a chain that was there before seals; undefined: it was not. */
  readonly before: (streamId: string) => Promise<ChainHead | undefined>;
  /** False: the attestation is there, but its seal or its leaves are not those that were written. */
  readonly sound: boolean;
}

/** What was attested when sealing began. Without an attestation no chain may have unsealed entries. */
export async function sealingBeginning(store: Store): Promise<SealingBeginning> {
  const entry = await auditCollection(store).findOne({ _id: BEGINNING });
  if (entry === null) return { sound: true, before: () => Promise.resolve(undefined) };
  const { pages, merkleRoot } = entry.detail as { readonly pages: number; readonly merkleRoot: string };
  const tree = merkleTree();
  const begins: string[] = [];
  for await (const leaves of leafPages(store, { anchorId: SEALING_STREAM, pages })) {
    leaves.forEach((leaf) => { tree.add(leaf); });
    begins.push(leaves[0]?.streamId ?? '');
  }
  const sound = sealOf(store, entry, entry.seal) !== 'bad' && tree.root() === merkleRoot;
  return { sound, before: sound ? leafLookup(store, begins) : () => Promise.resolve(undefined) };
}

/** What the key ring at hand says of an entry's seal; undefined: no key ring is at hand. */
export function sealOf({ sealer }: Store, { hash }: Pick<AuditEntry, 'hash'>, seal: Seal | undefined): 'good' | 'bad' | 'unknown_key' | 'none' | undefined {
  if (seal === undefined) return 'none';
  if (!sealer) return undefined;
  const { keyId, mac } = seal as Partial<Seal>;
  return typeof keyId === 'string' && typeof mac === 'string' ? sealer.check(hash, { keyId, mac }) : 'bad';
}

/** One page at a time is in memory, and where each begins. */
function leafLookup(store: Store, begins: readonly string[]): SealingBeginning['before'] {
  let held: { readonly page: number; readonly leaves: readonly ChainHead[] } | undefined;
  return async (streamId) => {
    const page = begins.findLastIndex((first) => first <= streamId);
    if (page < 0) return undefined;
    if (held?.page !== page) held = { page, leaves: (await store.models.anchorLeaves.findOne({ anchorId: SEALING_STREAM, page }).lean())?.heads ?? [] };
    return held.leaves.find((leaf) => leaf.streamId === streamId);
  };
}
