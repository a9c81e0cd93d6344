import { createHmac, createSecretKey, hkdfSync, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { KeyedCode } from '../contracts/keyedCode';
import type { KeyRing } from './keyRing';

export type { KeyedCode };

const KEY_BYTES = 32;
/** Product and version of the derivation: with the purpose it is what HKDF calls info. */
const LABEL = 'cro-oversight/v1/';

/** What keys are derived for. One per use: whoever learns what one says can say nothing in the name of another. */
export type KeyPurpose = 'audit-seal' | 'command-authenticator' | 'identity-code';

/** Writes and checks codes for one purpose. */
export interface Authenticator {
  /** The code of a text, by the ring's active key. */
  codeOf(text: string): KeyedCode;
  /** `unknown_key`: the ring does not hold the key that the code names. */
  check(text: string, code: KeyedCode): 'good' | 'bad' | 'unknown_key';
}

const derived = new WeakMap<KeyObject, Map<KeyPurpose, KeyObject>>();

/**
 * The key of a purpose that follows from a key of the ring: HKDF-SHA-256 (RFC 5869), no salt, since the ring's keys are
 * random (3.1). The same key gives the same for ever, so that codes outlive a rotation as long as the old key stays on the ring.
 */
export function derivedKey(key: KeyObject, purpose: KeyPurpose): KeyObject {
  const known = derived.get(key) ?? new Map<KeyPurpose, KeyObject>();
  derived.set(key, known);
  const found = known.get(purpose) ?? createSecretKey(Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), LABEL + purpose, KEY_BYTES)));
  known.set(purpose, found);
  return found;
}

/** HMAC-SHA-256 codes by keys derived from the ring. A code of a rotated key stays good while the ring holds that key. */
export function createAuthenticator(ring: KeyRing, purpose: KeyPurpose): Authenticator {
  const macOf = (key: KeyObject, text: string): Buffer => createHmac('sha256', derivedKey(key, purpose)).update(text, 'utf8').digest();
  return {
    codeOf: (text) => ({ keyId: ring.active.id, mac: macOf(ring.active.key, text).toString('hex') }),
    check(text, { keyId, mac }) {
      const key = ring.find(keyId);
      if (key === undefined) return 'unknown_key';
      const given = Buffer.from(mac, 'hex');
      const due = macOf(key, text);
      return given.length === due.length && timingSafeEqual(given, due) ? 'good' : 'bad';
    },
  };
}
