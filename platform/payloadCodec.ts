import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { defaultPayloadConverter, METADATA_ENCODING_KEY, ValueError, type Payload, type PayloadCodec, type SerializationContext } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { RefusedBecause, RefusedPayload } from '../contracts/refusedPayload';
import type { KeyRing } from './keyRing';

const { Payload: PayloadMessage } = temporal.api.common.v1;
export const ENCRYPTED = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';
/** The workflow that a payload belongs to. Absent on those from before 0.2.0, which are bound to no run. */
const SEALED_FOR = 'sealed-for';
const CIPHER = 'aes-256-gcm';
/** NIST SP 800-38D 5.2.1.1: 96-bit IVs, 128-bit tags. A random IV allows 2^32 payloads per key (8.3): rotate before. */
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts whole payloads, their metadata included, with the ring's active key, for the run that they belong to; decrypts
 * with whichever key a payload names. Data is IV, ciphertext, tag. What nobody with the ring sealed for this run comes out
 * as a {@link RefusedPayload}. Throws ValueError only where an activity answered with a key that the ring lacks: that run
 * waits until the ring has it.
 */
export function createPayloadCodec(ring: KeyRing): PayloadCodec {
  return {
    encode: async (payloads, context) => Promise.resolve(payloads.map((payload) => encrypt(payload, ring, runOf(context)))),
    decode: async (payloads, context) => Promise.resolve(payloads.map((payload) => decrypt(payload, ring, context))),
  };
}

/** Nothing is known of the run where a payload belongs to none, or somebody only reads. */
const runOf = (context: SerializationContext | undefined): string => context?.workflowId ?? '';

function encrypt(payload: Payload, ring: KeyRing, sealedFor: string): Payload {
  const { id, key } = ring.active;
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(boundTo(id, sealedFor));
  const sealed = [iv, cipher.update(PayloadMessage.encode(payload).finish()), cipher.final(), cipher.getAuthTag()];
  const metadata = { [METADATA_ENCODING_KEY]: Buffer.from(ENCRYPTED), [KEY_ID]: Buffer.from(id), [SEALED_FOR]: Buffer.from(sealedFor) };
  return { metadata, data: Buffer.concat(sealed) };
}

function decrypt(payload: Payload, ring: KeyRing, context: SerializationContext | undefined): Payload {
  if (textOf(payload.metadata?.[METADATA_ENCODING_KEY]) !== ENCRYPTED) return refused('plain');
  const id = textOf(payload.metadata?.[KEY_ID]);
  const key = ring.find(id);
  if (key === undefined) {
    // A run that took an answer for none would go another way than when the key is there again.
    if (context?.type === 'activity') throw new ValueError(`payload is encrypted with key "${id}", which the key ring does not hold`);
    return refused('unknown_key');
  }
  const named = payload.metadata?.[SEALED_FOR];
  const sealedFor = named && textOf(named);
  if (context && sealedFor !== undefined && sealedFor !== runOf(context)) return refused('foreign');
  const data = Buffer.from(payload.data ?? []);
  try {
    const decipher = createDecipheriv(CIPHER, key, data.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(sealedFor === undefined ? unbound(id) : boundTo(id, sealedFor)).setAuthTag(data.subarray(-TAG_BYTES));
    return PayloadMessage.decode(Buffer.concat([decipher.update(data.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]));
  } catch {
    return refused('altered');
  }
}

/** What the tag vouches for besides the text: the key's id, the run, and that this is a payload, since evidence files share the ring. */
function boundTo(id: string, sealedFor: string): Buffer {
  return Buffer.from(`temporal-payload:2:${id}:${sealedFor}`);
}

/** Before 0.2.0. The id of a key has no colon. */
function unbound(id: string): Buffer {
  return Buffer.from(`temporal-payload:${id}`);
}

function refused(because: RefusedBecause): Payload {
  return defaultPayloadConverter.toPayload({ refusedPayload: because } satisfies RefusedPayload);
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}
