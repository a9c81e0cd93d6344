import { randomUUID } from 'node:crypto';
import type { ChannelOutcome } from '../../contracts/channels';
import type { Instant } from '../../contracts/instant';
import { signingSecrets } from '../../store/channelMap';
import type { ChannelDoc, ChannelTest } from '../../store/schemas/channels';
import { openSecret } from '../../platform/secretBox';
import { Failure } from '../../contracts/failures';
import type { ApiDeps } from '../deps';

/** Sends a marked test notice by an entry of the channel map; throws Failure `unavailable` where this process has no channels. */
export async function testChannel(deps: ApiDeps, entry: ChannelDoc): Promise<ChannelTest> {
  const at = deps.now();
  try {
    const sent = await send(deps, entry, at);
    return { at, outcome: sent.outcome, reason: sent.outcome === 'accepted' ? null : sent.reason };
  } catch (error) {
    if (error instanceof Failure) throw error;
    return { at, outcome: 'unknown', reason: error instanceof Error ? error.message : 'no reason was given' };
  }
}

async function send(deps: ApiDeps, entry: ChannelDoc, at: Instant): Promise<ChannelOutcome> {
  const { senders, settings: { publicUrl } } = deps;
  if (!senders) throw new Failure('unavailable', 'This process cannot send.');
  const id = randomUUID();
  if (entry.channel === 'email') {
    const text = ['TEST: this address is in the channel map of your organisation.', `Entry: ${entry.name}`, `Open it: ${publicUrl}`, ''].join('\n');
    const headers = { 'Auto-Submitted': 'auto-generated', 'X-Oversight-Test': 'yes' };
    return senders.mail.send({ to: entry.target, subject: '[TEST] Oversight notices come here', text, messageId: `<test-${id}@cro-oversight>`, headers });
  }
  const sealed = (await signingSecrets(deps.store, { id: entry._id, at })) ?? [];
  const body = JSON.stringify({ type: 'notice.test', timestamp: at, data: { test: true, link: publicUrl } });
  const secrets = sealed.map((secret) => openSecret(deps.ring, secret, `channel/${entry._id}`));
  return senders.webhooks.post({ url: entry.target, id: `test-${id}`, at, body, secrets });
}
