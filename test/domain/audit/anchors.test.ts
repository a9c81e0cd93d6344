import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { AnchorReceipt, AuditEntry, ChainHead } from '../../../contracts/audit';
import { instantOf } from '../../../contracts/instant';
import { verifyReceipts, type Anchor, type ReceiptEvidence } from '../../../domain/audit/anchors';
import { appendTo, canonicalText, emptyChain, ZERO_HASH } from '../../../domain/audit/chain';
import { anchorRootOf, merkleRoot, merkleTree } from '../../../domain/audit/merkle';

const leaf = (streamId: string, length = 1): ChainHead => ({ streamId, length, head: createHash('sha256').update(streamId + String(length)).digest('hex') });
const sha = (...parts: (Buffer | string | number[])[]) => createHash('sha256').update(Buffer.concat(parts.map((part) => Buffer.from(part as string)))).digest();

describe('P2 the Merkle root', () => {
  it('P2 is that of RFC 6962 over the canonical leaves, for 0 to 33 leaves', () => {
    const reference = (leaves: readonly ChainHead[]): Buffer => {
      const [only] = leaves;
      if (only === undefined) return sha('');
      if (leaves.length === 1) return sha([0], canonicalText(only));
      const split = 2 ** Math.ceil(Math.log2(leaves.length) - 1);
      return sha([1], reference(leaves.slice(0, split)), reference(leaves.slice(split)));
    };
    for (let n = 0; n <= 33; n += 1) {
      const leaves = Array.from({ length: n }, (_, index) => leaf(`s${String(index).padStart(3, '0')}`));
      expect([n, merkleRoot(leaves)]).toEqual([n, reference(leaves).toString('hex')]);
    }
  });

  it('P2 differs when any leaf is changed, dropped or doubled', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(), (n, pick) => {
      const leaves = Array.from({ length: n }, (_, index) => leaf(`s${String(index)}`));
      const at = pick % n;
      const changed = leaves.map((one, index) => (index === at ? { ...one, length: 2 } : one));
      const roots = [leaves, changed, leaves.filter((_, index) => index !== at), [...leaves, leaf('s0')]].map(merkleRoot);
      expect(new Set(roots).size).toBe(4);
    }));
  });

  it('P2 counts its leaves and can be asked on the way', () => {
    const tree = merkleTree();
    tree.add(leaf('a'));
    const one = tree.root();
    tree.add(leaf('b'));
    expect([tree.size(), one]).toEqual([2, merkleRoot([leaf('a')])]);
    expect(tree.root()).toBe(merkleRoot([leaf('a'), leaf('b')]));
  });
});

/** Two records over three days; organisation `o1` sees both. */
function threeDays(): ReceiptEvidence {
  const entries: Record<string, AuditEntry[]> = { a: [], b: [] };
  const grow = (streamId: string, actions: readonly string[]) => {
    const chain = entries[streamId] ?? [];
    const last = chain.at(-1);
    const head = last ? { streamId, length: last.seq, head: last.hash } : emptyChain(streamId);
    chain.push(...appendTo(head, actions.map((action) => ({
      streamId, at: instantOf(0), zone: 'UTC' as const, actor: { kind: 'system' as const, name: 'timer' }, action, correlationId: 'c',
    }))).entries);
  };
  const anchors: Anchor[] = [];
  const leaves: Record<string, ChainHead[]> = {};
  const receipts: AnchorReceipt[] = [];
  const anchor = () => {
    const anchorId = `day-${String(anchors.length + 1)}`;
    const heads = ['a', 'b'].flatMap((streamId) => {
      const last = entries[streamId]?.at(-1);
      return last ? [{ streamId, length: last.seq, head: last.hash }] : [];
    });
    const content = { anchorId, at: instantOf(anchors.length * 86_400_000), previousRoot: anchors.at(-1)?.root ?? ZERO_HASH, streams: heads.length };
    const root = anchorRootOf({ ...content, merkleRoot: merkleRoot(heads) });
    anchors.push({ ...content, root, seq: anchors.length + 1 });
    leaves[anchorId] = heads;
    receipts.push({ kind: 'cro-oversight/anchor-receipt', version: 1, ...content, root, organisationId: 'o1', heads });
  };
  grow('a', ['1', '2']);
  anchor();
  grow('a', ['3', '4', '5']);
  grow('b', ['1']);
  anchor();
  grow('b', ['2']);
  anchor();
  return { chains: entries, anchors, leaves, receipts };
}

/** The chain with everything from `seq` on replaced and hashed afresh. */
function rewrittenFrom(chain: readonly AuditEntry[], seq: number): readonly AuditEntry[] {
  const kept = chain.slice(0, seq - 1);
  const last = kept.at(-1);
  const streamId = chain[0]?.streamId ?? '';
  const head = last ? { streamId, length: last.seq, head: last.hash } : emptyChain(streamId);
  const drafts = chain.slice(seq - 1).map(({ seq: _seq, prevHash: _prevHash, hash: _hash, ...draft }) => ({ ...draft, reason: 'forged' }));
  return [...kept, ...appendTo(head, drafts).entries];
}

/** Anchors and leaves made anew over the chains as they are: what somebody with a root shell would do. */
function reanchored(evidence: ReceiptEvidence): ReceiptEvidence {
  const leaves: Record<string, readonly ChainHead[]> = {};
  const anchors: Anchor[] = [];
  for (const old of evidence.anchors) {
    const heads = (evidence.leaves[old.anchorId] ?? []).flatMap(({ streamId, length }) => {
      const last = evidence.chains[streamId]?.slice(0, length).at(-1);
      return last ? [{ streamId, length: last.seq, head: last.hash }] : [];
    });
    const content = { ...old, previousRoot: anchors.at(-1)?.root ?? ZERO_HASH, streams: heads.length };
    anchors.push({ ...content, root: anchorRootOf({ ...content, merkleRoot: merkleRoot(heads) }) });
    leaves[old.anchorId] = heads;
  }
  return { ...evidence, anchors, leaves };
}

describe('P2 verifying against receipts that are kept elsewhere', () => {
  const sound = threeDays();
  const a = sound.chains['a'] ?? [];
  const b = sound.chains['b'] ?? [];
  const found = (evidence: ReceiptEvidence) => verifyReceipts(evidence).map(({ kind, streamId, seq, anchorId }) => [kind, streamId ?? anchorId, seq]);
  const withoutAnchors = { anchors: [], leaves: {} };

  it('P2 finds nothing where nobody touched anything', () => {
    expect(found(sound)).toEqual([]);
  });

  it('P2 names a changed entry', () => {
    expect(found({ ...sound, chains: { b, a: a.map((entry) => (entry.seq === 3 ? { ...entry, action: 'X' } : entry)) } })).toEqual([['changed', 'a', 3]]);
  });

  it('P2 names the last entry of a chain when it was cut off, by anchor and by receipt', () => {
    expect(found({ ...sound, chains: { b, a: a.slice(0, -1) } })).toEqual([['missing', 'a', 5], ['missing', 'a', 5]]);
  });

  it('P2 names a record whose entries are all gone', () => {
    expect(found({ ...sound, chains: { a } })).toEqual([['missing', 'b', 1], ['missing', 'b', 1]]);
  });

  it('P2 names where a rewriting with fresh hashes begins, between the last head that holds and the first that does not', () => {
    expect(found({ ...sound, chains: { b, a: rewrittenFrom(a, 4) } })).toEqual([['rewritten', 'a', 3], ['rewritten', 'a', 3]]);
    expect(verifyReceipts({ ...sound, chains: { b, a: rewrittenFrom(a, 4) } })[0]?.message).toContain('seq 3 to 5');
  });

  it.each([
    ['the last entry cut off', { a: a.slice(0, -1), b }, 'missing', 'a', 5],
    ['a record dropped', { a }, 'missing', 'b', 1],
    ['a chain rewritten', { a: rewrittenFrom(a, 2), b }, 'rewritten', 'a', 1],
  ] as const)('P2 names %s also when anchors and leaves were forged to match', (...[, chains, kind, streamId, seq]) => {
    const forged = found(reanchored({ ...sound, chains }));
    expect(forged).toContainEqual([kind, streamId, seq]);
    expect(forged.map(([one]) => one)).toContain('anchor_rewritten');
  });

  it('P2 cannot see a consistent forgery without receipts: that is what they are for', () => {
    expect(found({ ...reanchored({ ...sound, chains: { a: rewrittenFrom(a, 2), b } }), receipts: [] })).toEqual([]);
  });

  it('P2 names an anchor that is gone, in the middle and at the end', () => {
    const [first, second, third] = sound.anchors;
    if (!first || !second || !third) throw new Error('three anchors');
    expect(found({ ...sound, anchors: [first, third] })).toEqual([['anchor_missing', 'day-3', null], ['anchor_missing', 'day-2', null]]);
    expect(found({ ...sound, anchors: [first, second] })).toEqual([['anchor_missing', 'day-3', null]]);
    expect(found({ ...sound, ...withoutAnchors }).map(([kind]) => kind)).toEqual(['anchor_missing', 'anchor_missing', 'anchor_missing']);
  });

  it('P2 names an anchor whose leaves were changed', () => {
    const leaves = { ...sound.leaves, 'day-3': (sound.leaves['day-3'] ?? []).slice(1) };
    expect(found({ ...sound, leaves })).toEqual([['anchor_changed', 'day-3', null]]);
  });
});
