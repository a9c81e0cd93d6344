import { createFileCipher } from '../platform/fileCipher';
import type { KeyRing } from '../platform/keyRing';
import type { Store } from '../store/connection';
import { verifyEvidence } from '../store/evidenceVerify';

/** How reading the evidence came out; or why it was not read. */
export type EvidenceOutcome =
  | { readonly findingsTotal: number; readonly files: number; readonly bytes: number }
  | { readonly findingsTotal: 0; readonly notRead: string };

/** Between two lines of progress, ms. */
const PROGRESS_MS = 10_000;
const MIB = 1_048_576;

/** Reads the evidence, of one record or all; one line per finding, and a line of progress every ten seconds. */
export async function readEvidence(
  store: Store, { ring, recordId }: { readonly ring: KeyRing; readonly recordId: string | undefined }, console: { out(text: string): void; err(text: string): void },
): Promise<EvidenceOutcome> {
  let told = performance.now();
  return verifyEvidence(store, createFileCipher(ring), {
    ...(recordId !== undefined && { recordId }),
    onFinding: ({ evidenceId, message }) => { console.out(`evidence  evidence/${evidenceId}: ${message}\n`); },
    onProgress: ({ files, ofFiles, bytes }) => {
      if (performance.now() - told < PROGRESS_MS) return;
      told = performance.now();
      console.err(`evidence: ${String(files)} of ${String(ofFiles)} files read, ${sizeText(bytes)}\n`);
    },
  });
}

/** For the summary line. */
export function evidenceSummary(outcome: EvidenceOutcome): string {
  if ('notRead' in outcome) return `evidence NOT read: ${outcome.notRead}`;
  return `evidence: ${String(outcome.files)} ${outcome.files === 1 ? 'file' : 'files'}, ${sizeText(outcome.bytes)}`;
}

const sizeText = (bytes: number): string => (bytes < MIB ? `${String(bytes)} bytes` : `${(bytes / MIB).toFixed(1)} MiB`);
