import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import type { KeyRing } from '../../platform/keyRing';
import { openSecret, sealSecret, SecretBoxError } from '../../platform/secretBox';

function ringOf(active: string, keys: Record<string, Buffer>): KeyRing {
  const find = (id: string) => (keys[id] === undefined ? undefined : createSecretKey(keys[id]));
  const key = find(active);
  if (key === undefined) throw new Error(`no key ${active}`);
  return { active: { id: active, key }, find };
}

const [first, second] = [randomBytes(32), randomBytes(32)];
const ring = ringOf('k.1', { 'k.1': first });

describe('secret box', () => {
  test('any text comes back, under any context', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (text, context) => {
      expect(openSecret(ring, sealSecret(ring, text, context), context)).toBe(text);
    }));
  });

  test('the sealed text shows nothing of the secret and differs each time', () => {
    const sealed = sealSecret(ring, 'whsec_c2VjcmV0', 'source/1');
    expect(sealed).not.toContain('whsec');
    expect(sealSecret(ring, 'whsec_c2VjcmV0', 'source/1')).not.toBe(sealed);
  });

  test('moved to another record it stays shut', () => {
    expect(() => openSecret(ring, sealSecret(ring, 'x', 'source/1'), 'source/2')).toThrow(SecretBoxError);
  });

  test('one flipped bit anywhere keeps it shut', () => {
    const sealed = sealSecret(ring, 'a secret of some length', 'source/1');
    const [id = '', text = ''] = sealed.split(':');
    const bytes = Buffer.from(text, 'base64url');
    fc.assert(fc.property(fc.nat(bytes.length - 1), fc.nat(7), (at, bit) => {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ (1 << bit);
      expect(() => openSecret(ring, `${id}:${altered.toString('base64url')}`, 'source/1')).toThrow(SecretBoxError);
    }));
    for (const wrong of ['', 'k.1', 'k.1:', `${id}:${text.slice(0, 20)}`, `k.2:${text}`, `${sealed}=`]) {
      expect(() => openSecret(ring, wrong, 'source/1')).toThrow(SecretBoxError);
    }
  });

  test('an older key opens what it sealed after the ring turned to a new one', () => {
    const sealed = sealSecret(ring, 'x', 'c');
    const turned = ringOf('k.2', { 'k.1': first, 'k.2': second });
    expect(openSecret(turned, sealed, 'c')).toBe('x');
    expect(sealSecret(turned, 'x', 'c')).toMatch(/^k\.2:/);
    expect(() => openSecret(ringOf('k.2', { 'k.2': second }), sealed, 'c')).toThrow('does not hold the key "k.1"');
  });

  test('another key under the same id opens nothing', () => {
    expect(() => openSecret(ringOf('k.1', { 'k.1': second }), sealSecret(ring, 'x', 'c'), 'c')).toThrow(SecretBoxError);
  });
});
