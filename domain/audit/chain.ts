import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';
import type { AuditDraft, AuditEntry, ChainHead } from '../../contracts/audit';

/** `prevHash` of the first entry and head of an empty chain. */
export const ZERO_HASH = '0'.repeat(64);

/** Head of a chain that has no entry yet. */
export function emptyChain(streamId: string): ChainHead {
  return { streamId, length: 0, head: ZERO_HASH };
}

/**
 * Chains drafts to the end of a stream. The entries hold plain JSON only (no undefined, no
 * negative zero, no lone surrogates), so that a store gives back exactly what was hashed.
 * Throws TypeError for a value that JSON cannot say, and when a draft belongs to another stream.
 */
export function appendTo(head: ChainHead, drafts: readonly AuditDraft[]): { entries: readonly AuditEntry[]; head: ChainHead } {
  const entries: AuditEntry[] = [];
  let end = head;
  for (const draft of drafts) {
    if (draft.streamId !== head.streamId) throw new TypeError(`a draft of ${draft.streamId} cannot be chained to ${head.streamId}`);
    const body = plain({ ...draft, seq: end.length + 1, prevHash: end.head });
    const entry: AuditEntry = { ...body, hash: hashEntry(body) };
    entries.push(entry);
    end = { streamId: head.streamId, length: entry.seq, head: entry.hash };
  }
  return { entries, head: end };
}

/**
 * SHA-256, in hex, over the RFC 8785 form of everything but `hash` itself, UTF-8 encoded.
 * Throws TypeError for a value that JSON cannot say.
 */
export function hashEntry(entry: Omit<AuditEntry, 'hash'> & { readonly hash?: unknown }): string {
  const body: Record<string, unknown> = { ...entry };
  delete body['hash'];
  return canonicalHash(body);
}

/** SHA-256, in hex, over the RFC 8785 text of a value. Throws TypeError for a value that JSON cannot say. */
export function canonicalHash(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalText(value))));
}

/** RFC 8785 text of a value. Throws TypeError for a value that JSON cannot say. */
export function canonicalText(value: unknown): string {
  const text = canonicalize(plain(value));
  if (text === undefined) throw new TypeError('there is no JSON for this value');
  return text;
}

/** The value as a JSON document holds it. Stricter than JSON.stringify: a date would otherwise hash like its text. */
function plain<T>(value: T): T;
function plain(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return wellFormed(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${String(value)} is not a JSON number`);
      return value === 0 ? 0 : value;
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : plainObject(value);
    default:
      throw new TypeError(`a ${typeof value} is not a JSON value`);
  }
}

function plainObject(value: object): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => plain(item));
  const prototype: unknown = Object.getPrototypeOf(value);
  // Objects of another realm (the workflow sandbox, a test's) have an Object.prototype of their own.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) throw new TypeError('only plain objects are JSON');
  const kept = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(kept.map(([key, item]) => [wellFormed(key), plain<unknown>(item)]));
}

/** RFC 8785 3.2.2.2 forbids lone surrogates, and UTF-8 stores replace them silently. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}
