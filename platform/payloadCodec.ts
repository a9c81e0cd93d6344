import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { METADATA_ENCODING_KEY, ValueError, type Payload, type PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { KeyRing } from './keyRing';

const { Payload: PayloadMessage } = temporal.api.common.v1;
const ENCODING = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';
const CIPHER = 'aes-256-gcm';
/** NIST SP 800-38D 5.2.1.1: 96-bit IVs, 128-bit tags. A random IV allows 2^32 payloads per key (8.3): rotate before. */
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts whole payloads, their metadata included, with the ring's active key; decrypts with
 * whichever key a payload names. Data is IV, ciphertext, tag.
 */
export function createPayloadCodec(ring: KeyRing): PayloadCodec {
  return {
    encode: async (payloads) => Promise.resolve(payloads.map((payload) => encrypt(payload, ring))),
    decode: async (payloads) => Promise.resolve(payloads.map((payload) => (isEncrypted(payload) ? decrypt(payload, ring) : payload))),
  };
}

function encrypt(payload: Payload, ring: KeyRing): Payload {
  const { id, key } = ring.active;
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(contextOf(id));
  const sealed = [iv, cipher.update(PayloadMessage.encode(payload).finish()), cipher.final(), cipher.getAuthTag()];
  return { metadata: { [METADATA_ENCODING_KEY]: Buffer.from(ENCODING), [KEY_ID]: Buffer.from(id) }, data: Buffer.concat(sealed) };
}

function decrypt(payload: Payload, ring: KeyRing): Payload {
  const id = textOf(payload.metadata?.[KEY_ID]);
  const key = ring.find(id);
  if (key === undefined) throw new ValueError(`payload is encrypted with key "${id}", which the key ring does not hold`);
  const data = Buffer.from(payload.data ?? []);
  try {
    const decipher = createDecipheriv(CIPHER, key, data.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(contextOf(id)).setAuthTag(data.subarray(-TAG_BYTES));
    return PayloadMessage.decode(Buffer.concat([decipher.update(data.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]));
  } catch (cause) {
    throw new ValueError(`payload cannot be decrypted with key "${id}": it was altered, cut or sealed with other key bytes`, cause);
  }
}

/** What the tag vouches for besides the text: the key's id, and that this is a payload, since evidence files share the ring. */
function contextOf(id: string): Buffer {
  return Buffer.from(`temporal-payload:${id}`);
}

function isEncrypted(payload: Payload): boolean {
  return textOf(payload.metadata?.[METADATA_ENCODING_KEY]) === ENCODING;
}

function textOf(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString('utf8');
}
