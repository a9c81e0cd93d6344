import { parseArgs } from 'node:util';
import type { AnchorReceipt } from '../contracts/audit';
import { createAuthenticator } from '../platform/derivedKeys';
import { KeyRingError, openKeyRing, type KeyRing } from '../platform/keyRing';
import { openStore, type Store } from '../store/connection';
import { verifyStore, type VerifyReport } from '../store/verify';
import { findConnectionString, findKeyRingFile, NO_CONNECTION_STRING } from './connectionString';
import { evidenceSummary, readEvidence, type EvidenceOutcome } from './evidenceCheck';
import { readReceipts, ReceiptsUnreadable } from './receiptFiles';

const HELP = `Verifies the audit trail: every chain in itself, every entry's seal, against the anchors, against receipts kept elsewhere;
and the evidence: every file from its first byte to its last, against its hash and the trail.

  npm run verify -- [--receipts DIR] [--record ID] [--evidence | --skip-evidence]

  --receipts DIR   directory with the anchor receipts (*.json) that were mailed; without them a
                   rewriting that covers the anchors too cannot be seen
  --record ID      only this record: its entries, its refusals, its notices, its evidence
  --evidence       exit 2 if there is no key ring to read evidence with
  --skip-evidence  leave the evidence alone: reading it takes as long as reading every file does
  --help           this text

Reads MONGODB_URI or MONGODB_URI_FILE, else the env.json of a stack that \`npm start\` set up in
.data/ (or CRO_DATA_DIR). Seals are made, and evidence is encrypted, with the key ring: checking and reading
them needs it, CRO_KEYS_FILE, or that of the stack; without one the summary says that neither was done. Only reads.
One line per finding, then a summary; progress of long work goes to stderr. Exit 0: intact, 1: findings,
2: could not verify,
also where there is nothing to verify.
`;

const INTACT = 0;
const FINDINGS = 1;
const COULD_NOT = 2;

export interface Console { out(text: string): void; err(text: string): void }

interface Asked {
  readonly uri: string;
  readonly ring: KeyRing | undefined;
  /** The evidence is not to be read. */
  readonly skipped: boolean;
  readonly recordId?: string;
  readonly receipts?: readonly AnchorReceipt[];
}

/** Runs the command; returns its exit code. */
export async function main(argv: readonly string[], env: Readonly<Record<string, string | undefined>>, console: Console): Promise<number> {
  const options = optionsOf(argv);
  if (typeof options === 'string') return stop(console, `${options}\n\n${HELP}`);
  if (options.help === true) {
    console.out(HELP);
    return INTACT;
  }
  const uri = findConnectionString(env);
  if (uri === undefined) return stop(console, NO_CONNECTION_STRING);
  const skipped = options['skip-evidence'] === true;
  if (skipped && options.evidence === true) return stop(console, '--evidence and --skip-evidence contradict each other');
  try {
    const keysFile = findKeyRingFile(env);
    if (keysFile === undefined && options.evidence === true) return stop(console, 'No key ring is at hand to read evidence with: set CRO_KEYS_FILE.');
    const receipts = options.receipts === undefined ? undefined : readReceipts(options.receipts);
    const ring = keysFile === undefined ? undefined : openKeyRing(keysFile);
    return await verify({ uri, ring, skipped, ...(options.record !== undefined && { recordId: options.record }), ...(receipts !== undefined && { receipts }) }, console);
  } catch (error) {
    if (error instanceof ReceiptsUnreadable || error instanceof KeyRingError) return stop(console, error.message);
    throw error;
  }
}

async function verify({ uri, ring, skipped, ...what }: Asked, console: Console): Promise<number> {
  try {
    const store = await openStore({ uri, sealer: ring && createAuthenticator(ring, 'audit-seal'), ...(ring && { commandAuthenticator: createAuthenticator(ring, 'command-authenticator') }) });
    try {
      const report = await verifyStore(store, { ...what, onFinding: ({ kind, message }) => { console.out(`${kind}  ${message}\n`); } });
      const evidence = await evidenceOf(store, { ring, skipped, recordId: what.recordId }, console);
      const intact = report.intact && evidence.findingsTotal === 0;
      if (intact && report.entries === 0) return stop(console, nothingThere(what.recordId));
      console.out(`${summaryOf(report, { intact, evidence, withReceipts: what.receipts !== undefined })}\n`);
      return intact ? INTACT : FINDINGS;
    } finally {
      await store.close();
    }
  } catch (error) {
    return stop(console, `The records cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** An installation has entries from its first start; to call an empty trail intact would hide that it was dropped. */
function nothingThere(recordId: string | undefined): string {
  if (recordId !== undefined) return `There is no entry of record ${recordId}: is the id right? A record's id is in its address; its number is only shown.`;
  return 'There is no entry at all: either MONGODB_URI names another database than the installation\'s, or its audit trail was dropped.';
}

function evidenceOf(store: Store, { ring, skipped, recordId }: { readonly ring: KeyRing | undefined; readonly skipped: boolean; readonly recordId: string | undefined }, console: Console): Promise<EvidenceOutcome> {
  if (ring && !skipped) return readEvidence(store, { ring, recordId }, console);
  return Promise.resolve({ findingsTotal: 0, notRead: skipped ? 'as asked' : 'no key ring is at hand, set CRO_KEYS_FILE' });
}

function summaryOf(report: VerifyReport, { intact, evidence, withReceipts }: { readonly intact: boolean; readonly evidence: EvidenceOutcome; readonly withReceipts: boolean }): string {
  const { streams, entries, unsealed, sealsChecked, anchors, receipts, findingsTotal } = report;
  const older = unsealed === 0 ? '' : `, ${counted(unsealed, 'entry', 'entries')} from before sealing`;
  const checked = withReceipts ? counted(receipts, 'receipt') : 'no receipts';
  const looked = `${counted(entries, 'entry', 'entries')} in ${counted(streams, 'chain')}, ${sealsChecked ? 'seals checked' : 'seals NOT checked, set CRO_KEYS_FILE'}${older}, ${counted(anchors, 'anchor')}, ${checked}; ${evidenceSummary(evidence)}`;
  return intact ? `intact: ${looked}` : `NOT intact, ${counted(findingsTotal + evidence.findingsTotal, 'finding')}: ${looked}`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${String(count)} ${count === 1 ? one : many}`;
}

function optionsOf(argv: readonly string[]): { help?: boolean; receipts?: string; record?: string; evidence?: boolean; 'skip-evidence'?: boolean } | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { help: { type: 'boolean' }, receipts: { type: 'string' }, record: { type: 'string' }, evidence: { type: 'boolean' }, 'skip-evidence': { type: 'boolean' } },
    });
    return values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function stop(console: Console, message: string): number {
  console.err(`${message}\n`);
  return COULD_NOT;
}

if (require.main === module) {
  const console: Console = { out: (text) => void process.stdout.write(text), err: (text) => void process.stderr.write(text) };
  void main(process.argv.slice(2), process.env, console).then((code) => {
    process.exitCode = code;
  });
}
