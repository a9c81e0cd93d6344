/**
 * What verification can find:
 * - `changed`: an entry does not hash to what it says of itself;
 * - `missing`: entries that must exist do not;
 * - `broken_link`: an entry does not continue the one before it, which was rewritten;
 * - `out_of_place`: an entry stands where it says it does not belong;
 * - `rewritten`: the chain is sound in itself, but not the one that was attested;
 * - `added`: an entry that the record itself does not know of;
 * - `unsealed`: an entry without a seal of the key ring, where sealing had begun; or no word any more of when it began;
 * - `seal_broken`: a seal that no holder of the key ring made, or made with a key that the ring at hand lacks;
 * - `damaged`: a stored document is not what its chain says, is gone, or no chain knows of it;
 * - `anchor_missing`, `anchor_changed`, `anchor_broken_link`: the same of anchors;
 * - `anchor_rewritten`: an anchor is sound in itself, but a receipt says otherwise;
 * - `signature_missing`, `signature_changed`: a signature is not as the trail says it was applied.
 */
export type FindingKind =
  | 'changed' | 'missing' | 'broken_link' | 'out_of_place' | 'rewritten' | 'added' | 'unsealed' | 'seal_broken' | 'damaged'
  | 'anchor_missing' | 'anchor_changed' | 'anchor_broken_link' | 'anchor_rewritten'
  | 'signature_missing' | 'signature_changed';

/** One thing that is wrong. For a chain, `streamId` and the first seq at fault; for an anchor, its id. */
export interface Finding {
  readonly kind: FindingKind;
  readonly streamId: string | null;
  readonly seq: number | null;
  readonly anchorId: string | null;
  readonly message: string;
}

/** A finding about a chain. */
export function chainFinding(kind: FindingKind, at: { streamId: string; seq: number }, message: string): Finding {
  return { kind, streamId: at.streamId, seq: at.seq, anchorId: null, message };
}

/** A finding about an anchor or its receipt. */
export function anchorFinding(kind: FindingKind, anchorId: string, message: string): Finding {
  return { kind, streamId: null, seq: null, anchorId, message };
}

/** `seq 4`, or `seq 4 to 7`. */
export function seqRange(from: number, to: number): string {
  return from >= to ? `seq ${String(from)}` : `seq ${String(from)} to ${String(to)}`;
}
