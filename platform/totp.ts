import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** RFC 6238 4.1: time step, seconds. */
const STEP_S = 30;
/** What every authenticator app understands; the RFC's appendix B also has 8 digits and other hashes. */
const DIGITS = 6;
/** RFC 4226 4, R6: 160 bits recommended. */
const SECRET_BYTES = 20;
/** RFC 6238 5.2: one step of delay either way. */
const WINDOW = [0, -1, 1] as const;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export interface TotpForm {
  readonly digits: number;
  readonly algorithm: 'sha1' | 'sha256' | 'sha512';
}
const APPS: TotpForm = { digits: DIGITS, algorithm: 'sha1' };

/** A new shared secret. */
export function newTotpSecret(): Buffer {
  return randomBytes(SECRET_BYTES);
}

/** The time step of a moment, in epoch milliseconds. */
export function totpStepAt(epochMs: number): number {
  return Math.floor(epochMs / 1000 / STEP_S);
}

/** The code of a time step: RFC 4226 5.3 over HMAC of the step. */
export function totpCode(secret: Uint8Array, step: number, { digits, algorithm }: TotpForm = APPS): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac(algorithm, secret).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 0x0f;
  const number = digest.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/** The time step whose code this is, at most one step away from now; undefined: wrong. The caller refuses a step that was used (RFC 6238 5.2). */
export function totpStepOf(secret: Uint8Array, code: string, epochMs: number): number | undefined {
  const now = totpStepAt(epochMs);
  // All of them, so that time does not tell which one it was.
  const matching = WINDOW.map((offset) => now + offset).filter((step) => sameText(totpCode(secret, step), code));
  return matching[0];
}

/** What an authenticator app reads as a QR code. */
export function totpUri(secret: Uint8Array, { issuer, account }: { readonly issuer: string; readonly account: string }): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  const query = new URLSearchParams({ secret: base32Of(secret), issuer, algorithm: 'SHA1', digits: String(DIGITS), period: String(STEP_S) });
  return `otpauth://totp/${label}?${query.toString().replaceAll('+', '%20')}`;
}

/** RFC 4648 6, without padding, as apps take it. */
export function base32Of(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => BASE32[Number.parseInt(group.padEnd(5, '0'), 2)] ?? '').join('');
}

function sameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
