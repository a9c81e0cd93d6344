import type { ChannelOutcome, NoticeRoute, OpenSecret, WebhookSender } from '../contracts/channels';
import type { Instant } from '../contracts/instant';
import { signingSecrets } from '../store/channelMap';
import type { Store } from '../store/connection';
import { admitTarget, settleTarget } from '../store/outboundTargets';
import type { MailChannel } from '../platform/mail';
import { letterOf, sendingIdOf, webhookBodyOf, type NoticeContent } from './notice';

export interface TellingDeps {
  readonly store: Store;
  readonly mail: MailChannel;
  readonly webhooks: WebhookSender;
  readonly openSecret: OpenSecret;
  readonly publicUrl: string;
  readonly now: () => Instant;
}

/** What is sent by one way. */
export interface Sending {
  readonly content: NoticeContent;
  readonly route: NoticeRoute;
  /** Names the sending for ever. */
  readonly intent: string;
  /** null: a team. */
  readonly personId: string | null;
  /** When the notice came about; the same for each repetition. */
  readonly since: Instant;
  readonly possiblyRepeated: boolean;
}

/** A sending with its content fixed: hashed before, sent after the claim. */
export interface Prepared {
  readonly contentHash: string;
  /** Throws when nobody knows whether it was taken. */
  readonly send: () => Promise<ChannelOutcome>;
}

/** Waits for all of them, also when one fails: whatever replaces this attempt must not meet a sending of it. */
export async function allEnded<T extends readonly unknown[] | []>(works: T): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(works);
  return Promise.all(works);
}

/** The one place that knows what each channel takes. */
export function prepareSending(deps: TellingDeps, sending: Sending): Prepared {
  const { content, route, intent, personId, since, possiblyRepeated } = sending;
  const letter = letterOf(content, { address: route.address, intent, possiblyRepeated });
  switch (route.channel) {
    case 'email':
      return { contentHash: letter.contentHash, send: () => deps.mail.send(letter) };
    case 'webhook': {
      const { body, contentHash } = webhookBodyOf(content, { intent, at: since, personId, possiblyRepeated });
      return { contentHash, send: () => post(deps, { route, intent, body, personId }) };
    }
    case 'inbox':
      // The ledger's row is the inbox entry: claimed is told.
      return { contentHash: letter.contentHash, send: () => Promise.resolve({ outcome: 'accepted' }) };
  }
}

/** A receiver that is left alone costs a person nothing: their next way is taken at once. A team has no other; it waits. */
async function post(deps: TellingDeps, { route, intent, body, personId }: { route: NoticeRoute; intent: string; body: string; personId: string | null }): Promise<ChannelOutcome> {
  const at = deps.now();
  const sealed = route.endpointId === null ? undefined : await signingSecrets(deps.store, { id: route.endpointId, at });
  if (!sealed) return { outcome: 'rejected', reason: 'the entry of the channel map is not active any more' };
  const secrets = sealed.map((secret) => deps.openSecret(secret, `channel/${route.endpointId ?? ''}`));
  const trying = { entryId: route.endpointId ?? '', url: route.address, at };
  const leftAlone = await admitTarget(deps.store, trying);
  if (leftAlone !== undefined) return { outcome: personId === null ? 'deferred' : 'rejected', reason: leftAlone };
  const settle = (answered: boolean) => settleTarget(deps.store, trying, { answered, now: deps.now() });
  try {
    const sent = await deps.webhooks.post({ url: route.address, id: sendingIdOf(intent), at, body, secrets });
    await settle(sent.outcome === 'accepted');
    return sent;
  } catch (error) {
    await settle(false);
    throw error;
  }
}
