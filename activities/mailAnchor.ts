import type { AnchorReceipt } from '../contracts/audit';
import type { Instant } from '../contracts/instant';
import { takeAnchor } from '../store/anchors';
import type { Store } from '../store/connection';
import { receiptAddresses } from '../store/organisations';
import type { MailChannel } from '../platform/mail';
import { messageIdOf } from './notice';

export interface AnchorDeps {
  readonly store: Store;
  readonly mail: MailChannel;
  readonly now: () => Instant;
}

/**
 * Anchors every chain for today and mails each organisation its receipt: kept elsewhere, it proves
 * that nobody rewrote, cut or dropped a chain. A retry repeats with the same Message-IDs.
 */
export async function mailAnchor(deps: AnchorDeps): Promise<{ anchorId: string; streams: number; mailed: number }> {
  const now = deps.now();
  const { anchor, receipts } = await takeAnchor(deps.store, { now, anchorId: now.slice(0, 10) });
  const addresses = await receiptAddresses(deps.store);
  let mailed = 0;
  for (const receipt of receipts) {
    const to = addresses.get(receipt.organisationId);
    if (to === undefined) continue;
    const sent = await deps.mail.send(receiptLetter(receipt, to));
    if (sent.outcome === 'deferred') throw new Error(sent.reason);
    if (sent.outcome === 'accepted') mailed += 1;
  }
  return { anchorId: anchor.anchorId, streams: anchor.streams, mailed };
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
