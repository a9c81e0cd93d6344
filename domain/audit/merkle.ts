import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import type { ChainHead } from '../../contracts/audit';
import type { Instant } from '../../contracts/instant';
import { canonicalText } from './chain';

/** First byte of what is hashed (RFC 6962 2.1): a node can then never be passed off as a leaf, nor either as an anchor. */
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);
const ANCHOR = Uint8Array.of(2);

/** A Merkle tree (RFC 6962 2.1) that grows leaf by leaf and keeps only the right edge in memory. */
export interface MerkleTree {
  /** Adds the next leaf; leaves come sorted by stream. */
  add(leaf: ChainHead): void;
  /** Root over the leaves so far, in hex. */
  root(): string;
  /** Leaves so far. */
  size(): number;
}

/** An empty tree; its root is the hash of nothing. */
export function merkleTree(): MerkleTree {
  const edge: { readonly leaves: number; readonly hash: Uint8Array }[] = [];
  let size = 0;
  return {
    add(leaf) {
      let grown = { leaves: 1, hash: hashLeaf(leaf) };
      for (let left = edge.at(-1); left?.leaves === grown.leaves; left = edge.at(-1)) {
        edge.pop();
        grown = { leaves: left.leaves * 2, hash: hashNode(left.hash, grown.hash) };
      }
      edge.push(grown);
      size += 1;
    },
    root: () => bytesToHex(edge.length === 0 ? sha256(new Uint8Array()) : edge.map((subtree) => subtree.hash).reduceRight((right, left) => hashNode(left, right))),
    size: () => size,
  };
}

/** Root over leaves that are sorted by stream, in hex. */
export function merkleRoot(leaves: readonly ChainHead[]): string {
  const tree = merkleTree();
  for (const leaf of leaves) tree.add(leaf);
  return tree.root();
}

/**
 * What an anchor's root is made of. It covers the root before it, so that the latest receipt
 * vouches for every earlier anchor too.
 */
export interface AnchorContent {
  readonly anchorId: string;
  readonly at: Instant;
  readonly previousRoot: string;
  readonly streams: number;
  readonly merkleRoot: string;
}

/** Root of an anchor, in hex: what receipts carry. */
export function anchorRootOf(content: AnchorContent): string {
  const { anchorId, at, previousRoot, streams } = content;
  return bytesToHex(sha256(concatBytes(ANCHOR, utf8ToBytes(canonicalText({ anchorId, at, previousRoot, streams })), hexToBytes(content.merkleRoot))));
}

function hashLeaf({ streamId, length, head }: ChainHead): Uint8Array {
  return sha256(concatBytes(LEAF, utf8ToBytes(canonicalText({ streamId, length, head }))));
}

function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(NODE, left, right));
}
