import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { KeyRing } from './keyRing';

const CIPHER = 'aes-256-gcm';
/** NIST SP 800-38D 5.2.1.1: 96-bit IVs, 128-bit tags. */
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** `<key id>:<base64url of IV, ciphertext, tag>`; ids hold no colon (platform/keyRing.ts). */
const SEALED = /^([A-Za-z0-9][A-Za-z0-9._-]{0,63}):([A-Za-z0-9_-]{38,})$/;

/** A sealed text that cannot be opened here. The message never quotes it. */
export class SecretBoxError extends Error {
  constructor(fault: string) {
    super(`sealed secret: ${fault}`);
    this.name = 'SecretBoxError';
  }
}

/**
 * Encrypts a small secret with the ring's active key, for the store. `context` says whose it is
 * (`source/<id>`): the tag vouches for it, so that a sealed text moved to another record stays shut.
 */
export function sealSecret(ring: KeyRing, text: string, context: string): string {
  const { id, key } = ring.active;
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(boundTo(id, context));
  const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${id}:${sealed.toString('base64url')}`;
}

/** Inverse of {@link sealSecret}. Throws SecretBoxError when it was altered, is of another context, or its key is not on the ring. */
export function openSecret(ring: KeyRing, sealed: string, context: string): string {
  const [, id = '', text = ''] = SEALED.exec(sealed) ?? [];
  if (id === '') throw new SecretBoxError('not of the form that sealing gives');
  const key = ring.find(id);
  if (key === undefined) throw new SecretBoxError(`the key ring does not hold the key "${id}"`);
  const data = Buffer.from(text, 'base64url');
  try {
    const decipher = createDecipheriv(CIPHER, key, data.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(boundTo(id, context)).setAuthTag(data.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(data.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch {
    throw new SecretBoxError(`cannot be opened with key "${id}": altered, or sealed for something else`);
  }
}

/** Payloads and evidence share the ring: the first word keeps one from being read as the other. */
function boundTo(keyId: string, context: string): Buffer {
  return Buffer.from(JSON.stringify(['secret', keyId, context]));
}
