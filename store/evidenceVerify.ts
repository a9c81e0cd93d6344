import type { FileCipher } from '../contracts/evidence';
import { administrativeStreamOf } from '../domain/audit/streams';
import { readChain } from './auditLog';
import type { Store } from './connection';
import { requireIntact } from './evidenceFiles';
import type { EvidenceDoc } from './schemas/evidence';

/** Something about a piece of evidence that is not as it was stored. */
export interface EvidenceFinding {
  readonly evidenceId: string;
  readonly message: string;
}

export interface EvidenceReport {
  readonly intact: boolean;
  readonly files: number;
  readonly findings: readonly EvidenceFinding[];
}

/** What the trail and the document must agree on. */
const ATTESTED = ['lineId', 'version', 'replaces', 'fileName', 'mediaType', 'sizeBytes', 'sha256'] as const;
const FINDINGS_KEPT = 1000;

/**
 * Reads every file, or these, from the first byte to the last: frames, length and hash, and the document against its entry in the
 * audit trail. The trail itself is checked by `verifyStore`. Throws the driver's error when the store is out of reach.
 */
export async function verifyEvidence(store: Store, cipher: FileCipher, ids?: readonly string[]): Promise<EvidenceReport> {
  const findings: EvidenceFinding[] = [];
  let files = 0;
  const found = store.models.evidence.find(ids === undefined ? {} : { _id: { $in: [...ids] } }).sort({ _id: 1 }).lean<EvidenceDoc[]>().cursor() as AsyncIterable<EvidenceDoc>;
  for await (const evidence of found) {
    files += 1;
    for (const message of [await trailFault(store, evidence), await fileFault(store, evidence, cipher)]) {
      if (message !== undefined && findings.length < FINDINGS_KEPT) findings.push({ evidenceId: evidence._id, message });
    }
  }
  return { intact: findings.length === 0, files, findings };
}

async function trailFault(store: Store, evidence: EvidenceDoc): Promise<string | undefined> {
  const [first] = await readChain(store, administrativeStreamOf('evidence', evidence._id), { limit: 1 });
  if (first?.action !== 'evidence.stored') return 'the audit trail does not know of it';
  const detail = first.detail as Readonly<Record<string, unknown>> | undefined;
  const differing = ATTESTED.filter((field) => detail?.[field] !== evidence[field]);
  if (JSON.stringify(detail?.['retention']) !== JSON.stringify(evidence.retention)) return `retention is not what the audit trail says`;
  return differing.length === 0 ? undefined : `${differing.join(', ')} not as the audit trail says`;
}

async function fileFault(store: Store, evidence: EvidenceDoc, cipher: FileCipher): Promise<string | undefined> {
  try {
    await requireIntact(store, evidence, cipher);
    return undefined;
  } catch (error) {
    // A driver's error is no finding about the file.
    if (!(error instanceof Error) || error.name.startsWith('Mongo')) throw error;
    return error.message;
  }
}
