import type { AnchorReceipt, AuditEntry, ChainHead } from '../contracts/audit';
import { noticeStreamOf, refusalStreamOf } from '../contracts/ids';
import { anchorChecker, attestationsOfLeaves, attestationsOfReceipt, checkReceipt, type Anchor } from '../domain/audit/anchors';
import type { Finding } from '../domain/audit/findings';
import { merkleTree } from '../domain/audit/merkle';
import { addedEntry, brokenSeal, chainChecker, checkAttestation, misplacedEntry, unsealedEntry, type Attestation, type ChainChecker } from '../domain/audit/verify';
import { findAnchor, leafPages, streamAnchors } from './anchors';
import { auditCollection, readHead, streamEntries } from './auditLog';
import type { Store } from './connection';
import { recordEnds } from './recordEnds';
import type { AnchorLeavesDoc, AuditDoc } from './schemas/audit';
import { sealingBeginning, sealOf, SEALING_STREAM } from './sealing';
import { alteredDocuments } from './verifyDocuments';
import { signatureFault, unattestedSignatures } from './signatureVerify';

const PAGE = 1000;

export interface VerifyOptions {
  /** Only this record's streams: its own, its refusals, its notices. Absent: everything. */
  readonly recordId?: string;
  /** Receipts kept elsewhere; without them a rewriting that covers the anchors too cannot be seen. */
  readonly receipts?: readonly AnchorReceipt[];
  /** Told of each finding at once. */
  readonly onFinding?: (finding: Finding) => void;
}

export interface VerifyReport {
  readonly intact: boolean;
  readonly streams: number;
  readonly entries: number;
  /** Of the entries, those from before the trail was sealed. */
  readonly unsealed: number;
  /** False: no key ring was at hand, so nobody knows whether the seals are real. */
  readonly sealsChecked: boolean;
  readonly anchors: number;
  readonly receipts: number;
  /** The first thousand. */
  readonly findings: readonly Finding[];
  readonly findingsTotal: number;
}

/**
 * Verifies the trail: each chain in itself, each entry's seal where the store has the key ring, against the end that
 * its record remembers, against anchors and receipts. Memory does not grow with the trail. May run while others write. Throws
 * the driver's error when the store is out of reach.
 */
export async function verifyStore(store: Store, options: VerifyOptions = {}): Promise<VerifyReport> {
  const { recordId, receipts = [] } = options;
  const streamIds = recordId === undefined ? undefined : [recordId, refusalStreamOf(recordId), noticeStreamOf(recordId)];
  const findings: Finding[] = [];
  let findingsTotal = 0;
  const report = (finding: Finding): void => {
    findingsTotal += 1;
    if (findings.length < PAGE) findings.push(finding);
    options.onFinding?.(finding);
  };
  const chains = await verifyChains(store, report, streamIds);
  await verifyRecordEnds(store, report, recordId);
  for await (const finding of unattestedSignatures(store, recordId)) report(finding);
  // Of an empty trail there is nothing to say but that it is empty.
  if (chains.entries > 0) for await (const finding of alteredDocuments(store, recordId)) report(finding);
  const anchors = streamIds === undefined ? await verifyAnchors(store, report) : await verifyLatestAnchor(store, report, streamIds);
  await verifyReceipts(store, report, { receipts, streamIds });
  return { intact: findingsTotal === 0, ...chains, sealsChecked: store.sealer !== undefined, anchors, receipts: receipts.length, findings, findingsTotal };
}

type Report = (finding: Finding) => void;

async function verifyChains(store: Store, report: Report, streamIds?: readonly string[]): Promise<{ streams: number; entries: number; unsealed: number }> {
  const seals = await sealChecker(store, report);
  let current: { readonly streamId: string; readonly checker: ChainChecker } | undefined;
  let streams = 0;
  let entries = 0;
  let unsealed = 0;
  for await (const { _id: place, seal, ...entry } of streamEntries(store, streamIds)) {
    if (current?.streamId !== entry.streamId) {
      current = { streamId: entry.streamId, checker: chainChecker(entry.streamId) };
      streams += 1;
    }
    current.checker.next(entry).forEach(report);
    if (place !== placeOf(entry)) report(misplacedEntry(entry, place));
    const fault = await signatureFault(store, entry);
    if (fault) report(fault);
    await seals(entry, seal);
    if (seal === undefined) unsealed += 1;
    entries += 1;
  }
  return { streams, entries, unsealed };
}

/** Checks entries' seals. A key that the ring lacks is named once: whatever it sealed cannot be told from a forgery here. */
async function sealChecker(store: Store, report: Report): Promise<(entry: AuditEntry, seal: AuditDoc['seal']) => Promise<void>> {
  const beginning = await sealingBeginning(store);
  const unknown = new Set<string>();
  if (!beginning.sound) report(brokenSeal({ streamId: SEALING_STREAM, seq: 1 }, 'what was attested when sealing began is not as it was written'));
  return async (entry, seal) => {
    switch (sealOf(store, entry, seal)) {
      case 'none': {
        const before = await beginning.before(entry.streamId);
        if (before === undefined || entry.seq > before.length) report(unsealedEntry(entry));
        else if (entry.seq === before.length && entry.hash !== before.head) report(unsealedEntry(entry));
        break;
      }
      case 'bad':
        report(brokenSeal(entry, 'its seal was not made with the key ring'));
        break;
      case 'unknown_key': {
        const keyId = seal?.keyId ?? '';
        if (!unknown.has(keyId)) report(brokenSeal(entry, `it and perhaps others are sealed with the key "${keyId}", which the key ring does not hold`));
        unknown.add(keyId);
        break;
      }
      case 'good':
      case undefined:
    }
  };
}

/** A tail cut off shows without any receipt, and so does what was added behind a record's back. */
async function verifyRecordEnds(store: Store, report: Report, recordId: string | undefined): Promise<void> {
  for await (const page of paged(recordEnds(store, recordId))) {
    await checkPage(store, page.map(({ streamId, length, head }) => ({ streamId, length, head, source: 'the record itself' })), { report, soundUpTo: () => Promise.resolve(0) });
    const beyond = await placesOf(store, page.map(({ streamId, length }) => ({ streamId, length: length + 1 })));
    for (const { streamId, length, now } of page) {
      // Both are one transaction: an entry that is no forgery has moved the record, too.
      if (beyond.has(placeOf({ streamId, seq: length + 1 })) && (await now()) <= length) report(addedEntry({ streamId, length }));
    }
  }
}

async function verifyAnchors(store: Store, report: Report): Promise<number> {
  const checker = anchorChecker();
  const failed = new Set<string>();
  let count = 0;
  let previous: Anchor | undefined;
  for await (const anchor of streamAnchors(store)) {
    const tree = merkleTree();
    const before = previous;
    for await (const leaves of leafPages(store, anchor)) {
      leaves.forEach((leaf) => { tree.add(leaf); });
      const fresh = attestationsOfLeaves(anchor.anchorId, leaves).filter((leaf) => !failed.has(leaf.streamId));
      const soundUpTo = async (streamId: string) => (before === undefined ? 0 : ((await leafOf(store, before.anchorId, streamId))?.length ?? 0));
      (await checkPage(store, fresh, { report, soundUpTo })).forEach((streamId) => failed.add(streamId));
    }
    checker.next(anchor, tree.root()).forEach(report);
    previous = anchor;
    count += 1;
  }
  return count;
}

/** For one record the latest anchor is enough: a head vouches for everything before it. */
async function verifyLatestAnchor(store: Store, report: Report, streamIds: readonly string[]): Promise<number> {
  const latest = await store.models.anchors.findOne().sort({ seq: -1 }).lean();
  if (latest === null) return 0;
  const leaves = await Promise.all(streamIds.map((streamId) => leafOf(store, latest._id, streamId)));
  const found = leaves.filter((leaf) => leaf !== undefined);
  await checkPage(store, attestationsOfLeaves(latest._id, found), { report, soundUpTo: () => Promise.resolve(0) });
  return 1;
}

async function verifyReceipts(store: Store, report: Report, input: { receipts: readonly AnchorReceipt[]; streamIds: readonly string[] | undefined }): Promise<void> {
  const sound = new Map<string, number>();
  const failed = new Set<string>();
  for (const receipt of input.receipts.toSorted((a, b) => (a.at < b.at ? -1 : Number(a.at > b.at)))) {
    checkReceipt(receipt, (await findAnchor(store, receipt.anchorId)) ?? undefined).forEach(report);
    const wanted = attestationsOfReceipt(receipt).filter(({ streamId }) => !failed.has(streamId) && (input.streamIds?.includes(streamId) ?? true));
    for await (const page of paged(wanted)) {
      const bad = await checkPage(store, page, { report, soundUpTo: (streamId) => Promise.resolve(sound.get(streamId) ?? 0) });
      bad.forEach((streamId) => failed.add(streamId));
      page.forEach(({ streamId, length }) => { if (!failed.has(streamId)) sound.set(streamId, length); });
    }
  }
}

/** Hashes of what stands at these places. An entry under another's id does not stand there: nobody who reads the stream would see it. */
async function placesOf(store: Store, wanted: readonly { readonly streamId: string; readonly length: number }[]): Promise<ReadonlyMap<string, string>> {
  const places = wanted.map(({ streamId, length }) => placeOf({ streamId, seq: length }));
  const found = await auditCollection(store).find({ _id: { $in: places } }, { projection: { streamId: 1, seq: 1, hash: 1 } }).toArray();
  return new Map(found.filter((entry) => placeOf(entry) === entry._id).map(({ _id, hash }) => [_id, hash]));
}

const placeOf = ({ streamId, seq }: { readonly streamId: string; readonly seq: number }): string => `${streamId}/${String(seq)}`;

/** Compares attestations with the trail; reports what does not hold and returns the streams at fault. */
async function checkPage(
  store: Store,
  attestations: readonly Attestation[],
  faults: { readonly report: Report; readonly soundUpTo: (streamId: string) => Promise<number> },
): Promise<readonly string[]> {
  const hashes = await placesOf(store, attestations);
  const failed: string[] = [];
  for (const attested of attestations) {
    const hash = hashes.get(placeOf({ ...attested, seq: attested.length }));
    if (hash === attested.head) continue;
    const { length } = await readHead(store, attested.streamId);
    const finding = checkAttestation(attested, { hash, length, soundUpTo: await faults.soundUpTo(attested.streamId) });
    if (finding === undefined) continue;
    faults.report(finding);
    failed.push(attested.streamId);
  }
  return failed;
}

async function leafOf(store: Store, anchorId: string, streamId: string): Promise<ChainHead | undefined> {
  const page = await store.models.anchorLeaves.findOne({ anchorId, 'heads.streamId': streamId } as object).lean<AnchorLeavesDoc>();
  return page?.heads.find((head) => head.streamId === streamId);
}

async function* paged<T>(items: AsyncIterable<T> | Iterable<T>): AsyncGenerator<readonly T[]> {
  let page: T[] = [];
  for await (const item of items) {
    page.push(item);
    if (page.length === PAGE) {
      yield page;
      page = [];
    }
  }
  if (page.length > 0) yield page;
}
