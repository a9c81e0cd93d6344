import type { AnchorReceipt, AuditEntry, ChainHead } from '../../contracts/audit';
import type { Instant } from '../../contracts/instant';
import { ZERO_HASH } from './chain';
import { anchorFinding, type Finding } from './findings';
import { anchorRootOf, merkleRoot } from './merkle';
import { checkAttestation, verifyChain, type Attestation } from './verify';

/** An anchor as it is stored. The first one follows the zero hash. */
export interface Anchor {
  readonly anchorId: string;
  readonly seq: number;
  readonly at: Instant;
  readonly root: string;
  readonly previousRoot: string;
  readonly streams: number;
}

/** Checks anchors in order of seq: none left out, each continues the one before, each root is that of its leaves. */
export function anchorChecker(): { next(anchor: Anchor, leavesRoot: string): readonly Finding[] } {
  let previous: { readonly seq: number; readonly root: string | undefined } = { seq: 0, root: ZERO_HASH };
  return {
    next(anchor, leavesRoot) {
      const { anchorId } = anchor;
      const findings: Finding[] = [];
      const gap = anchor.seq !== previous.seq + 1;
      if (gap) findings.push(anchorFinding('anchor_missing', anchorId, `before anchor ${anchorId} (number ${String(anchor.seq)}) an anchor is missing: the one before it has number ${String(previous.seq)}`));
      else if (anchor.previousRoot !== previous.root) findings.push(anchorFinding('anchor_broken_link', anchorId, `anchor ${anchorId} does not continue the anchor before it`));
      if (anchorRootOf({ ...anchor, merkleRoot: leavesRoot }) !== anchor.root) {
        findings.push(anchorFinding('anchor_changed', anchorId, `anchor ${anchorId} was changed: its root is not that of its leaves`));
      }
      previous = { seq: anchor.seq, root: anchor.root };
      return findings;
    },
  };
}

/** Compares a receipt with the stored anchor that it is of; undefined: that anchor is gone. */
export function checkReceipt(receipt: AnchorReceipt, anchor: Anchor | undefined): readonly Finding[] {
  const { anchorId } = receipt;
  if (anchor === undefined) return [anchorFinding('anchor_missing', anchorId, `anchor ${anchorId} is missing: a receipt of it exists for ${receipt.organisationId}`)];
  const differing = (['root', 'previousRoot', 'at', 'streams'] as const).filter((field) => receipt[field] !== anchor[field]);
  if (differing.length === 0) return [];
  return [anchorFinding('anchor_rewritten', anchorId, `anchor ${anchorId} was rewritten: its ${differing.join(', ')} differ from the receipt of ${receipt.organisationId}`)];
}

/** The heads of a receipt as attestations. */
export function attestationsOfReceipt(receipt: AnchorReceipt): readonly Attestation[] {
  return receipt.heads.map((head) => ({ ...head, source: `the receipt of anchor ${receipt.anchorId} for ${receipt.organisationId}` }));
}

/** The leaves of an anchor as attestations. */
export function attestationsOfLeaves(anchorId: string, leaves: readonly ChainHead[]): readonly Attestation[] {
  return leaves.map((leaf) => ({ ...leaf, source: `anchor ${anchorId}` }));
}

/** Everything that receipts can prove, in memory: for an export, and for tests. */
export interface ReceiptEvidence {
  /** Entries by stream, each in order of seq. */
  readonly chains: Readonly<Record<string, readonly AuditEntry[]>>;
  /** In order of seq. */
  readonly anchors: readonly Anchor[];
  /** Leaves by anchor id, sorted by stream. */
  readonly leaves: Readonly<Record<string, readonly ChainHead[]>>;
  readonly receipts: readonly AnchorReceipt[];
}

/** Checks chains in themselves, anchors in themselves, and both against receipts kept elsewhere. */
export function verifyReceipts(evidence: ReceiptEvidence): readonly Finding[] {
  const { chains, anchors, leaves, receipts } = evidence;
  const checker = anchorChecker();
  const inOrder = receipts.toSorted((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)));
  return [
    ...Object.values(chains).flatMap((entries) => verifyChain(entries)),
    ...anchors.flatMap((anchor) => checker.next(anchor, merkleRoot(leaves[anchor.anchorId] ?? []))),
    ...checkInOrder(chains, anchors.flatMap(({ anchorId }) => attestationsOfLeaves(anchorId, leaves[anchorId] ?? []))),
    ...inOrder.flatMap((receipt) => checkReceipt(receipt, anchors.find((anchor) => anchor.anchorId === receipt.anchorId))),
    ...checkInOrder(chains, inOrder.flatMap(attestationsOfReceipt)),
  ];
}

/** The first attestation of each stream that fails; those after it say the same again. */
function checkInOrder(chains: ReceiptEvidence['chains'], attestations: readonly Attestation[]): readonly Finding[] {
  const sound = new Map<string, number>();
  const failed = new Map<string, Finding>();
  for (const attested of attestations) {
    if (failed.has(attested.streamId)) continue;
    const chain = chains[attested.streamId] ?? [];
    const hash = chain.find((entry) => entry.seq === attested.length)?.hash;
    const finding = checkAttestation(attested, { hash, length: chain.at(-1)?.seq ?? 0, soundUpTo: sound.get(attested.streamId) ?? 0 });
    if (finding === undefined) sound.set(attested.streamId, attested.length);
    else failed.set(attested.streamId, finding);
  }
  return [...failed.values()];
}
