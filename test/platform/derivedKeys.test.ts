import { createHmac, createSecretKey, hkdfSync } from 'node:crypto';
import { createAuthenticator, derivedKey } from '../../platform/derivedKeys';
import type { KeyRing } from '../../platform/keyRing';

const bytes = (fill: number) => createSecretKey(Buffer.alloc(32, fill));
const ringOf = (active: string, keys: Readonly<Record<string, number>>): KeyRing => {
  const held = new Map(Object.entries(keys).map(([id, fill]) => [id, bytes(fill)]));
  const key = held.get(active);
  if (!key) throw new Error('no such key');
  return { active: { id: active, key }, find: (id) => held.get(id) };
};

describe('keys of a purpose', () => {
  test('P2 a code is HMAC-SHA-256 under an HKDF key whose label names the purpose', () => {
    const key = Buffer.from(hkdfSync('sha256', Buffer.alloc(32, 7), '', 'cro-oversight/v1/audit-seal', 32));
    const mac = createHmac('sha256', key).update('text').digest('hex');
    expect(createAuthenticator(ringOf('a', { a: 7 }), 'audit-seal').codeOf('text')).toEqual({ keyId: 'a', mac });
  });

  test('P2 purposes and keys have codes of their own', () => {
    const ring = ringOf('a', { a: 7 });
    const code = createAuthenticator(ring, 'audit-seal').codeOf('text');
    expect(createAuthenticator(ring, 'command-authenticator').check('text', code)).toBe('bad');
    expect(createAuthenticator(ringOf('a', { a: 8 }), 'audit-seal').check('text', code)).toBe('bad');
    expect(derivedKey(bytes(7), 'audit-seal').export()).not.toEqual(Buffer.alloc(32, 7));
  });

  test('P2 a code of a key that was rotated away stays good, one of an unknown key does not', () => {
    const old = createAuthenticator(ringOf('a', { a: 7 }), 'audit-seal').codeOf('text');
    const rotated = createAuthenticator(ringOf('b', { a: 7, b: 8 }), 'audit-seal');
    expect(rotated.check('text', old)).toBe('good');
    expect(rotated.check('text!', old)).toBe('bad');
    expect(rotated.codeOf('text').keyId).toBe('b');
    expect(createAuthenticator(ringOf('b', { b: 8 }), 'audit-seal').check('text', old)).toBe('unknown_key');
  });

  test.each(['', 'ab', 'zz', '00'.repeat(33)])('P2 a mac %p is bad, not an error', (mac) => {
    expect(createAuthenticator(ringOf('a', { a: 7 }), 'audit-seal').check('text', { keyId: 'a', mac })).toBe('bad');
  });
});
