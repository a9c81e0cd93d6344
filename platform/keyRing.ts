import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { isNativeError } from 'node:util/types';
import { z } from 'zod';

/** Keys to encrypt and decrypt with: one is active, many stay readable. Key objects do not print their bytes. */
export interface KeyRing {
  readonly active: { readonly id: string; readonly key: KeyObject };
  /** The key with this id, or undefined when the ring has none. */
  find(id: string): KeyObject | undefined;
}

/** The key ring file is missing or wrong. The message names the file and the fault, never key material. */
export class KeyRingError extends Error {
  constructor(file: string, fault: string) {
    super(`key ring ${file}: ${fault}`);
    this.name = 'KeyRingError';
  }
}

const KEY_BYTES = 32;
const keyId = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const keyRingSchema = z.strictObject({
  comment: z.string().optional(),
  active: z.string(),
  keys: z.record(z.string().regex(keyId), z.string().refine((text) => bytesOf(text) !== undefined, `expected base64 of ${String(KEY_BYTES)} bytes`)),
});
type KeyRingFile = z.infer<typeof keyRingSchema>;

/** Reads a key ring: `{ "active": id, "keys": { id: base64 of 32 bytes } }`. Throws KeyRingError. */
export function openKeyRing(file: string): KeyRing {
  const parsed = keyRingSchema.safeParse(jsonOf(file));
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`);
    throw new KeyRingError(file, faults.join('; '));
  }
  return keyRingOf(file, parsed.data);
}

/** Writes a new key ring with one random key, readable by its owner only. Throws when the file exists: keys live as long as the records. */
export function createKeyRing(file: string, id: string): void {
  const content: KeyRingFile = { active: id, keys: { [id]: randomBytes(KEY_BYTES).toString('base64') } };
  writeFileSync(file, `${JSON.stringify(keyRingSchema.parse(content), undefined, 2)}\n`, { mode: 0o600, flag: 'wx' });
}

function keyRingOf(file: string, content: KeyRingFile): KeyRing {
  const keys = new Map<string, KeyObject>();
  for (const [id, text] of Object.entries(content.keys)) {
    const bytes = bytesOf(text);
    if (bytes !== undefined) keys.set(id, createSecretKey(bytes));
  }
  const active = keys.get(content.active);
  if (active === undefined) throw new KeyRingError(file, `the active key "${content.active}" is not among the keys`);
  return { active: { id: content.active, key: active }, find: (id) => keys.get(id) };
}

function jsonOf(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const code = isNativeError(error) && 'code' in error ? String(error.code) : 'unreadable';
    throw new KeyRingError(file, `cannot be read (${code})`);
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message would quote the text, keys included.
    throw new KeyRingError(file, 'is not JSON');
  }
}

/** Node ignores what is not base64; the round trip does not. */
function bytesOf(base64: string): Buffer | undefined {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length === KEY_BYTES && bytes.toString('base64') === base64 ? bytes : undefined;
}
