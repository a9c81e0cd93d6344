import type { AnchorReceipt, ChainHead } from '../contracts/audit';
import type { Instant } from '../contracts/instant';
import type { Anchor } from '../domain/audit/anchors';
import { ZERO_HASH } from '../domain/audit/chain';
import { anchorRootOf, merkleTree } from '../domain/audit/merkle';
import { auditCollection } from './auditLog';
import type { Store } from './connection';
import { isDuplicateKey } from './duplicateKey';
import type { AnchorDoc } from './schemas/audit';
import { organisationsOfStreams } from './streamOwners';

/** Leaves per document: some 150 kB, far below the 16 MB that a document holds. */
const PAGE_LEAVES = 1000;
const ATTEMPTS = 5;

export interface TakenAnchor {
  readonly anchor: Anchor;
  /** One per active organisation, also when nothing of its own changed. */
  readonly receipts: readonly AnchorReceipt[];
  /** False: this id had been taken before; the receipts are those of then. */
  readonly created: boolean;
}

/**
 * Anchors the heads of all chains under `anchorId` (the day, `2026-11-22`, or any id for one on
 * demand). Idempotent per id, also after a crash half-way: leaves once written stay, as heads that
 * were true when they were read. Throws the driver's error when the store is out of reach.
 */
export async function takeAnchor(store: Store, request: { readonly now: Instant; readonly anchorId: string }): Promise<TakenAnchor> {
  const existing = await findAnchor(store, request.anchorId);
  const anchor = existing ?? (await createAnchor(store, request));
  return { anchor, receipts: await receiptsOf(store, anchor), created: existing === null };
}

/** The anchor of an id; null: there is none. */
export async function findAnchor(store: Store, anchorId: string): Promise<(Anchor & { readonly pages: number }) | null> {
  const found = await store.models.anchors.findById(anchorId).lean();
  return found === null ? null : anchorOf(found);
}

/** Every anchor, in order of seq. */
export async function* streamAnchors(store: Store): AsyncGenerator<Anchor & { readonly pages: number }> {
  for await (const doc of store.models.anchors.find().sort({ seq: 1 }).lean().cursor()) yield anchorOf(doc);
}

/** The leaves of an anchor, page by page, sorted by stream. A page that is gone is left out: the root then tells. */
export async function* leafPages(store: Store, anchor: { readonly anchorId: string; readonly pages: number }): AsyncGenerator<readonly ChainHead[]> {
  for (let page = 0; page < anchor.pages; page += 1) {
    const found = await store.models.anchorLeaves.findOne({ anchorId: anchor.anchorId, page }).lean();
    if (found !== null) yield found.heads;
  }
}

function anchorOf(doc: AnchorDoc): Anchor & { readonly pages: number } {
  const { _id, seq, at, root, previousRoot, streams, pages } = doc;
  return { anchorId: _id, seq, at, root, previousRoot, streams, pages };
}

async function createAnchor(store: Store, request: { readonly now: Instant; readonly anchorId: string }): Promise<Anchor & { readonly pages: number }> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptAnchor(store, request);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      // Another process takes this anchor or another one right now: go on from what it wrote.
      const taken = await findAnchor(store, request.anchorId);
      if (taken !== null) return taken;
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function attemptAnchor(store: Store, request: { readonly now: Instant; readonly anchorId: string }): Promise<Anchor & { readonly pages: number }> {
  const { anchorId, now: at } = request;
  const { root: leavesRoot, pages, streams } = await writeLeaves(store, anchorId);
  const last = await store.models.anchors.findOne().sort({ seq: -1 }).lean();
  const previousRoot = last?.root ?? ZERO_HASH;
  const root = anchorRootOf({ anchorId, at, previousRoot, streams, merkleRoot: leavesRoot });
  const doc: AnchorDoc = { _id: anchorId, seq: (last?.seq ?? 0) + 1, at, root, previousRoot, streams, pages };
  await store.models.anchors.create([doc]);
  return anchorOf(doc);
}

/** Writes the present head of every chain as leaves of `anchorId`. What an earlier attempt wrote stays; their Merkle root covers both. */
export async function writeLeaves(store: Store, anchorId: string): Promise<{ readonly root: string; readonly pages: number; readonly streams: number }> {
  const tree = merkleTree();
  let pages = 0;
  for await (const heads of writtenThenNewPages(store, anchorId)) {
    heads.forEach((leaf) => { tree.add(leaf); });
    pages += 1;
  }
  return { root: tree.root(), pages, streams: tree.size() };
}

/** Pages that an earlier attempt wrote, then the rest, written as it is read. */
async function* writtenThenNewPages(store: Store, anchorId: string): AsyncGenerator<readonly ChainHead[]> {
  let page = 0;
  let last = '';
  for (;;) {
    const written = await store.models.anchorLeaves.findOne({ anchorId, page }).lean();
    if (written === null) break;
    yield written.heads;
    page += 1;
    last = written.heads.at(-1)?.streamId ?? last;
  }
  for await (const heads of headPages(store, last)) {
    await store.models.anchorLeaves.create([{ _id: `${anchorId}/${String(page)}`, anchorId, page, heads }]);
    yield heads;
    page += 1;
  }
}

/** Present heads of all chains beyond a stream, in order of stream. */
async function* headPages(store: Store, after: string): AsyncGenerator<readonly ChainHead[]> {
  const cursor = auditCollection(store).aggregate<{ _id: string; length: number; head: string }>(
    [
      { $match: { streamId: { $gt: after } } },
      { $sort: { streamId: 1, seq: -1 } },
      { $group: { _id: '$streamId', length: { $first: '$seq' }, head: { $first: '$hash' } } },
      { $sort: { _id: 1 } },
    ],
    { allowDiskUse: true, readConcern: { level: 'majority' } },
  );
  let heads: ChainHead[] = [];
  for await (const { _id: streamId, length, head } of cursor) {
    heads.push({ streamId, length, head });
    if (heads.length === PAGE_LEAVES) {
      yield heads;
      heads = [];
    }
  }
  if (heads.length > 0) yield heads;
}

async function receiptsOf(store: Store, anchor: Anchor & { readonly pages: number }): Promise<readonly AnchorReceipt[]> {
  const active = await store.models.organisations.find({ active: true }, { _id: 1 }).sort({ _id: 1 }).lean();
  const changed = new Map<string, ChainHead[]>(active.map((organisation) => [organisation._id, []]));
  for await (const heads of changedHeads(store, anchor)) {
    const owners = await organisationsOfStreams(store, heads.map((head) => head.streamId));
    for (const head of heads) {
      for (const organisationId of owners.get(head.streamId) ?? []) {
        const own = changed.get(organisationId);
        if (own === undefined) changed.set(organisationId, [head]);
        else own.push(head);
      }
    }
  }
  const { anchorId, at, root, streams, previousRoot } = anchor;
  return [...changed].map(([organisationId, heads]) => ({
    kind: 'cro-oversight/anchor-receipt', version: 1, anchorId, at, root, streams, previousRoot, organisationId, heads,
  }));
}

/** Leaves that the anchor before did not have, page by page. */
async function* changedHeads(store: Store, anchor: Anchor & { readonly pages: number }): AsyncGenerator<readonly ChainHead[]> {
  const previous = await store.models.anchors.findOne({ seq: anchor.seq - 1 }).lean();
  const before = leavesOf(store, previous === null ? { anchorId: '', pages: 0 } : anchorOf(previous));
  let old = await before.next();
  for await (const page of leafPages(store, anchor)) {
    const changed: ChainHead[] = [];
    for (const leaf of page) {
      while (old.done !== true && old.value.streamId < leaf.streamId) old = await before.next();
      const same = old.done !== true && old.value.streamId === leaf.streamId && old.value.head === leaf.head;
      if (!same) changed.push(leaf);
    }
    yield changed;
  }
}

async function* leavesOf(store: Store, anchor: { readonly anchorId: string; readonly pages: number }): AsyncGenerator<ChainHead> {
  for await (const page of leafPages(store, anchor)) yield* page;
}
