import { randomBytes } from 'node:crypto';
import { lookup as resolveName } from 'node:dns';
import * as http from 'node:http';
import * as https from 'node:https';
import type { LookupFunction } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { ChannelOutcome, OutboundMessage, WebhookSender } from '../contracts/channels';
import { epochMsOf } from '../contracts/instant';
import { outboundRule, type OutboundRule } from './outboundNetworks';

/** Shorter than the patience for an activity's heartbeat: no attempt outlives the one that replaces it. */
const TOTAL_MS = 4000;
/** Standard Webhooks: 24 to 64 random bytes. */
const SECRET_BYTES = 32;

/** A new signing secret, `whsec_…`; shown once. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;

/** The name leads nowhere that may be called. */
class NoAddress extends Error {}
/** The same whether there is no such name, or one that leads inside: otherwise whoever chooses targets could read the names inside. */
const NO_ADDRESS = 'the name leads to no address that this installation may call';

/**
 * Sends signed messages after Standard Webhooks. Redirects are not followed and answers not read. Where
 * a name resolves to an address that the rule refuses, no connection is made: it is checked at the
 * moment of connecting, so that a name cannot change in between.
 */
export function createWebhookSender({ allowedNetworks = [], totalMs = TOTAL_MS, ca }: { allowedNetworks?: readonly string[]; totalMs?: number; ca?: string } = {}): WebhookSender {
  const rule = outboundRule(allowedNetworks);
  return {
    unusable: (text) => faultOf(text, rule),
    post(message) {
      const fault = faultOf(message.url, rule);
      return fault === undefined ? exchange({ url: new URL(message.url), message, rule, totalMs, ca }) : Promise.resolve({ outcome: 'rejected', reason: fault });
    },
  };
}

const faultOf = (text: string, rule: OutboundRule): string | undefined => (URL.canParse(text) ? rule.refuseUrl(new URL(text)) : 'not a URL');

interface Exchange {
  readonly url: URL;
  readonly message: OutboundMessage;
  readonly rule: OutboundRule;
  readonly totalMs: number;
  readonly ca: string | undefined;
}

function exchange({ url, message, rule, totalMs, ca }: Exchange): Promise<ChannelOutcome> {
  const encrypted = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    let connected = false;
    const request = (encrypted ? https : http).request(url, {
      method: 'POST', agent: false, lookup: guardedLookup(rule, encrypted), signal: AbortSignal.timeout(totalMs), headers: headersOf(message), ...(ca !== undefined && { ca }),
    });
    request.on('socket', (socket) => socket.once(encrypted ? 'secureConnect' : 'connect', () => { connected = true; }));
    request.on('response', (response) => {
      // The status says everything; the body is the receiver's own text and is not read.
      response.destroy();
      resolve(outcomeOf(response.statusCode ?? 0));
    });
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (error instanceof NoAddress) resolve({ outcome: 'deferred', reason: NO_ADDRESS });
      else if (!connected) resolve({ outcome: 'deferred', reason: `the receiver cannot be reached (${error.name === 'AbortError' ? 'timeout' : error.code ?? 'no code'})` });
      // Sent, perhaps: the receiver may have taken it and failed to say so.
      else reject(new Error(`the receiver did not answer (${error.name === 'AbortError' ? 'timeout' : error.code ?? 'no code'})`));
    });
    request.end(message.body);
  });
}

function headersOf({ id, at, body, secrets }: OutboundMessage): http.OutgoingHttpHeaders {
  const sentAt = new Date(epochMsOf(at));
  return {
    'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'user-agent': 'cro-oversight', connection: 'close',
    'webhook-id': id, 'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, sentAt, body)).join(' '),
  };
}

/** 410: the receiver is gone for good; 408 and 429 ask for another time; a redirect is an answer that we do not follow. */
function outcomeOf(status: number): ChannelOutcome {
  if (status >= 200 && status < 300) return { outcome: 'accepted' };
  const reason = `the receiver answered ${String(status)}`;
  return { outcome: status === 408 || status === 429 || status >= 500 ? 'deferred' : 'rejected', reason };
}

/** Resolves a name and hands on addresses only when every one of them may be called. */
function guardedLookup(rule: OutboundRule, encrypted: boolean): LookupFunction {
  return (hostname, options, done) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      const [first] = error ? [] : addresses;
      const refused = error === null && addresses.some(({ address }) => rule.refuse(address, { encrypted }) !== undefined);
      if (refused || !first) done(new NoAddress(), '', 0);
      else if (options.all) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}
