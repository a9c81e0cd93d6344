import { parseArgs } from 'node:util';
import type { AnchorReceipt } from '../contracts/audit';
import { openStore } from '../store/connection';
import { verifyStore, type VerifyReport } from '../store/verify';
import { findConnectionString, NO_CONNECTION_STRING } from './connectionString';
import { readReceipts, ReceiptsUnreadable } from './receiptFiles';

const HELP = `Verifies the audit trail: every chain in itself, against the anchors, against receipts kept elsewhere.

  npm run verify -- [--receipts DIR] [--record ID]

  --receipts DIR   directory with the anchor receipts (*.json) that were mailed; without them a
                   rewriting that covers the anchors too cannot be seen
  --record ID      only this record: its entries, its refusals, its notices
  --help           this text

Reads MONGODB_URI or MONGODB_URI_FILE, else the env.json of a stack that \`npm start\` set up in
.data/ (or CRO_DATA_DIR). Only reads.
One line per finding, then a summary. Exit 0: intact, 1: findings, 2: could not verify.
`;

const INTACT = 0;
const FINDINGS = 1;
const COULD_NOT = 2;

interface Console { out(text: string): void; err(text: string): void }

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
  let receipts: readonly AnchorReceipt[] | undefined;
  try {
    receipts = options.receipts === undefined ? undefined : readReceipts(options.receipts);
  } catch (error) {
    if (error instanceof ReceiptsUnreadable) return stop(console, error.message);
    throw error;
  }
  return verify(uri, { ...(options.record !== undefined && { recordId: options.record }), ...(receipts !== undefined && { receipts }) }, console);
}

async function verify(uri: string, what: { recordId?: string; receipts?: readonly AnchorReceipt[] }, console: Console): Promise<number> {
  try {
    const store = await openStore({ uri });
    try {
      const report = await verifyStore(store, { ...what, onFinding: ({ kind, message }) => { console.out(`${kind}  ${message}\n`); } });
      console.out(`${summaryOf(report, what.receipts !== undefined)}\n`);
      return report.intact ? INTACT : FINDINGS;
    } finally {
      await store.close();
    }
  } catch (error) {
    return stop(console, `The records cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function summaryOf(report: VerifyReport, withReceipts: boolean): string {
  const { streams, entries, anchors, receipts, findingsTotal } = report;
  const checked = withReceipts ? counted(receipts, 'receipt') : 'no receipts';
  const looked = `${counted(entries, 'entry', 'entries')} in ${counted(streams, 'chain')}, ${counted(anchors, 'anchor')}, ${checked}`;
  return report.intact ? `intact: ${looked}` : `NOT intact, ${counted(findingsTotal, 'finding')}: ${looked}`;
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${String(count)} ${count === 1 ? one : many}`;
}

function optionsOf(argv: readonly string[]): { help?: boolean; receipts?: string; record?: string } | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { help: { type: 'boolean' }, receipts: { type: 'string' }, record: { type: 'string' } },
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
