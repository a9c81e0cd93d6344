import type { AuditEntry } from '../contracts/audit';
import type { FileCipher } from '../contracts/evidence';
import { administrativeStreamOf } from '../domain/audit/streams';
import { auditCollection, readChain } from './auditLog';
import type { Store } from './connection';
import { everyLinkOf, withdrawalsOf } from './evidenceLinks';
import { requireIntact } from './evidenceFiles';
import type { EvidenceDoc } from './schemas/evidence';

/** Something about a piece of evidence that is not as it was stored. */
interface EvidenceFinding {
  readonly evidenceId: string;
  readonly message: string;
}

export interface EvidenceReport {
  readonly intact: boolean;
  readonly files: number;
  readonly bytes: number;
  /** The first thousand. */
  readonly findings: readonly EvidenceFinding[];
  readonly findingsTotal: number;
}

export interface EvidenceProgress {
  readonly files: number;
  readonly ofFiles: number;
  readonly bytes: number;
}

export interface EvidenceOptions {
  /** Only these. */
  readonly ids?: readonly string[];
  /** Only those of this record. */
  readonly recordId?: string;
  /** Told of each finding at once. */
  readonly onFinding?: (finding: EvidenceFinding) => void;
  /** Told after each file. */
  readonly onProgress?: (progress: EvidenceProgress) => void;
}

/** What the trail and the document must agree on. */
const ATTESTED = ['lineId', 'version', 'replaces', 'fileName', 'mediaType', 'sizeBytes', 'sha256'] as const;
const FINDINGS_KEPT = 1000;
/** Files of a page are read one after another: no cursor stays open that long. */
const PAGE = 100;
/** Links and versions of one file; far more than people make. */
const TRAIL_LIMIT = 1000;
const STORED = 'evidence.stored';
const LINKED = 'evidence.linked';
const WITHDRAWN = 'evidence.link_withdrawn';

/**
 * Reads every file, or some, from the first byte to the last: frames, length and hash; the document and its links against the
 * audit trail; and which files the trail knows that are gone. The trail itself is checked by `verifyStore`. Holds a few chunks in
 * memory at a time, however much there is. Throws the driver's error when the store is out of reach.
 */
export async function verifyEvidence(store: Store, cipher: FileCipher, options: EvidenceOptions = {}): Promise<EvidenceReport> {
  const findings: EvidenceFinding[] = [];
  let [files, bytes, findingsTotal] = [0, 0, 0];
  const report = (evidenceId: string, message: string): void => {
    findingsTotal += 1;
    if (findings.length < FINDINGS_KEPT) findings.push({ evidenceId, message });
    options.onFinding?.({ evidenceId, message });
  };
  const wanted = await wantedIds(store, options);
  const ofFiles = await store.models.evidence.countDocuments(wanted === undefined ? {} : { _id: { $in: [...wanted] } });
  for await (const evidence of documents(store, wanted)) {
    for (const message of [...(await trailFaults(store, evidence)), ...(await fileFaults(store, evidence, cipher))]) report(evidence._id, message);
    files += 1;
    bytes += evidence.sizeBytes;
    options.onProgress?.({ files, ofFiles, bytes });
  }
  for await (const { id, at } of gone(store, wanted)) report(id, `the audit trail says that it was stored at ${at}, and it is gone`);
  return { intact: findingsTotal === 0, files, bytes, findings, findingsTotal };
}

/** Which evidence to look at; of a record, what is linked to it and what the trail says was. undefined: all. */
async function wantedIds(store: Store, { ids, recordId }: EvidenceOptions): Promise<readonly string[] | undefined> {
  if (recordId === undefined) return ids;
  const [links, said] = await Promise.all([
    store.models.evidenceLinks.find({ recordId }, { evidenceId: 1 }).lean<{ evidenceId: string }[]>(),
    auditCollection(store).find({ ...OF_EVIDENCE, action: LINKED, 'detail.recordId': recordId } as never, { projection: { streamId: 1 } }).toArray(),
  ]);
  return [...new Set([...links.map(({ evidenceId }) => evidenceId), ...said.map(({ streamId }) => idOf(streamId))])];
}

const PREFIX = administrativeStreamOf('evidence', '');
/** From `evidence/` up to what sorts behind all of it: the index of streams serves it. */
const OF_EVIDENCE = { streamId: { $gte: PREFIX, $lt: 'evidence0' } } as const;
const idOf = (streamId: string): string => streamId.slice(PREFIX.length);

async function* documents(store: Store, ids: readonly string[] | undefined): AsyncGenerator<EvidenceDoc> {
  for (let after = ''; ;) {
    const page: readonly EvidenceDoc[] = await store.models.evidence.find({ _id: { $gt: after, ...(ids && { $in: [...ids] }) } }).sort({ _id: 1 }).limit(PAGE).lean<EvidenceDoc[]>();
    yield* page;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = last._id;
  }
}

/** Evidence that the trail knows and the store has no more. */
async function* gone(store: Store, ids: readonly string[] | undefined): AsyncGenerator<{ readonly id: string; readonly at: string }> {
  const streams = ids ? { streamId: { $in: ids.map((id) => administrativeStreamOf('evidence', id)) } } : OF_EVIDENCE;
  for await (const { streamId, at } of auditCollection(store).find({ ...streams, action: STORED } as never, { projection: { streamId: 1, at: 1 }, batchSize: 1000 })) {
    const id = idOf(streamId);
    if ((await store.models.evidence.exists({ _id: id })) === null) yield { id, at };
  }
}

async function trailFaults(store: Store, evidence: EvidenceDoc): Promise<readonly string[]> {
  const [entries, links, withdrawals] = await Promise.all([
    readChain(store, administrativeStreamOf('evidence', evidence._id), { limit: TRAIL_LIMIT }), everyLinkOf(store, [evidence._id]), withdrawalsOf(store, { evidenceId: { $in: [evidence._id] } }),
  ]);
  const [first] = entries;
  if (first?.action !== STORED) return ['the audit trail does not know of it'];
  const said = entries.filter(({ action }) => action === LINKED).map((entry) => String(detailOf(entry)['recordId']));
  const kept = links.map(({ recordId }) => recordId);
  const saidWithdrawn = entries.filter(({ action }) => action === WITHDRAWN).map((entry) => String(detailOf(entry)['linkId']));
  const withdrawn = withdrawals.map(({ _id }) => _id);
  return [
    ...documentFaults(evidence, detailOf(first)),
    ...said.filter((recordId) => !kept.includes(recordId)).map((recordId) => `its link to ${recordId} is gone`),
    ...kept.filter((recordId) => !said.includes(recordId)).map((recordId) => `the audit trail does not know of its link to ${recordId}`),
    ...saidWithdrawn.filter((id) => !withdrawn.includes(id)).map((id) => `that its link ${id} was taken back is gone`),
    ...withdrawn.filter((id) => !saidWithdrawn.includes(id)).map((id) => `the audit trail does not know that its link ${id} was taken back`),
  ];
}

function documentFaults(evidence: EvidenceDoc, detail: Readonly<Record<string, unknown>>): readonly string[] {
  if (JSON.stringify(detail['retention']) !== JSON.stringify(evidence.retention)) return ['retention is not what the audit trail says'];
  const differing = ATTESTED.filter((field) => detail[field] !== evidence[field]);
  return differing.length === 0 ? [] : [`${differing.join(', ')} not as the audit trail says`];
}

const detailOf = ({ detail }: AuditEntry): Readonly<Record<string, unknown>> => (detail ?? {}) as Readonly<Record<string, unknown>>;

async function fileFaults(store: Store, evidence: EvidenceDoc, cipher: FileCipher): Promise<readonly string[]> {
  try {
    await requireIntact(store, evidence, cipher);
    return [];
  } catch (error) {
    // A driver's error is no finding about the file.
    if (!(error instanceof Error) || error.name.startsWith('Mongo')) throw error;
    return [error.message];
  }
}
