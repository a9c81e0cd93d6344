import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { Failure, FAILURES } from '../../contracts/failures';
import { SIGNATURE_TOLERANCE_MS } from '../../contracts/hooks';
import { epochMsOf, type Instant } from '../../contracts/instant';
import type { KeyRing } from '../../platform/keyRing';
import { openSecret } from '../../platform/secretBox';
import type { SourceDoc } from '../../store/schemas/sources';
import { secretsInForce } from '../../store/sources';
import { sameSecret } from '../secrets';

/** Refused for one and the same reason as far as the caller learns; `why` is for the record. */
export class NotAuthentic extends Failure {
  readonly why: string;
  constructor(why: string) {
    super('bad_signature', FAILURES.bad_signature.meaning);
    this.why = why;
  }
}

/** A signed message, proven. */
export interface SignedMessage {
  readonly messageId: string;
  readonly signedAtS: number;
}

export interface Presented {
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly now: Instant;
  readonly ring: KeyRing;
}

/** An overlap has two secrets; checking as many where there are fewer keeps the time from telling. */
const CHECKED = 2;
const dummySecret = `whsec_${randomBytes(32).toString('base64')}`;
const dummyHash = createHash('sha256').update(dummySecret).digest('hex');

/** What the sealed secret of a source is bound to. */
export const sealedFor = (sourceId: string): string => `source/${sourceId}`;
/** What is kept of a bearer secret: it is random, so a fast hash is enough. */
export const hashOfBearer = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/**
 * Proves who sent a message (21 CFR 11.10(h)): by signature for `hmac`, by token for `bearer`. An
 * unknown source costs the same work. Throws NotAuthentic.
 */
export function requireAuthentic(source: SourceDoc | undefined, presented: Presented): SignedMessage | undefined {
  const signed = source === undefined ? presented.headers.authorization === undefined : source.strength === 'hmac';
  const message = signed ? requireSignature(source, presented) : undefined;
  if (!signed) requireBearer(source, presented);
  if (!source) throw new NotAuthentic('no such source');
  if (!source.active) throw new NotAuthentic('the source is inactive');
  return message;
}

function requireSignature(source: SourceDoc | undefined, { headers, bytes, now, ring }: Presented): SignedMessage {
  const [messageId, stamp, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => headers[name]);
  if (typeof messageId !== 'string' || typeof stamp !== 'string' || typeof signatures !== 'string') throw new NotAuthentic('the signature headers are missing');
  if (!/^[\x21-\x7e]{1,200}$/.test(messageId) || !/^\d{1,12}$/.test(stamp) || signatures.length > 2000) throw new NotAuthentic('the signature headers are malformed');
  const signedAtS = Number(stamp);
  const secrets = source === undefined ? [] : secretsInForce(source, now).map(({ kept }) => openSecret(ring, kept, sealedFor(source._id)));
  // The package's own `verify` reads the clock of the machine; ours is the product's.
  const expected = padded(secrets, dummySecret).map((secret) => new Webhook(secret).sign(messageId, new Date(signedAtS * 1000), bytes));
  const given = signatures.split(' ').slice(0, 10);
  const matches = expected.map((one, index) => given.map((signature) => sameSecret(signature, one)).includes(true) && index < secrets.length);
  if (!matches.includes(true)) throw new NotAuthentic('the signature does not verify');
  if (Math.abs(epochMsOf(now) - signedAtS * 1000) > SIGNATURE_TOLERANCE_MS) throw new NotAuthentic(`signed at ${stamp}, more than 5 minutes away`);
  return { messageId, signedAtS };
}

function requireBearer(source: SourceDoc | undefined, { headers, now }: Presented): void {
  const [scheme, token = ''] = (headers.authorization ?? '').split(' ');
  const hashes = source === undefined ? [] : secretsInForce(source, now).map(({ kept }) => kept);
  const presented = hashOfBearer(token);
  const matches = padded(hashes, dummyHash).map((hash, index) => sameSecret(presented, hash) && index < hashes.length);
  if (scheme?.toLowerCase() !== 'bearer' || token === '') throw new NotAuthentic('the bearer token is missing');
  if (!matches.includes(true)) throw new NotAuthentic('the bearer token is wrong');
}

function padded(known: readonly string[], dummy: string): readonly string[] {
  return [...known, ...Array.from({ length: Math.max(0, CHECKED - known.length) }, () => dummy)];
}
