import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { FRAME_OVERHEAD_BYTES } from '../../domain/evidence/framing';
import { createFileCipher } from '../../platform/fileCipher';
import type { KeyRing } from '../../platform/keyRing';
import { SecretBoxError } from '../../platform/secretBox';

function ringOf(active: string, keys: Record<string, Buffer>): KeyRing {
  const find = (id: string) => (keys[id] === undefined ? undefined : createSecretKey(keys[id]));
  const key = find(active);
  if (key === undefined) throw new Error(`no key ${active}`);
  return { active: { id: active, key }, find };
}

const [first, second] = [randomBytes(32), randomBytes(32)];
const cipher = createFileCipher(ringOf('k1', { k1: first }));
const sealedKey = cipher.newKey('f-1');
const file = { id: 'f-1', sealedKey, frames: 3 };
const key = cipher.keyOf(file);
const isDamaged = expect.objectContaining({ type: 'damaged' }) as Error;

describe('encrypted files', () => {
  test('B11 any frame comes back at its place, longer by IV and tag, showing nothing of its text', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 5000 }), fc.nat(2), (plain, n) => {
      const frame = key.seal(n, plain);
      expect(frame.length).toBe(plain.length + FRAME_OVERHEAD_BYTES);
      expect(Buffer.from(key.open(n, frame)).equals(Buffer.from(plain))).toBe(true);
    }));
    expect(Buffer.from(key.seal(0, Buffer.from('a secret of the trial'))).includes('secret')).toBe(false);
    expect(Buffer.from(key.seal(0, Buffer.from('x'))).equals(key.seal(0, Buffer.from('x')))).toBe(false);
  });

  test('B11 one flipped bit, or a cut, opens nothing', () => {
    const frame = Buffer.from(key.seal(1, Buffer.from('some bytes')));
    fc.assert(fc.property(fc.nat(frame.length - 1), fc.nat(7), (at, bit) => {
      const altered = Buffer.from(frame);
      altered[at] = (altered[at] ?? 0) ^ (1 << bit);
      expect(() => key.open(1, altered)).toThrow(isDamaged);
    }));
    for (let length = 0; length < frame.length; length += 1) expect(() => key.open(1, frame.subarray(0, length))).toThrow(isDamaged);
  });

  test('B11 a frame opens at its own place only, in its own file, of its own length', () => {
    const frame = key.seal(1, Buffer.from('x'));
    expect(() => key.open(0, frame)).toThrow(isDamaged);
    expect(() => cipher.keyOf({ ...file, frames: 2 }).open(1, frame)).toThrow(isDamaged);
    const other = cipher.newKey('f-2');
    expect(() => cipher.keyOf({ id: 'f-2', sealedKey: other, frames: 3 }).open(1, frame)).toThrow(isDamaged);
  });

  test('B11 a wrapped key of one file is no key of another, and no key of another ring', () => {
    expect(() => cipher.keyOf({ ...file, id: 'f-2' })).toThrow(SecretBoxError);
    expect(() => createFileCipher(ringOf('k1', { k1: second })).keyOf(file)).toThrow(SecretBoxError);
    expect(cipher.newKey('f-1')).not.toBe(sealedKey);
  });

  test('B11 files stay readable after the ring turned to a new key', () => {
    const frame = key.seal(2, Buffer.from('old'));
    const turned = createFileCipher(ringOf('k2', { k1: first, k2: second }));
    expect(Buffer.from(turned.keyOf(file).open(2, frame)).toString()).toBe('old');
    expect(turned.newKey('f-3')).toMatch(/^k2:/);
  });
});
