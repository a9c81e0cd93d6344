import { Context } from '@temporalio/activity';
import type { AnchorReceipt } from '../contracts/audit';
import type { Instant } from '../contracts/instant';
import { takeAnchor } from '../store/anchors';
import { appendToStream } from '../store/auditLog';
import type { Store } from '../store/connection';
import { receiptAddresses } from '../store/organisations';
import type { MailChannel, MailOutcome } from '../platform/mail';
import { messageIdOf } from './notice';

export interface AnchorDeps {
  readonly store: Store;
  readonly mail: MailChannel;
  readonly now: () => Instant;
}

/** Audit stream of receipts that could not be delivered: they are about a day, and no record's. */
export const RECEIPTS_STREAM = 'receipts';
const HEARTBEAT_MS = 5000;

/** What an interrupted attempt had done. */
interface Progress {
  /** The day, though midnight may pass before the mail server is back. */
  readonly anchorId: string;
  /** Organisations whose receipt was mailed, or refused for good. */
  readonly settled: readonly string[];
}

/**
 * Anchors every chain for today and mails each organisation its receipt: kept elsewhere, it proves
 * that nobody rewrote, cut or dropped a chain. An address that is refused for good is said in the trail.
 * Throws while a receipt could not be delivered yet, after all others were; a retry goes on with those.
 */
export async function mailAnchor(deps: AnchorDeps): Promise<{ anchorId: string; streams: number; mailed: number }> {
  const context = Context.current();
  const now = deps.now();
  const before = context.info.heartbeatDetails as Progress | undefined;
  const anchorId = before?.anchorId ?? now.slice(0, 10);
  const settled = new Set(before?.settled);
  const beat = (): void => { context.heartbeat({ anchorId, settled: [...settled] } satisfies Progress); };
  const beating = setInterval(beat, HEARTBEAT_MS);
  try {
    beat();
    const { anchor, receipts } = await takeAnchor(deps.store, { now, anchorId });
    const addresses = await receiptAddresses(deps.store);
    const late: string[] = [];
    let mailed = 0;
    for (const receipt of receipts) {
      const { organisationId } = receipt;
      const to = addresses.get(organisationId);
      if (to === undefined || settled.has(organisationId)) continue;
      const sent = await deliver(deps, receipt, to);
      if (sent.outcome === 'deferred') {
        late.push(`${organisationId}: ${sent.reason}`);
        continue;
      }
      if (sent.outcome === 'accepted') mailed += 1;
      settled.add(organisationId);
      beat();
    }
    if (late.length > 0) throw new Error(`receipts wait for the mail server: ${late.join('; ')}`);
    return { anchorId: anchor.anchorId, streams: anchor.streams, mailed };
  } finally {
    clearInterval(beating);
  }
}

/** Sends one receipt. Nobody knows: it is sent again, with the same Message-ID. */
async function deliver(deps: AnchorDeps, receipt: AnchorReceipt, to: string): Promise<MailOutcome> {
  const letter = receiptLetter(receipt, to);
  const sent = await deps.mail.send(letter).catch((error: unknown): MailOutcome => ({ outcome: 'deferred', reason: (error as Error).message }));
  if (sent.outcome === 'rejected') {
    const { anchorId, organisationId } = receipt;
    await appendToStream(deps.store, { streamId: RECEIPTS_STREAM, drafts: [{
      streamId: RECEIPTS_STREAM, at: deps.now(), zone: 'UTC', actor: { kind: 'system', name: 'effect' }, action: 'receipt.refused', reason: sent.reason,
      correlationId: `anchor/${anchorId}/${organisationId}`, detail: { anchorId, organisationId, messageId: letter.messageId },
    }] });
  }
  return sent;
}

function receiptLetter(receipt: AnchorReceipt, to: string) {
  const { anchorId, root, streams, heads, organisationId } = receipt;
  return {
    to, subject: `Audit receipt ${anchorId}`, messageId: messageIdOf(`anchor/${anchorId}/${organisationId}`), headers: { 'Auto-Submitted': 'auto-generated' },
    text: [
      `Anchor: ${anchorId}`, `Root over ${String(streams)} chains: ${root}`, `Chains of yours that changed: ${String(heads.length)}`,
      'Keep the attached file outside the product; `npm run verify -- --receipts DIR` checks the trail against it.', '',
    ].join('\n'),
    attachments: [{ filename: `receipt-${anchorId}-${organisationId}.json`, content: JSON.stringify(receipt, null, 2) }],
  };
}
