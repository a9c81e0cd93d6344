import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { createKeyRing, openKeyRing } from '../../platform/keyRing';

const KEY = Buffer.alloc(32, 7).toString('base64');

describe('key ring file', () => {
  let dir: string;
  beforeAll(() => { dir = mkdtempSync(path.join(tmpdir(), 'keys-')); });
  afterAll(() => { rmSync(dir, { recursive: true }); });
  const opening = (content: unknown) => () => {
    const file = path.join(dir, 'ring.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return openKeyRing(file);
  };

  test('one key is active, the others stay readable', () => {
    const ring = opening({ active: 'b', keys: { a: KEY, b: Buffer.alloc(32, 8).toString('base64') } })();
    expect(ring.active.id).toBe('b');
    expect(ring.active.key.export()).toEqual(Buffer.alloc(32, 8));
    expect(ring.find('a')?.export()).toEqual(Buffer.alloc(32, 7));
    expect(ring.find('toString')).toBeUndefined();
  });

  test.each([
    ['an active key that is not there', { active: 'b', keys: { a: KEY } }, /active key "b" is not among the keys/],
    ['a key of 16 bytes', { active: 'a', keys: { a: Buffer.alloc(16).toString('base64') } }, /keys\.a: expected base64 of 32 bytes/],
    ['a key that is not base64', { active: 'a', keys: { a: `${KEY}!` } }, /keys\.a: expected base64 of 32 bytes/],
    ['an id with a blank', { active: 'a b', keys: { 'a b': KEY } }, /keys\.a b/],
    ['no keys', { active: 'a' }, /keys/],
    ['an unknown field', { active: 'a', keys: { a: KEY }, kyes: {} }, /kyes/],
    ['something that is not JSON', `{"active": "a", "keys": {"a": "${KEY}"`, /is not JSON/],
  ])('%s is refused clearly and without showing keys', (_name, content, fault) => {
    expect(opening(content)).toThrow(fault);
    expect(opening(content)).not.toThrow(KEY.slice(0, 12));
  });

  test('a missing file is named', () => {
    expect(() => openKeyRing(path.join(dir, 'absent.json'))).toThrow(/absent\.json: cannot be read \(ENOENT\)/);
  });

  test('a new ring is random, private to its owner, and never replaces one', () => {
    const file = path.join(dir, 'new.json');
    createKeyRing(file, '2026-11');
    expect(openKeyRing(file).active.id).toBe('2026-11');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const before = readFileSync(file, 'utf8');
    expect(() => { createKeyRing(file, '2026-12'); }).toThrow(/EEXIST/);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('printing a ring shows no key', () => {
    const ring = opening({ active: 'a', keys: { a: KEY } })();
    expect(inspect(ring, { depth: 9 }) + JSON.stringify(ring)).not.toContain(KEY.slice(0, 12));
  });

  test('the test ring says that it is one', () => {
    const file = path.join(__dirname, '..', 'support', 'test-keys.json');
    expect(readFileSync(file, 'utf8')).toMatch(/"comment": "For tests only/);
    expect(openKeyRing(file).find('test-1')).toBeDefined();
  });
});
