import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { FileCipher, FileKey } from '../contracts/evidence';
import { Failure, FAILURES } from '../contracts/failures';
import type { KeyRing } from './keyRing';
import { openSecret, sealSecret } from './secretBox';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
/** NIST SP 800-38D 5.2.1.1: 96-bit IVs, 128-bit tags. Random IVs: a key of its own per file seals some thousand frames at most, of 2^32 (8.3). */
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts files frame by frame, each file with a data key of its own, wrapped by the ring's active
 * key. A frame is IV, ciphertext, tag; its tag vouches for file, place and number of frames, so that
 * frames of one file cannot be reordered, cut off or taken from another.
 */
export function createFileCipher(ring: KeyRing): FileCipher {
  return {
    newKey: (fileId) => sealSecret(ring, randomBytes(KEY_BYTES).toString('base64'), contextOf(fileId)),
    keyOf: ({ id, sealedKey, frames }) => fileKey(Buffer.from(openSecret(ring, sealedKey, contextOf(id)), 'base64'), { id, frames }),
  };
}

function fileKey(key: Buffer, { id, frames }: { readonly id: string; readonly frames: number }): FileKey {
  const placeOf = (n: number): Buffer => Buffer.from(JSON.stringify(['evidence', id, n, frames]));
  return {
    seal: (n, plain) => {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(placeOf(n));
      return Buffer.concat([iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open: (n, frame) => {
      try {
        const decipher = createDecipheriv(CIPHER, key, frame.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
        decipher.setAAD(placeOf(n)).setAuthTag(frame.subarray(-TAG_BYTES));
        return Buffer.concat([decipher.update(frame.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
      } catch {
        throw new Failure('damaged', FAILURES.damaged.meaning, { evidenceId: id, chunk: n });
      }
    },
  };
}

const contextOf = (fileId: string): string => `evidence/${fileId}`;
